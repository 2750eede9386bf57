"""Baselines of topics: what any labeller has to beat, on the same papers."""

from typing import cast

import numpy as np
import polars as pl

from flows.enrich.topics import folding
from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import FOLDS, read_examples
from flows.enrich.topics.logistic_regression import Array, sigmoid
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_search import find_phrases
from flows.evaluate.topic_gold import Gold, find_folds
from flows.evaluate.topic_scores import PREDICTIONS, score

RIDGE = 0.1
"""Ridge penalty of the linear baseline: weak, because texts have unit length."""

STEPS = 400
"""Steps of the linear baseline: its weights no longer move in the fourth digit."""

LEAST_EXAMPLES = 2
"""Papers that must have a topic before the linear baseline can learn it."""

GRID = np.round(np.arange(0.05, 0.6, 0.05), 2)
"""Thresholds tried for the linear baseline; it gets the best one per facet, in its favour."""


def match_aliases(gold: Gold) -> pl.DataFrame:
    """Predict by the taxonomy's names and aliases alone: whatever is mentioned is given."""
    topics = load_knowledge().topics
    aliases = (
        topics.select("facet", "topic", key=pl.concat_list("name", "aliases"))
        .explode("key", empty_as_null=True)
        .with_columns(folding.make_phrase_key(pl.col("key")))
        .filter(pl.col("key") != "")
        .unique(maintain_order=True)
    )
    texts = gold.texts
    places = pl.concat(
        [find_phrases(texts, field, aliases["key"]) for field in ("title", "abstract")]
    )
    return (
        places.with_columns(pl.col("key").cast(pl.String))
        .join(aliases, on="key", how="inner", validate="m:m")
        .select(*KEY)
        .unique()
        .join(texts.select("row", "i"), on="row", how="inner", validate="m:1")
        .select("i", "facet", "topic", score=pl.lit(1.0))
        .sort("i", "facet", "topic")
    )


def predict_linear(gold: Gold) -> pl.DataFrame:
    """Predict by TF-IDF and one logistic regression per topic, learned from the labelled papers.

    A paper that is among them is predicted by what the other folds teach. Where the set has
    labels, each facet gets the threshold that suits them best.
    """
    examples, texts = read_examples(), gold.texts
    shared = ["title", "abstract"]
    # Weighed together, so that both have the same columns and weights.
    values = weigh_words(pl.concat([examples.texts.select(shared), texts.select(shared)]))
    train_vectors, test_vectors = values[: examples.texts.height], values[examples.texts.height :]
    truth = examples.truth.filter(pl.col("role") != "ambiguous")
    folds = find_folds(texts, examples)["fold"].to_numpy()
    numbers, rows = np.arange(examples.texts.height), []
    for fold in np.unique(folds):
        seen = numbers % FOLDS != fold
        train, test = _reduce_dimensions(train_vectors[seen], test_vectors[folds == fold])
        papers = texts["i"].to_numpy()[folds == fold]
        topics, outcomes = [], []
        for (facet, topic), positive in truth.group_by("facet", "topic", maintain_order=True):
            outcome = np.isin(numbers[seen], positive["row"].to_numpy()).astype(float)
            if outcome.sum() >= LEAST_EXAMPLES:
                topics.append((facet, topic))
                outcomes.append(outcome)
        probabilities = _fit_probabilities(train, np.column_stack(outcomes), test)
        for (facet, topic), of_topic in zip(topics, probabilities.T, strict=True):
            rows += [(i, facet, topic, p) for i, p in zip(papers, of_topic, strict=True)]
    predictions = pl.DataFrame(rows, schema=PREDICTIONS, orient="row").sort("i", "facet", "topic")
    return pl.concat(
        _apply_best_threshold(here, gold) for here in predictions.partition_by("facet")
    )


def _reduce_dimensions(train_vectors: Array, test_vectors: Array) -> tuple[Array, Array]:
    """Turn texts into the space of the examples, losslessly: they are fewer than the words."""
    directions, size, right = np.linalg.svd(train_vectors, full_matrices=False)
    ones = [np.ones((len(train_vectors), 1)), np.ones((len(test_vectors), 1))]
    return np.hstack([directions * size, ones[0]]), np.hstack([test_vectors @ right.T, ones[1]])


def _fit_probabilities(train_vectors: Array, outcomes: Array, test_vectors: Array) -> Array:
    """Fit one ridge-penalised logistic regression per column of outcomes, all at once.

    Each step uses the same upper bound of the curvature, so that one inverse serves all topics.
    """
    width = train_vectors.shape[1]
    bound = np.linalg.inv(train_vectors.T @ train_vectors / 4 + RIDGE * np.eye(width))
    weights = np.zeros((width, outcomes.shape[1]))
    for _ in range(STEPS):
        gradient = train_vectors.T @ (sigmoid(train_vectors @ weights) - outcomes) + RIDGE * weights
        # A logistic curve is nowhere steeper than 1/4, so such a step never overshoots.
        weights -= bound @ gradient
    return sigmoid(test_vectors @ weights)


def _apply_best_threshold(predictions: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    facet = predictions["facet"][0]

    def reached(threshold: float) -> float:
        scores = score(predictions.filter(pl.col("score") >= threshold), gold)
        return float(scores.filter(pl.col("facet") == facet)["f1"].sum())

    return predictions.filter(pl.col("score") >= max(GRID, key=reached))


def weigh_words(texts: pl.DataFrame) -> Array:
    """Weigh the words of titles and abstracts: one row of unit length per text."""
    read = pl.concat_str(
        folding.fold_in_place(pl.col("title")),
        pl.lit(" "),
        folding.fold_in_place(pl.col("abstract")),
    )
    words = (
        texts.with_row_index("row")
        .select("row", read.str.extract_all("[a-z0-9]{2,}").alias("word"))
        .explode("word", empty_as_null=True)
        .drop_nulls("word")
        .group_by("row", "word")
        .agg(uses=pl.len())
        .filter(pl.len().over("word") >= LEAST_EXAMPLES)
        .with_columns(column=pl.col("word").rank("dense") - 1, papers=pl.len().over("word"))
        .with_columns(weight=pl.col("uses").log1p() * (texts.height / pl.col("papers")).log1p())
    )
    values = np.zeros((texts.height, int(words.select(pl.col("column").max()).item()) + 1))
    values[words["row"].to_numpy(), words["column"].to_numpy()] = words["weight"].to_numpy()
    return cast("Array", values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9))
