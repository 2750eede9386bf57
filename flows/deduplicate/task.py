"""Deduplicate: which records are one paper, under which id, with which values."""

import shutil
from pathlib import Path

import polars as pl
from prefect import task

from flows import external_sort, tables, text
from flows.deduplicate import resolve
from flows.deduplicate.collect_records import collect_records
from flows.deduplicate.match import judgements, match_cache
from flows.deduplicate.match.match_incrementally import match_incrementally
from flows.deduplicate.match.match_records import Matching, match_records
from flows.deduplicate.merge.inherit_ids import inherit_ids
from flows.deduplicate.merge.merge_clusters import merge_clusters, write_origins, write_papers
from flows.parts import Records
from flows.paths import CURATION, StepFolder
from flows.raw.parsed import Parsed
from flows.runs.progress import CONSOLE, watch_task
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.release import Alias
from schemas.resolution import Resolution

SPILL_FOLDER = "spilled"
"""The folder, beside what the step leaves, where texts wait; a killed run leaves it."""

JUDGEMENTS = CURATION / "judgements.csv"
"""What people decided about two records."""


@watch_task
@task(
    name="Deduplicate",
    task_run_name="Deduplicate and merge",
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
    paths = [part for file in parsed for part in file.parts("records")]
    rejections = [part for file in parsed for part in file.parts("rejections")]
    collected = collect_records(paths, previous, merged, resolved, rejections)
    previous_ids = collected.previous
    matching = match_with_cache(
        tables.scan_parts(Record, written.matched_records),
        judgements.read_judgements(JUDGEMENTS),
        signatures,
    )
    resolutions = tables.load(Resolution, written.resolutions)
    clusters = matching.clusters.pipe(resolve.mark_resolved_matches, resolutions)
    with external_sort.spill_dir(merged / SPILL_FOLDER) as room:
        whole = merge_clusters(tables.scan_parts(Record, written.matched_records), clusters, room)
        inherited = inherit_ids(whole.heads, whole.evidence, previous_ids, collected.newest)
        heads = inherited.papers.pipe(keep_first_seen, previous_ids.papers, inherited.aliases)
        readers = {"readable": text.make_readable, "readable_name": text.make_readable_name}
        papers = write_papers(whole, heads, room, **readers)
        tables.save_table_parts(Paper, papers, written.papers)
        records = tables.scan_parts(Record, written.records)
        origins = write_origins(records, inherited.origins, room)
        tables.save_table_parts(Origin, origins, written.origins)
    tables.save(Alias, inherited.aliases, written.aliases)
    tables.save(NearMiss, matching.near, written.near_misses)
    reports = pl.concat([matching.reports, collected.unknown_removals])
    tables.save(MatchReport, reports, written.match_reports)
    return merged


def match_with_cache(records: Records, judged: pl.DataFrame, signatures: Path | None) -> Matching:
    """Match records with the cache in a folder, if one is named, and leave theirs there.

    A folder that cannot be used or written costs time, not the run: a line says so.
    """
    if signatures is None:
        return match_records(records, judged)
    try:
        cached = match_cache.read_cache(signatures) if signatures.exists() else None
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


def keep_first_seen(
    papers: pl.DataFrame, previous: pl.DataFrame, aliases: pl.DataFrame
) -> pl.DataFrame:
    """Keep the day on which a paper was first seen, under whichever of its ids that was."""
    earlier = (
        previous.select("paper_id", "first_seen")
        .join(aliases, left_on="paper_id", right_on="alias_id", how="left", validate="1:1")
        .group_by(pl.coalesce("paper_id_right", "paper_id").alias("paper_id"))
        .agg(earlier=pl.col("first_seen").min())
    )
    return (
        papers.join(earlier, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.min_horizontal("first_seen", "earlier").alias("first_seen"))
        .drop("earlier")
    )
