"""Self-training: which words go with a topic, learned from the model's own labels of papers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.contribution_scores import CONTRIBUTIONS
from flows.enrich.topics.contribution_training import learn_claim_ngrams
from flows.enrich.topics.curated import Knowledge
from flows.enrich.topics.distilled_axes import DISTILLED_AXES, learn_distilled_axes
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.field_words import ARXIV_FIELDS, BIAS
from flows.enrich.topics.labels import score_candidates
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import Model, extract_features
from flows.enrich.topics.subject_axes import AXIS_FIELDS
from flows.enrich.topics.subject_scores import add_subject_features
from flows.enrich.topics.term_matrix import build_unit_term_matrix
from flows.enrich.topics.text_model import TextModel
from flows.enrich.topics.text_words import read_words

PAPERS = 45_000
"""Papers on learning that are enough, taken at even distances: where there are less than twice as
many, all are."""

BATCH = 5_000
"""Papers that are labelled at a time."""

LEAST_PAPERS = 100.0
"""Papers, each counted by its probability, that a topic needs before its words are learned."""

LEAST_SCORE = 0.02
"""Probability below which a topic of a paper is taken for none."""

UNDISTILLED = "language"
"""The facet whose topics have no embedding: languages are stated in passing."""

AXIS_DECIMALS = 1
"""Digits kept of a word's weight along a distilled axis: a text has too many words for a second."""

LOADING_DECIMALS = 2
"""Digits kept of an embedding."""


CONTRIBUTION_PAPERS = 20_000
"""Papers that are enough to learn claim n-grams, taken at even distances."""


@dataclass(frozen=True)
class Teacher:
    """A model that knows words, and the labelled papers that it learned from."""

    model: Model
    examples: Examples


def train_students(
    records: pl.DataFrame, teachers: Sequence[Teacher], knowledge: Knowledge
) -> list[TextModel]:
    """Learn a text model from the labels that each teacher gives to records.

    ``records`` has ``title``, ``abstract`` and ``categories``; all teachers know the same words,
    to which `DISTILLED_AXES` are added, and no embeddings.
    """
    papers, words = _select_learning(records), teachers[0].model.text_model.words
    vocabulary = words.filter(pl.col("word") != BIAS)["word"]
    if min(papers.height, len(vocabulary)) == 0:
        return [TextModel(words) for _ in teachers]
    pseudo_labels = _label_with_teachers(papers, [teacher.model for teacher in teachers], knowledge)
    counts = build_unit_term_matrix(read_words(papers), vocabulary)
    return [
        _train_student(papers, counts, labels, words, teacher.examples)
        for teacher, labels in zip(teachers, pseudo_labels, strict=True)
    ]


def _train_student(
    papers: pl.DataFrame,
    counts: scipy.sparse.csr_matrix,
    labels: pl.DataFrame,
    words: pl.DataFrame,
    examples: Examples,
) -> TextModel:
    topics, probabilities = _spread_probabilities(labels, papers.height)
    axes, loadings = learn_distilled_axes(counts, probabilities)
    # Adding zero turns what was rounded to -0.0 into 0.0.
    weights = dict(zip(DISTILLED_AXES, axes.round(AXIS_DECIMALS).T + 0.0, strict=True))
    embeddings = dict(zip(DISTILLED_AXES, loadings.round(LOADING_DECIMALS).T + 0.0, strict=True))
    words = words.with_columns(pl.Series(name, column) for name, column in weights.items())
    step = max(1, papers.height // CONTRIBUTION_PAPERS)
    by_contribution = dict.fromkeys(range(len(CONTRIBUTIONS)), np.zeros(papers.height)) | {
        CONTRIBUTIONS.index(topic): probabilities[:, column]
        for column, (facet, topic) in enumerate(topics.iter_rows())
        if facet == "contribution" and topic in CONTRIBUTIONS
    }
    columns = np.column_stack(list(by_contribution.values()))[::step]
    claim_ngrams = learn_claim_ngrams(papers.gather_every(step), columns, examples)
    return TextModel(words, topics.hstack(pl.DataFrame(embeddings)), claim_ngrams)


def _select_learning(records: pl.DataFrame) -> pl.DataFrame:
    """Select papers that are filed under learning: ``row``, ``title``, ``abstract``."""
    element = pl.element()
    patterns = "|".join(ARXIV_FIELDS[name] for name in AXIS_FIELDS)
    is_learning = pl.col("categories").list.eval(element.str.contains(patterns)).list.any()
    papers = records.filter(is_learning)
    return (
        papers.gather_every(max(1, papers.height // PAPERS))
        .select(pl.col("title", "abstract").str.replace_all(r"\s+", " ").str.strip_chars())
        .with_row_index("row")
    )


def _label_with_teachers(
    papers: pl.DataFrame, teachers: Sequence[Model], knowledge: Knowledge
) -> list[pl.DataFrame]:
    """Label papers with their likely topics, as each teacher does: `KEY`, ``score``."""
    parts: list[list[pl.DataFrame]] = [[] for _ in teachers]
    for start in range(0, papers.height, BATCH):
        # Read once: teachers differ only in what they make of it.
        text_features = extract_features(
            papers.slice(start, BATCH), knowledge, teachers[0].text_model
        )
        for teacher, labels in zip(teachers, parts, strict=True):
            with_subjects = add_subject_features(
                text_features.candidates, text_features.fields, teacher.text_model.subject_weights
            )
            scored = score_candidates(replace(text_features, candidates=with_subjects), teacher)
            likely = (pl.col("score") >= LEAST_SCORE) & (pl.col("facet") != UNDISTILLED)
            coded = pl.col("facet", "topic").cast(pl.String)
            labels.append(scored.filter(likely).select("row", coded, "score"))
    return [pl.concat(labels) for labels in parts]


def _spread_probabilities(labels: pl.DataFrame, height: int) -> tuple[pl.DataFrame, Array]:
    """Spread labels out: ``facet`` and ``topic`` of the frequent ones, and a column for each."""
    topics = (
        labels.group_by("facet", "topic")
        .agg(pl.col("score").sum())
        .filter(pl.col("score") >= LEAST_PAPERS)
        .select("facet", "topic")
        .sort("facet", "topic")
    )
    cells = labels.select(*KEY, "score").join(
        topics.with_row_index("column"), on=["facet", "topic"], how="inner", validate="m:1"
    )
    probabilities = np.zeros((height, topics.height))
    probabilities[cells["row"].to_numpy(), cells["column"].to_numpy()] = cells["score"].to_numpy()
    return topics, probabilities
