"""Described records: what clusters are made from, read for the records that a pair concerns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.parts import Records
from schemas.vocabulary import STRONG_IDENTIFIERS

DESCRIBED = ("record_id", "source", "source_id", *STRONG_IDENTIFIERS)
"""Columns that clusters are made from beside titles; the id of the source is empty if unknown."""

ROW_COLUMNS = ("left", "right", "row")
"""Columns of frames that hold rows."""

Rows: TypeAlias = npt.NDArray[np.int64]
"""Places in the order of ``record_id``."""


@dataclass(frozen=True)
class DescribedRecords:
    """The records to match, of which nobody holds all."""

    count: int
    scan: Callable[[], Records]
    """Returns the records as they were written, each part read when it is looked at."""
    scan_columns: Callable[[Sequence[str]], Iterable[pl.DataFrame]]
    """Returns some of `DESCRIBED` of all records part by part, each with its ``row``."""
    read: Callable[[Rows], pl.DataFrame]
    """Reads `DESCRIBED` of some rows."""
    read_titles: Callable[[Rows], pl.DataFrame]
    """Reads ``title``, its key, and ``is_bare`` of some rows."""

    def read_ids(self) -> pl.Series:
        """Read ``record_id`` of all records, row by row."""
        parts = pl.concat(self.scan_columns(["record_id"]))
        return parts.sort("row")["record_id"]

    def number_ids(self, record_ids: pl.Series) -> pl.DataFrame:
        """Return ``record_id`` and ``row`` of some records; those that there are not are absent."""
        rows = [pl.DataFrame(schema={"record_id": pl.String, "row": pl.Int64})]
        if len(record_ids):
            is_sought = pl.col("record_id").is_in(record_ids.implode())
            rows += [
                part.filter(is_sought).select("record_id", pl.col("row").cast(pl.Int64))
                for part in self.scan_columns(["record_id"])
            ]
        return pl.concat(rows)


@dataclass(frozen=True)
class ConcernedRecords:
    """The records that anything is known of, counted among themselves in the order of all."""

    rows: Rows
    """Their rows among all records, sorted."""
    records: pl.DataFrame
    """`DESCRIBED`, ``title`` and ``is_bare`` of each; the last two are null where no title counts.
    """

    def number(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put places among the concerned records where a frame has rows of all."""
        names = [name for name in ROW_COLUMNS if name in frame.columns]
        return frame.with_columns(
            pl.Series(name, np.searchsorted(self.rows, frame[name].to_numpy()), frame[name].dtype)
            for name in names
        )


def gather_concerned(
    described: DescribedRecords, titled: pl.Series, frames: Sequence[pl.DataFrame]
) -> ConcernedRecords:
    """Read the records whose titles count, and those that frames have in their `ROW_COLUMNS`."""
    rows = list_distinct_rows([titled, *(side for frame in frames for side in list_sides(frame))])
    records, chosen = described.read(rows.to_numpy()), rows.search_sorted(titled)
    titles = described.read_titles(titled.to_numpy())
    return ConcernedRecords(
        rows.to_numpy(),
        records.with_columns(
            pl.repeat(None, len(rows), dtype=column.dtype, eager=True)
            .scatter(chosen, column)
            .alias(column.name)
            for column in titles
        ),
    )


def list_sides(frame: pl.DataFrame) -> list[pl.Series]:
    """List the columns of a frame that hold rows."""
    return [frame[name] for name in ROW_COLUMNS if name in frame.columns]


def list_distinct_rows(columns: Sequence[pl.Series]) -> pl.Series:
    """Return the rows of some columns, sorted, each once."""
    rows = [column.rename("row").cast(pl.Int64) for column in columns]
    return pl.concat([pl.Series("row", [], pl.Int64), *rows]).unique().sort()
