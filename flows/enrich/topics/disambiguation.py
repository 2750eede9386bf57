"""Disambiguation: what a word means here, by the topics beside it and the paper's definitions."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import (
    count_topics,
    list_codes,
    number_candidates,
    number_topics,
)
from flows.enrich.topics.folding import make_phrase_key
from flows.enrich.topics.grouped_rows import RowsByKey, index_rows
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.phrase_index import Flags, follow_words
from flows.enrich.topics.phrase_search import PhraseLookup, find_words, locate_places
from flows.enrich.topics.text_words import Ints, TextWords, read_words

PLACE = ["row", "facet", "topic"]
"""A topic in a paper."""

DEFINITION = r"(?:[A-Za-z][A-Za-z0-9']*[ -]){2,8}\([A-Z][A-Za-z0-9]{1,6}\)"
"""Words with their abbreviation in brackets: "Robust Image Matching (RIM)"."""

LETTERS = 26
"""Capitals of the alphabet."""

LONG = pl.col("definition").str.strip_suffix(")").str.splitn("(", 2).struct
"""A definition in two parts: the words, and the abbreviation."""


def drop_without_required_topics(
    places: pl.DataFrame, required_topics: pl.DataFrame
) -> pl.DataFrame:
    """Drop mentions whose phrase counts only beside others, in papers that have none of these.

    Takes mentions and `Knowledge.required_topics`. A topic's own unconditional phrases will do.
    """
    keys = cast("pl.Enum", places["key"].dtype)
    required = _index_required_topics(required_topics, *list_codes(places), keys)
    phrase_keys = places["key"].to_physical().to_numpy()
    # Few papers have such a phrase: all others are left alone.
    conditional = np.flatnonzero(required.is_key[phrase_keys])
    candidates, width = number_candidates(places), len(required.is_key)
    topics = candidates % required.count
    phrases = topics[conditional] * width + phrase_keys[conditional]
    at = np.searchsorted(required.phrases, phrases).clip(max=max(len(required.phrases) - 1, 0))
    is_conditional = required.phrases[at] == phrases
    conditional, at = conditional[is_conditional], at[is_conditional]
    is_sure = np.isin(places["row"].to_numpy(), places["row"].to_numpy()[conditional])
    is_sure[conditional] = False
    sure = np.append(np.sort(candidates[is_sure], kind="stable"), -1)
    mention, lines = required.lines.look_up_rows(at)
    here = conditional[mention]
    sought = candidates[here] - topics[here] + required.topics[lines]
    # One required topic anywhere in the paper is enough: distance says little within an abstract.
    is_supported = sure[np.searchsorted(sure[:-1], sought)] == sought
    is_unsupported = np.bincount(mention[is_supported], minlength=len(conditional)) == 0
    is_supported_mention = np.ones(places.height, np.bool_)
    is_supported_mention[conditional[is_unsupported]] = False
    return places.filter(pl.Series(is_supported_mention))


@dataclass(frozen=True)
class RequiredTopics:
    """The phrases that need another topic, with what these may be."""

    is_key: Flags
    """Of each key of the lexicon whether it is one of them."""
    phrases: Ints
    """The topic of each, by `number_topics`, times the number of keys, plus its key: they rise."""
    lines: RowsByKey
    """The lines of each of them."""
    topics: Ints
    """The topic that each line names, by `number_topics`."""
    count: int
    """The number of numbers that topics may have."""


@cache_by_identity
def _index_required_topics(
    required_topics: pl.DataFrame, facets: pl.Enum, topics: pl.Enum, keys: pl.Enum
) -> RequiredTopics:
    coded = required_topics.select(
        pl.col("facet", "required_facet").cast(facets),
        pl.col("topic", "required_topic").cast(topics),
        pl.col("key").cast(keys),
    )
    phrase_keys = coded["key"].to_physical().to_numpy().astype(np.int64)
    is_key = np.zeros(len(keys.categories), np.bool_)
    is_key[phrase_keys] = True
    phrases, numbers = np.unique(
        number_topics(coded) * len(is_key) + phrase_keys, return_inverse=True
    )
    beside = number_topics(coded.select(facet="required_facet", topic="required_topic"))
    lists = index_rows(numbers, len(phrases))
    return RequiredTopics(is_key, phrases, lists, beside, count_topics(coded))


def read_abbreviations(
    places: pl.DataFrame, words: TextWords, phrase_lookup: PhraseLookup
) -> pl.DataFrame:
    """Read abbreviations as the paper defines them.

    A mention by an abbreviation that stands for other words here ("margin of error (MoE)") is
    dropped; one that stands for a topic's phrase ("temporal action segmentation (TAS)") becomes a
    mention wherever it is written.
    """
    texts = words.texts
    defined = find_definitions(texts.filter(pl.Series(_find_brackets(words))))
    if defined.is_empty():
        return places
    meant = _match_definitions(defined, phrase_lookup)
    is_defining = pl.col("row").is_in(defined["row"].unique().implode())
    here = places.filter(is_defining)
    single = here.filter(pl.col("words") == 1).with_columns(short=pl.col("key").cast(pl.String))
    other_sense = (
        _join_definitions(single, _add_plurals(defined), texts)
        .join(_add_plurals(meant), on=[*PLACE, "short"], how="anti")
        .select(*PLACE, "field", "start")
    )
    remaining = here.join(other_sense, on=[*PLACE, "field", "start"], how="anti")
    added = _find_abbreviations(meant.filter("is_head"), remaining, words)
    return pl.concat([places.filter(~is_defining), remaining, added])


def _find_brackets(words: TextWords) -> Flags:
    """Find the texts that hold what looks like an abbreviation in brackets."""
    opened = np.flatnonzero(words.letters == ord("("))
    is_capital = (words.letters[opened + 1] - ord("A")) < LETTERS
    opened = opened[is_capital]
    holds = np.zeros(len(words.borders), np.bool_)
    holds[np.searchsorted(words.firsts, opened, side="right") - 1] = True
    return holds


def find_definitions(texts: pl.DataFrame) -> pl.DataFrame:
    """Find the abbreviations that abstracts define: ``row``, ``letters``, ``short``, ``long``.

    One row per paper and abbreviation; ``short`` is ``letters`` in small ones.
    """
    stated = (
        texts.filter(pl.col("abstract").str.contains("(", literal=True).fill_null(value=False))
        .select("row", definition=pl.col("abstract").str.extract_all(DEFINITION))
        .explode("definition", empty_as_null=True)
        .drop_nulls("definition")
        .select(
            "row",
            written=LONG.field("field_1"),
            # "Multi-modal" is one word to some and two to others.
            words=pl.concat_list(
                LONG.field("field_0").str.extract_all(pattern).list.join(" ")
                for pattern in ("[A-Za-z0-9'-]+", "[A-Za-z0-9']+")
            ),
        )
        .explode("words", empty_as_null=True)
        .with_columns(letters=pl.col("written").str.strip_suffix("s"))
        .with_columns(short=pl.col("letters").str.to_lowercase())
        .with_columns(
            words=pl.col("words").str.split(" ").list.tail(pl.col("short").str.len_chars())
        )
    )
    # An abbreviation is believed only if it spells the initials of the words before it.
    initials = pl.col("words").list.eval(pl.element().str.slice(0, 1)).list.join("")
    return (
        stated.filter(initials.str.to_lowercase() == pl.col("short"))
        .select("row", "letters", "short", long=pl.col("words").list.join(" "))
        .unique(["row", "short"], keep="first", maintain_order=True)
    )


def _match_definitions(defined: pl.DataFrame, phrase_lookup: PhraseLookup) -> pl.DataFrame:
    """Match long forms with the lexicon: `PLACE`, ``short``, the phrase, and ``is_head``.

    ``is_head`` is true where the phrase ends the long form: "temporal action *segmentation*".
    """
    numbered = defined.select("long").unique(maintain_order=True).with_row_index("row")
    width = make_phrase_key(pl.col("long")).str.len_chars().cast(pl.Int32)
    words = read_words(numbered.select("row", title="long", abstract=pl.lit(None, pl.String)))
    places, phrases = follow_words(words.codes, phrase_lookup.index)
    at, entries = phrase_lookup.entries.look_up_rows(phrases)
    places = places[at]
    return (
        locate_places(words, words.lines[places], words.starts[places])
        .hstack(phrase_lookup.lexicon[entries])
        .join(numbered, on="row", how="inner", validate="m:1")
        .with_columns(is_head=pl.col("start") + pl.col("width") == width)
        .drop("row", "field", "start")
        .sort("facet", "topic", "long", "words", "key", descending=[False] * 3 + [True, False])
        .unique(["facet", "topic", "long"], keep="first", maintain_order=True)
        .join(defined, on="long", how="inner", validate="m:m")
        .with_columns(is_head=pl.col("is_head") & (pl.col("words") > 1))
    )


def _find_abbreviations(
    meant: pl.DataFrame, known_places: pl.DataFrame, words: TextWords
) -> pl.DataFrame:
    """Find where abbreviations with a meaning are written, as mentions like ``found``."""
    meant = _add_plurals(meant.filter(pl.col("strength") > 0))
    if meant.is_empty():
        return known_places.clear()
    # One paper in ten defines an abbreviation: only in these is one looked for.
    is_read = np.isin(words.rows.to_numpy(), meant["row"].to_numpy())
    shorts = meant["short"].unique().sort()
    read = words.select_texts(is_read)
    places = find_words(read, shorts).select(
        "row", "field", "start", pl.lit(shorts).gather("number").alias("short")
    )
    return (
        _join_definitions(places, meant, read.texts)
        .with_columns(end=pl.col("start") + pl.col("short").str.len_chars().cast(pl.Int32))
        .join(known_places, on=["row", "field", "facet", "topic", "start"], how="anti")
        .select(known_places.columns)
    )


def _add_plurals(defined: pl.DataFrame) -> pl.DataFrame:
    forms = pl.concat_list("short", pl.col("short") + "s")
    return defined.with_columns(short=forms).explode("short", empty_as_null=True)


def _join_definitions(
    places: pl.DataFrame, defined: pl.DataFrame, texts: pl.DataFrame
) -> pl.DataFrame:
    """Join places (``row``, ``field``, ``start``, ``short``) with the definition they repeat."""
    text = pl.when(pl.col("field") == "title").then("title").otherwise("abstract")
    return (
        places.join(defined, on=["row", "short"], how="inner", validate="m:m")
        .join(texts.select("row", "title", "abstract"), on="row", how="left", validate="m:1")
        # In the case in which it was defined: "RIM" is the abbreviation, "rim" is a word.
        .filter(text.str.slice("start", pl.col("letters").str.len_chars()) == pl.col("letters"))
    )
