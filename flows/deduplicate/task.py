"""Deduplicate: which records are one paper, under which id, with which values."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from flows import external_sort, tables, text
from flows.deduplicate import removals, resolve
from flows.deduplicate.collect_records import CollectedRecords, collect_records, place_records
from flows.deduplicate.deletions import read_deletions
from flows.deduplicate.last_inputs import keep_inputs
from flows.deduplicate.last_outcome import (
    LastOutcome,
    find_outcome,
    keep_outcome,
    name_inputs,
    place_outcome,
)
from flows.deduplicate.match import judgements, match_cache
from flows.deduplicate.match.block_parts import list_block_keys_of_part, pair_block_bucket
from flows.deduplicate.match.compare_parts import compare_part_of_pairs
from flows.deduplicate.match.feature_parts import describe_feature_part
from flows.deduplicate.match.match_incrementally import MatchFolders, match_incrementally
from flows.deduplicate.match.match_records import Matching
from flows.deduplicate.merge.changed_evidence import EVIDENCE_KEY, hash_evidence
from flows.deduplicate.merge.last_merge import MergeFolders, read_last_merge
from flows.deduplicate.merge.members import (
    ClusteredRecords,
    place_records_in_clusters,
    write_members,
)
from flows.deduplicate.merge.merge_added import AddedRecords, merge_added
from flows.deduplicate.merge.merge_clusters import merge_cluster_bucket, merge_member_file
from flows.deduplicate.merge.merge_incrementally import merge_incrementally
from flows.deduplicate.merge.origin_parts import (
    arrange_evidence,
    spread_evidence,
    spread_records,
    write_origin_part,
)
from flows.deduplicate.merge.paper_parts import PaperReaders, spread_papers, write_paper_part
from flows.deduplicate.merge.settle_ids import Released
from flows.deduplicate.part_cache import PartCache
from flows.deduplicate.record_index import RecordParts
from flows.parts import break_seal, require_whole_step, seal_step
from flows.paths import CURATION, StepFolder
from flows.raw.parsed import Parsed, require_whole_parse
from flows.runs.map_parts import map_parts
from flows.runs.progress import watch_task
from schemas.alias import Alias
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.resolution import Resolution

SPILL_FOLDER = "spilled"
"""The folder, beside what the step leaves, where texts wait; a killed run leaves it."""

MERGED = "merged"
"""The folder, in that of the signatures, of what the last run merged."""

STEPS: dict[Callable[..., Any], Task[..., Any]] = {
    step: task(name=name, cache_policy=NO_CACHE, retries=2)(step)
    for step, name in (
        (describe_feature_part, "Describe records"),
        (list_block_keys_of_part, "List keys"),
        (pair_block_bucket, "Pair records"),
        (compare_part_of_pairs, "Compare pairs"),
        (merge_member_file, "Merge records"),
        (merge_cluster_bucket, "Merge clusters"),
        (spread_papers, "Sort papers"),
        (write_paper_part, "Write papers"),
        (spread_evidence, "Sort evidence"),
        (arrange_evidence, "Name origins"),
        (spread_records, "Sort records"),
        (write_origin_part, "Write origins"),
    )
}
"""Steps of matching and merging as tasks. A worker that dies leaves no result: another one works
again on the same files."""

Result = TypeVar("Result")

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
    break_seal(merged)
    require_whole_inputs(parsed, resolved)
    # A run that was killed leaves what it had spilled: gigabytes that nothing else removes.
    shutil.rmtree(merged / SPILL_FOLDER, ignore_errors=True)
    cache = PartCache(signatures / MERGED if signatures else None)
    paths = [part for file in parsed for part in file.parts("records")]
    rejections = [part for file in parsed for part in file.parts("rejections")]
    inputs = name_inputs(paths, rejections, [resolved, JUDGEMENTS, removals.REMOVALS])
    if outcome := find_outcome(cache, inputs, previous):
        place_records(paths, read_deletions(rejections), written.records)
        return place_whole_outcome(outcome, written)
    with external_sort.spill_dir(merged / SPILL_FOLDER) as room, ThreadPoolExecutor(1) as pool:
        # A gigabyte is compared with its sums while the records are collected.
        opened = pool.submit(match_cache.open_match_cache, signatures)
        collected = collect_records(
            paths, previous, merged, resolved, room, rejections=rejections, cache=cache
        )
        merge_records(collected, written, opened.result(), cache, room)
    seal_step(merged)
    # Afterwards: what is kept of the parts has the hashes of the seal beside it.
    keep_run(collected, inputs, written, cache)
    return merged


def keep_run(
    collected: CollectedRecords, inputs: str, written: StepFolder, cache: PartCache
) -> None:
    """Keep what a run left for the next one, which may have the same ``inputs``, or more."""
    if not collected.has_carried_over:
        keep_outcome(cache, inputs, written)
        keep_inputs(cache, collected.matched.files, inputs)
    cache.close()


def place_whole_outcome(outcome: LastOutcome, written: StepFolder) -> Path:
    """Leave the tables of the last run as those of this one; return their folder."""
    place_outcome(outcome, written)
    seal_step(written.folder)
    return written.folder


def require_whole_inputs(parsed: Sequence[Parsed], resolved: Path | None) -> None:
    """Raise `DamagedStep` unless the tables of the steps before are those that were written."""
    for file in parsed:
        require_whole_parse(file)
    if resolved:
        require_whole_step(resolved.parent)


def merge_records(
    collected: CollectedRecords,
    written: StepFolder,
    matched: PartCache,
    cache: PartCache,
    room: Path,
) -> None:
    """Match records, and write their papers and all that is said of them.

    ``matched`` is the cache of matching, ``cache`` that of merging.
    """
    clustered, reports = match_and_label(collected, written, matched, room)
    readers = PaperReaders(text.make_readable, text.make_readable_name)
    folders = MergeFolders(written, cache, room / "merge")
    aliases = merge_clustered(clustered, collected.former, readers, folders)
    tables.save(Alias, aliases, written.aliases)
    reports = pl.concat([reports, collected.unknown_removals])
    tables.save(MatchReport, reports, written.match_reports)


def merge_clustered(
    clustered: ClusteredRecords,
    former: Released | AddedRecords,
    readers: PaperReaders,
    folders: MergeFolders,
) -> pl.DataFrame:
    """Merge all records, or those alone that new ones touch; return the aliases."""
    evidence = hash_evidence(clustered, clustered.read_contents())
    if isinstance(former, AddedRecords):
        aliases = merge_added(clustered, former, readers, folders, map_on_runner)
    else:
        last = read_last_merge(folders.cache)
        members = write_members(clustered, last, folders.room.with_name("members"))
        aliases = merge_incrementally(members, former, readers, folders, map_on_runner)
    # Last: a run that is killed while it merges leaves what the one before has kept.
    folders.cache.keep_frame(EVIDENCE_KEY, evidence)
    return aliases


def match_and_label(
    collected: CollectedRecords, written: StepFolder, cache: PartCache, room: Path
) -> tuple[ClusteredRecords, pl.DataFrame]:
    """Match the records; return their clusters, and the `MatchReport` rows."""
    records, judged = collected.matched, judgements.read_judgements(JUDGEMENTS)
    with external_sort.spill_dir(room / "match") as waiting:
        matching = match_with_cache(records, judged, cache, waiting)
    tables.save(NearMiss, matching.near, written.near_misses)
    resolutions = tables.load(Resolution, written.resolutions)
    evidence = matching.evidence.pipe(resolve.mark_resolved_matches, resolutions)
    matching = replace(matching, evidence=evidence)
    return place_records_in_clusters(records, matching), matching.reports


def map_on_runner(
    step: Callable[..., Result], parts: Sequence[Any], description: str, **fixed: object
) -> list[Result]:
    """Call a step of matching or merging on parts, where the run maps its parts: see `MapSteps`."""
    return map_parts(STEPS[step], parts, description, **fixed)


def match_with_cache(
    records: RecordParts, judged: pl.DataFrame, cache: PartCache, room: Path
) -> Matching:
    """Match records with a cache, and leave there what the next run may take over.

    One that cannot be used or written costs time, not the run: a warning says so. Files of the
    run wait in the folder ``room``.
    """
    folders = MatchFolders(cache, room)
    matching = match_incrementally(records, judged, folders, map_on_runner)
    cache.close()
    return matching
