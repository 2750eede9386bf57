"""Gathering: all records of a run, old and new, in one file as written and in one to be matched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows import release, tables
from flows.deduplicate import removals, resolve
from flows.deduplicate.carry_over import carried, successors
from flows.deduplicate.match.canonical_ids import identified
from flows.deduplicate.merge.inherit_ids import Previous
from flows.errors import UserError
from flows.paths import StepFolder
from schemas.record import Record
from schemas.release import Rejection
from schemas.resolution import Resolution
from schemas.vocabulary import STRONG_IDENTIFIERS


class NoRecords(UserError):
    """Inputs without a single record."""


@dataclass(frozen=True)
class Gathered:
    """What is known once all records are in their files."""

    previous: Previous
    """What the previous release says of ids."""
    newest: date
    """The day of the newest snapshot."""
    unheeded: pl.DataFrame
    """`MatchReport` rows of the removals that no record bears the name of."""


def gathered(
    paths: Sequence[Path], previous: Path, merged: Path, resolved: Path | None
) -> Gathered:
    """Put all records into one file as written, and into one with what they are matched by.

    ``paths``: the parts of the inputs' records.

    Matching reads the second one part by part. What was left out, and the resolutions of what was
    not, lie beside them. The records of the inputs are in memory as a whole only where there is a
    previous release, whose records some of them replace. Raises `NoRecords`.
    """
    days = tables.load(Record, paths, ["snapshot"])["snapshot"]
    require_any(len(days))
    before = release.read_tables(previous, ("origins", "aliases"))
    current = tables.load(Record, paths if len(before["origins"]) else [])
    living = carried(before["origins"], current)
    heirs = successors(before["origins"], current)
    del current
    tables.save_table_parts(Record, _in_turn(paths, living), StepFolder(merged).records)
    columns = {"papers": ["paper_id", "first_seen", *STRONG_IDENTIFIERS]}
    return Gathered(
        Previous(
            release.read_columns(previous, columns)["papers"].sort("paper_id"),
            pl.concat([before["origins"].select("record_id", "paper_id"), heirs]),
            before["aliases"],
        ),
        max(days.unique().to_list() + living["snapshot"].unique().to_list()),
        _identified(merged, resolved),
    )


def _in_turn(paths: Sequence[Path], living: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for path in paths:
        yield tables.load(Record, path)
    yield living


def _identified(merged: Path, resolved: Path | None) -> pl.DataFrame:
    """Write the records with canonical identifiers, but for those that were asked to be removed.

    Gives the removals that found nobody.
    """
    found = tables.load(Resolution, [resolved] if resolved else [])
    asked, removed, heeded = removals.read(), [], []

    def kept() -> Iterator[pl.DataFrame]:
        for part in tables.scan_parts(Record, StepFolder(merged).records):
            named = part.collect().pipe(identified).pipe(resolve.with_resolved, found)
            stays, goes, names = removals.split(named, asked)
            removed.append(goes)
            heeded.append(names)
            yield stays

    tables.save_table_parts(Record, kept(), StepFolder(merged).matched_records)
    left = tables.load(Record, StepFolder(merged).matched_records, ["record_id"])
    require_any(left.height)
    found = found.join(left, on="record_id", how="semi", maintain_order="left")
    tables.save(Rejection, pl.concat(removed), StepFolder(merged).rejections)
    tables.save(Resolution, found, StepFolder(merged).resolutions)
    return removals.unheeded(asked, pl.concat(heeded))


def require_any(records: int) -> None:
    """Raise `NoRecords` when there is nothing to make a release of."""
    if not records:
        raise NoRecords(
            "None of the inputs holds a record that can be read and may be kept, so there is "
            "nothing to release. Look at the files, at data/curation/removals.csv, or name others: "
            "open-papers refresh FILE_OR_FOLDER."
        )
