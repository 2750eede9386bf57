"""Space and invisible characters: one line of text, in composed form."""

import re
import unicodedata

import polars as pl

from flows.text.folding import change_where

_DROPPED = (
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f"
    "\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""Control, zero-width and direction characters. The joiners U+200C and U+200D stay: Persian and
Indic words are written with them."""

_NO_SPACE = r"\t-\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space other than the space itself."""

_SPACES = f"[{_NO_SPACE}][{_NO_SPACE} ]*| [{_NO_SPACE} ]+"
"""What becomes one space. A single space is none of it: most of a text's spaces are left alone."""

_HYPHENATED = r"([\p{L}\p{N}])-\n[ \t]*([\p{L}\p{N}])"
_SUSPENDED = r"([\p{L}\p{N}])-\n[ \t]*((?:and|or|to|nor)\b)"
"""``short- and long-term``, broken after the hyphen."""

_DROPPED_IN_TEXT = re.compile(_DROPPED)
_SPACES_IN_TEXT = re.compile(_SPACES)


UNTIDY = r"[^\x20-\x7e]|  |^ | $"
"""What a text has that changes here. One abstract in two has none of it, and nine names of ten."""

_ODD = r"[^\x20-\x7e\n]"
"""What a text has that more is to be done to than to join its lines."""


def clean_texts(text: pl.Expr) -> pl.Expr:
    """Put texts on one line: what was hyphenated at the end of a line is one word again."""
    return text.map_batches(
        lambda texts: change_where(texts, texts.str.contains(UNTIDY), _clean_untidy_texts),
        return_dtype=pl.String,
        is_elementwise=True,
    )


def _clean_untidy_texts(texts: pl.Series) -> pl.Series:
    is_odd = texts.str.contains(_ODD)
    joined = change_where(texts, ~is_odd, _join_plain_lines)
    return change_where(joined, is_odd, _clean_odd_texts)


def _clean_odd_texts(texts: pl.Series) -> pl.Series:
    shown = texts.to_frame("text").select(drop_invisible(pl.col("text"))).to_series()
    return _mend_hyphens(shown).to_frame("text").select(join_lines(pl.col("text"))).to_series()


def _join_plain_lines(texts: pl.Series) -> pl.Series:
    """Do what `_clean_odd_texts` does to texts of letters, signs, spaces and line breaks."""
    # A sign that is searched for as it is takes a tenth of the time of a class of signs.
    mended = change_where(texts, texts.str.contains("-\n", literal=True), _mend_hyphens)
    lines = mended.str.replace_all("\n", " ", literal=True).str.strip_chars(" ")
    is_wide = lines.str.contains("  ", literal=True)
    return change_where(lines, is_wide, lambda wide: wide.str.replace_all("  +", " "))


def _mend_hyphens(texts: pl.Series) -> pl.Series:
    """Put words together that were hyphenated at the end of a line."""
    suspended = texts.str.replace_all(_SUSPENDED, "$1- $2")
    return suspended.str.replace_all(_HYPHENATED, "$1-$2")


def drop_invisible(text: pl.Expr) -> pl.Expr:
    """Drop control characters and compose accents; ASCII knows one form only."""
    shown = text.str.replace_all(_DROPPED, "")
    # Normalising costs ten times the rest, and most texts are ASCII: those go without it.
    foreign = pl.when(text.str.len_bytes() != text.str.len_chars()).then(shown)
    return foreign.str.normalize("NFC").fill_null(shown)


def join_lines(text: pl.Expr) -> pl.Expr:
    """Leave one space where there was any, and none at the ends of texts."""
    return text.str.replace_all(_SPACES, " ").str.strip_chars(" ")


def clean_string(text: str) -> str:
    """Do to one string what `drop_invisible` and `join_lines` do to a column."""
    if not text.isprintable():
        text = _DROPPED_IN_TEXT.sub("", text)
        return _SPACES_IN_TEXT.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return (_SPACES_IN_TEXT.sub(" ", text) if "  " in text else text).strip(" ")
