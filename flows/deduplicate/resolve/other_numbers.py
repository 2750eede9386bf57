"""Other numbers: titles whose numbers say that they are two works of one series.

Parts I and II, editions 2019 and 2020, dimensions 3 and 4. A count that only one title has is
none ("... to 300+ Tasks"), nor is the number of a task before a colon where the rest is the other
title.
"""

import re
from collections import Counter

import polars as pl

from flows.deduplicate.resolve.title_names import read_title_words

NUMBER = re.compile(r"\b(?:\d+|i{1,3}|iv|v|vi{1,3}|ix)\b")

LAST_PLACE = 20
"""Up to this number a number may be a place in a series; more are counts, or years."""

YEARS = range(1900, 2100)

WHOLE_WORDS = 4
"""Words from which what follows a colon is a title of its own."""


def has_other_numbers(pairs: pl.DataFrame) -> pl.Series:
    """Tell which pairs have numbers of two works: ``key, key_right, title, matched_title``.

    >>> titles = ["Scaling to 300 tasks by routing", "Graph cuts II", "Graph cuts 2"]
    >>> others = ["Scaling by routing", "Graph cuts", "Graph cuts 3"]
    >>> pairs = pl.DataFrame({"title": titles, "matched_title": others}).with_columns(
    ...     key=pl.col("title").str.to_lowercase(),
    ...     key_right=pl.col("matched_title").str.to_lowercase(),
    ... )
    >>> has_other_numbers(pairs).to_list()
    [False, True, True]
    """
    columns = pairs.select("key", "key_right", "title", "matched_title").fill_null("")
    others = [_has_other_numbers(*row) for row in columns.iter_rows()]
    return pl.Series(others, dtype=pl.Boolean)


def has_numbers_on_both_sides(pairs: pl.DataFrame) -> pl.Series:
    """Tell which pairs have a number in each title that the other lacks: ``key, key_right``.

    >>> pairs = pl.DataFrame({"key": ["kahip v 2 1", "graph cuts"], "key_right": ["kahip v 2 0",
    ...     "graph cuts 2"]})
    >>> has_numbers_on_both_sides(pairs).to_list()
    [True, False]
    """
    counted = (
        (Counter(NUMBER.findall(key)), Counter(NUMBER.findall(other)))
        for key, other in pairs.select("key", "key_right").fill_null("").iter_rows()
    )
    lacking = [bool(left - right) and bool(right - left) for left, right in counted]
    return pl.Series(lacking, dtype=pl.Boolean)


def _has_other_numbers(key: str, other_key: str, title: str, other_title: str) -> bool:
    left, right = (Counter(NUMBER.findall(name)) for name in (key, other_key))
    ours, theirs = left - right, right - left
    if not (ours or theirs):
        return False
    if ours and theirs:
        return True
    last = (key if ours else other_key).rpartition(" ")[2]
    are_counts = all(_is_count(number) and number != last for number in ours or theirs)
    is_rest = _is_rest_of(title, other_title) or _is_rest_of(other_title, title)
    return not (are_counts or is_rest)


def _is_count(number: str) -> bool:
    return number.isdigit() and int(number) > LAST_PLACE and int(number) not in YEARS


def _is_rest_of(title: str, other: str) -> bool:
    """Return whether what follows the colon of a title is the other title, word for word."""
    _, colon, rest = title.partition(":")
    words = read_title_words(rest)
    return bool(colon) and len(words) >= WHOLE_WORDS and words == read_title_words(other)
