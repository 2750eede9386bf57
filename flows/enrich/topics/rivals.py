"""Rivals: the likeliest other topic of a paper and facet, which makes a topic less likely."""

import numpy as np
import polars as pl

from flows.enrich.topics.logistic_regression import Array, sigmoid


def find_best_rivals(candidates: pl.DataFrame) -> Array:
    """Find the probability of the best other candidate of a paper and facet, zero without one.

    ``candidates`` has ``row``, ``facet`` and ``odds``, those of a paper and facet side by side.
    """
    if candidates.is_empty():
        return np.zeros(0)
    chances = sigmoid(candidates["odds"].to_numpy())
    begins = candidates.select(
        pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in ("row", "facet"))
        .fill_null(value=True)
        .alias("begins")
    )["begins"].to_numpy()
    firsts, groups = np.flatnonzero(begins), np.cumsum(begins) - 1
    best = np.maximum.reduceat(chances, firsts)[groups]
    is_best = chances == best
    # Where two share the best place, each is the other's rival.
    shared = np.add.reduceat(is_best, firsts, dtype=np.int64)[groups] > 1
    second = np.maximum.reduceat(np.where(is_best, 0.0, chances), firsts)[groups]
    rivals: Array = np.where(is_best & ~shared, second, best)
    return rivals


def calibrate_odds() -> pl.Expr:
    """Calibrate ``odds`` beside ``rivals``, by ``slope``, ``offset`` and ``rival``."""
    return pl.col("odds") * pl.col("slope") + pl.col("offset") + pl.col("rivals") * pl.col("rival")
