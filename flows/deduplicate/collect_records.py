"""Collect: all records of a run, old and new, as they were written and as they are matched.

Three passes over the parts: one writes every record as its source wrote it, one finds whom somebody
asked to be left out, one writes the others with the identifiers that they are matched by.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows import release, tables
from flows.deduplicate import removals, resolve
from flows.deduplicate.carry_over import carry_over_records, map_successors
from flows.deduplicate.deletions import mark_deleted_records, read_deletions
from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.merge.inherit_ids import PreviousIds
from flows.errors import UserError
from flows.paths import StepFolder
from schemas.record import Record
from schemas.release import Rejection
from schemas.resolution import Resolution
from schemas.vocabulary import STRONG_IDENTIFIERS


class NoRecords(UserError):
    """Inputs without a single record."""


@dataclass(frozen=True)
class CollectedRecords:
    """What is known once all records are in their files."""

    previous: PreviousIds
    """What the previous release says of ids."""
    newest: date
    """The day of the newest snapshot."""
    unknown_removals: pl.DataFrame
    """`MatchReport` rows of the removals whose name no record bears."""


def collect_records(
    paths: Sequence[Path],
    previous: Path,
    merged: Path,
    resolved: Path | None,
    rejections: Sequence[Path] = (),
) -> CollectedRecords:
    """Write all records as their sources wrote them, and those to match with what identifies them.

    ``paths`` and ``rejections``: the parts of the inputs' tables. Beside the two in ``merged`` lie
    the `Rejection` rows of what was left out, and the `Resolution` rows of what was not. The
    records of the inputs are in memory as a whole only where there is a previous release, whose
    records some of them replace. Raises `NoRecords`.
    """
    folder = StepFolder(merged)
    resolutions = tables.load(Resolution, [resolved] if resolved else [])
    days, previous_ids = _write_records(paths, previous, folder, read_deletions(rejections))
    names = removals.read_removals()
    bearers = _find_removed(folder, resolutions, names)
    _write_matched_records(folder, resolutions, bearers["record_id"])
    unknown = removals.report_unknown_removals(names, bearers["name"])
    return CollectedRecords(previous_ids, max(days), unknown)


def _write_records(
    paths: Sequence[Path], previous: Path, folder: StepFolder, deletions: pl.DataFrame
) -> tuple[list[date], PreviousIds]:
    """Write the inputs' records and those of the previous release that they do not replace.

    Returns the days of their snapshots, and what the previous release says of ids.
    """
    days = tables.load(Record, paths, ["snapshot"])["snapshot"]
    require_any(len(days))
    old = release.read_tables(previous, ("origins", "aliases"))
    current = tables.load(Record, paths if len(old["origins"]) else [])
    carried_over = carry_over_records(old["origins"], current)
    successors = map_successors(old["origins"], current)
    del current
    records = (mark_deleted_records(part, deletions) for part in _read_in_turn(paths, carried_over))
    tables.save_table_parts(Record, records, folder.records)
    columns = {"papers": ["paper_id", "first_seen", *STRONG_IDENTIFIERS]}
    previous_ids = PreviousIds(
        release.read_columns(previous, columns)["papers"].sort("paper_id"),
        pl.concat([old["origins"].select("record_id", "paper_id"), successors]),
        old["aliases"],
    )
    return [*days.unique(), *carried_over["snapshot"].unique()], previous_ids


def _read_in_turn(paths: Sequence[Path], carried_over: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for path in paths:
        yield tables.load(Record, path)
    yield carried_over


def _find_removed(folder: StepFolder, resolutions: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Find the records that somebody asked to be left out: ``name``, ``record_id``."""
    # Most projects have no removals, and all records are read only to look for one.
    parts = tables.scan_parts(Record, folder.records) if len(names) else []
    bearers = [removals.find_removed(_identify(part, resolutions), names) for part in parts]
    return pl.concat([removals.NOBODY, *bearers])


def _write_matched_records(
    folder: StepFolder, resolutions: pl.DataFrame, removed: pl.Series
) -> None:
    """Write the records to match, what was left out, and the resolutions of what was not.

    Raises `NoRecords` where nothing is left.
    """
    written = tables.scan_parts(Record, folder.records)
    is_removed = pl.col("record_id").is_in(removed.implode())
    remaining = (_identify(part.filter(~is_removed), resolutions) for part in written)
    tables.save_table_parts(Record, remaining, folder.matched_records)
    rejections = (removals.reject_records(part.filter(is_removed)) for part in written)
    tables.save(Rejection, pl.concat(rejections), folder.rejections)
    ids = tables.load(Record, folder.matched_records, ["record_id"])
    require_any(ids.height)
    used = resolutions.join(ids, on="record_id", how="semi", maintain_order="left")
    tables.save(Resolution, used, folder.resolutions)


def _identify(part: pl.LazyFrame, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Read records with canonical identifiers, and those that their titles led to."""
    return part.collect().pipe(canonicalize_ids).pipe(resolve.fill_resolved_ids, resolutions)


def require_any(records: int) -> None:
    """Raise `NoRecords` when there is nothing to make a release of."""
    if not records:
        raise NoRecords(
            "There is nothing to release: none of the inputs holds a record that can be read and "
            "may be kept (data/curation/removals.csv says what may not)."
        )
