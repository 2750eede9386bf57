"""Removals: what authors and others asked to be left out of every release."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows import curated_csv
from flows.deduplicate.match.record_keys import bearers, canonical
from flows.errors import UserError
from flows.paths import CURATION
from schemas.release import Rejection
from schemas.vocabulary import Caution, Reason

REMOVALS = CURATION / "removals.csv"
"""Who asked for what."""

COLUMNS = ("identifier", "day", "reason")
"""Its columns."""


def read(path: Path | None = None) -> pl.Series:
    """Read the canonical names of what was asked to be left out, each once.

    Lines that begin with ``#`` explain the file. Raises `UserError` naming each line at fault.
    """
    path = path or REMOVALS
    lines = curated_csv.read_curated_lines(path, COLUMNS, UserError)
    faults = [f"line {number} {fault}" for number, cells in lines for fault in _faults(cells)]
    if faults:
        raise UserError(
            f"{path}: {'; '.join(faults)}. Write an identifier, such as arxiv:2312.00752, or "
            "another name that its first lines explain, and put texts with commas in quotes."
        )
    names = [canonical(cells[0]) for _, cells in lines]
    return pl.Series("identifier", names, pl.String).unique(maintain_order=True)


def _faults(cells: list[str]) -> Iterator[str]:
    if len(cells) != len(COLUMNS):
        yield f"has {len(cells)} cells; expected {len(COLUMNS)} ({', '.join(COLUMNS)})"
    elif canonical(cells[0]) is None:
        yield f"names no record ({cells[0] or 'it is empty'})"


def split(records: pl.DataFrame, names: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
    """Split records into those to keep and the `Rejection` rows of those to leave out.

    ``names``: canonical ones, as in judgements; those that some record bears are given as well.
    """
    found = bearers(records, names)
    is_asked = pl.col("record_id").is_in(found["record_id"].implode())
    removed = records.filter(is_asked).with_columns(
        reason=pl.lit(Reason.ON_REQUEST.value),
        detail=pl.lit("left out because somebody asked for it (data/curation/removals.csv)"),
        excerpt=pl.lit(""),
    )
    removed = removed.select(Rejection.dtypes().names())
    return records.filter(~is_asked), removed, found["name"]


def unheeded(names: pl.Series, heeded: pl.Series) -> pl.DataFrame:
    """Give a `MatchReport` row for each name that no record bears: nothing was left out for it."""
    unknown = names.filter(~names.is_in(heeded.implode())).alias("record_id")
    return unknown.to_frame().select(
        pl.lit(Caution.UNKNOWN_REMOVAL.value).alias("kind"),
        "record_id",
        pl.lit(1, pl.Int64).alias("count"),
        pl.lit("no record bears this name, so that nothing was left out for it").alias("detail"),
    )
