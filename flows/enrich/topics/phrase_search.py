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
    """Fold a text to small ASCII letters and digits, with one space for each other character.

    It keeps the number of characters, so that an offset of the one is an offset of the other.
    The title key of `flows.text` drops and joins characters, so it cannot serve here.
    """
    plain = text.str.replace_many(list(PLAIN), list(PLAIN.values()))
    # Before lower case, which makes two characters of some that are not ASCII.
    ascii_only = plain.str.replace_all(r"[^\x00-\x7F]", " ")
    return ascii_only.str.to_lowercase().str.replace_all(r"[^a-z0-9]", " ")


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
    """Add ``folded_title`` and ``folded_abstract``: texts are folded once for all readers."""
    return texts.with_columns(
        fold_in_place(pl.col(field).fill_null("")).alias(f"folded_{field}")
        for field in FIELDS.categories
    )


def read_folded(texts: pl.DataFrame, field: str) -> pl.Expr:
    """Read a text folded, from its column of `add_folded` where there is one."""
    if f"folded_{field}" in texts.columns:
        return pl.col(f"folded_{field}")
    return fold_in_place(pl.col(field).fill_null(""))


def find_phrases(texts: pl.DataFrame, field: str, keys: pl.Series) -> pl.DataFrame:
    """Find every key as whole words in a column of texts, overlapping ones included.

    Takes a frame with ``row`` and the column. One row per place, in order of row: ``row``,
    ``field``, ``start`` (the 0-based character) and ``key``, coded by the distinct keys in order.
    """
    distinct = keys.cast(pl.String).unique().sort()
    # A space on each side makes a match a whole word without a regular expression.
    sought = " " + distinct + " "
    patterns = pl.lit(sought.implode())
    padded = pl.lit(" ") + read_folded(texts, field) + pl.lit(" ")
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
