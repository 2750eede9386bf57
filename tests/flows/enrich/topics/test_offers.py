"""What a paper offers is told by the words of its title and of its claims."""

import polars as pl
import pytest

from flows.enrich.topics.field_words import empty_field_words, guess_fields
from flows.enrich.topics.offers import (
    OFFERED,
    OFFERS,
    UNIT,
    add_offer_features,
    count_grams,
    empty_offers,
    guess_offers,
)
from flows.enrich.topics.text_words import TextWords, read_words
from schemas.vocabulary import Facet


def read(title: str, abstract: str | None) -> TextWords:
    texts = {"row": [0], "title": [title], "abstract": [abstract]}
    return read_words(pl.DataFrame(texts, schema_overrides={"row": pl.UInt32}))


def list_grams(title: str, abstract: str | None, *grams: str) -> list[str]:
    counts = count_grams(read(title, abstract), pl.Series(grams)).toarray()[0]
    return [gram for gram, there in zip(grams, counts, strict=True) if there]


def test_a_word_counts_where_it_stands() -> None:
    title, abstract = "Benchmarks differ", "Benchmarks abound. We propose a loss for benchmarks."
    for zone in ("title", "claim", "first"):
        assert list_grams(title, abstract, f"{zone}:benchmarks") == [f"{zone}:benchmarks"]
    assert list_grams(title, "Benchmarks abound.", "claim:benchmarks", "claim:abound") == []


def test_the_first_claim_begins_with_its_verb() -> None:
    abstract = "We, in Bonn, propose a parser. Later we release a corpus."
    assert list_grams("", abstract, "claim:bonn", "first:bonn") == ["claim:bonn"]
    assert list_grams("", abstract, "first:propose a", "first:a parser") == [
        "first:propose a",
        "first:a parser",
    ]


def test_a_claim_does_not_reach_beyond_thirty_words() -> None:
    far = "We propose " + "very " * 28 + "good parsers"
    assert list_grams("", far, "claim:propose", "claim:good", "claim:parsers") == ["claim:propose"]


def test_pairs_do_not_run_from_a_title_into_its_abstract() -> None:
    assert list_grams("We propose", "a parser", "title:propose a", "claim:propose a") == []


def test_a_text_without_words_says_what_all_texts_begin_with() -> None:
    row = {"gram": ["", "title:survey"], "rarity": [0.0, 1.0]}
    weights = {name: [-2.0, 3.0] for name in OFFERS}
    offers = pl.DataFrame(row | weights, schema=empty_offers().schema)
    assert guess_offers(read("", None), offers).row(0) == (-2.0,) * len(OFFERS)
    assert guess_offers(read("A survey", None), offers).row(0) == (1.0,) * len(OFFERS)
    assert guess_offers(read("A survey", None), empty_offers()).row(0) == (0.0,) * len(OFFERS)


def test_only_contributions_hear_what_is_offered() -> None:
    topics = pl.Enum([*OFFERED, "thesis", "dialogue"])
    candidates = pl.DataFrame(
        {
            "row": [0, 0, 0],
            "facet": ["task", "contribution", "contribution"],
            "topic": ["dialogue", "survey", "thesis"],
        },
        schema={"row": pl.UInt32, "facet": pl.Enum(Facet.values()), "topic": topics},
    )
    told = dict.fromkeys(OFFERS, 0.0) | {"offers_survey": 1.5}
    fields = guess_fields(read("", None), empty_field_words()).with_columns(
        pl.lit(value).alias(name) for name, value in told.items()
    )
    assert add_offer_features(candidates, fields)["offer"].to_list() == [
        0.0,
        pytest.approx(1.5 / UNIT),
        0.0,
    ]
