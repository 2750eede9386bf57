"""Phrases in texts: whole words of folded text, each with its place in characters."""

import numpy as np
import polars as pl

from flows.enrich.topics.phrase_index import follow_words, index_phrases

ACCENTS = {
    "àáâãäåā": "a",
    "çćč": "c",
    "èéêëēė": "e",
    "ìíîïī": "i",
    "ñń": "n",
    "òóôõöøō": "o",
    "ùúûüū": "u",
    "ýÿ": "y",
    "šś": "s",
    "žźż": "z",
    "ł": "l",
}
"""Accented letters and their plain letter, one character for one."""

PLAIN = {
    variant: plain for letters, plain in ACCENTS.items() for variant in [*letters, *letters.upper()]
}
"""The same by letter; capitals fold to small letters."""

FIELDS = pl.Enum(["title", "abstract"])
"""The texts of a paper that are read."""

_FIELD_CODES = pl.Series(FIELDS.categories, dtype=FIELDS)


def fold_in_place(text: pl.Expr) -> pl.Expr:
    """Fold a text to small ASCII letters and digits, with one space for each other character.

    It keeps the number of characters, so that an offset of the one is an offset of the other.
    The title key of `flows.text` drops and joins characters, so it cannot serve here.
    """
    plain = text.str.replace_many(list(PLAIN), list(PLAIN.values()))
    # Before lower case, which makes two characters of some that are not ASCII.
    ascii_only = plain.str.replace_all(r"[^\x00-\x7F]", " ")
    # A blank is not replaced by itself: it is what most of the characters would be.
    return ascii_only.str.to_lowercase().str.replace_all(r"[^a-z0-9 ]", " ")


def make_phrase_key(phrase: pl.Expr) -> pl.Expr:
    """Fold a phrase to the words sought in folded text, with single spaces between them."""
    return fold_in_place(phrase).str.replace_all(" +", " ").str.strip_chars(" ")


def fold_phrase(phrase: str) -> str:
    """Fold one phrase to its key.

    >>> fold_phrase("Vision-Language  Models (VLMs)")
    'vision language models vlms'
    >>> fold_phrase("Poincaré ß")
    'poincare'
    """
    return str(pl.select(make_phrase_key(pl.lit(phrase))).item())


def add_folded(texts: pl.DataFrame) -> pl.DataFrame:
    """Add ``folded_title``, ``folded_abstract`` and ``pieces``, for all readers of texts.

    ``pieces`` lists what lies between the blanks of both texts: words, and empty ones where blanks
    follow each other. An empty one parts the texts and ends the list: no phrase runs across.
    """
    if "pieces" in texts.columns:
        return texts
    folded = [
        fold_in_place(pl.col(field).fill_null("")).alias(f"folded_{field}")
        for field in FIELDS.categories
    ]
    title, abstract = (pl.col(f"folded_{field}") for field in FIELDS.categories)
    whole = pl.concat_str(title, pl.lit("  "), abstract, pl.lit(" "))
    return texts.with_columns(folded).with_columns(pieces=whole.str.split(" "))


def find_phrases(texts: pl.DataFrame, field: str, keys: pl.Series) -> pl.DataFrame:
    """Find every key as whole words in a column of texts, overlapping ones included.

    Takes a frame with ``row`` and the column. One row per place, in order of row: ``row``,
    ``field``, ``start`` (the 0-based character) and ``key``, coded by the distinct keys in order.
    """
    pieces = (fold_in_place(pl.col(field).fill_null("")) + " ").str.split(" ")
    framed = texts.select("row", pieces=pieces, border=0)
    return _search_pieces(framed, _sort_keys(keys)).with_columns(field=pl.lit(field, FIELDS))


def find_vocabularies(texts: pl.DataFrame, *vocabularies: pl.Series) -> list[pl.DataFrame]:
    """Find the keys of several vocabularies in titles and abstracts, in one pass over the texts.

    Returns for each vocabulary what `find_phrases` finds in titles, then in abstracts.
    """
    sorted_keys = [_sort_keys(keys) for keys in vocabularies]
    distinct = _sort_keys(pl.concat(sorted_keys))
    border = pl.col("folded_title").str.len_bytes().cast(pl.Int64) + len("  ")
    places = _search_pieces(add_folded(texts).select("row", "pieces", border=border), distinct)
    in_title = pl.col("field") == "title"
    both = pl.concat([places.filter(in_title), places.filter(~in_title)])
    return [_select_keys(both, distinct, keys) for keys in sorted_keys]


def _sort_keys(keys: pl.Series) -> pl.Series:
    return keys.cast(pl.String).unique().sort()


def _search_pieces(texts: pl.DataFrame, distinct: pl.Series) -> pl.DataFrame:
    """Search ``pieces`` for keys, one row per place: ``row``, ``field``, ``start`` and ``key``.

    ``border`` is where the abstract begins.
    """
    words = texts["pieces"].explode(empty_as_null=False)
    counts = texts["pieces"].list.len().to_numpy()
    places, keys = follow_words(words, index_phrases(distinct))
    # Folded texts are ASCII, so that bytes are characters; a blank lies behind each piece.
    ends = np.cumsum(words.str.len_bytes().to_numpy().astype(np.int64) + 1)
    starts, lines = np.append(0, ends), np.repeat(np.arange(len(counts)), counts)[places]
    firsts = starts[np.cumsum(counts) - counts]
    start = starts[places] - firsts[lines]
    border = texts["border"].to_numpy()[lines]
    codes = distinct.cast(pl.Enum(distinct)) if len(distinct) else distinct
    return pl.DataFrame(
        {
            "row": texts["row"].cast(pl.UInt32).gather(lines),
            "field": _FIELD_CODES.gather((start >= border).astype(np.int64)),
            "start": pl.Series(np.where(start >= border, start - border, start), dtype=pl.Int32),
            "key": codes.gather(keys),
        }
    )


def _select_keys(places: pl.DataFrame, distinct: pl.Series, keys: pl.Series) -> pl.DataFrame:
    """Select the places of some of the ``distinct`` keys, coded by these alone."""
    if len(keys) == len(distinct):
        return places
    # By number: the words of a million places need not be written out to be compared.
    codes = distinct.cast(pl.Enum(keys), strict=False).to_physical()
    coded = codes.gather(places["key"].to_physical())
    chosen = places.with_columns(coded.alias("key")).drop_nulls("key")
    return chosen.with_columns(pl.col("key").cat.to(pl.Enum(keys)))
