"""Deduplicate: which records are one paper, under which id, with which values."""

from datetime import date
from pathlib import Path

import polars as pl
from prefect import task

from flows import PROJECT, merging, readable, release, resolution, spilling, tables
from flows.matching import (
    Matching,
    identified,
    judgements,
    match,
    match_again,
    references,
    stored,
)
from flows.matching.nodes import IDENTIFIERS, Records
from flows.matching.review import MATCH_REPORTS, NAMED, NEAR_MISSES
from flows.merging.succession import carried, successors
from flows.parse import Parsed
from flows.progress import CONSOLE, watched
from flows.refusal import Refusal
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.release import Alias, Rejection
from schemas.resolution import Resolution
from schemas.vocabulary import Reason

JUDGEMENTS = PROJECT / "data" / "curation" / "judgements.csv"
"""What people decided about two records."""


REMOVALS = PROJECT / "data" / "curation" / "removals.csv"
"""What authors and others asked to be left out."""


class NoRecords(Refusal):
    """Inputs without a single record."""


@watched
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
    before, newest = gathered(parsed, previous, merged, resolved)
    matching = matched(
        tables.parts(Record, merged / NAMED), judgements.read(JUDGEMENTS), signatures
    )
    found = tables.load(Resolution, merged / "resolutions.parquet")
    clusters = matching.clusters.pipe(resolution.with_rule, found)
    with spilling.room(merged / "spilled") as room:
        whole = merging.merge(tables.parts(Record, merged / NAMED), clusters, room)
        inherited = merging.inherit_ids(whole.heads, whole.evidence, before, newest)
        heads = inherited.papers.pipe(seen_since, before.papers, inherited.aliases)
        papers = merging.papers(
            whole,
            heads,
            room,
            readable=readable.readable,
            readable_name=readable.readable_name,
        )
        tables.save_parts(Paper, papers, merged / "papers.parquet")
        written = tables.parts(Record, merged / "records.parquet")
        origins = merging.origins(written, inherited.origins, room)
        tables.save_parts(Origin, origins, merged / "origins.parquet")
    tables.save(Alias, inherited.aliases, merged / "aliases.parquet")
    tables.save(NearMiss, matching.near, merged / NEAR_MISSES)
    tables.save(MatchReport, matching.reports, merged / MATCH_REPORTS)
    return merged


def gathered(
    parsed: list[Parsed], previous: Path, merged: Path, resolved: Path | None
) -> tuple[merging.Previous, date]:
    """Put all records into one file as written, and into one with what they are matched by.

    Matching reads the second one part by part: it needs words of the abstracts, not the abstracts.
    Leaves what was left out and the resolutions of what was not beside them. Gives what the
    previous release says of ids, and the day of the newest snapshot.
    """
    before = release.read(previous, ("papers", "origins", "aliases"))
    current = tables.load(Record, [part for one in parsed for part in one.parts("records")])
    require_any(current)
    records = pl.concat([current, carried(before["origins"], current)])
    found = tables.load(Resolution, [resolved] if resolved else [])
    identifiable = records.pipe(identified).pipe(resolution.with_resolved, found)
    named, removed = split_removed(identifiable, removals())
    found = found.join(named, on="record_id", how="semi", maintain_order="left")
    tables.save(Record, records, merged / "records.parquet")
    tables.save(Record, named, merged / NAMED)
    tables.save(Rejection, removed, merged / "rejections.parquet")
    tables.save(Resolution, found, merged / "resolutions.parquet")
    ids = merging.Previous(
        before["papers"].select("paper_id", "first_seen", *IDENTIFIERS),
        pl.concat(
            [
                before["origins"].select("record_id", "paper_id"),
                successors(before["origins"], current),
            ]
        ),
        before["aliases"],
    )
    return ids, max(records["snapshot"].to_list())


def require_any(current: pl.DataFrame) -> None:
    """Raise `NoRecords` when the inputs give nothing to make a release of."""
    if current.is_empty():
        raise NoRecords(
            "None of the inputs holds a record that can be read, so there is nothing to release. "
            "Look at the files, or name others: open-papers refresh FILE_OR_FOLDER."
        )


def matched(records: Records, judged: pl.DataFrame, signatures: Path | None) -> Matching:
    """Match records with the signatures in a folder, if one is named, and leave theirs there.

    A folder that cannot be used or written costs time, not the run: a line says so.
    """
    if signatures is None:
        return match(records, judged)
    try:
        known = stored.read(signatures) if signatures.exists() else None
    except stored.Unusable as error:
        CONSOLE.print(f"All records are matched anew: in {signatures}, {error}.")
        known = None
    matching, found = match_again(records, known, judged)
    try:
        if found is not known:
            stored.write(signatures, found)
    except OSError as error:
        CONSOLE.print(f"The next run matches all records anew: {error}.")
    return matching


def removals(path: Path = REMOVALS) -> pl.DataFrame:
    """Read who asked for what to be removed: ``identifier``, ``day``, ``reason``.

    Lines that begin with ``#`` explain the file. Raises `Refusal` naming the fault.
    """
    read = pl.read_csv(path, comment_prefix="#", infer_schema=False)
    if read.columns != ["identifier", "day", "reason"]:
        raise Refusal(f"{path}: the columns are {read.columns}; expected identifier, day, reason.")
    return read


def split_removed(records: pl.DataFrame, asked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split records into those to keep and the `Rejection` rows of those to leave out.

    A removal names records as a judgement does. Raises `Refusal` where it names nothing.
    """
    names = {name: references.canonical(name) for name in asked["identifier"]}
    if nothing := [name for name, found in names.items() if found is None]:
        raise Refusal(
            f"data/curation/removals.csv: {nothing[0] or 'a row'} names no record. Write an "
            "identifier, such as arxiv:2312.00752, or another name that its first lines explain."
        )
    wanted = pl.Series(list(names.values()), dtype=pl.String)
    is_asked = pl.col("record_id").is_in(references.bearers(records, wanted)["record_id"].implode())
    removed = records.filter(is_asked).with_columns(
        reason=pl.lit(Reason.ON_REQUEST.value),
        detail=pl.lit("left out because somebody asked for it (data/curation/removals.csv)"),
        excerpt=pl.lit(""),
    )
    return records.filter(~is_asked), removed.select(Rejection.dtypes().names())


def seen_since(papers: pl.DataFrame, previous: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Keep the day on which a paper was first seen, under whichever of its ids that was."""
    before = (
        previous.select("paper_id", "first_seen")
        .join(aliases, left_on="paper_id", right_on="alias_id", how="left", validate="1:1")
        .group_by(pl.coalesce("paper_id_right", "paper_id").alias("paper_id"))
        .agg(earlier=pl.col("first_seen").min())
    )
    return (
        papers.join(before, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.min_horizontal("first_seen", "earlier").alias("first_seen"))
        .drop("earlier")
    )
