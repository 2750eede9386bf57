"""Compare: how many rows of two releases differ, and which papers, a range of ids at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.release.diff import compare_papers, explain_changes
from flows.release.id_ranges import RangedTable, cut_ranges
from flows.release.layout import TABLES
from flows.release.open_release import Release

Tables = Mapping[str, pl.DataFrame | RangedTable]


@dataclass(frozen=True)
class TableDiff:
    """Rows of one table in two releases; rows are the same row when they have one key."""

    before: int
    now: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class Diff:
    """What differs between two releases."""

    tables: dict[str, TableDiff]
    columns: dict[str, int]
    """Papers whose value changed, by column."""
    papers: pl.DataFrame
    """The `Change` of every paper."""

    @property
    def is_empty(self) -> bool:
        """Whether the two hold the same rows."""
        return not any(
            table.added or table.removed or table.changed for table in self.tables.values()
        )

    def as_json(self) -> dict[str, object]:
        """Return the counts, and the changed papers, as plain values."""
        return {
            "tables": {name: vars(table) for name, table in self.tables.items()},
            "columns": self.columns,
            "papers": self.papers.to_dicts(),
        }


def scan_tables(folder: Path) -> dict[str, RangedTable]:
    """Open the tables of one release for reading by ranges of ids; empty if there is no folder.

    Raises as `Release.open_previous` and `Release.scan_table` do.
    """
    release = Release.open_previous(folder)
    return {table: release.scan_table(table) for table in TABLES}


def compare_releases(old: Tables, new: Tables) -> Diff:
    """Compare two releases, given as tables by name. What only one has counts as empty there.

    In memory are the rows of a range of ids, of both, and the ids of what changed.
    """
    before, now = ({name: _as_ranged(tables, name) for name in TABLES} for tables in (old, new))
    old_papers, new_papers = before["papers"], now["papers"]
    moves = [
        compare_papers(old_papers.read_range(ids), new_papers.read_range(ids))
        for ids in cut_ranges([old_papers, new_papers])
    ]
    scans = ({name: table.scan() for name, table in side.items()} for side in (before, now))
    papers = explain_changes(pl.concat(moves), *scans)
    # Papers that were added, merged or removed have no columns, which leaves nulls here.
    columns = papers.explode("columns", empty_as_null=True)["columns"].drop_nulls().value_counts()
    return Diff(
        tables={name: _compare_table(name, before[name], now[name]) for name in TABLES},
        columns=dict(columns.sort("count", "columns", descending=[True, False]).iter_rows()),
        papers=papers,
    )


def _as_ranged(tables: Tables, name: str) -> RangedTable:
    specification = TABLES[name]
    rows = tables.get(name, pl.DataFrame(schema=specification.model.dtypes()))
    if isinstance(rows, RangedTable):
        return rows
    return RangedTable.of_frame(rows, specification.id_column)


def _compare_table(name: str, old: RangedTable, new: RangedTable) -> TableDiff:
    """Count the rows of a table that differ, range by range: rows of one key are in one range."""
    parts = [
        _compare_rows(name, old.read_range(ids), new.read_range(ids))
        for ids in cut_ranges([old, new])
    ]
    return TableDiff(*(sum(counts) for counts in zip(*parts, strict=True)))


def _compare_rows(
    name: str, old_rows: pl.DataFrame, new_rows: pl.DataFrame
) -> tuple[int, int, int, int, int]:
    key = list(TABLES[name].key)
    # Keys may hold nulls (`member` of rejections), which a join takes for different.
    added = new_rows.join(old_rows, on=key, how="anti", nulls_equal=True).height
    removed = old_rows.join(new_rows, on=key, how="anti", nulls_equal=True).height
    compared = [column for column in new_rows.columns if column not in key]
    shared_rows = new_rows.join(old_rows, on=key, suffix="_before", nulls_equal=True)
    differs = [pl.col(column).ne_missing(pl.col(f"{column}_before")) for column in compared]
    changed = shared_rows.filter(pl.any_horizontal(differs)).height if differs else 0
    return old_rows.height, new_rows.height, added, removed, changed
