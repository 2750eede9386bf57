"""Phrases are found along the words of a text, as a search of its characters finds them."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.enrich.topics.phrase_index import follow_words, index_phrases
from flows.enrich.topics.text_words import encode_texts

WORDS = st.sampled_from(["a", "b", "ab", "c"])
PHRASES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, unique=True)


@settings(max_examples=30)
@given(PHRASES, st.lists(st.sampled_from(["a", "b", "ab", "c", "z", ""]), max_size=12))
def test_phrases_are_those_that_a_search_of_characters_finds(
    phrases: list[str], words: list[str]
) -> None:
    padded = [*words, ""]
    codes = encode_texts(pl.Series(padded, dtype=pl.String))
    places, numbers = follow_words(codes, index_phrases(pl.Series(phrases)))
    expected = [
        (place, number)
        for place in range(len(padded))
        for number, phrase in enumerate(phrases)
        if " ".join(padded[place:]).startswith(phrase + " ")
    ]
    assert sorted(zip(places.tolist(), numbers.tolist(), strict=True)) == expected


def test_nothing_is_found_where_nothing_is_sought() -> None:
    nothing = index_phrases(pl.Series([], dtype=pl.String))
    places, _ = follow_words(encode_texts(pl.Series(["a"])), nothing)
    assert not len(places)
