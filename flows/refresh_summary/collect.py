"""Collect: the summary of a run, from what its steps gave and the release holds."""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import polars as pl

from flows import tables
from flows.parse.find_raw_files import FoundFiles
from flows.parse.report_rejections import save_rejections
from flows.parts import DamagedStep, require_whole_step
from flows.paths import RunFolder, StepFolder
from flows.publish import hub
from flows.publish.card.facts import (
    Counted,
    count_rows_of_table,
    find_newest_by_source,
    rank_counts,
)
from flows.publish.task import Publication
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile
from flows.refresh_summary import COUNTED, SourceCount, Summary, quote_text
from flows.release.layout import TABLES, sort_rows
from flows.release.open_release import Release
from flows.release.source_age import rank_ages
from flows.runs import Run
from flows.runs.notices import note_damage
from schemas.gate import count_frame
from schemas.match_report import MatchReport
from schemas.vocabulary import Caution, Source

HARMLESS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?:[ _][A-Za-z0-9.-]+)*")
"""Names of files that read the same in Markdown."""


def summarise_run(
    fetched: FoundFiles,
    parsed: Sequence[Parsed],
    published: Publication,
    interim: Path,
    sent: hub.PushReport | None = None,
) -> Summary:
    """Summarise what the steps of a run gave; the figures come from the release itself."""
    written = published.written
    counted = written.counted
    rows = {name: count_rows_of_table(counted, name) for name in COUNTED}
    held = Release.open(written.folder)
    # Compared with itself a release has no changes; those that count are the ones it tells.
    changes = held.scan_table("changes").scan().select("change").collect()["change"]
    rejections = held.read_table("rejections", [*TABLES["rejections"].key, "record_id"])
    return Summary(
        release=written.folder,
        changed=written.changed,
        # What did not change is compared with itself, and was written by an earlier run.
        is_first=written.changed and held.manifest.get("previous_release") is None,
        sources=count_sources(parsed, counted),
        counts=rows | {"topics": sum(counted.tally("topics").values())},
        rejected=rank_counts(counted.tally("reasons")),
        unseen=count_unseen_fields(parsed),
        topic_rows=rows["topics"],
        carried_over=count_carried_over(parsed, held.scan_table("origins").scan(), rejections),
        first_rejected=find_first_places(sort_rows("rejections", rejections)),
        rejections_file=save_rejections(parsed, interim),
        unread={file.file: file.unread_bytes for file in parsed if file.unread_bytes},
        changes=rank_counts(dict(changes.value_counts().iter_rows())),
        inputs=[describe_input(raw, file) for raw, file in zip(fetched.raw, parsed, strict=True)],
        notes=[*fetched.notes, *(note for file in parsed for note in file.notes)],
        warnings=[*(cut for file in parsed for cut in file.truncated), *published.warnings],
        published=sent,
        default_papers=written.rows.get("papers", 0),
        cautions=count_cautions(RunFolder(interim).merged),
        ages=rank_ages(find_newest_by_source(counted)),
    )


def count_unseen_fields(parsed: Sequence[Parsed]) -> dict[str, int]:
    """Count the fields that parsers neither read nor ignore, by source and name, most first.

    >>> files = [Parsed(Path(), "arxiv", 1, 0, unseen={"mood": n, "rank": 3}) for n in (1, 4)]
    >>> count_unseen_fields(files)
    {'arxiv: rank': 6, 'arxiv: mood': 5}
    """
    unseen: Counter[str] = Counter()
    for file in parsed:
        # Several files of a source have the same fields.
        unseen.update({f"{file.source}: {name}": n for name, n in file.unseen.items()})
    return dict(unseen.most_common())


