"""Folding: texts as small letters and digits, each character in its place."""

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
