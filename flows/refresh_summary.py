"""Summary: what a run did, for a terminal and for a Prefect artifact."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as RichTable

from flows import release, tables
from flows.parse.find_raw_files import FoundFiles
from flows.paths import RELEASE, RunFolder, StepFolder
from flows.publish import hub
from flows.publish.card.markdown import escape_markdown, render_table
from flows.publish.task import Publication
from flows.raw.fetch_result import FetchResult
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile
from flows.release.source_age import SourceAge, is_stale, measure_ages
from flows.runs import Run
from flows.runs.terminal import escape_text
from flows.sources import SOURCES
from schemas.match_report import MatchReport
from schemas.vocabulary import Caution, Source

COUNTED = ("papers", "links", "topics", "rejections")
"""Tables whose size a stranger wants to know first."""


@dataclass(frozen=True)
class SourceCount:
    """What one source gave: files and records read, records in papers, pieces rejected."""

    source: str
    files: int
    records: int
    papers: int
    rejections: int


@dataclass(frozen=True)
class Summary:
    """What a run did. Every number is a count of rows unless its name says otherwise."""

    release: Path
    changed: bool
    """Whether the release differs from the one that was there before."""
    sources: list[SourceCount]
    counts: dict[str, int]
    """Rows by table; of the topics those that are assigned."""
    rejected: dict[str, int]
    """Rejections by reason."""
    unseen: dict[str, int]
    """Fields that no parser knows, by ``source: field``."""
    changes: dict[str, int]
    """Papers added, updated, merged and removed since the previous release."""
    inputs: list[dict[str, object]] = field(default_factory=list)
    """What each file was taken for, and what it gave, as rows for the run's artifact."""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """Gates that ask for a look without stopping the release."""
    published: hub.PushReport | None = None
    """What was done on the Hub; None when nothing was asked."""
    ages: list[SourceAge] = field(default_factory=list)
    """How old each source of the release is."""
    cautions: dict[str, int] = field(default_factory=dict)
    """What matching reported, by `Caution`."""
    harvested: list[FetchResult] = field(default_factory=list)
    """What was brought from the sources' sites before the release was made."""
    default_papers: int | None = None
    """Papers of the config that is loaded when none is named; None where it was not counted."""
    today: date | None = None
    """The day of a routine's run, from which ages are counted; else from the newest snapshot."""

    def lines(self) -> list[tuple[str, str]]:
        """Give the summary's facts as pairs of a name and a text, in reading order."""
        read = sum(count.records for count in self.sources)
        facts = [("harvested", entry.sentence()) for entry in self.harvested]
        facts += [("records read", f"{read:,}")]
        facts += [(table, f"{self.counts.get(table, 0):,}") for table in COUNTED]
        facts += self.describe_default()
        facts += [(f"  {reason}", f"{n:,}") for reason, n in self.rejected.items()]
        facts += [(f"unknown field {name}", f"{n:,} times") for name, n in self.unseen.items()]
        facts += [("matching", describe_cautions(self.cautions))] if self.cautions else []
        facts += [("note", note) for note in self.notes]
        facts += [("look at", warning) for warning in self.warnings]
        facts += [("stale", entry.sentence()) for entry in self.standings() if entry.is_stale]
        facts += [("since the last release", self.news()), ("release", self.place())]
        facts += [("hub", self.published.sentence())] if self.published else []
        return facts

    def standings(self) -> list["SourceFreshness"]:
        """Say how old each source is; an answer that has not changed is as good as a new one."""
        heard = {result.source: result.newest for result in self.harvested if result.newest}
        standings_ = []
        for age in self.ages:
            newest = max(age.newest, heard.get(age.source, age.newest))
            days = (self.today - newest).days if self.today else age.behind
            standings_.append(SourceFreshness(age.source, newest, days, self._unit()))
        return standings_

    def _unit(self) -> str:
        return "days old" if self.today else "days behind the newest snapshot"

    def news(self) -> str:
        """Say what changed since the release before, in a line."""
        if not self.changed:
            return "nothing changed"
        changes = ", ".join(f"{n:,} {kind}" for kind, n in self.changes.items())
        return changes or "no paper changed, only what the release is made from"

    def place(self) -> str:
        """Give the release's folder as one would type it here."""
        here = Path.cwd()
        within = self.release.is_relative_to(here)
        return str(self.release.relative_to(here) if within else self.release)

    def describe_default(self) -> list[tuple[str, str]]:
        """Say which papers the default config leaves out, and how to have them; else nothing."""
        papers = self.counts.get("papers", 0)
        if self.default_papers is None or self.default_papers == papers:
            return []
        text = f"{self.default_papers:,} under CC0; `all_papers` has all {papers:,}"
        return [("  in the default config", text)]

    def load_line(self) -> str:
        """Give the one line of Python that loads the release."""
        return f'datasets.load_dataset("{self.place()}", split="train")'

    def explore_line(self) -> str:
        """Give the command that shows the release in the browser."""
        is_usual = self.release.resolve() == RELEASE.resolve()
        option = "" if is_usual else f" --release {shlex.quote(self.place())}"
        return f"open-papers explore{option}"

    def rendered(self) -> RenderableType:
        """Give the summary for a terminal. Text from files is escaped: it is not markup."""
        facts = RichTable.grid(padding=(0, 2))
        for name, text in self.lines():
            facts.add_row(escape_text(name), escape_text(text))
        next_steps = [
            f"Load it:     {escape(self.load_line())}",
            f"Look at it:  {escape(self.explore_line())}",
        ]
        return Group(self._sources(), "", facts, "", *next_steps)

    def _sources(self) -> RichTable:
        table = RichTable("source", box=None, pad_edge=False, header_style="bold")
        for header in ("files", "records", "in papers", "rejections"):
            table.add_column(header, justify="right")
        for source in self.sources:
            numbers = (source.files, source.records, source.papers, source.rejections)
            table.add_row(source.source, *(f"{number:,}" for number in numbers))
        return table

    def table(self) -> list[dict[str, object]]:
        """Give the figures of each source as rows, for the run's artifact."""
        return [asdict(source) for source in self.sources]

    def markdown(self) -> str:
        """Give the summary as Markdown, for the run's artifact: four questions, four answers."""
        parts = {
            "What came in": self._came_in(),
            "What changed": self._changed(),
            "What was refused": self._refused(),
            "What is getting stale": self._stale(),
        }
        sections = [f"## {question}\n\n{answer}" for question, answer in parts.items()]
        return "\n\n".join([*sections, f"```python\n{self.load_line()}\n```"])

    def _came_in(self) -> str:
        sites = [f"- {result.sentence()}" for result in self.harvested]
        sites += [
            f"  - {escape_markdown(failure)}"
            for result in self.harvested
            for failure in result.failures
        ]
        rows = [
            (result.source, result.files, result.records, result.papers) for result in self.sources
        ]
        read = render_table(("source", "files", "records", "in papers"), rows, numbers=3)
        return "\n".join([*sites, "", read]).strip()

    def _changed(self) -> str:
        held = ", ".join(f"{self.counts.get(name, 0):,} {name}" for name in COUNTED[:-1])
        lines = [f"{self.news()}. The release holds {held}."]
        lines += [escape_markdown(self.published.sentence())] if self.published else []
        return "\n\n".join(lines)

    def _refused(self) -> str:
        lines_ = [f"{n:,} times {reason}" for reason, n in self.rejected.items()]
        lines_ += [f"field {name}, unknown: {n:,} times" for name, n in self.unseen.items()]
        lines_ += [*self.notes, *(f"look at: {warning}" for warning in self.warnings)]
        lines_ += [f"matching: {describe_cautions(self.cautions)}"] if self.cautions else []
        return "\n".join(f"- {escape_markdown(line)}" for line in lines_) or "Nothing."

    def _stale(self) -> str:
        rows = [
            (
                freshness.source,
                freshness.newest,
                "yes" if freshness.is_stale else "",
                freshness.days,
            )
            for freshness in self.standings()
        ]
        return render_table(("source", "last good answer", "stale", self._unit()), rows, numbers=1)


