"""Evaluation of topics: predictions that never saw their paper, scores, and two baselines."""

from pathlib import Path

import numpy as np
import polars as pl

from flows.topics import phrases
from flows.topics.knowledge import Knowledge, knowledge
from flows.topics.labels import score as score_candidates
from flows.topics.model import Examined, Model, examine, load
from flows.topics.taxonomy import NO_DOMAIN
from flows.topics.training import FOLDS, Examples, learn, read_examples
from schemas.vocabulary import Facet

PREDICTIONS = {"i": pl.Int64, "facet": pl.String, "topic": pl.String, "score": pl.Float64}
"""Columns of predictions: the number of the paper, and an assigned topic with its probability."""

ROLES = ["primary", "secondary", "ambiguous"]
"""How the annotators judged a topic; `ambiguous` ones are not scored."""

BINS = 10
"""Bins of probability in which calibration is measured, each as full as the others."""

WORST = 10
"""Topics named as the worst ones."""


def predict(
    folder: Path, known: Knowledge | None = None, model: Model | None = None
) -> pl.DataFrame:
    """Label the papers of ``gold.jsonl`` (with or without labels): the assigned topics.

    A paper that the model learned from is scored by weights learned without it. The domain `none`
    is left out: the set says it by an empty list.
    """
    assigned = scored(folder, known, model).filter(pl.col("is_assigned"))
    return assigned.select(pl.col(name).cast(dtype) for name, dtype in PREDICTIONS.items())


def scored(
    folder: Path, known: Knowledge | None = None, model: Model | None = None
) -> pl.DataFrame:
    """Give every candidate: ``i``, ``facet``, ``topic``, ``score``, ``is_assigned``, ``role``."""
    known, model, examples = known or knowledge(), model or load(), read_examples()
    texts = read_texts(folder)
    found = examine(texts, known)
    taught = examine(examples.texts, known)
    folds = folds_of(texts, examples)
    parts = []
    for fold in folds["fold"].unique().sort():
        rows = folds.filter(pl.col("fold") == fold).select("row")
        here = Examined(
            found.candidates.join(rows, on="row", how="semi"),
            found.places.join(rows, on="row", how="semi"),
        )
        parts.append(score_candidates(here, _without(fold, taught, examples, model)))
    return (
        pl.concat(parts)
        .join(texts.select("row", "i"), on="row", how="inner", validate="m:1")
        .select("i", pl.col("facet", "topic").cast(pl.String), "score", "is_assigned", "role")
        .sort("i", "facet", "topic")
    )


def read_texts(folder: Path) -> pl.DataFrame:
    """Read ``gold.jsonl``: ``row``, ``i``, ``title``, ``abstract`` on one line each."""
    rows = pl.read_ndjson(folder / "gold.jsonl", infer_schema_length=None).with_row_index("row")
    return rows.select(
        "row", "i", *(pl.col(name).str.replace_all(r"\s+", " ") for name in ("title", "abstract"))
    )


def read_truth(folder: Path) -> pl.DataFrame | None:
    """Read the labels of ``gold.jsonl``: ``i``, ``facet``, ``topic``, ``role``; None if none."""
    rows = pl.read_ndjson(folder / "gold.jsonl", infer_schema_length=None)
    facets = [facet for facet in Facet.values() if facet in rows.columns]
    if not facets:
        return None
    return pl.concat(
        rows.select(
            "i", pl.lit(facet).alias("facet"), pl.col(facet).struct.field(role).alias("topic")
        )
        .explode("topic", empty_as_null=True)
        .drop_nulls("topic")
        .select("i", "facet", pl.col("topic").cast(pl.String), pl.lit(role).alias("role"))
        for facet in facets
        for role in ROLES
    )


def folds_of(texts: pl.DataFrame, examples: Examples) -> pl.DataFrame:
    """Say for every paper in which fold of the examples it is, or -1 if the model never saw it."""
    title = phrases.key(pl.col("title")).alias("title")
    taught = examples.texts.select(title, fold=pl.col("row").cast(pl.Int64) % FOLDS)
    return (
        texts.select("row", title)
        .join(
            taught.unique("title", keep="first", maintain_order=True),
            on="title",
            how="left",
            validate="m:1",
        )
        .select("row", pl.col("fold").fill_null(-1))
    )


