"""Competing topics: the likeliest other topic of a paper and facet makes a topic less likely."""

import numpy as np
import polars as pl

from flows.enrich.topics.logistic_regression import Array, sigmoid


def find_best_competitors(candidates: pl.DataFrame) -> Array:
    """Find the probability of the best other candidate of a paper and facet, zero without one.

    ``candidates`` has ``row``, ``facet`` and ``odds``, those of a paper and facet side by side.
    """
    if candidates.is_empty():
        return np.zeros(0)
    probabilities = sigmoid(candidates["odds"].to_numpy())
    begins = candidates.select(
        pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in ("row", "facet"))
        .fill_null(value=True)
        .alias("begins")
    )["begins"].to_numpy()
    firsts, groups = np.flatnonzero(begins), np.cumsum(begins) - 1
    best = np.maximum.reduceat(probabilities, firsts)[groups]
    is_best = probabilities == best
    # Where two share the best place, each is the other's competitor.
    shared = np.add.reduceat(is_best, firsts, dtype=np.int64)[groups] > 1
    second = np.maximum.reduceat(np.where(is_best, 0.0, probabilities), firsts)[groups]
    competitors: Array = np.where(is_best & ~shared, second, best)
    return competitors


def calibrate_odds() -> pl.Expr:
    """Calibrate ``odds`` beside ``competitor``, by a facet's columns of `THRESHOLDS`."""
    return (
        pl.col("odds") * pl.col("slope")
        + pl.col("offset")
        + pl.col("competitor") * pl.col("competitor_weight")
    )
