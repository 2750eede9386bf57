"""Training: what sentences whose links people sorted teach about the weight of each cue."""

import zlib
from pathlib import Path

import numpy as np
import polars as pl

from flows.enrich.links.role_cues import read_contexts
from flows.enrich.links.roles import (
    OWN_CHANCE,
    WEIGHTS,
    Array,
    list_features,
    measure_features,
)
from flows.enrich.topics.logistic_regression import fit_logistic, sigmoid
from schemas.vocabulary import LinkRole

PENALTY = 2.0
"""Ridge penalty of every cue; the bias goes almost free. Chosen by the F1 of the folds."""

BIAS_PENALTY = 1e-3

BY_HAND = {
    ("we present it", "object"): 2.0,
    ("project page", "statement"): 3.0,
    ("project page", "object"): 3.0,
    ("project page", "behind"): 1.0,
}
"""Log odds that a link is the authors' own which people set: sentences from the middle of papers,
which the examples are, name no pages of their own project and seldom present it."""

FOLDS = 10

DECIMALS = 2
"""Of a weight in the file: a hundredth moves no decision that a reader would make."""


def train_role_weights(examples: pl.DataFrame) -> pl.DataFrame:
    """Learn `WEIGHTS` from mentions with a ``role`` that people gave them.

    Needs what `roles.add_roles` needs. The same examples give the same weights.
    """
    shown = measure_features(examples, read_contexts(examples))
    is_own = (examples["role"] == LinkRole.OWN.value).to_numpy()
    is_used = (examples["role"] == LinkRole.USED.value).to_numpy()
    features = pl.DataFrame(list_features(), schema=["cue", "place"], orient="row")
    by_hand = pl.DataFrame(
        [(*key, weight) for key, weight in BY_HAND.items()],
        schema=["cue", "place", "_own"],
        orient="row",
    )
    return (
        features.with_columns(
            # Two questions in a row: what is used is learned from links of others alone.
            own=pl.Series(_fit(shown, is_own)).round(DECIMALS),
            used=pl.Series(_fit(shown[~is_own], is_used[~is_own])).round(DECIMALS),
        )
        .join(by_hand, on=["cue", "place"], how="left", maintain_order="left")
        .with_columns(own=pl.coalesce("_own", "own"))
        .select(WEIGHTS.names())
        .cast(WEIGHTS)
    )


def cross_validate(examples: pl.DataFrame) -> dict[str, float]:
    """Score "own" on sentences that the weights have not seen: precision and recall over folds.

    Mentions of one link are in one fold, so that no link is both learned and judged.
    """
    shown = measure_features(examples, read_contexts(examples))
    is_own = (examples["role"] == LinkRole.OWN.value).to_numpy()
    # By a digest that stays: Python's own hash of a text is another one in each process.
    folds = np.array([zlib.crc32(url.encode()) % FOLDS for url in examples["url"]])
    chance = np.zeros(examples.height)
    for fold in range(FOLDS):
        rest = folds != fold
        chance[~rest] = sigmoid(shown[~rest] @ _fit(shown[rest], is_own[rest]))
    is_called = chance >= OWN_CHANCE
    right = float((is_called & is_own).sum())
    return {"precision": right / is_called.sum(), "recall": right / is_own.sum()}


def _fit(shown: Array, outcome: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    penalty = np.full(shown.shape[1], PENALTY)
    penalty[-1] = BIAS_PENALTY
    return fit_logistic(shown, outcome.astype(float), np.ones(len(outcome)), penalty)


def write_weights(weights: pl.DataFrame, path: Path) -> None:
    """Write `WEIGHTS` for readers: a cue a line, those that weigh nothing left out."""
    heard = weights.filter((pl.col("own") != 0) | (pl.col("used") != 0))
    heard.write_csv(path, float_precision=DECIMALS)
