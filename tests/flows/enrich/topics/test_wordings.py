"""A candidate has a wording where somebody knows how its topic sounds."""

import polars as pl
import pytest

from flows.enrich.topics.field_words import empty_field_words
from flows.enrich.topics.taught_axes import TAUGHT
from flows.enrich.topics.wordings import UNIT, add_wording_features, empty_wordings
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
            {"row": row} | dict.fromkeys(names, 0.0) | {TAUGHT[0]: value}
            for row, value in enumerate(papers)
        ],
        schema_overrides={"row": pl.UInt32},
    )


def sound(topic: str, along: float) -> pl.DataFrame:
    row = {"facet": "task", "topic": topic} | dict.fromkeys(TAUGHT, 0.0) | {TAUGHT[0]: along}
    return pl.DataFrame([row], schema=empty_wordings().schema)


def test_a_paper_sounds_like_a_topic_by_its_place_along_the_axes() -> None:
    described = add_wording_features(CANDIDATES, place(1.5, -1.0), sound("dialogue", 2.0))
    assert described["wording"].to_list() == pytest.approx([3 / UNIT, 0.0, -2 / UNIT], abs=1e-4)
    assert described["unworded"].to_list() == [0.0, 1.0, 0.0]


def test_more_of_the_same_words_say_no_more() -> None:
    described = add_wording_features(CANDIDATES, place(50.0, -50.0), sound("dialogue", 2.0))
    assert described["wording"].to_list() == [2.0, 0.0, pytest.approx(-2 / 3, abs=1e-4)]


def test_topics_that_the_vocabulary_lost_are_passed_over() -> None:
    described = add_wording_features(CANDIDATES, place(1.0, 1.0), sound("alchemy", 2.0))
    assert described["unworded"].to_list() == [1.0, 1.0, 1.0]


def test_a_model_without_wordings_says_nothing() -> None:
    described = add_wording_features(CANDIDATES, place(1.0, 1.0), empty_wordings())
    assert described.select("wording", "unworded").unique().rows() == [(0.0, 1.0)]
