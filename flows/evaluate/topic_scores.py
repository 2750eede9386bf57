"""Scores of topics: predictions that never saw their paper, and how right they are."""

from dataclasses import replace

import numpy as np
import polars as pl

from flows.enrich.topics.calibration import fit_thresholds
from flows.enrich.topics.curated import Knowledge, load_knowledge
from flows.enrich.topics.examples import assign_fold, read_examples
from flows.enrich.topics.field_words import guess_fields
from flows.enrich.topics.held_out import HeldOut, hold_out_features, load_held_out, use_held_out
from flows.enrich.topics.labels import (
    extract_paper_features,
    find_title_only_papers,
    score_candidates,
)
from flows.enrich.topics.model import Model, TextFeatures, extract_features, load_model
from flows.enrich.topics.subject_scores import learn_subject_weights, use_leave_one_out_scores
from flows.enrich.topics.text_words import read_words
from flows.enrich.topics.training import compute_held_out_odds, learn_fold_weights
from flows.evaluate.topic_gold import Gold, find_folds

PREDICTIONS = {"i": pl.Int64, "facet": pl.String, "topic": pl.String, "score": pl.Float64}
"""Columns of predictions: the number of the paper, and an assigned topic with its probability."""

WORST = 10
"""Topics named as the worst ones."""


def score_gold(gold: Gold) -> pl.DataFrame:
    """Score every candidate: ``i``, ``facet``, ``topic``, ``score``, ``is_assigned``, ``role``.

    What a source says beside the text counts as it does in a release. A paper that the model
    learned from is scored by what the other folds teach: weights, calibration and threshold.
    """
    knowledge, model = load_knowledge(), load_model()
    text_features, priors = extract_paper_features(read_words(gold.texts), knowledge, model)
    title_only = find_title_only_papers(gold.texts)
    folds, held_out = find_folds(gold.texts, read_examples()), load_held_out()
    seen = folds.filter(pl.col("fold") >= 0)
    # The text model saw the papers that the weights saw.
    text_features = use_held_out(text_features, seen.select("row", "paper"), held_out)
    text_features = _replace_own_scores(text_features, seen.select("row", "paper"), model)
    # Training takes a while, so it is spared where the model saw no paper of the set.
    models = {-1: model} | (_train_fold_models(knowledge, model, held_out) if len(seen) else {})
    parts = []
    for fold in folds["fold"].unique().sort():
        rows = folds.filter(pl.col("fold") == fold)["row"]
        chosen = pl.col("row").is_in(rows.implode())
        parts.append(
            score_candidates(
                text_features.select_papers(chosen), models[fold], priors.filter(chosen), title_only
            )
        )
    return (
        pl.concat(parts)
        .join(gold.texts.select("row", "i"), on="row", how="inner", validate="m:1")
        .select("i", pl.col("facet", "topic").cast(pl.String), "score", "is_assigned", "role")
        .sort("i", "facet", "topic")
    )


def _replace_own_scores(
    text_features: TextFeatures, seen: pl.DataFrame, model: Model
) -> TextFeatures:
    """Give labelled papers the scores that all others teach.

    ``seen`` has their ``row`` and ``paper``.
    """
    examples = read_examples()
    fields = guess_fields(read_words(examples.texts), model.text_model.words)
    _, scores = learn_subject_weights(examples, fields)
    return replace(
        text_features, candidates=use_leave_one_out_scores(text_features.candidates, seen, scores)
    )


def _train_fold_models(knowledge: Knowledge, model: Model, held_out: HeldOut) -> dict[int, Model]:
    """Train for each fold a model that learned nothing from its papers."""
    examples = read_examples()
    text_features = extract_features(examples.texts, knowledge, model.text_model)
    text_features, _ = hold_out_features(text_features, examples, held_out)
    weights = learn_fold_weights(text_features, examples)
    odds = compute_held_out_odds(text_features, weights)
    return {
        fold: Model(
            learned,
            fit_thresholds(
                odds.filter(assign_fold() != fold), examples.select_papers(assign_fold() != fold)
            ),
            model.categories,
            model.text_model,
        )
        for fold, learned in enumerate(weights)
    }


def select_assigned(candidates: pl.DataFrame) -> pl.DataFrame:
    """Select the labels among candidates, as `PREDICTIONS`."""
    labels = candidates.filter(pl.col("is_assigned"))
    return labels.select(pl.col(name).cast(dtype) for name, dtype in PREDICTIONS.items())


def score(predictions: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    """Score predictions against the labels: one row per facet.

    Recall is over primary labels; a prediction is right when it is primary or secondary;
    ambiguous ones are not scored. ``f1_macro`` averages over topics with a primary label.
    """
    truth = gold.require_truth()
    judged = judge_predictions(predictions, gold)
    rows = []
    for facet in truth["facet"].unique(maintain_order=True):
        here = judged.filter(pl.col("facet") == facet)
        primary = truth.filter((pl.col("facet") == facet) & (pl.col("role") == "primary"))
        rows.append(
            {
                "facet": facet,
                **_measure_facet(here, primary),
                "f1_macro": _average_topics(here, primary),
            }
        )
    return pl.DataFrame(rows)


def judge_predictions(predictions: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    """Add to predictions what people said: ``is_right``, ``is_primary``; leave out ambiguous.

    So are those of a facet of which the truth names no topic: nobody judged it.
    """
    truth = gold.require_truth()
    return (
        # Candidates have a predicted role; what counts here is the one that people gave.
        predictions.drop("role", strict=False)
        .join(truth, on=["i", "facet", "topic"], how="left", validate="m:1")
        .filter(pl.col("facet").is_in(truth["facet"].unique().implode()))
        .filter(pl.col("role").is_null() | (pl.col("role") != "ambiguous"))
        .with_columns(
            is_right=pl.col("role").is_not_null(),
            is_primary=(pl.col("role") == "primary").fill_null(value=False),
        )
    )


def _measure_facet(here: pl.DataFrame, primary: pl.DataFrame) -> dict[str, float]:
    precision = float(here["is_right"].sum()) / max(here.height, 1)
    recall = float(here["is_primary"].sum()) / max(primary.height, 1)
    return {
        "labels": primary.height,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
    }


def _average_topics(here: pl.DataFrame, primary: pl.DataFrame) -> float:
    topics = primary["topic"].unique().sort()
    reached = [
        _measure_facet(
            here.filter(pl.col("topic") == topic), primary.filter(pl.col("topic") == topic)
        )["f1"]
        for topic in topics
    ]
    return float(np.mean(reached)) if reached else 0.0


def find_worst_topics(predictions: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    """Name the topics with the most errors: ``missed`` primary labels and ``wrong`` predictions."""
    judged = judge_predictions(predictions, gold)
    wrong = judged.filter(~pl.col("is_right")).group_by("facet", "topic").agg(wrong=pl.len())
    missed = (
        gold.require_truth()
        .filter(pl.col("role") == "primary")
        .join(predictions, on=["i", "facet", "topic"], how="anti")
        .group_by("facet", "topic")
        .agg(missed=pl.len())
    )
    return (
        wrong.join(missed, on=["facet", "topic"], how="full", coalesce=True, validate="1:1")
        .with_columns(pl.col("wrong", "missed").fill_null(0))
        .with_columns(errors=pl.col("wrong") + pl.col("missed"))
        .sort("errors", "facet", "topic", descending=[True, False, False])
        .head(WORST)
    )
