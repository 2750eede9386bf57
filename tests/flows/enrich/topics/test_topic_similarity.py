"""A candidate has a similarity where its topic has an embedding."""

import polars as pl
import pytest

from flows.enrich.topics.distilled_axes import DISTILLED_AXES
from flows.enrich.topics.field_words import empty_field_words
from flows.enrich.topics.topic_similarity import (
    UNIT,
    add_similarity_features,
    empty_topic_embeddings,
)
from schemas.vocabulary import Facet

CANDIDATES = pl.DataFrame(
    {"row": [0, 0, 1], "facet": ["task"] * 3, "topic": ["dialogue", "reasoning", "dialogue"]},
    schema={
        "row": pl.UInt32,
        "facet": pl.Enum(Facet.values()),
        "topic": pl.Enum(["dialogue", "reasoning"]),
    },
)


def place(*papers: float) -> pl.DataFrame:
    """Place papers along the first axis, and nowhere along the others."""
    names = [name for name in empty_field_words().columns if name != "word"]
    return pl.DataFrame(
        [
            {"row": row} | dict.fromkeys(names, 0.0) | {DISTILLED_AXES[0]: value}
            for row, value in enumerate(papers)
        ],
        schema_overrides={"row": pl.UInt32},
    )


def embed_topic(topic: str, along: float) -> pl.DataFrame:
    row = (
        {"facet": "task", "topic": topic}
        | dict.fromkeys(DISTILLED_AXES, 0.0)
        | {DISTILLED_AXES[0]: along}
    )
    return pl.DataFrame([row], schema=empty_topic_embeddings().schema)


def test_a_paper_is_similar_to_a_topic_along_the_axes() -> None:
    described = add_similarity_features(CANDIDATES, place(1.5, -1.0), embed_topic("dialogue", 2.0))
    assert described["similarity"].to_list() == pytest.approx([3 / UNIT, 0.0, -2 / UNIT], abs=1e-4)
    assert described["has_no_embedding"].to_list() == [0.0, 1.0, 0.0]


def test_more_of_the_same_words_say_no_more() -> None:
    described = add_similarity_features(
        CANDIDATES, place(50.0, -50.0), embed_topic("dialogue", 2.0)
    )
    assert described["similarity"].to_list() == [2.0, 0.0, pytest.approx(-2 / 3, abs=1e-4)]


def test_topics_that_the_vocabulary_lost_are_passed_over() -> None:
    described = add_similarity_features(CANDIDATES, place(1.0, 1.0), embed_topic("alchemy", 2.0))
    assert described["has_no_embedding"].to_list() == [1.0, 1.0, 1.0]


def test_a_model_without_embeddings_says_nothing() -> None:
    described = add_similarity_features(CANDIDATES, place(1.0, 1.0), empty_topic_embeddings())
    assert described.select("similarity", "has_no_embedding").unique().rows() == [(0.0, 1.0)]
