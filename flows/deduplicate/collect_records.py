"""Collect: all records of a run, old and new, as they were written and as they are matched.

A part in which nothing changes is not written again but linked. What the previous release holds
besides is found from ids; only records that these leave open are read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows import release, tables
from flows.deduplicate import removals
from flows.deduplicate.deletions import mark_deleted_records, read_deletions
from flows.deduplicate.last_inputs import GrownInputs, find_grown_inputs
from flows.deduplicate.merge.inherit_ids import PreviousIds, write_previous_ids
from flows.deduplicate.merge.merge_added import AddedRecords
from flows.deduplicate.merge.settle_ids import Released
from flows.deduplicate.part_cache import PartCache
from flows.deduplicate.previous_records import (
    ComparedRecords,
    compare_with_previous,
    find_successors,
    read_carried_over,
)
from flows.deduplicate.record_index import RecordParts, index_records
from flows.errors import UserError
from flows.parts import empty_folder, link_file
from flows.paths import StepFolder
from schemas.alias import Alias
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.resolution import Resolution
from schemas.vocabulary import STRONG_IDENTIFIERS, Source


class NoRecords(UserError):
    """Inputs without a single record."""


@dataclass(frozen=True)
class CollectedRecords:
    """What is known once all records are in their files."""

    matched: RecordParts
    """The records that take part."""
    former: Released | AddedRecords
    """What was there before: ids of papers, and where all records of the last run are there, which
    others there are."""
    unknown_removals: pl.DataFrame
    """`MatchReport` rows of the removals whose name no record bears."""
    has_carried_over: bool
    """Whether records of the previous release take part that no input holds."""


def collect_records(  # noqa: PLR0913  # each names another table that records come from or go to
    paths: Sequence[Path],
    previous: Path,
    merged: Path,
    resolved: Path | None,
    room: Path,
    *,
    rejections: Sequence[Path] = (),
    cache: PartCache | None = None,
) -> CollectedRecords:
    """Collect all records as their sources wrote them, and index those to match.

    ``paths`` and ``rejections``: the parts of the inputs' tables. ``room``: a folder for files
    of the time of the step. Beside the records in ``merged``
    lie the `Rejection` rows of what was left out, and the `Resolution` rows of what was not. Raises
    `NoRecords`.
    """
    folder, cache = StepFolder(merged), cache or PartCache(None)
    days = tables.load(Record, paths, ["snapshot"])["snapshot"].unique()
    require_any(len(days))
    deletions = read_deletions(rejections)
    resolutions = tables.load(Resolution, [resolved] if resolved else [])
    files = place_records(paths, deletions, folder.records)
    newest, count = max(days), len(files)
    if grown := find_grown_inputs(cache, files, resolutions, previous):
        matched = index_records(files, cache, resolutions, room / "index")
        former: Released | AddedRecords = _find_added(previous, matched, grown, newest)
    else:
        comparison = compare_with_previous(previous, paths)
        carried = read_carried_over(previous, comparison.carried_over["record_id"])
        # What is deleted now was mostly harvested long ago: no input of today may hold it.
        marked = (mark_deleted_records(part, deletions) for part in carried)
        files += _write_parts(marked, folder.records, len(files))
        newest = max(newest, *comparison.carried_over["snapshot"], newest)
        matched = index_records(files, cache, resolutions, room / "index")
        former = Released(_write_ids(previous, comparison, room / "previous"), newest)
    unknown = _leave_out_removed(matched, folder)
    require_any(matched.count_records())
    tables.save(Resolution, _select_used(resolutions, matched), folder.resolutions)
    return CollectedRecords(matched, former, unknown, len(files) > count)


def _select_used(resolutions: pl.DataFrame, records: RecordParts) -> pl.DataFrame:
    """Select the resolutions of records that take part."""
    if resolutions.is_empty():
        return resolutions
    record_ids = records.read_index(["record_id"])
    return resolutions.join(record_ids, on="record_id", how="semi", maintain_order="left")


def _find_added(
    previous: Path, records: RecordParts, grown: GrownInputs, newest: date
) -> AddedRecords:
    """Find what there is besides the records of the last run."""
    successors = find_successors(previous, records, grown.fresh)
    aliases = tables.load(Alias, [grown.outcome.small["aliases"]]).sort("alias_id")
    last, evidence = grown.outcome.merge, grown.evidence
    return AddedRecords(last, evidence, grown.fresh, successors, aliases, newest)


def _write_ids(previous: Path, comparison: ComparedRecords, folder: Path) -> Path:
    """Write what the previous release says of ids."""
    columns = {"papers": ["paper_id", "first_seen", *STRONG_IDENTIFIERS]}
    papers = release.read_columns(previous, columns)["papers"]
    ids = PreviousIds(
        # Those of one licence layer come sorted.
        papers if papers["paper_id"].is_sorted() else papers.sort("paper_id"),
        comparison.paper_ids,
        release.read_table(previous, "aliases"),
    )
    return write_previous_ids(ids, folder)


def place_records(paths: Sequence[Path], deletions: pl.DataFrame, folder: Path) -> list[Path]:
    """Link the parts of the inputs into a folder, with reported deletions marked in new parts."""
    empty_folder(folder)
    targets = [folder / f"{number:05}.parquet" for number in range(len(paths))]
    for path, target in zip(paths, targets, strict=True):
        if _is_touched(path, deletions):
            marked = mark_deleted_records(tables.load(Record, [path]), deletions)
            tables.save_part(Record, marked, target)
        else:
            # Steps replace their files and never write into them: one file may have two names.
            link_file(path, target)
    return targets


def _is_touched(path: Path, deletions: pl.DataFrame) -> bool:
    """Return whether a part holds a record that was reported as deleted since."""
    if deletions.is_empty():
        return False
    columns = ["source", "snapshot", "arxiv_id", "is_withdrawn"]
    rows = tables.load(Record, [path], columns).filter(pl.col("source") == Source.ARXIV.value)
    return not mark_deleted_records(rows, deletions).equals(rows)


def _write_parts(parts: Iterator[pl.DataFrame], folder: Path, start: int) -> list[Path]:
    return [
        tables.save_part(Record, part, folder / f"{number:05}.parquet")
        for number, part in enumerate(parts, start)
    ]


def _leave_out_removed(whole: RecordParts, folder: StepFolder) -> pl.DataFrame:
    """Leave out what somebody asked to be left out; report the requests that name nothing."""
    names = removals.read_removals()
    # Most projects have no removals, and all records are read only to look for one.
    bearers = removals.find_removed(whole.scan() if len(names) else [], names)
    removed = whole.leave_out(bearers["record_id"]) if bearers.height else []
    rejected = [removals.reject_records(part.lazy()) for part in removed]
    tables.save(Rejection, pl.concat([Rejection.empty(), *rejected]), folder.rejections)
    return removals.report_unknown_removals(names, bearers["name"])


def require_any(records: int) -> None:
    """Raise `NoRecords` when there is nothing to make a release of."""
    if not records:
        raise NoRecords(
            "There is nothing to release: none of the inputs holds a record that can be read and "
            "may be kept (data/curation/removals.csv says what may not)."
        )
