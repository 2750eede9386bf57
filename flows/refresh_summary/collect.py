"""Collect: the summary of a run, from what its steps gave and the release holds."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import polars as pl

from flows import release, tables
from flows.parse.find_raw_files import FoundFiles
from flows.parse.report_rejections import save_rejections
from flows.paths import RunFolder, StepFolder
from flows.publish import hub
from flows.publish.task import Publication
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile
from flows.refresh_summary import COUNTED, SourceCount, Summary
from flows.release.source_age import measure_ages
from flows.runs import Run
from schemas.match_report import MatchReport
from schemas.vocabulary import Caution, Source


def summarise_run(
    fetched: FoundFiles,
    parsed: Sequence[Parsed],
    published: Publication,
    interim: Path,
    sent: hub.PushReport | None = None,
) -> Summary:
    """Summarise what the steps of a run gave; the figures come from the release itself."""
    written = published.written
    frames = {name: release.read_table(written.folder, name) for name in (*COUNTED, "origins")}
    changes = release.read_table(written.folder, "changes")
    assigned = frames["topics"]["is_assigned"].sum()
    unseen = Counter(
        {f"{file.source}: {name}": n for file in parsed for name, n in file.unseen.items()}
    )
    return Summary(
        release=written.folder,
        changed=written.changed,
        sources=count_sources(parsed, frames["origins"]),
        counts={**{name: frames[name].height for name in COUNTED}, "topics": int(assigned)},
        rejected=_count_values(frames["rejections"]["reason"]),
        unseen=dict(unseen.most_common()),
        topic_rows=frames["topics"].height,
        carried_over=count_carried_over(parsed, frames["origins"]),
        first_rejected=find_first_places(frames["rejections"]),
        rejections_file=save_rejections(parsed, interim),
        unread={file.file: file.unread_bytes for file in parsed if file.unread_bytes},
        changes=_count_values(changes["change"]),
        inputs=[describe_input(raw, file) for raw, file in zip(fetched.raw, parsed, strict=True)],
        notes=[*fetched.notes, *(note for file in parsed for note in file.notes)],
        warnings=[*(cut for file in parsed for cut in file.truncated), *published.warnings],
        published=sent,
        default_papers=written.rows.get("papers", 0),
        cautions=count_cautions(RunFolder(interim).merged),
        ages=measure_ages([frames["origins"], frames["rejections"]]),
    )


def count_carried_over(parsed: Sequence[Parsed], origins: pl.DataFrame) -> int:
    """Count the records of the release that came from no file of this run."""
    parts = [part for file in parsed for part in file.parts("records")]
    if not parts:
        return origins.height
    read = pl.scan_parquet(parts, glob=False).select("record_id")
    own = origins.lazy().join(read, on="record_id", how="anti").select(pl.len())
    return int(own.collect().item())


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
        "file": raw.path.name,
        "member": raw.member or "",
        "source": raw.source.value,
        "snapshot": raw.snapshot.isoformat(),
        "records": parsed.records,
        "rejections": parsed.rejections,
    }


def count_sources(parsed: Sequence[Parsed], origins: pl.DataFrame) -> list[SourceCount]:
    """Count per source, by merge precedence, what was read in this run and is in papers now."""
    held = origins.group_by("source").agg(records=pl.len(), papers=pl.col("paper_id").n_unique())
    records, papers = (dict(held.select("source", name).iter_rows()) for name in held.columns[1:])
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


def _count_values(values: pl.Series) -> dict[str, int]:
    counts = values.value_counts().sort("count", values.name, descending=[True, False])
    return dict(counts.iter_rows())


def count_cautions(merged: StepFolder) -> dict[str, int]:
    """Count what matching reported in the last run, by `Caution`."""
    kinds = tables.load(MatchReport, merged.match_reports)["kind"]
    counts = {kind.value: int((kinds == kind.value).sum()) for kind in Caution}
    return {kind: count for kind, count in counts.items() if count}
