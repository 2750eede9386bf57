"""Row groups follow from ids alone: new rows move the borders next to them, and no others."""

import polars as pl
import pytest

from flows.parquet_layout import ROW_GROUP_ROWS, cut_row_groups


@pytest.mark.parametrize("where", [0, 10_000, 20_000])
def test_new_rows_move_the_borders_of_their_own_row_group_only(where: int) -> None:
    ids = pl.Series("alias_id", [f"title:{n:05}" for n in range(20_000)])
    new = pl.Series("alias_id", [f"title:{n:05}-new" for n in range(50)])

    def groups(of: pl.Series) -> set[tuple[str, ...]]:
        return {tuple(of[start:end]) for start, end in cut_row_groups(of.to_frame())}

    before, now = groups(ids), groups(pl.concat([ids[:where], new, ids[where:]]))
    assert len(before) > 2
    assert len(before & now) >= len(before) - 1


@pytest.mark.parametrize("rows", [0, 1, 1_250, 90_001])
def test_row_groups_hold_every_row_once_and_never_too_many(rows: int) -> None:
    one = pl.DataFrame({"paper_id": ["arxiv:1"] * rows})
    found = list(cut_row_groups(one))
    assert [n for start, end in found for n in range(start, end)] == list(range(rows))
    assert all(end - start <= ROW_GROUP_ROWS[1] for start, end in found)
