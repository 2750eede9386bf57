"""Find rows: which of millions of rows have the same two hashes as others, without a join."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.part_cache import SEEDS

Rows: TypeAlias = npt.NDArray[np.int64]
"""Places of rows; -1 where there is none."""

Hashes: TypeAlias = Sequence[npt.NDArray[np.uint64]]
"""Two hashes of each row: with one, two of three million rows might meet."""


def hash_values(values: pl.Series) -> Hashes:
    """Hash each value, within one version of polars."""
    return [values.hash(seed).to_numpy() for seed in SEEDS]


def find_equal_rows(sought: Hashes, among: Hashes) -> Rows:
    """Find for each row that is ``sought`` one with the same two hashes; -1 where there is none.

    >>> one, two = np.array([7, 3], np.uint64), np.array([3, 5, 7], np.uint64)
    >>> find_equal_rows([one, one], [two, two]).tolist()
    [2, 0]
    """
    rows = np.full(len(sought[0]), -1, np.int64)
    if not len(among[0]):
        return rows
    # A table of twice to four times as many places, by the first bits: four of five rows have one
    # for themselves, and are found without sorting millions of numbers.
    bits = len(among[0]).bit_length() + 1
    place, place_sought = (
        (side[0] >> np.uint64(64 - bits)).astype(np.int64) for side in (among, sought)
    )
    number = np.arange(len(place), dtype=np.int64)
    table = np.full(1 << bits, -1, np.int64)
    table[place] = number
    row = table[place_sought]
    is_same = (row >= 0) & (among[0][row] == sought[0]) & (among[1][row] == sought[1])
    rows[is_same] = row[is_same]
    # Where another row has the place, the one that is sought may be among those that lost theirs.
    left = np.flatnonzero((row >= 0) & ~is_same)
    late = np.flatnonzero(table[place] != number)
    if len(left) and len(late):
        where = _find_sorted([of[left] for of in sought], [of[late] for of in among])
        rows[left[where >= 0]] = late[where[where >= 0]]
    return rows


def _find_sorted(sought: Hashes, among: Hashes) -> Rows:
    """Find rows as `find_equal_rows` does, by sorting both sides."""
    rows = np.full(len(sought[0]), -1, np.int64)
    order = np.argsort(among[0], kind="stable")
    # Both sides are sorted first: to search for values as they come takes ten times as long.
    back = np.argsort(sought[0])
    ordered, values = among[0][order], sought[0][back]
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    row = order[place]
    # Should two rows share the first hash only, one of them is not found, and made again.
    is_same = (ordered[place] == values) & (among[1][row] == sought[1][back])
    rows[back[is_same]] = row[is_same]
    return rows
