import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.matching.clusters import components

ROWS = 12
pairs = st.lists(st.tuples(*[st.integers(0, ROWS - 1)] * 2), max_size=20)


def oracle(edges: list[tuple[int, int]]) -> list[int]:
    """Find components the naive way: relabel everything at each pair."""
    label = list(range(ROWS))
    for left, right in edges:
        low, high = sorted((label[left], label[right]))
        label = [low if old == high else old for old in label]
    return label


@settings(deadline=None)
@given(pairs)
def test_components_are_those_of_a_naive_union(edges: list[tuple[int, int]]) -> None:
    table = pl.DataFrame(edges, schema={"left": pl.Int64, "right": pl.Int64}, orient="row")
    found = components(table["left"].to_numpy(), table["right"].to_numpy(), ROWS)
    assert found.tolist() == oracle(edges)


def test_no_pairs_leave_every_row_alone() -> None:
    none = np.zeros(0, np.int64)
    assert components(none, none, 3).tolist() == [0, 1, 2]
