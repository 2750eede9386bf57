"""Topics: predictions, and the whole report of how good they are, two baselines included."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.enrich.topics.examples import read_examples
from flows.evaluate.topic_baselines import bare_matching, linear_model
from flows.evaluate.topic_calibration import calibration_error, reliability
from flows.evaluate.topic_gold import read_gold, unread
from flows.evaluate.topic_scores import assigned, score, scored, worst

__all__ = ["predict", "report"]


def predict(folder: Path) -> pl.DataFrame:
    """Label the papers of ``gold.jsonl`` (with or without labels): the assigned topics.

    A paper that the model learned from is scored by weights learned without it. The domain `none`
    is left out: the set says it by an empty list.
    """
    return assigned(scored(read_gold(folder)))


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give scores and calibration, those of unread labelled papers, and the baselines' scores.

    Gives nothing where the folder has no labels. The linear model is last: it takes minutes.
    """
    gold, others = read_gold(folder), unread(read_examples())
    if gold.truth is None:
        return
    candidates, elsewhere = scored(gold), scored(others)
    yield "labeller", score(predictions, gold)
    yield "calibration error", calibration_error(candidates, gold)
    yield "reliability", reliability(candidates, gold)
    yield "worst topics", worst(predictions, gold)
    yield "baseline: bare matching of the aliases", score(bare_matching(gold), gold)
    yield "labelled papers whose errors nobody read", score(assigned(elsewhere), others)
    yield "their calibration error", calibration_error(elsewhere, others)
    yield "baseline: TF-IDF and logistic regression", score(linear_model(gold), gold)
