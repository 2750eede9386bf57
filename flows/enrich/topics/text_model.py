"""The text model: what the words of a whole text say, as four learned tables."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.enrich.topics.contribution_scores import empty_claim_ngrams
from flows.enrich.topics.field_words import empty_field_words
from flows.enrich.topics.subject_scores import empty_subject_weights
from flows.enrich.topics.topic_similarity import empty_topic_embeddings
from flows.paths import TOPIC_MODEL


@dataclass(frozen=True)
class TextModel:
    """What words say, mostly learned from records without labels; empty tables say nothing.

    ``words`` turn a text into vectors, the other tables turn vectors and n-grams into scores.
    """

    words: pl.DataFrame = field(default_factory=empty_field_words)
    """Of fields and axes: see `empty_field_words`."""
    topic_embeddings: pl.DataFrame = field(default_factory=empty_topic_embeddings)
    """Topics along the distilled axes: see `topic_similarity`."""
    claim_ngrams: pl.DataFrame = field(default_factory=empty_claim_ngrams)
    """Weights of contributions: see `contribution_scores`."""
    subject_weights: pl.DataFrame = field(default_factory=empty_subject_weights)
    """Topics along the subject axes, learned from labelled papers: see `subject_scores`."""


def load_text_model(folder: Path = TOPIC_MODEL) -> TextModel:
    """Read the tables of a folder."""
    empty = TextModel()
    return TextModel(
        **{
            name: pl.read_csv(
                folder / f"{name}.csv", schema=getattr(empty, name).schema, glob=False
            )
            for name in ("words", "topic_embeddings", "claim_ngrams", "subject_weights")
        }
    )
