"""A candidate gets the weight of each phrase that it was mentioned by, once."""

import polars as pl

from flows.enrich.topics.candidate_numbers import number_candidates
from flows.enrich.topics.phrase_weights import list_phrase_marks, sum_phrase_weights
from schemas.vocabulary import Facet

CODED = {
    "facet": pl.Enum(Facet.values()),
    "topic": pl.Enum(["english", "parsing", "vision"]),
    "key": pl.Enum(["english", "image", "parser", "pixel"]),
}

CANDIDATES = pl.DataFrame(
    {
        "row": [0, 0, 1, 1],
        "facet": ["area", "task", "area", "language"],
        "topic": ["vision", "parsing", "vision", "english"],
    },
    schema_overrides={name: CODED[name] for name in ("facet", "topic")},
)

PLACES = pl.DataFrame(
    {
        "row": [0, 0, 0, 0, 1, 1],
        "facet": ["area", "area", "area", "task", "area", "language"],
        "topic": ["vision", "vision", "vision", "parsing", "vision", "english"],
        "key": ["image", "image", "pixel", "parser", "pixel", "english"],
    },
    schema_overrides=CODED,
).pipe(lambda places: places.with_columns(candidate=pl.Series(number_candidates(places))))


def weights(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["facet", "feature", "weight"], orient="row")


def test_a_phrase_counts_once_and_for_its_own_topic_alone() -> None:
    learned = weights(
        ("area", "phrase:vision:image", -1.0),
        ("area", "phrase:vision:pixel", 0.5),
        ("task", "phrase:parsing:image", 7.0),
        ("area", "phrase:vision:a word of another lexicon", 9.0),
    )
    assert sum_phrase_weights(CANDIDATES, PLACES, learned).tolist() == [-0.5, 0.0, 0.5, 0.0]


def test_without_weights_phrases_add_nothing() -> None:
    assert not sum_phrase_weights(CANDIDATES, PLACES, weights(("area", "bias", 1.0))).any()


def test_phrases_of_languages_are_not_learned_from() -> None:
    marks = list_phrase_marks(PLACES)["feature"].to_list()
    assert sorted(marks) == [
        "phrase:parsing:parser",
        "phrase:vision:image",
        "phrase:vision:pixel",
        "phrase:vision:pixel",
    ]