@dataclass(frozen=True)
class SourceFreshness:
    """How old a source is."""

    source: Source
    newest: date
    """The last day on which it gave something that could be used."""
    days: int
    unit: str
    """What ``days`` counts, in words."""

    @property
    def is_stale(self) -> bool:
        """Say whether somebody should look."""
        return is_stale(self.days, SOURCES[self.source].STALE_AFTER)

    def sentence(self) -> str:
        """Say how old it is, in a line."""
        return f"{self.source} is of {self.newest}, {self.days:,} {self.unit}"


def summarise_run(
    fetched: FoundFiles,
    parsed: Sequence[Parsed],
    published: Publication,
    interim: Path,
    sent: hub.PushReport | None = None,
) -> Summary:
    """Put together what the steps of a run gave; the figures come from the release itself."""
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
        changes=_count_values(changes["change"]),
        inputs=[describe_input(raw, file) for raw, file in zip(fetched.raw, parsed, strict=True)],
        notes=[*fetched.notes, *(note for file in parsed for note in file.notes)],
        warnings=[*(cut for file in parsed for cut in file.truncated), *published.warnings],
        published=sent,
        default_papers=written.rows.get("papers", 0),
        cautions=count_cautions(RunFolder(interim).merged),
        ages=measure_ages([frames["origins"], frames["rejections"]]),
    )


def note_result(run: Run, summary: Summary, fetched: FoundFiles) -> None:
    """Note in the record of a run what it read and gave."""
    run.inputs = summarise_inputs(fetched.raw)
    run.manifest = sha256((summary.release / "manifest.json").read_bytes()).hexdigest()
    run.counts, run.rejected = summary.counts, summary.rejected
    run.changes = summary.changes if summary.changed else {}
    if sent := summary.published:
        run.published, run.tag = sent.repo, sent.tag


def summarise_inputs(raw: Sequence[RawFile]) -> list[dict[str, object]]:
    """Give for each source how many files were read, the newest snapshot, and one hash of all.

    The manifest of the release names every file; a record that is kept has to stay small.
    """
    rows = []
    for source in Source:
        files = [file for file in raw if file.source == source]
        if files:
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
    papers = dict(origins.group_by("source").agg(pl.col("paper_id").n_unique()).iter_rows())
    return [
        SourceCount(
            source=source,
            files=len(of_source),
            records=sum(file.records for file in of_source),
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


def describe_cautions(counts: Mapping[str, int]) -> str:
    """Say what matching reported, in a line."""
    causes = ", ".join(f"{n:,} times {kind}" for kind, n in counts.items())
    return f"{causes}: open-papers review lists it"
