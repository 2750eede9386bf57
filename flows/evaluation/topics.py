"""Topics: predictions, and the whole report of how good they are, two baselines included."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.evaluation.topic_baselines import bare_matching, linear_model
from flows.evaluation.topic_scores import (
    calibration_error,
    predict,
    read_truth,
    score,
    scored,
    worst,
)

__all__ = ["predict", "report"]


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give the score per facet, the calibration error, the worst topics, and the baselines.

    Gives nothing where the folder has no labels. The linear model is last: it takes minutes.
    """
    if read_truth(folder) is None:
        return
    yield "labeller", score(predictions, folder)
    yield "calibration", calibration_error(scored(folder), folder)
    yield "worst topics", worst(predictions, folder)
    yield "baseline: bare matching of the aliases", score(bare_matching(folder), folder)
    yield "baseline: TF-IDF and logistic regression", score(linear_model(folder), folder)
