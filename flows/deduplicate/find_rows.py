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
