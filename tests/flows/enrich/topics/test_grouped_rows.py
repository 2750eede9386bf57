"""Rows of one key are added up and looked up as grouping them does."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.enrich.topics.grouped_rows import group_equal_keys, index_rows, pair_within_rows

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.1, 0.3, 0.6, 1.0, 1.25])))


@settings(max_examples=25, deadline=None)
@given(PAIRS)
def test_rows_are_measured_as_grouping_them_does(pairs: list[tuple[int, float]]) -> None:
    frame = pl.DataFrame(pairs, {"key": pl.Int64, "value": pl.Float64}, orient="row").sort("key")
    value = pl.col("value")
    expected = frame.group_by("key", maintain_order=True).agg(
        sum=value.sum(), most=value.max(), least=value.min(), count=(value < 1).sum()
    )
    grouped, values = group_equal_keys(frame["key"].to_numpy()), frame["value"].to_numpy()
    assert grouped.keys.tolist() == expected["key"].to_list()
    # But for the last digit: polars itself has another one for a column that it knows is sorted.
    assert grouped.sum_rows(values).tolist() == pytest.approx(expected["sum"].to_list(), rel=4e-16)
    assert grouped.find_max(values).tolist() == expected["most"].to_list()
    assert grouped.find_min(values).tolist() == expected["least"].to_list()
    assert grouped.count_rows(values < 1).tolist() == expected["count"].to_list()


def test_the_rows_of_keys_are_looked_up_in_order() -> None:
    lists = index_rows(np.array([2, 0, 2]), 4)
    at, rows = lists.look_up_rows(np.array([2, 1, 0, 2]))
    assert at.tolist() == [0, 0, 2, 3, 3]
    assert rows.tolist() == [0, 2, 1, 0, 2]


def test_places_are_paired_with_those_of_the_same_row() -> None:
    rows, left, right = np.array([1, 1, 2, 4]), np.array([0, 2, 3]), np.array([0, 1, 3])
    at, beside = pair_within_rows(rows, left, right)
    assert [*zip(left[at], beside, strict=True)] == [(0, 0), (0, 1), (3, 3)]