def _without(fold: int, taught: Examined, examples: Examples, model: Model) -> Model:
    if fold < 0:
        return model
    seen = pl.col("row") % FOLDS != fold
    weights = learn(
        Examined(taught.candidates.filter(seen), taught.places.filter(seen)),
        Examples(examples.texts.filter(seen), examples.truth.filter(seen)),
    )
    return Model(weights, model.thresholds, model.categories)


def score(predictions: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Score predictions against the labels: one row per facet.

    Recall is over primary labels; a prediction is right when it is primary or secondary;
    ambiguous ones are not scored. ``f1_macro`` averages over topics with a primary label.
    Raises `ValueError` when the set has no labels.
    """
    truth = read_truth(folder)
    if truth is None:
        raise ValueError(
            f"{folder / 'gold.jsonl'} has no labels: there is nothing to score against."
        )
    judged = _judged(predictions.filter(pl.col("topic") != NO_DOMAIN), truth)
    rows = []
    for facet in truth["facet"].unique(maintain_order=True):
        here = judged.filter(pl.col("facet") == facet)
        wanted = truth.filter((pl.col("facet") == facet) & (pl.col("role") == "primary"))
        rows.append({"facet": facet, **_measures(here, wanted), "f1_macro": _macro(here, wanted)})
    return pl.DataFrame(rows)


def _judged(predictions: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    return (
        predictions.drop("role", strict=False)
        .join(truth, on=["i", "facet", "topic"], how="left", validate="m:1")
        .filter(pl.col("role").is_null() | (pl.col("role") != "ambiguous"))
        .with_columns(
            is_right=pl.col("role").is_not_null(),
            is_primary=(pl.col("role") == "primary").fill_null(value=False),
        )
    )


def _measures(here: pl.DataFrame, wanted: pl.DataFrame) -> dict[str, float]:
    precision = float(here["is_right"].sum()) / max(here.height, 1)
    recall = float(here["is_primary"].sum()) / max(wanted.height, 1)
    return {
        "labels": wanted.height,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
    }


def _macro(here: pl.DataFrame, wanted: pl.DataFrame) -> float:
    topics = wanted["topic"].unique().sort()
    reached = [
        _measures(here.filter(pl.col("topic") == topic), wanted.filter(pl.col("topic") == topic))[
            "f1"
        ]
        for topic in topics
    ]
    return float(np.mean(reached)) if reached else 0.0


def worst(predictions: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Name the topics with the most errors: ``missed`` primary labels and ``wrong`` predictions."""
    truth = read_truth(folder)
    if truth is None:
        raise ValueError(
            f"{folder / 'gold.jsonl'} has no labels: there is nothing to score against."
        )
    judged = _judged(predictions.filter(pl.col("topic") != NO_DOMAIN), truth)
    wrong = judged.filter(~pl.col("is_right")).group_by("facet", "topic").agg(wrong=pl.len())
    missed = (
        truth.filter(pl.col("role") == "primary")
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


def reliability(candidates: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Compare chances with facts: ``facet``, ``bin``, ``said``, ``right``, ``labels``."""
    truth = read_truth(folder)
    if truth is None:
        raise ValueError(
            f"{folder / 'gold.jsonl'} has no labels: there is nothing to score against."
        )
    return (
        _judged(candidates, truth)
        .with_columns(
            bin=(
                (pl.col("score").rank("ordinal").over("facet") - 1) * BINS // pl.len().over("facet")
            )
        )
        .group_by("facet", "bin")
        .agg(said=pl.col("score").mean(), right=pl.col("is_right").mean(), labels=pl.len())
        .sort("facet", "bin")
    )


def calibration_error(candidates: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Give per facet the expected calibration error over the bins of `reliability`."""
    gap = (pl.col("said") - pl.col("right")).abs()
    return (
        reliability(candidates, folder)
        .group_by("facet")
        .agg(calibration_error=(gap * pl.col("labels")).sum() / pl.col("labels").sum())
        .sort("facet")
    )
