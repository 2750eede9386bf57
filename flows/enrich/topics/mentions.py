"""Mentions: where texts speak of topics, and the cues around them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.phrase_index import Flags, follow_words
from flows.enrich.topics.phrase_search import PhraseLookup, locate_places
from flows.enrich.topics.text_words import Codes, Ints, TextWords, encode_texts, encode_words

URL_REACH = 120
"""Characters before a mention that are searched for the start of an address."""

ADDRESS = "://|www[.]"
"""What an address begins with."""

MENTION_COLUMNS = ["row", "field", "start", "key", "facet", "topic", "strength", "words", "end"]
"""Columns of mentions: where they stand, and what they say of which topic."""


@dataclass(frozen=True)
class Cues:
    """The cues of texts, in order of place."""

    rows: Ints
    """Which one each is, as a row of `Sought.cues`."""
    lines: Ints
    """The text of each, by its place among the texts."""
    starts: Ints
    """Where each begins on the line of all letters."""
    stops: Ints
    """Where each ends there."""


def find_mentions_and_cues(
    words: TextWords, phrase_lookup: PhraseLookup
) -> tuple[pl.DataFrame, Cues]:
    """Find what the lexicon seeks, in the sense it means, and the cues: one pass over the texts.

    Mentions: one row per topic and place, `MENTION_COLUMNS`. Dropped are
    other spellings of case, senses the lexicon excludes, addresses, and what lies within a longer
    mention of its topic.
    """
    places, phrases = follow_words(words.codes, phrase_lookup.index)
    starts, lines = words.starts[places], words.lines[places]
    at, rows = phrase_lookup.kinds.look_up_rows(phrases)
    stops = starts[at] + phrase_lookup.cues["width"].to_numpy()[rows]
    cues = Cues(rows, lines[at], starts[at], stops)
    at, entries = phrase_lookup.entries.look_up_rows(phrases)
    mentions = _choose_mentions(words, lines[at], starts[at], entries, phrase_lookup.lexicon)
    return _drop_addresses(mentions, words.texts), cues


def _choose_mentions(
    words: TextWords, lines: Ints, starts: Ints, entries: Ints, lexicon: pl.DataFrame
) -> pl.DataFrame:
    widths = lexicon["width"].to_numpy()
    chosen = _match_case(words, starts, entries, lexicon)
    lines, starts, entries = lines[chosen], starts[chosen], entries[chosen]
    in_title = starts < words.borders[lines]
    numbers = (lines * 2 + ~in_title) * (lexicon.height + 1) + lexicon["code"].to_numpy()[entries]
    chosen = _find_outermost(numbers, starts, starts + widths[entries])
    # A sense to skip has done its work: it covered the shorter phrases within it.
    chosen = chosen[lexicon["strength"].to_numpy()[entries[chosen]] > 0]
    lines, starts, entries = lines[chosen], starts[chosen], entries[chosen]
    phrases = lexicon.select("key", "facet", "topic", "strength", "words", "width")[entries]
    return (
        locate_places(words, lines, starts)
        .hstack(phrases)
        .with_columns(end=pl.col("start") + pl.col("width"))
        .select(MENTION_COLUMNS)
    )


def _match_case(words: TextWords, starts: Ints, entries: Ints, lexicon: pl.DataFrame) -> Ints:
    """Find the places whose case is that of the lexicon, where it decides."""
    is_cased, *spellings = _encode_spellings(lexicon)
    cased = np.flatnonzero(is_cased[entries])
    spelled = [spelling[entries[cased]] for spelling in spellings]
    lengths = lexicon["width"].to_numpy()[entries[cased]].astype(np.int64)
    here = encode_words(words.raw, starts[cased], lengths)
    # A title in capitals writes every word so, and tells nothing of case.
    is_same = (here == spelled[0]) | (here == spelled[1])
    is_meant = np.ones(len(entries), np.bool_)
    is_meant[cased] = is_same
    return np.flatnonzero(is_meant)


@cache_by_identity
def _encode_spellings(lexicon: pl.DataFrame) -> tuple[Flags, Codes, Codes]:
    """Encode how phrases are written: whether case decides, the spelling, and that in capitals."""
    written = lexicon["written"].fill_null("")
    is_cased = lexicon["written"].is_not_null().to_numpy()
    return is_cased, encode_texts(written), encode_texts(written.str.to_uppercase())


def _find_outermost(numbers: Ints, starts: Ints, stops: Ints) -> Ints:
    """Find the mentions of one number that lie within no other one of it.

    They come in order of place, shorter ones first, and go in order of number, then place.
    """
    order = np.argsort(numbers, kind="stable")
    number, start, stop = numbers[order], starts[order], stops[order]
    is_first = np.diff(number, prepend=-1) > 0
    # Each number gets its own stretch of a line, so that one running maximum serves all.
    reach = np.cumsum(is_first) * (int(stops.max(initial=0)) + 1) + stop
    reached = np.append(0, np.maximum.accumulate(reach)[:-1])
    # One that begins where the next does lies within that one.
    begins_alike = ~np.append(is_first, True)[1:] & (np.diff(start, append=0) == 0)
    outermost: Ints = order[(reach > reached[: len(reach)]) & ~begins_alike]
    return outermost


def _drop_addresses(places: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    is_linked = pl.col("abstract").str.contains(ADDRESS).fill_null(value=False)
    linked = texts.filter(is_linked).select(pl.col("row").cast(pl.UInt32), "abstract")
    numbered = places.with_row_index("place")
    suspects = (
        numbered.filter(pl.col("row").is_in(linked["row"].implode()), pl.col("field") == "abstract")
        .select("place", "row", "start")
        .join(linked, on="row", how="inner", validate="m:1")
        .with_columns(before=(pl.col("start") - URL_REACH).clip(0))
        .filter(
            pl.col("abstract")
            .str.slice("before", pl.col("start") - pl.col("before"))
            .str.contains(rf"(?:{ADDRESS})\S*$")
        )
    )
    is_in_text = np.ones(places.height, np.bool_)
    is_in_text[suspects["place"].to_numpy()] = False
    return places.filter(pl.Series(is_in_text))
