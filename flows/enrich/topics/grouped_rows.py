"""Grouped rows: sums, extremes and lists of the rows of one key, as arrays instead of joins."""

from dataclasses import dataclass

import numpy as np

from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints


@dataclass(frozen=True)
class GroupedRows:
    """Rows in groups of equal keys, side by side."""

    keys: Ints
    """The key of each group."""
    firsts: Ints
    """The first row of each group."""
    groups: Ints
    """The group of each row."""

    @property
    def sizes(self) -> Ints:
        """The number of rows of each group."""
        return np.bincount(self.groups, minlength=len(self.firsts))

    def count_rows(self, flags: Flags) -> Array:
        """Count the rows of each group that are marked."""
        return np.bincount(self.groups[flags], minlength=len(self.firsts)).astype(np.float64)

    def sum_rows(self, values: Array) -> Array:
        """Sum the values of each group, and those of each column where there are some.

        What a sum loses by rounding is taken from the next value, so that few orders of the same
        values have another sum: ranks are decided by the last digit.
        """
        sums = values[self.firsts].astype(np.float64)
        lost = np.zeros_like(sums)
        sizes, grouped = self.sizes, np.arange(len(self.firsts))
        # Most groups are small: each step adds the next row of those that go on.
        for step in range(1, int(sizes.max(initial=0))):
            grouped = grouped[sizes[grouped] > step]
            value = values[self.firsts[grouped] + step] - lost[grouped]
            former = sums[grouped]
            sums[grouped] = former + value
            lost[grouped] = (sums[grouped] - former) - value
        return sums

    def find_max(self, values: Array) -> Array:
        """Find the largest value of each group."""
        return np.maximum.reduceat(values, self.firsts) if len(self.firsts) else values[:0]

    def find_min(self, values: Array) -> Array:
        """Find the smallest value of each group."""
        return -self.find_max(-values)


def group_equal_keys(keys: Ints) -> GroupedRows:
    """Group rows whose keys rise, none of which is negative."""
    is_first = np.diff(keys, prepend=-1) != 0
    firsts = np.flatnonzero(is_first)
    return GroupedRows(keys[firsts], firsts, np.cumsum(is_first) - 1)


@dataclass(frozen=True)
class RowsByKey:
    """The rows of a table that have each of some keys."""

    rows: Ints
    """All rows, those of one key behind each other."""
    firsts: Ints
    """Of each key the place of its first row among them."""
    counts: Ints
    """Of each key its number of rows."""

    def look_up_rows(self, keys: Ints) -> tuple[Ints, Ints]:
        """Look up the rows of some keys: the place of the key among them, and the row."""
        counts = self.counts[keys]
        at = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        return at, self.rows[self.firsts[keys][at] + within]


def index_rows(keys: Ints, count: int) -> RowsByKey:
    """Index the rows of a table by their keys, which are numbers below a count."""
    counts = np.bincount(keys, minlength=count)
    return RowsByKey(np.argsort(keys, kind="stable"), np.cumsum(counts) - counts, counts)


def pair_within_rows(rows: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Pair each of some places with each of others that has the same number, of numbers that rise.

    Places rise. Returns of each pair the position among the ``left`` ones, and the right place.
    """
    begins, ends = (np.searchsorted(rows[right], rows[left], side) for side in ("left", "right"))
    counts = ends - begins
    at = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    return at, right[begins[at] + within]
