"""Source age: how old the records of each source are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.vocabulary import Source


@dataclass(frozen=True)
class SourceAge:
    """How old a source is in a release. No clock is asked: the same release, the same age."""

    source: Source
    newest: date
    """The newest snapshot of the source."""
    behind: int
    """Days by which that is older than the newest snapshot of all sources."""


def measure_ages(tables: Iterable[pl.DataFrame]) -> list[SourceAge]:
    """Return the age of every source that the tables hold, by ``source`` and ``snapshot``.

    Origins and rejections together hold all that a release has read. Best source first.
    """
    read = pl.concat([table.select("source", "snapshot") for table in tables])
    return rank_ages(dict(read.group_by("source").agg(pl.col("snapshot").max()).iter_rows()))


def rank_ages(newest: Mapping[str, date]) -> list[SourceAge]:
    """Return the age of every source by its newest snapshot. Best source first."""
    last = max(newest.values(), default=date.min)
    return [
        SourceAge(source, newest[source.value], (last - newest[source.value]).days)
        for source in Source
        if source.value in newest
    ]


def is_stale(days: int, stale_after: int | None) -> bool:
    """Return whether something so many days old is stale; what has no bound never is."""
    return stale_after is not None and days > stale_after
