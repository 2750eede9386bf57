"""Runs of rows: what the rows of one key have in common, and which they are, as arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.text_words import Ints

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Runs:
    """Rows in runs of equal keys."""

    keys: Ints
    """The key of each run."""
    firsts: Ints
    """The first row of each run."""
    owners: Ints
    """The run of each row."""

    @property
    def lengths(self) -> Ints:
        """The number of rows of each run."""
        return np.bincount(self.owners, minlength=len(self.firsts))

    def count_rows(self, flags: Flags) -> Array:
        """Count the rows of each run that are marked."""
        return np.bincount(self.owners[flags], minlength=len(self.firsts)).astype(np.float64)

    def add_rows(self, values: Array) -> Array:
        """Add up the values of each run, and those of each column where there are some.

        What a sum loses by rounding is taken from the next value, so that few orders of the same
        values have another sum: ranks are decided by the last digit.
        """
        sums = values[self.firsts].astype(np.float64)
        lost = np.zeros_like(sums)
        lengths, runs = self.lengths, np.arange(len(self.firsts))
        # Most runs are short: each step adds the next row of those that go on.
        for step in range(1, int(lengths.max(initial=0))):
            runs = runs[lengths[runs] > step]
            value = values[self.firsts[runs] + step] - lost[runs]
            former = sums[runs]
            sums[runs] = former + value
            lost[runs] = (sums[runs] - former) - value
        return sums

    def find_most(self, values: Array) -> Array:
        """Find the largest value of each run."""
        return np.maximum.reduceat(values, self.firsts) if len(self.firsts) else values[:0]

    def find_least(self, values: Array) -> Array:
        """Find the smallest value of each run."""
        return -self.find_most(-values)


def find_runs(keys: Ints) -> Runs:
    """Find the runs of equal keys, none of which is negative."""
    is_first = np.diff(keys, prepend=-1) != 0
    firsts = np.flatnonzero(is_first)
    return Runs(keys[firsts], firsts, np.cumsum(is_first) - 1)


@dataclass(frozen=True)
class RowLists:
    """The rows of a table that have each of some keys."""

    rows: Ints
    """All rows, those of one key behind each other."""
    firsts: Ints
    """Of each key the place of its first row among them."""
    counts: Ints
    """Of each key its number of rows."""

    def list_rows(self, keys: Ints) -> tuple[Ints, Ints]:
        """List the rows of some keys: the place of the key among them, and the row."""
        counts = self.counts[keys]
        at = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        return at, self.rows[self.firsts[keys][at] + within]


def list_by_key(keys: Ints, count: int) -> RowLists:
    """List the rows of a table by their keys, which are numbers below a count."""
    counts = np.bincount(keys, minlength=count)
    return RowLists(np.argsort(keys, kind="stable"), np.cumsum(counts) - counts, counts)


def pair_within_rows(rows: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Pair each of some places with each of others that has the same number, of numbers that rise.

    Places rise. Returns of each pair the position among the ``left`` ones, and the right place.
    """
    begins, ends = (np.searchsorted(rows[right], rows[left], side) for side in ("left", "right"))
    counts = ends - begins
    at = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    return at, right[begins[at] + within]
