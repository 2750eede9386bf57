"""Row moves: which row each record of the last run has in this one, and so its pairs."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.find_rows import Hashes, find_equal_rows
from flows.deduplicate.match.blocking import pack_pairs, unpack_pairs
from flows.deduplicate.match.indexed_records import FINGERPRINTS
from flows.deduplicate.match.match_cache import MatchState
from flows.text.words import mix_bits

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RowMoves:
    """Where the records of the last run and the fresh ones are among the records of now."""

    last: Rows
    """Per row of the last run its row now; -1 where its record is gone or was changed."""
    fresh: Rows
    """Per fresh record, in the order of their ids, its row now."""
    rows: int
    """Records of now."""

    def count_changes(self) -> int:
        """Count the records that are fresh or gone."""
        return len(self.fresh) + int((self.last < 0).sum())

    def is_in_order(self) -> bool:
        """Return whether the records that stay follow each other as they did."""
        return bool((np.diff(self.last[self.last >= 0]) > 0).all())


def locate_last_rows(last: pl.DataFrame, marks: pl.DataFrame) -> RowMoves:
    """Find each record of the last run among those of now, by what it says."""
    # The records of a new file follow each other: what is before and behind them need not be found.
    start, end = count_equal_ends(last, marks)
    inner = find_equal_rows(
        _tell_equals_apart(last[start : len(last) - end]),
        _tell_equals_apart(marks[start : len(marks) - end]),
    )
    inner[inner >= 0] += start
    rows = np.concatenate([np.arange(start), inner, np.arange(len(marks) - end, len(marks))])
    is_fresh = np.ones(len(marks), np.bool_)
    is_fresh[rows[rows >= 0]] = False
    return RowMoves(rows, np.flatnonzero(is_fresh), len(marks))


def count_equal_ends(last: pl.DataFrame, marks: pl.DataFrame) -> tuple[int, int]:
    """Count the records at the beginning, and then at the end, that say the same in both frames.

    >>> one, two = (pl.DataFrame(dict.fromkeys(FINGERPRINTS, rows)) for rows in ([1, 2, 1], [1, 1]))
    >>> count_equal_ends(one, two)
    (1, 1)
    """
    shorter = min(len(last), len(marks))
    start = _count_equal(last.head(shorter), marks.head(shorter))
    rest = shorter - start
    return start, _count_equal(last.tail(rest).reverse(), marks.tail(rest).reverse())


def _count_equal(rows: pl.DataFrame, others: pl.DataFrame) -> int:
    """Count the rows before the first one in which two frames of one height differ."""
    differ = [rows[name].to_numpy() != others[name].to_numpy() for name in FINGERPRINTS]
    places = np.flatnonzero(np.logical_or.reduce(differ))
    return int(places[0]) if len(places) else len(rows)


def _tell_equals_apart(marks: pl.DataFrame) -> Hashes:
    """Return `FINGERPRINTS`, mixed with which of those that say the same a record is.

    The first then stands for the first: which one does not matter.
    """
    prints = marks.select(FINGERPRINTS)
    # Few records say what another one says: only these are grouped.
    rows = prints[FINGERPRINTS[0]].is_duplicated().arg_true()
    nth = prints[rows].select(pl.int_range(pl.len(), dtype=pl.UInt64).over(FINGERPRINTS))
    mixed = [prints[name].to_numpy().copy() for name in FINGERPRINTS]
    for column in mixed:
        column[rows.to_numpy()] ^= mix_bits(nth.to_series().to_numpy())
    return mixed


def move_rows(last: MatchState, moves: RowMoves) -> MatchState:
    """Renumber the rows of pairs and blocks, and leave out what has to be looked at again.

    Those are pairs of records that are gone, and of records that changed places: a rule looks at
    the first of two records in another way than at the second. Of blocks those are left out whose
    first record is gone.
    """
    ends = moves.last[unpack_pairs(last.compared)]
    stays = (ends[:, 0] >= 0) & (ends[:, 0] < ends[:, 1])
    moved = [
        pairs.with_columns(
            pl.Series(side, moves.last[pairs[side].to_numpy()]) for side in ("left", "right")
        ).filter((pl.col("left") >= 0) & (pl.col("left") < pl.col("right")))
        for pairs in (last.verified, last.near)
    ]
    firsts = moves.last[last.overflows["row"].to_numpy()]
    overflows = last.overflows.filter(pl.Series(firsts >= 0, dtype=pl.Boolean)).with_columns(
        pl.Series("row", firsts[firsts >= 0], pl.UInt32)
    )
    return replace(
        last,
        compared=pack_pairs(ends[stays]),
        verified=moved[0],
        near=moved[1],
        overflows=overflows,
    )
