"""Calibration of topics: whether what was said with 70 % is right in 70 % of the cases."""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.evaluate.topic_gold import Gold
from flows.evaluate.topic_scores import judge_predictions

BINS = 10
"""Bins of probability in which the calibration error is measured."""

SHOWN = 5
"""Bins of the reliability curve, each as full as the others."""

DRAWS = 1_000
"""Draws of labels that follow the scores, to tell the error that chance alone makes."""

Array = npt.NDArray[np.float64]


def measure_reliability(candidates: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    """Compare chances with facts: ``facet``, ``bin``, ``labels``, ``said``, ``right``."""
    # Ordinal ranks part equal scores, so that the bins are equally full.
    place = pl.col("score").rank("ordinal").over("facet") - 1
    return (
        judge_predictions(candidates, gold)
        .with_columns(bin=1 + place * SHOWN // pl.len().over("facet"))
        .group_by("facet", "bin")
        .agg(labels=pl.len(), said=pl.col("score").mean(), right=pl.col("is_right").mean())
        .sort("facet", "bin")
    )


def measure_calibration_error(candidates: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    """Measure the expected calibration error over all candidates, per facet and of ``all``.

    ``equal_width`` has the usual bins (0 to 0.1, 0.1 to 0.2, ...), ``equal_size`` bins of equally
    many candidates; each is followed by the error that scores without fault would have by chance.
    """
    judged, rows = judge_predictions(candidates, gold).sort("facet", "score", "i", "topic"), []
    whole = judged.sort("score", maintain_order=True).with_columns(facet=pl.lit("all"))
    # Of papers without a candidate there is nothing to measure.
    for here in [*judged.partition_by("facet"), whole] if judged.height else []:
        scores = here["score"].to_numpy()
        right = here["is_right"].cast(pl.Float64).to_numpy()[None, :]
        # Even perfect scores miss in small bins: draws that follow them say by how much.
        luck = np.random.default_rng(0).uniform(size=(DRAWS, len(scores)))
        drawn = (luck < scores).astype(np.float64)
        width = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
        size = np.arange(len(scores)) * BINS // len(scores)
        figures = [
            compute_error(scores, of, bins).mean()
            for bins in (width, size)
            for of in (right, drawn)
        ]
        rows.append((here["facet"][0], len(scores), *figures))
    columns = ["facet", "labels", "equal_width", "by_chance", "equal_size", "by_chance_too"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def compute_error(scores: Array, right: Array, bins: npt.NDArray[np.int64]) -> Array:
    """Compute the calibration error of scores for each row of outcomes (1 right, 0 wrong)."""
    gaps = np.zeros(len(right))
    for number in np.unique(bins):
        gaps += np.abs((right - scores)[:, bins == number].sum(axis=1))
    return gaps / len(scores)
