"""Word sets: one sorted set of word codes per record, stored as two flat arrays."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import scipy.sparse as sp

from flows.text.words import code_words

CODE_BITS = 30
"""Codes fit the 32-bit signed indices of scipy, which takes 2**31 columns for more than that; with
two million distinct words two abstracts share a code by accident in one of five thousand pairs."""

SORTED_TEXTS = 16
"""Texts whose codes are sorted in one go: those of abstracts are some 2,000."""

ROWS_AT_ONCE = 500
"""Texts whose words are coded in one go: half a megabyte of abstracts, so that arrays made on the
way stay in the cache of the processor and need no new memory. 2,000 take 1.6 times as long."""

GATHERED_AT_ONCE = 50_000
"""Sets gathered in one go: the places of their codes are 40 MB."""

PAIRS_AT_ONCE = 50_000
"""Pairs compared in one go: about 100 MB of gathered sets."""


@dataclass(frozen=True)
class WordSets:
    """One set of codes per record: those of record ``i`` are ``values[starts[i]:starts[i+1]]``."""

    starts: npt.NDArray[np.int64]
    values: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.starts) - 1

    def sizes(self) -> npt.NDArray[np.int64]:
        """Count the distinct words of each record."""
        return np.diff(self.starts)

    def slice(self, first: int, last: int) -> "WordSets":
        """Show the sets of the records from ``first`` to before ``last``, without copying them."""
        starts = self.starts[first : last + 1]
        return WordSets(starts - starts[0], self.values[starts[0] : starts[-1]])

    def rows(self, rows: npt.NDArray[np.int64]) -> "WordSets":
        """Gather the sets of some records, in the order of ``rows``."""
        sizes = self.sizes()[rows]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        values = np.empty(starts[-1], np.int32)
        for at in range(0, len(rows), GATHERED_AT_ONCE):
            some, first = slice(at, at + GATHERED_AT_ONCE), starts[at]
            # Each run of values moves from where it began to where it begins now, by the same
            # distance.
            shift = np.repeat(self.starts[rows[some]] - starts[:-1][some], sizes[some])
            places = np.arange(first, first + len(shift)) + shift
            values[first : first + len(shift)] = self.values[places]
        return WordSets(starts, values)

    def matrix(self) -> sp.csr_matrix:
        """Show the sets as a sparse matrix of ones, one row per record, without copying them.

        The sets of one go: their codes are counted in 32 bits.
        """
        ones, starts = np.ones(len(self.values), np.int8), self.starts.astype(np.int32)
        return sp.csr_matrix((ones, self.values, starts), shape=(len(self), 2**CODE_BITS))


def collect_sets(
    spaced: pl.Series, rows_at_once: int = ROWS_AT_ONCE, shortest: int = 1
) -> WordSets:
    """Collect the distinct words of each text, made by `list_words` or `simplify_texts`.

    ``shortest``: bytes from which a word counts.
    """
    parts = [
        _sort_codes(*code_words(some.to_series(), shortest), len(some))
        for some in spaced.to_frame().iter_slices(rows_at_once)
    ]
    sizes = np.concatenate([np.zeros(1, np.int64), *(part[0] for part in parts)])
    values = np.concatenate([np.zeros(0, np.int32), *(part[1] for part in parts)])
    return WordSets(np.cumsum(sizes), values)


def join_sets(parts: list[WordSets], order: npt.NDArray[np.int64]) -> WordSets:
    """Put the sets of all parts in order, and give the parts up: twice they would be a gigabyte."""
    sizes = np.concatenate([part.sizes() for part in parts])[order]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    values, place = np.empty(starts[-1], np.int32), np.empty(len(order), np.int64)
    # Where each set of the parts, read one after the other, goes in the ordered whole.
    place[order] = starts[:-1]
    while parts:
        part = parts.pop(0)
        here, place = np.split(place, [len(part)])
        shift = np.repeat(here - part.starts[:-1], part.sizes())
        values[np.arange(len(shift)) + shift] = part.values
    return WordSets(starts, values)


def _sort_codes(
    places: npt.NDArray[np.int64], mixed: npt.NDArray[np.uint64], rows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Sort (row, code) pairs packed into one integer each: one sort gives sets and their order."""
    # The place goes into the upper bits and the code into the lower ones: one sort orders by both.
    packed = places.astype(np.uint64) << np.uint64(CODE_BITS) | mixed >> np.uint64(64 - CODE_BITS)
    # Texts are in order already: a few at a time are sorted in a third of the time of all.
    for start, end in pairwise(
        np.searchsorted(places, range(0, rows + SORTED_TEXTS, SORTED_TEXTS))
    ):
        packed[start:end].sort()
    packed = packed[np.concatenate([[True], packed[1:] != packed[:-1]])] if len(packed) else packed
    owners = (packed >> np.uint64(CODE_BITS)).astype(np.int64)
    values = (packed & np.uint64(2**CODE_BITS - 1)).astype(np.int32)
    return np.bincount(owners, minlength=rows), values


