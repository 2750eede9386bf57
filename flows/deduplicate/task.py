"""Deduplicate: which records are one paper, under which id, with which values."""

import shutil
from pathlib import Path

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows import external_sort, tables, text
from flows.deduplicate import resolve
from flows.deduplicate.collect_records import collect_records
from flows.deduplicate.match import judgements, match_cache
from flows.deduplicate.match.cached_features import IndexedRecords
from flows.deduplicate.match.match_incrementally import match_incrementally
from flows.deduplicate.match.match_records import Matching
from flows.deduplicate.merge.last_merge import MergeFolders
from flows.deduplicate.merge.merge_incrementally import Released, merge_incrementally
from flows.deduplicate.merge.paper_parts import PaperReaders
from flows.deduplicate.part_cache import PartCache
from flows.parts import Records
from flows.paths import CURATION, StepFolder
from flows.raw.parsed import Parsed
from flows.runs.progress import CONSOLE, watch_task
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.release import Alias
from schemas.resolution import Resolution

SPILL_FOLDER = "spilled"
"""The folder, beside what the step leaves, where texts wait; a killed run leaves it."""

MERGED = "merged"
"""The folder, in that of the signatures, of what the last run merged."""

JUDGEMENTS = CURATION / "judgements.csv"
"""What people decided about two records."""


@watch_task
@task(
    name="Deduplicate",
    task_run_name="Deduplicate and merge",
    cache_policy=NO_CACHE,
)
def deduplicate(
    parsed: list[Parsed],
    previous: Path,
    merged: Path,
    resolved: Path | None = None,
    signatures: Path | None = None,
) -> Path:
    """Merge all records into papers, which keep the ids they had in the previous release.

    ``resolved`` is the `Resolution` table with the identifiers that titles led to.

    Records of the previous release that no input holds any more take part too, so that a paper
    stays when a source no longer lists it. Records that were matched before are not matched again
    where the folder of ``signatures`` knows them; the papers are the same with and without it.
    """
    written = StepFolder(merged)
    # A run that was killed leaves what it had spilled: gigabytes that nothing else removes.
    shutil.rmtree(merged / SPILL_FOLDER, ignore_errors=True)
    cache = PartCache(signatures / MERGED if signatures else None)
    paths = [part for file in parsed for part in file.parts("records")]
    rejections = [part for file in parsed for part in file.parts("rejections")]
    collected = collect_records(
        paths, previous, merged, resolved, rejections=rejections, cache=cache
    )
    records, judged = collected.matched, judgements.read_judgements(JUDGEMENTS)
    matching = match_with_cache(IndexedRecords(records.index, records.scan), judged, signatures)
    resolutions = tables.load(Resolution, written.resolutions)
    clusters = matching.clusters.pipe(resolve.mark_resolved_matches, resolutions)
    released = Released(collected.previous, collected.newest)
    readers = PaperReaders(text.make_readable, text.make_readable_name)
    with external_sort.spill_dir(merged / SPILL_FOLDER) as room:
        folders = MergeFolders(written, cache, room)
        aliases = merge_incrementally(records, clusters, released, readers, folders)
    cache.close()
    tables.save(Alias, aliases, written.aliases)
    tables.save(NearMiss, matching.near, written.near_misses)
    reports = pl.concat([matching.reports, collected.unknown_removals])
    tables.save(MatchReport, reports, written.match_reports)
    return merged


def match_with_cache(
    records: Records | IndexedRecords, judged: pl.DataFrame, signatures: Path | None
) -> Matching:
    """Match records with the cache in a folder, if one is named, and leave theirs there.

    A folder that cannot be used or written costs time, not the run: a line says so.
    """
    if signatures is None:
        return match_incrementally(records, None, judged)[0]
    try:
        cached = match_cache.read_cache(signatures) if match_cache.has_state(signatures) else None
    except match_cache.UnusableCache as error:
        CONSOLE.print(f"All records are matched again: in {signatures}, {error}.")
        cached = None
    matching, current = match_incrementally(records, cached, judged)
    try:
        # Where nothing changed the very cache comes back: writing it again would take seconds.
        if current is not cached:
            match_cache.write_cache(signatures, current)
    except OSError as error:
        CONSOLE.print(f"The next run matches all records again: {error}.")
    return matching
