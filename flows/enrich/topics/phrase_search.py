"""Phrases in texts: whole words of folded text, each with its place in characters."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.enrich.topics.grouped_rows import RowsByKey, index_rows
from flows.enrich.topics.phrase_index import PhraseIndex, follow_words, index_phrases
from flows.enrich.topics.text_words import Ints, TextWords, encode_texts, read_words
from flows.enrich.topics.word_table import build_word_table, look_up_words

FIELDS = pl.Enum(["title", "abstract"])
"""The texts of a paper that are read."""

_FIELD_CODES = pl.Series(FIELDS.categories, dtype=FIELDS)


@dataclass(frozen=True)
class PhraseLookup:
    """What is sought in texts, indexed once: the phrases of a lexicon, and cues."""

    lexicon: pl.DataFrame
    cues: pl.DataFrame
    index: PhraseIndex
    """The keys of both, in order."""
    entries: RowsByKey
    """The rows of the lexicon by key."""
    kinds: RowsByKey
    """The rows of the cues by key."""


def build_phrase_lookup(lexicon: pl.DataFrame, cues: pl.DataFrame) -> PhraseLookup:
    """Index the ``key`` of a lexicon and of cues, so that one pass over texts finds both."""
    keys = [frame["key"].cast(pl.String) for frame in (lexicon, cues)]
    distinct = pl.concat(keys).unique().sort()
    return PhraseLookup(
        lexicon,
        cues,
        index_phrases(distinct),
        _index_keys(keys[0], distinct),
        _index_keys(keys[1], distinct),
    )


def _index_keys(keys: pl.Series, distinct: pl.Series) -> RowsByKey:
    numbers = keys.cast(pl.Enum(distinct)).to_physical().to_numpy().astype(np.int64)
    return index_rows(numbers, len(distinct))


def find_phrases(texts: pl.DataFrame, field: str, keys: pl.Series) -> pl.DataFrame:
    """Find every key as whole words in a column of texts, overlapping ones included.

    Takes a frame with ``row`` and the column. One row per place, in order of row: ``row``,
    ``field``, ``start`` (the 0-based character) and ``key``, coded by the distinct keys in order.
    """
    distinct = keys.cast(pl.String).unique().sort()
    words = read_words(texts.select("row", title=field, abstract=pl.lit(None, pl.String)))
    at, phrases = follow_words(words.codes, index_phrases(distinct))
    codes = distinct.cast(pl.Enum(distinct)) if len(distinct) else distinct
    return locate_places(words, words.lines[at], words.starts[at]).with_columns(
        codes.gather(phrases).alias("key"), field=pl.lit(field, FIELDS)
    )


def find_words(words: TextWords, sought: pl.Series) -> pl.DataFrame:
    """Find single words, none twice and folded: ``row``, ``field``, ``start``, ``number``.

    ``number`` is the place of the word among those that are sought.
    """
    table = build_word_table(encode_texts(sought))
    numbers = look_up_words(words.codes, table)
    at = np.flatnonzero(numbers != table.unknown)
    found = locate_places(words, words.lines[at], words.starts[at])
    return found.with_columns(number=pl.Series(numbers[at]))


def locate_places(words: TextWords, lines: Ints, starts: Ints) -> pl.DataFrame:
    """Say of places in some lines which text of which paper it is: ``row``, ``field``, ``start``.

    ``start`` counts the characters of that text from 0.
    """
    in_abstract = starts >= words.borders[lines]
    begins = np.where(in_abstract, words.borders[lines], words.firsts[lines])
    return pl.DataFrame(
        {
            "row": words.rows.gather(lines),
            "field": _FIELD_CODES.gather(in_abstract.astype(np.int64)),
            "start": pl.Series(starts - begins, dtype=pl.Int32),
        }
    )
