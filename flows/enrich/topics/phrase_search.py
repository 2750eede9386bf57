"""Phrases in texts: one Aho-Corasick pass over folded text, whole words, character offsets."""

import polars as pl

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


def fold_in_place(text: pl.Expr) -> pl.Expr:
    """Give the text in small ASCII letters, digits and single spaces for all else.

    It has as many characters as the text, so that a byte of the one is a character of the other.
    """
    plain = text.str.replace_many(list(PLAIN), list(PLAIN.values()))
    ascii_only = plain.str.replace_all(r"[^\x00-\x7F]", " ")
    return ascii_only.str.to_lowercase().str.replace_all(r"[^a-z0-9]", " ")


def make_phrase_key(phrase: pl.Expr) -> pl.Expr:
    """Give what to seek in folded text for a phrase: its words, each space single."""
    return fold_in_place(phrase).str.replace_all(" +", " ").str.strip_chars(" ")


def fold_phrase(phrase: str) -> str:
    """Give the `make_phrase_key` of one phrase."""
    return str(pl.select(make_phrase_key(pl.lit(phrase))).item())


def find_phrases(texts: pl.DataFrame, field: str, keys: pl.Series) -> pl.DataFrame:
    """Find every key as whole words in a column of texts, overlapping ones included.

    Takes a frame with ``row`` and the column; gives one row per place, in order of row: ``row``,
    ``field``, ``start`` (the 0-based character) and ``key``, coded by the distinct keys in order.
    """
    distinct = keys.cast(pl.String).unique().sort()
    sought = " " + distinct + " "
    patterns = pl.lit(sought.implode())
    padded = pl.lit(" ") + fold_in_place(pl.col(field).fill_null("")) + pl.lit(" ")
    return (
        texts.select("row", folded=padded)
        .select(
            "row",
            start=pl.col("folded").str.find_many(patterns, overlapping=True),
            key=pl.col("folded").str.extract_many(patterns, overlapping=True),
        )
        .explode("start", "key", empty_as_null=True)
        .drop_nulls("start")
        .select(
            pl.col("row").cast(pl.UInt32),
            pl.lit(field, FIELDS).alias("field"),
            pl.col("start").cast(pl.Int32),
            pl.col("key").cast(pl.Enum(sought)).to_physical().cat.to(pl.Enum(distinct)),
        )
    )
