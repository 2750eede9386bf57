"""What a paper contributes is scored by the words of its title and of its claims."""

import polars as pl
import pytest

from flows.enrich.topics.contribution_scores import (
    CONTRIBUTION_SCORES,
    CONTRIBUTIONS,
    UNIT,
    add_contribution_features,
    count_ngrams,
    empty_claim_ngrams,
    score_contributions,
)
from flows.enrich.topics.field_words import empty_field_words, guess_fields
from flows.enrich.topics.text_words import TextWords, read_words
from schemas.vocabulary import Facet


def read(title: str, abstract: str | None) -> TextWords:
    texts = {"row": [0], "title": [title], "abstract": [abstract]}
    return read_words(pl.DataFrame(texts, schema_overrides={"row": pl.UInt32}))


def list_ngrams(title: str, abstract: str | None, *ngrams: str) -> list[str]:
    counts = count_ngrams(read(title, abstract), pl.Series(ngrams)).toarray()[0]
    return [ngram for ngram, there in zip(ngrams, counts, strict=True) if there]


def test_a_word_counts_where_it_stands() -> None:
    title, abstract = "Benchmarks differ", "Benchmarks abound. We propose a loss for benchmarks."
    for span in ("title", "claim", "first"):
        assert list_ngrams(title, abstract, f"{span}:benchmarks") == [f"{span}:benchmarks"]
    assert list_ngrams(title, "Benchmarks abound.", "claim:benchmarks", "claim:abound") == []


def test_the_first_claim_begins_with_its_verb() -> None:
    abstract = "We, in Bonn, propose a parser. Later we release a corpus."
    assert list_ngrams("", abstract, "claim:bonn", "first:bonn") == ["claim:bonn"]
    assert list_ngrams("", abstract, "first:propose a", "first:a parser") == [
        "first:propose a",
        "first:a parser",
    ]


def test_a_claim_does_not_reach_beyond_thirty_words() -> None:
    far = "We propose " + "very " * 28 + "good parsers"
    assert list_ngrams("", far, "claim:propose", "claim:good", "claim:parsers") == ["claim:propose"]


def test_pairs_do_not_run_from_a_title_into_its_abstract() -> None:
    assert list_ngrams("We propose", "a parser", "title:propose a", "claim:propose a") == []


def test_a_text_without_words_says_what_all_texts_begin_with() -> None:
    row = {"ngram": ["", "title:survey"], "idf": [0.0, 1.0]}
    weights = {name: [-2.0, 3.0] for name in CONTRIBUTION_SCORES}
    claim_ngrams = pl.DataFrame(row | weights, schema=empty_claim_ngrams().schema)
    assert score_contributions(read("", None), claim_ngrams).row(0) == (-2.0,) * len(
        CONTRIBUTION_SCORES
    )
    assert score_contributions(read("A survey", None), claim_ngrams).row(0) == (1.0,) * len(
        CONTRIBUTION_SCORES
    )
    assert score_contributions(read("A survey", None), empty_claim_ngrams()).row(0) == (0.0,) * len(
        CONTRIBUTION_SCORES
    )


def test_only_contributions_get_contribution_scores() -> None:
    topics = pl.Enum([*CONTRIBUTIONS, "thesis", "dialogue"])
    candidates = pl.DataFrame(
        {
            "row": [0, 0, 0],
            "facet": ["task", "contribution", "contribution"],
            "topic": ["dialogue", "survey", "thesis"],
        },
        schema={"row": pl.UInt32, "facet": pl.Enum(Facet.values()), "topic": topics},
    )
    scores = dict.fromkeys(CONTRIBUTION_SCORES, 0.0) | {"contribution_survey": 1.5}
    fields = guess_fields(read("", None), empty_field_words()).with_columns(
        pl.lit(value).alias(name) for name, value in scores.items()
    )
    assert add_contribution_features(candidates, fields)["contribution_score"].to_list() == [
        0.0,
        pytest.approx(1.5 / UNIT),
        0.0,
    ]
