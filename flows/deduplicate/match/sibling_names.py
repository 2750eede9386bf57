"""Sibling names: CAT3D and CAT4D, WARM and WARP, NeuFlow and NeuFlow v2 are two works each."""

import re
from itertools import islice

import polars as pl

from flows.deduplicate.match.common_title_words import PARTICLES
from flows.deduplicate.match.title_difference import LONGEST_KEY

VERSION = r"v?\d{1,3}"
"""What a name has more when it is that of a later version."""

SHORT_NAME = 5
"""Letters up to which another letter makes another name; longer ones are misprinted as often."""

SYMBOL = r"[a-z]{2}"
"""A word that is a symbol: ``SU(2n)`` and ``GL(2n)`` are two groups."""


def has_sibling_name(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return whether two names differ in a letter, or in a version that one has more; row by row.

    ``left``, ``right``: names before the colon of a title, see `name_before_colon`; null for none.

    >>> names = pl.Series(["cat3d", "neuflow", "warm", "warm", None])
    >>> has_sibling_name(names, pl.Series(["cat4d", "neuflowv2", "dpo", "warm", "a"])).to_list()
    [True, True, False, False, False]
    """
    siblings = pl.Series([False] * len(left), dtype=pl.Boolean)
    rows = (left != right).fill_null(value=False).arg_true()
    if rows.is_empty():
        return siblings
    pairs = zip(left.gather(rows).to_list(), right.gather(rows).to_list(), strict=True)
    are_siblings = [_is_later_version(*pair) or _has_other_letter(*pair) for pair in pairs]
    return siblings.scatter(rows, pl.Series(are_siblings, dtype=pl.Boolean))


def _is_later_version(left: str, right: str) -> bool:
    shorter, longer = sorted((left, right), key=len)
    rest = longer.removeprefix(shorter)
    return rest != longer and re.fullmatch(VERSION, rest) is not None


def _has_other_letter(left: str, right: str) -> bool:
    """Return whether a short name has another letter than the other, or any name another digit."""
    if len(left) != len(right):
        return False
    differing = (pair for pair in zip(left, right, strict=True) if pair[0] != pair[1])
    # A second one is enough: a name may be as long as a title.
    other = list(islice(differing, 2))
    # A letter of another script in a word is one that was misread.
    if len(other) != 1 or not all(map(str.isascii, other[0])):
        return False
    return any(map(str.isdigit, other[0])) or len(left) <= SHORT_NAME


def has_other_symbol(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return whether two title keys differ in one symbol each and in nothing else; row by row.

    Keys longer than any title differ in more.

    >>> has_other_symbol(pl.Series(["invariants of su 2n"]), pl.Series(["invariants of gl 2n"]))[0]
    True
    """
    pairs = zip(left.fill_null(""), right.fill_null(""), strict=True)
    are_symbols = [
        max(map(len, pair)) <= LONGEST_KEY
        and _differ_in_symbol(*(set(key.split()) for key in pair))
        for pair in pairs
    ]
    return pl.Series(are_symbols, dtype=pl.Boolean)


def _differ_in_symbol(first: set[str], second: set[str]) -> bool:
    sides = first - second, second - first
    return all(len(side) == 1 and _is_symbol(next(iter(side))) for side in sides)


def _is_symbol(word: str) -> bool:
    return word not in PARTICLES and re.fullmatch(SYMBOL, word) is not None