def count_overlaps(
    left: WordSets,
    right: WordSets,
    pairs: npt.NDArray[np.int64],
    pairs_at_once: int = PAIRS_AT_ONCE,
) -> npt.NDArray[np.int64]:
    """Count, for each (left row, right row), the codes that the two sets share.

    Only the sets of these rows become matrices: scipy looks at every entry of each that it makes.
    """
    counts = [
        np.diff(_intersect_sets(left.rows(part[:, 0]), right.rows(part[:, 1])).indptr)
        for part in np.array_split(pairs, max(1, -(-len(pairs) // pairs_at_once)))
        if len(part)
    ]
    return np.concatenate([np.zeros(0, np.int64), *counts])


def _intersect_sets(left: WordSets, right: WordSets) -> sp.csr_matrix:
    return left.matrix().multiply(right.matrix()).tocsr()


def show_as_lists(sets: WordSets) -> pl.Series:
    """Show sets as a column of lists, without copying them."""
    array = pa.LargeListArray.from_arrays(pa.array(sets.starts), pa.array(sets.values))
    return pl.Series(values=array)


def read_sets(column: pl.Series) -> WordSets:
    """Take sets out of a column of lists, without copying them."""
    array = column.rechunk().to_arrow()
    starts = array.offsets.to_numpy().astype(np.int64)
    return WordSets(starts - starts[0], array.values.to_numpy()[starts[0] : starts[-1]])


@dataclass(frozen=True)
class SetOverlap:
    """How much the two sets of each pair have in common."""

    common: npt.NDArray[np.int64]
    """Words that both have."""
    smaller: npt.NDArray[np.int64]
    """Words of the smaller set."""
    either: npt.NDArray[np.int64]
    """Words that one of them has at least; 1 where neither has any, so that it divides."""

    def contained(self, fewest: int) -> pl.Series:
        """Share of the smaller set that the larger one has; null under ``fewest`` words."""
        share = self.common / np.maximum(self.smaller, 1)
        return pl.Series(np.where(self.smaller >= fewest, share, np.nan)).fill_nan(None)

    def jaccard(self, fewest: int) -> pl.Series:
        """Share of the words of either set that both have; null under ``fewest`` words."""
        share = self.common / self.either
        return pl.Series(np.where(self.smaller >= fewest, share, np.nan)).fill_nan(None)


def compare_sets(left: WordSets, right: WordSets, pairs: npt.NDArray[np.int64]) -> SetOverlap:
    """Compare the sets of each (left row, right row)."""
    sizes = np.stack([left.sizes()[pairs[:, 0]], right.sizes()[pairs[:, 1]]], axis=1)
    common = count_overlaps(left, right, pairs)
    return SetOverlap(common, sizes.min(axis=1), np.maximum(sizes.sum(axis=1) - common, 1))
