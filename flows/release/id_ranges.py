"""Id ranges: tables that are read from one id to another, without reading their files whole."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl
import pyarrow.parquet as pq

from flows import tables
from flows.hashing import read_once
from schemas.table import Table

RANGE_ROWS = 50_000
"""Rows of a range that are compared at a time, of both tables together."""


@dataclass(frozen=True)
class IdRange:
    """Ids from ``start`` to before ``end``; without an end, all that follow.

    >>> "arxiv:2301.00002" in IdRange("arxiv:2301.00001", "arxiv:2301.00003")
    True
    >>> "title:00" in IdRange("arxiv:2301.00001", None)
    True
    """

    start: str
    end: str | None

    def __contains__(self, row_id: str) -> bool:
        """Return whether an id is in the range."""
        return self.start <= row_id and (self.end is None or row_id < self.end)

    def overlaps(self, first: str, last: str) -> bool:
        """Return whether any id from the first to the last one, inclusive, may be in the range."""
        return self.start <= last and (self.end is None or first < self.end)

    def shares_ids_with(self, other: Self) -> bool:
        """Return whether any id may be in both ranges."""
        begins = self.end is None or other.start < self.end
        return begins and (other.end is None or self.start < other.end)

    def select_rows(self, column: str) -> pl.Expr:
        """Say of each row whether its id is in the range."""
        begins = pl.col(column) >= self.start
        return begins if self.end is None else begins & (pl.col(column) < self.end)


@dataclass(frozen=True)
class _Part:
    rows: pl.LazyFrame
    first: str
    last: str
    path: Path | None = None


@dataclass(frozen=True)
class RangedTable:
    """A table in parts, with the first and the last id of each part.

    What is read does not depend on how the table is cut or ordered. Parts that are sorted by the
    id, as those of steps and releases are, only make it quick.
    """

    id_column: str
    parts: Sequence[_Part]
    _empty: pl.DataFrame
    explain: Callable[[], AbstractContextManager[None]] = nullcontext
    """Says in which table of which release something cannot be read."""

    @classmethod
    def of_frame(cls, frame: pl.DataFrame, id_column: str) -> Self:
        """Return a table that is in memory."""
        if frame.is_empty():
            return cls(id_column, [], frame)
        ids = frame[id_column]
        part = _Part(frame.lazy(), ids.min(), ids.max())  # type: ignore[arg-type]  # ids are texts
        return cls(id_column, [part], frame.clear())

    @classmethod
    def of_files(
        cls,
        model: type[Table],
        paths: Sequence[Path],
        id_column: str,
        absent: Sequence[str] = (),
        explain: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Self:
        """Return a table that is in Parquet files; ``absent`` names columns they do not have yet.

        Raises `tables.SchemaMismatch` when a file holds another schema.
        """
        parts = [
            _Part(tables.scan_file(model, path, absent), *bounds, path)
            for path in paths
            if (bounds := read_id_bounds(path, id_column))
        ]
        return cls(id_column, parts, pl.DataFrame(schema=model.dtypes()), explain)

    @property
    def is_empty(self) -> bool:
        """Whether it has no rows."""
        return not self.parts

    def scan(self) -> pl.LazyFrame:
        """Return all rows as a scan, so that only the columns that are used are read."""
        return pl.concat([part.rows for part in self.parts]) if self.parts else self._empty.lazy()

    def scan_range(self, ids: IdRange) -> pl.LazyFrame:
        """Return the rows of a range of ids as a scan, in the order of the parts."""
        parts = [part.rows for part in self.parts if ids.overlaps(part.first, part.last)]
        rows = pl.concat(parts) if parts else self._empty.lazy()
        return rows.filter(ids.select_rows(self.id_column))

    def read_range(self, ids: IdRange) -> pl.DataFrame:
        """Read the rows of a range of ids."""
        with self.explain():
            return self.scan_range(ids).collect()

    def read_ids(self) -> pl.Series:
        """Read the ids of all rows, in the order of the parts: a single column."""
        with self.explain():
            return self.scan().select(self.id_column).collect()[self.id_column]

    def list_files(self, ids: IdRange) -> list[Path] | None:
        """List the files that hold exactly the rows of a range; None where one holds others too."""
        parts = [part for part in self.parts if ids.overlaps(part.first, part.last)]
        files = [
            part.path for part in parts if part.first in ids and part.last in ids and part.path
        ]
        return files if len(files) == len(parts) else None


def cut_ranges(tables: Sequence[RangedTable], rows: int = RANGE_ROWS) -> list[IdRange]:
    """Cut the ids of tables into ranges of about so many rows, that together are all ids."""
    ids = pl.concat([table.read_ids() for table in tables]).sort()
    # An id with many rows may be at several places: it is one border.
    borders = ids.gather_every(rows)[1:].unique(maintain_order=True)
    edges = ["", *borders]
    return [IdRange(*edge) for edge in zip(edges, [*borders, None], strict=True)]


def read_id_bounds(path: Path, id_column: str) -> tuple[str, str] | None:
    """Read the least and the greatest id of a file, once a run; None where it has no rows."""
    if not tables.read_file_footer(path).rows:
        return None
    return read_once(f"bounds of {id_column}", path, lambda file: _read_bounds(file, id_column))


def _read_bounds(path: Path, id_column: str) -> tuple[str, str]:
    footer = pq.read_metadata(path)
    paths = [footer.schema.column(number).path for number in range(footer.num_columns)]
    column = paths.index(id_column)
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    statistics = [group.column(column).statistics for group in groups if group.num_rows]
    if all(bounds and bounds.has_min_max for bounds in statistics):
        return min(bounds.min for bounds in statistics), max(bounds.max for bounds in statistics)
    # Another writer may leave them out.
    ids = pl.scan_parquet(path, glob=False).select(id_column).collect()[id_column]
    return str(ids.min()), str(ids.max())
