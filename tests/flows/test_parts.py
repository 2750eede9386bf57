"""Parts are cut where the ids say so."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flows.parts import cut_at_ids

IDS = st.lists(st.text(max_size=4), unique=True).map(sorted)


@given(IDS, st.integers(1, 5))
def test_parts_cover_all_rows_in_order_and_are_bounded(ids: list[str], rows: int) -> None:
    parts = cut_at_ids(pl.Series("id", ids, pl.String), rows)
    assert [row for start, end in parts for row in range(start, end)] == list(range(len(ids)))
    assert all(end - start <= 4 * rows for start, end in parts)


def test_a_new_row_changes_the_part_that_it_is_in_and_no_other() -> None:
    ids = [f"arxiv:2603.{n:05}" for n in range(0, 4000, 2)]
    cut = cut_at_ids(pl.Series("id", ids), 100)
    more = sorted([*ids, "arxiv:2603.01001"])
    again = cut_at_ids(pl.Series("id", more), 100)
    old = {tuple(ids[start:end]) for start, end in cut}
    new = {tuple(more[start:end]) for start, end in again}
    assert len(old) > 5
    assert len(new - old) == 1
