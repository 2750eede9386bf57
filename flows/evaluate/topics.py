"""Topics: predictions, and the whole report of how good they are, two baselines included."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.enrich.topics.examples import read_examples
from flows.evaluate.topic_baselines import match_aliases, predict_linear
from flows.evaluate.topic_calibration import measure_calibration_error, measure_reliability
from flows.evaluate.topic_gold import read_gold, select_unread
from flows.evaluate.topic_scores import find_worst_topics, score, score_gold, select_assigned

__all__ = ["predict", "report"]


def predict(folder: Path) -> pl.DataFrame:
    """Label the papers of ``gold.jsonl`` (with or without labels): the assigned topics.

    A paper that the model learned from is scored by weights learned without it. The domain `none`
    is left out: the set says it by an empty list.
    """
    return select_assigned(score_gold(read_gold(folder)))


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Report scores and calibration, those of unread labelled papers, and the baselines' scores.

    Yields nothing where the folder has no labels. The linear model is last: it takes minutes.
    """
    gold, unread = read_gold(folder), select_unread(read_examples())
    if gold.truth is None:
        return
    candidates, elsewhere = score_gold(gold), score_gold(unread)
    yield "labeller", score(predictions, gold)
    yield "calibration error", measure_calibration_error(candidates, gold)
    yield "reliability", measure_reliability(candidates, gold)
    yield "worst topics", find_worst_topics(predictions, gold)
    yield "baseline: bare matching of the aliases", score(match_aliases(gold), gold)
    yield "labelled papers whose errors nobody read", score(select_assigned(elsewhere), unread)
    yield "their calibration error", measure_calibration_error(elsewhere, unread)
    yield "baseline: TF-IDF and logistic regression", score(predict_linear(gold), gold)
