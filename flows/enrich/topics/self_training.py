"""Self-training: which words go with a topic, learned from the model's own labels of papers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.curated import Knowledge
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.field_words import ARXIV_FIELDS, BIAS
from flows.enrich.topics.labels import score_candidates
from flows.enrich.topics.leanings import add_leaning_features
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import Model, examine_texts
from flows.enrich.topics.offer_training import learn_offers
from flows.enrich.topics.offers import OFFERED
from flows.enrich.topics.subject_axes import AXIS_FIELDS
from flows.enrich.topics.taught import Taught
from flows.enrich.topics.taught_axes import TAUGHT, learn_taught_axes
from flows.enrich.topics.text_words import read_words
from flows.enrich.topics.word_marks import count_words

PAPERS = 45_000
"""Papers on learning that are enough, taken at even distances: where there are less than twice as
many, all are."""

BATCH = 5_000
"""Papers that are labelled at a time."""

LEAST_PAPERS = 100.0
"""Papers, each counted by its probability, that a topic needs before its words are learned."""

LEAST_SCORE = 0.02
"""Probability below which a topic of a paper is taken for none."""

UNTAUGHT = "language"
"""The facet whose topics have no wording: languages are stated in passing."""

AXIS_DECIMALS = 1
"""Digits kept of a word's weight along a taught axis: a text has too many words for a second."""

LOADING_DECIMALS = 2
"""Digits kept of what an axis says of a topic."""


OFFER_PAPERS = 20_000
"""Papers that are enough to learn the words of offers, taken at even distances."""


@dataclass(frozen=True)
class Teacher:
    """A model that knows words, and the labelled papers that it learned from."""

    model: Model
    examples: Examples


def teach(records: pl.DataFrame, teachers: Sequence[Teacher], knowledge: Knowledge) -> list[Taught]:
    """Learn from records what each teacher makes of their words.

    ``records`` has ``title``, ``abstract`` and ``categories``; all teachers know the same words,
    to which `TAUGHT` axes are added, and no wordings.
    """
    papers, words = _select_learning(records), teachers[0].model.taught.words
    vocabulary = words.filter(pl.col("word") != BIAS)["word"]
    if min(papers.height, len(vocabulary)) == 0:
        return [Taught(words) for _ in teachers]
    taught_labels = _tell_topics(papers, [teacher.model for teacher in teachers], knowledge)
    counts = count_words(read_words(papers), vocabulary)
    return [
        _learn_words(papers, counts, labels, words, teacher.examples)
        for teacher, labels in zip(teachers, taught_labels, strict=True)
    ]


def _learn_words(
    papers: pl.DataFrame,
    counts: scipy.sparse.csr_matrix,
    labels: pl.DataFrame,
    words: pl.DataFrame,
    examples: Examples,
) -> Taught:
    topics, chances = _spread_chances(labels, papers.height)
    axes, loadings = learn_taught_axes(counts, chances)
    # Adding zero turns what was rounded to -0.0 into 0.0.
    weights = dict(zip(TAUGHT, axes.round(AXIS_DECIMALS).T + 0.0, strict=True))
    says = dict(zip(TAUGHT, loadings.round(LOADING_DECIMALS).T + 0.0, strict=True))
    words = words.with_columns(pl.Series(name, column) for name, column in weights.items())
    step = max(1, papers.height // OFFER_PAPERS)
    offered = dict.fromkeys(range(len(OFFERED)), np.zeros(papers.height)) | {
        OFFERED.index(topic): chances[:, column]
        for column, (facet, topic) in enumerate(topics.iter_rows())
        if facet == "contribution" and topic in OFFERED
    }
    columns = np.column_stack(list(offered.values()))[::step]
    offers = learn_offers(papers.gather_every(step), columns, examples)
    return Taught(words, topics.hstack(pl.DataFrame(says)), offers)


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


def _tell_topics(
    papers: pl.DataFrame, teachers: Sequence[Model], knowledge: Knowledge
) -> list[pl.DataFrame]:
    """Tell the likely topics of papers, as each teacher does: `KEY`, ``score``."""
    parts: list[list[pl.DataFrame]] = [[] for _ in teachers]
    for start in range(0, papers.height, BATCH):
        # Read once: teachers differ only in what they make of it.
        examined = examine_texts(papers.slice(start, BATCH), knowledge, teachers[0].taught)
        for teacher, labels in zip(teachers, parts, strict=True):
            leant = add_leaning_features(
                examined.candidates, examined.fields, teacher.taught.leanings
            )
            scored = score_candidates(replace(examined, candidates=leant), teacher)
            likely = (pl.col("score") >= LEAST_SCORE) & (pl.col("facet") != UNTAUGHT)
            coded = pl.col("facet", "topic").cast(pl.String)
            labels.append(scored.filter(likely).select("row", coded, "score"))
    return [pl.concat(labels) for labels in parts]


def _spread_chances(labels: pl.DataFrame, height: int) -> tuple[pl.DataFrame, Array]:
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
    chances = np.zeros((height, topics.height))
    chances[cells["row"].to_numpy(), cells["column"].to_numpy()] = cells["score"].to_numpy()
    return topics, chances
