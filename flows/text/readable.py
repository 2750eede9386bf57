"""Titles and abstracts on one line, with their markup resolved."""

from collections.abc import Callable

import polars as pl

from flows.text.cleaning import clean_texts
from flows.text.folding import change_where
from flows.text.markup import MARKUP, resolve_markup


def make_readable(text: pl.Expr) -> pl.Expr:
    r"""Put texts on one line, with markup resolved where that is certain; null stays null.

    >>> pl.select(make_readable(pl.lit("short- and\n long-\nterm  ``memory''"))).item()
    'short- and long-term “memory”'
    """
    return clean_texts(text).map_batches(
        lambda texts: mend_matching_texts(texts, MARKUP, resolve_markup),
        return_dtype=pl.String,
        is_elementwise=True,
    )


def mend_matching_texts(texts: pl.Series, pattern: str, mend: Callable[[str], str]) -> pl.Series:
    """Apply ``mend`` to the texts that hold a pattern, once per distinct text; leave the others."""
    is_matching = texts.str.contains(pattern)
    return change_where(texts, is_matching, lambda matching: _mend_texts(matching, mend))


def _mend_texts(texts: pl.Series, mend: Callable[[str], str]) -> pl.Series:
    written = texts.to_list()
    mended = {text: mend(text) for text in dict.fromkeys(written)}
    return pl.Series([mended[text] for text in written], dtype=pl.String)
