"""Self-training: which words go with a topic, learned from the model's own labels of papers."""

import numpy as np
import polars as pl

from flows.enrich.topics.curated import Knowledge
from flows.enrich.topics.field_words import ARXIV_FIELDS, BIAS, count_words
from flows.enrich.topics.labels import score_candidates
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import Model, examine_texts
from flows.enrich.topics.subject_axes import AXIS_FIELDS
from flows.enrich.topics.taught_axes import TAUGHT, learn_taught_axes
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

UNTAUGHT = "language"
"""The facet whose topics have no wording: languages are stated in passing."""

AXIS_DECIMALS = 1
"""Digits kept of a word's weight along a taught axis: a text has too many words for a second."""

LOADING_DECIMALS = 2
"""Digits kept of what an axis says of a topic."""


def learn_wordings(
    records: pl.DataFrame, teacher: Model, knowledge: Knowledge
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Learn from records how topics sound: the teacher's words with `TAUGHT` axes, the wordings.

    ``records`` has ``title``, ``abstract`` and ``categories``; the teacher has to know words.
    """
    papers = _select_learning(records)
    vocabulary = teacher.words.filter(pl.col("word") != BIAS)["word"]
    if min(papers.height, len(vocabulary)) == 0:
        return teacher.words, teacher.wordings
    topics, chances = _tell_topics(papers, teacher, knowledge)
    axes, loadings = learn_taught_axes(count_words(read_words(papers), vocabulary), chances)
    # Adding zero turns what was rounded to -0.0 into 0.0.
    weights = dict(zip(TAUGHT, axes.round(AXIS_DECIMALS).T + 0.0, strict=True))
    says = dict(zip(TAUGHT, loadings.round(LOADING_DECIMALS).T + 0.0, strict=True))
    words = teacher.words.with_columns(pl.Series(name, column) for name, column in weights.items())
    return words, topics.hstack(pl.DataFrame(says))


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
    papers: pl.DataFrame, teacher: Model, knowledge: Knowledge
) -> tuple[pl.DataFrame, Array]:
    """Tell the topics of papers: ``facet`` and ``topic`` of each, and a column of chances each."""
    parts = []
    for start in range(0, papers.height, BATCH):
        texts = papers.slice(start, BATCH)
        examined = examine_texts(texts, knowledge, teacher.words, teacher.wordings)
        scored = score_candidates(examined, teacher).filter(pl.col("score") >= LEAST_SCORE)
        parts.append(scored.with_columns(pl.col("facet", "topic").cast(pl.String)))
    labels = pl.concat(parts).filter(pl.col("facet") != UNTAUGHT)
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
    chances = np.zeros((papers.height, topics.height))
    chances[cells["row"].to_numpy(), cells["column"].to_numpy()] = cells["score"].to_numpy()
    return topics, chances
