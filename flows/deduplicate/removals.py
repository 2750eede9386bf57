"""Removals: what authors and others asked to be left out of every release."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows import curated_csv
from flows.deduplicate.match.record_keys import BEARERS, canonicalize_name, find_bearers
from flows.errors import UserError, count_noun
from flows.parts import Records
from flows.paths import CURATION
from schemas.rejection import Rejection
from schemas.vocabulary import Caution, Reason

REMOVALS = CURATION / "removals.csv"
"""Who asked for what."""

COLUMNS = ("identifier", "day", "reason")
"""Its columns."""

NOBODY = BEARERS.to_frame()
"""What `find_removed` returns where nobody is asked for."""


def read_removals(path: Path | None = None) -> pl.Series:
    """Read the canonical names of what was asked to be left out, each once.

    Lines that begin with ``#`` explain the file. Raises `UserError` naming each line at fault.
    """
    path = path or REMOVALS
    lines = curated_csv.read_curated_lines(path, COLUMNS, UserError)
    faults = [f"line {number} {fault}" for number, cells in lines for fault in _list_faults(cells)]
    if faults:
        raise UserError(
            f"{path}: {'; '.join(faults)}. Write an identifier, such as arxiv:2312.00752, or "
            "another name that its first lines explain, and put texts with commas in quotes."
        )
    names = [canonicalize_name(cells[0]) for _, cells in lines]
    return pl.Series("identifier", names, pl.String).unique(maintain_order=True)


def _list_faults(cells: list[str]) -> Iterator[str]:
    if len(cells) != len(COLUMNS):
        expected = f"{len(COLUMNS)} ({', '.join(COLUMNS)})"
        yield f"has {count_noun(len(cells), 'cell')}; expected {expected}"
    elif canonicalize_name(cells[0]) is None:
        yield f"names no record ({cells[0] or 'it is empty'})"


def find_removed(records: Records, names: pl.Series) -> pl.DataFrame:
    """Find the records that bear one of the names: ``name``, ``record_id``, each pair once.

    ``names``: canonical ones, as in judgements.
    """
    return find_bearers(records, names)


def reject_records(removed: pl.LazyFrame) -> pl.DataFrame:
    """Return the `Rejection` rows of records that are left out because somebody asked for it."""
    rows = removed.with_columns(
        reason=pl.lit(Reason.ON_REQUEST.value),
        detail=pl.lit("left out because somebody asked for it (data/curation/removals.csv)"),
        excerpt=pl.lit(""),
    )
    return rows.select(Rejection.dtypes().names()).collect()


def report_unknown_removals(names: pl.Series, borne: pl.Series) -> pl.DataFrame:
    """Return a `MatchReport` row for each name without a record: nothing was left out for it."""
    unknown = names.filter(~names.is_in(borne.implode())).alias("record_id")
    return unknown.to_frame().select(
        pl.lit(Caution.UNKNOWN_REMOVAL.value).alias("kind"),
        "record_id",
        pl.lit(1, pl.Int64).alias("count"),
        pl.lit("no record bears this name, so that nothing was left out for it").alias("detail"),
    )
