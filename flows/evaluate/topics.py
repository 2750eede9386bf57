"""Topics against labelled papers: predictions, and a report beside two baselines."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.evaluate.topic_baselines import match_aliases, predict_linear
from flows.evaluate.topic_calibration import measure_calibration_error, measure_reliability
from flows.evaluate.topic_gold import list_own_sets, read_gold
from flows.evaluate.topic_scores import find_worst_topics, score, score_gold, select_assigned

__all__ = ["predict", "report"]

LEAST_PAPERS = 50
"""Papers of a set from which it is compared with the project's own sets and a linear model."""


def predict(folder: Path) -> pl.DataFrame:
    """Label the papers of ``gold.jsonl`` (with or without labels): the assigned topics.

    A paper that the model learned from is scored by weights learned without it.
    """
    return select_assigned(score_gold(read_gold(folder)))


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Report scores and calibration, those of the project's own sets, and the baselines' scores.

    Yields nothing where the folder has no labels. The linear model is last: it takes minutes, so
    small sets go without it.
    """
    gold = read_gold(folder)
    if gold.truth is None:
        return
    candidates = score_gold(gold)
    yield "labeller", score(predictions, gold)
    yield "calibration error", measure_calibration_error(candidates, gold)
    yield "reliability", measure_reliability(candidates, gold)
    yield "worst topics", find_worst_topics(predictions, gold)
    yield "baseline: bare matching of the aliases", score(match_aliases(gold), gold)
    if gold.texts.height < LEAST_PAPERS:
        return
    for name, _, own in list_own_sets():
        elsewhere = score_gold(own)
        yield name, score(select_assigned(elsewhere), own)
        yield f"calibration error on {name}", measure_calibration_error(elsewhere, own)
    yield "baseline: TF-IDF and logistic regression", score(predict_linear(gold), gold)