def count_carried_over(
    parsed: Sequence[Parsed], origins: pl.LazyFrame, rejections: pl.DataFrame
) -> int:
    """Count the records of the release that came from no file of this run.

    ``rejections`` has the ``record_id`` of each: null where what was refused was no record.
    """
    own = origins.select("record_id")
    # Each record that was read is in a paper or refused, and none is there twice: `validate` saw to
    # that. So the ids, of which there are millions, are compared only where any was refused.
    if rejections["record_id"].null_count() == rejections.height:
        return count_frame(own) - sum(file.records for file in parsed)
    parts = [part for file in parsed for part in file.parts("records")]
    if parts:
        read = pl.scan_parquet(parts, glob=False).select("record_id")
        own = own.join(read, on="record_id", how="anti")
    return count_frame(own)


def find_first_places(rejections: pl.DataFrame) -> dict[str, str]:
    """Map each reason to the file and the place of its first rejection."""
    firsts = rejections.group_by("reason").agg(pl.col("file", "line").first())
    return {
        reason: f"{file} at place {line}"
        for reason, file, line in firsts.sort("reason").iter_rows()
    }


def note_result(run: Run, summary: Summary, fetched: FoundFiles) -> None:
    """Note in the record of a run what it read and gave."""
    run.inputs = summarise_inputs(fetched.raw)
    run.manifest = sha256((summary.release / "manifest.json").read_bytes()).hexdigest()
    run.counts, run.rejected = summary.counts, summary.rejected
    run.changes = summary.changes if summary.changed else {}
    if sent := summary.published:
        run.published, run.tag = sent.repo, sent.tag


def summarise_inputs(raw: Sequence[RawFile]) -> list[dict[str, object]]:
    """Return for each source how many files were read, the newest snapshot, and one hash of all.

    The manifest of the release names every file; a record that is kept has to stay small.
    """
    rows = []
    for source in Source:
        files = [file for file in raw if file.source == source]
        if files:
            # One hash stands for all files: the manifest names each of them.
            hashes = "".join(sorted({file.sha256 for file in files}))
            rows.append(
                {
                    "source": source.value,
                    "files": len(files),
                    "newest": max(file.snapshot for file in files).isoformat(),
                    "sha256": sha256(hashes.encode()).hexdigest(),
                }
            )
    return rows


def describe_input(raw: RawFile, parsed: Parsed) -> dict[str, object]:
    """Say what a file was taken for and what it gave."""
    return {
        "file": quote_name(raw.path.name),
        "member": quote_name(raw.member or ""),
        "source": raw.source.value,
        "snapshot": raw.snapshot.isoformat(),
        "records": parsed.records,
        "rejections": parsed.rejections,
    }


def quote_name(name: str) -> str:
    """Put the name of a file into a span of code, unless nothing in it could be Markdown.

    Prefect's older pages render the cells of tables: a name must be neither a link nor an image.

    >>> quote_name("2026-11-28.page_2.json"), quote_name("[x](javascript:alert(1)).txt")
    ('2026-11-28.page_2.json', '`[x](javascript:alert(1)).txt`')
    """
    return quote_text(name) if name and not HARMLESS_NAME.fullmatch(name) else name


def count_sources(parsed: Sequence[Parsed], counted: Counted) -> list[SourceCount]:
    """Count per source, by merge precedence, what was read in this run and is in papers now."""
    records, papers = counted.tally("records"), counted.tally("papers_of_source")
    return [
        SourceCount(
            source=source,
            files=len(of_source),
            records=sum(file.records for file in of_source),
            records_in_papers=records.get(source, 0),
            papers=papers.get(source, 0),
            rejections=sum(file.rejections for file in of_source),
        )
        for source in Source.values()
        if (of_source := [file for file in parsed if file.source == source])
    ]


def count_cautions(merged: StepFolder) -> dict[str, int]:
    """Count what matching reported in the last run, by `Caution`."""
    try:
        require_whole_step(merged.folder, merged.match_reports.name)
    # The release is written by now, perhaps sent: what only the summary shows must not end the run.
    except DamagedStep as damage:
        note_damage("reports of matching", damage, "no cautions are shown")
        return {}
    kinds = tables.load(MatchReport, merged.match_reports)["kind"]
    counts = {kind.value: int((kinds == kind.value).sum()) for kind in Caution}
    return {kind: count for kind, count in counts.items() if count}
