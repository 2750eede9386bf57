"""Gate: one demand on a release, and the counts by which it is measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

Tables = Mapping[str, pl.DataFrame | pl.LazyFrame]
"""Tables of a release by name: frames, or scans of which single columns are read."""

Counts = Mapping[str, float]
"""Numbers that are added up over the parts of a release; what they mean is their metric's."""


@dataclass(frozen=True)
class Gate:
    """One demand: a metric of a table, perhaps of a column, and its bounds.

    ``table`` and ``column`` are names as in the release; several columns are joined by ``+``.
    """

    table: str
    metric: str
    column: str | None
    minimum: float | None
    maximum: float | None
    why: str
    sources: tuple[str, ...] = ()
    """Sources whose papers count; empty for all."""

    @property
    def name(self) -> str:
        """Name the gate for messages and for `--allow`: table.metric, and .column if it has one."""
        return ".".join(part for part in (self.table, self.metric, self.column) if part)


def list_gate_columns(gate: Gate) -> list[str]:
    """Return the columns a gate is about."""
    return (gate.column or "").split("+")


def make_counts(part: float, whole: float) -> Counts:
    """Return the counts of a share: a part of a whole.

    >>> make_counts(1, 4)
    {'part': 1, 'whole': 4}
    """
    return {"part": part, "whole": whole}


def divide_counts(counts: Counts) -> float | None:
    """Return the part of the whole that was counted; None of nothing.

    >>> divide_counts({"part": 1, "whole": 4})
    0.25
    """
    return counts["part"] / counts["whole"] if counts.get("whole") else None


def add_counts(parts: Iterable[Counts]) -> Counts:
    """Add up the counts of parts.

    >>> add_counts([{"part": 1, "whole": 2}, {"whole": 3}])
    {'part': 1, 'whole': 5}
    """
    total: dict[str, float] = {}
    for part in parts:
        for name, number in part.items():
            total[name] = total.get(name, 0) + number
    return total


def count_frame(rows: pl.LazyFrame) -> int:
    """Count the rows of a frame, reading no column that does not decide."""
    return int(rows.select(pl.len()).collect().item())


def count_column_values(rows: pl.LazyFrame, column: str) -> int:
    """Count the rows in which a column has a value: neither null nor an empty list."""
    is_list = isinstance(rows.collect_schema()[column], pl.List)
    has_value = pl.col(column).list.len() > 0 if is_list else pl.col(column).is_not_null()
    return int(rows.select(has_value.sum()).collect().item())
