"""Pairs of the last run follow their records; those that may be decided otherwise do not."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from flows.deduplicate.match.blocking import pack_pairs, unpack_pairs
from flows.deduplicate.match.clustering import EDGES
from flows.deduplicate.match.indexed_records import FINGERPRINTS
from flows.deduplicate.match.match_cache import MatchState, begin_state
from flows.deduplicate.match.row_moves import RowMoves, locate_last_rows, move_rows


def marks(texts: str) -> pl.DataFrame:
    """Return the marks of records that each say one letter."""
    codes = pl.Series([ord(letter) for letter in texts], dtype=pl.UInt64)
    return pl.DataFrame(dict.fromkeys(FINGERPRINTS, codes))


@pytest.mark.parametrize(
    ("last", "now", "rows", "fresh"),
    [
        ("", "", [], []),
        ("", "ab", [], [0, 1]),
        ("ab", "", [-1, -1], []),
        ("abc", "abc", [0, 1, 2], []),
        ("abc", "xaybzc", [1, 3, 5], [0, 2, 4]),
        ("abc", "cab", [1, 2, 0], []),
        ("abc", "ac", [0, -1, 1], []),
        ("abcd", "axyd", [0, -1, -1, 3], [1, 2]),
        # Of records that say the same it does not matter which one stands for which.
        ("aab", "aba", [0, 2, 1], []),
        ("aaa", "ba", [-1, -1, 1], [0]),
        ("a", "aba", [0], [1, 2]),
    ],
)
def test_each_record_is_found_once_by_what_it_says(
    last: str, now: str, rows: list[int], fresh: list[int]
) -> None:
    moves = locate_last_rows(marks(last), marks(now))
    assert moves.last.tolist() == rows
    assert moves.fresh.tolist() == fresh
    assert moves.rows == len(now)


def test_columns_besides_the_fingerprints_do_not_matter() -> None:
    named = marks("ab").with_columns(record_id=pl.Series(["x", "y"]))
    assert locate_last_rows(marks("ab"), named).last.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("rows", "is_in_order"),
    [([], True), ([4], True), ([-1, -1], True), ([0, -1, 2], True), ([1, -1, 0], False)],
)
def test_order_is_that_of_the_records_which_stay(rows: list[int], is_in_order: bool) -> None:  # noqa: FBT001  # a parameter of the test
    moves = RowMoves(np.array(rows, np.int64), np.zeros(0, np.int64), 5)
    assert moves.is_in_order() is is_in_order


def test_changes_are_records_that_came_and_records_that_went() -> None:
    assert locate_last_rows(marks("abc"), marks("axyz")).count_changes() == 5


def state(*pairs: tuple[int, int]) -> MatchState:
    """Return a state in which these pairs were compared, verified and nearly missed."""
    sides = {"left": [left for left, _ in pairs], "right": [right for _, right in pairs]}
    begun = begin_state()
    return replace(
        begun,
        compared=pack_pairs(np.array(pairs, np.int64)),
        verified=pl.DataFrame(sides).select(
            *("left", "right"), **{name: pl.lit(None, EDGES[name]) for name in [*EDGES][2:]}
        ),
        near=begun.near.clear(len(pairs)).with_columns(**pl.DataFrame(sides).to_dict()),
    )


def test_pairs_are_renumbered_and_those_to_compare_again_are_left_out() -> None:
    # Record 1 is gone; 2 and 3 changed places; 0 and 4 stay before and behind them.
    moves = RowMoves(np.array([1, -1, 3, 2, 5]), np.array([0, 4]), 6)
    moved = move_rows(state((0, 1), (0, 2), (0, 4), (2, 3), (3, 4)), moves)
    expected = [[1, 3], [1, 5], [2, 5]]
    assert unpack_pairs(moved.compared).tolist() == expected
    for frame in (moved.verified, moved.near):
        assert [list(pair) for pair in frame.select("left", "right").iter_rows()] == expected
        assert frame.columns[:2] == ["left", "right"]


def test_where_no_row_moved_the_state_stays() -> None:
    before = state((0, 1), (1, 2))
    moved = move_rows(before, locate_last_rows(marks("abc"), marks("abc")))
    assert np.array_equal(moved.compared, before.compared)
    assert moved.verified.equals(before.verified)
    assert moved.near.equals(before.near)
