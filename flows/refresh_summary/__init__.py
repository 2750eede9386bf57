"""Summary: what a run did, for a terminal and for a Prefect artifact."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from huggingface_hub import constants
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as RichTable

from flows.errors import count_noun
from flows.paths import RELEASE
from flows.publish import hub
from flows.publish.card.markdown import render_table
from flows.raw.fetch_result import FetchResult
from flows.redact import blank_unprintable
from flows.refresh_summary.freshness import SourceFreshness
from flows.release.source_age import SourceAge
from flows.runs.terminal import LabelledLines

HEADERS = ("files", "records", "in papers", "papers", "rejections")
"""What the columns of `SourceCount` are called: ``in papers`` counts records."""

SHOWN_NOTES = 8
"""Notes, and unknown fields, that a terminal shows; the artifact of the run has all of them."""

COUNTED = ("papers", "links", "topics", "rejections")
"""Tables whose size a stranger wants to know first."""


@dataclass(frozen=True)
class SourceCount:
    """What one source gave in this run, and what the release holds of it."""

    source: str
    files: int
    records: int
    """Records that were read."""
    records_in_papers: int
    """Records of the release, of earlier runs too: several can be one paper."""
    papers: int
    """Papers that have a record of this source."""
    rejections: int

    def numbers(self) -> tuple[int, ...]:
        """Return the figures in the order of `HEADERS`."""
        return self.files, self.records, self.records_in_papers, self.papers, self.rejections


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
    today: date | None = None
    """The day of a routine's run, from which ages are counted; else from the newest snapshot."""
    topic_rows: int | None = None
    """Rows of the topics, those that are only candidates too; None where it was not counted."""
    carried_over: int = 0
    """Records of the last release whose files were not read again."""
    first_rejected: dict[str, str] = field(default_factory=dict)
    """File and place of the first rejection of each reason."""
    rejections_file: Path | None = None
    """Where every rejection of the run is; None where there are none."""
    unread: dict[str, int] = field(default_factory=dict)
    """Bytes that no record was made of, by file."""
    default_papers: int | None = None
    """Papers of the config that is loaded when none is named; None where it was not counted."""

    is_first: bool = False
    """Whether the release follows no other one."""

    def lines(self) -> list[tuple[str, str]]:
        """Return the summary's facts as pairs of a name and a text, in reading order."""
        read = sum(count.records for count in self.sources)
        facts = [("fetched", entry.sentence()) for entry in self.harvested]
        facts += [("records read", f"{read:,}")]
        if self.carried_over:
            facts += [
                ("carried over", f"{count_noun(self.carried_over, 'record')} of the last release")
            ]
        facts += self._count_tables()
        facts += self._list_unknown_fields()
        facts += [("matching", describe_cautions(self.cautions))] if self.cautions else []
        facts += [("note", note) for note in self.notes[:SHOWN_NOTES]]
        more = len(self.notes) - SHOWN_NOTES
        facts += [("note", f"and {more:,} more")] if more > 0 else []
        facts += [
            ("not read", f"{count_noun(n, 'byte')} of {file}") for file, n in self.unread.items()
        ]
        facts += [("look at", warning) for warning in self.warnings]
        facts += [
            ("stale", entry.sentence()) for entry in self.measure_freshness() if entry.is_stale
        ]
        since = "in this first release" if self.is_first else "since the last release"
        facts += [(since, self.news()), ("release", self.place())]
        facts += [("hub", self.published.sentence())] if self.published else []
        return facts

    def _list_unknown_fields(self) -> list[tuple[str, str]]:
        """Name the fields that were seen most; lists of references have hundreds of their own."""
        often = sorted(self.unseen.items(), key=lambda seen: -seen[1])
        facts = [f"{name}, {count_noun(n, 'time')}" for name, n in often[:SHOWN_NOTES]]
        more = len(often) - SHOWN_NOTES
        facts += [f"and {count_noun(more, 'field')} more"] if more > 0 else []
        return [("unknown field", text) for text in facts]

    def _count_tables(self) -> list[tuple[str, str]]:
        """Count the rows of the tables, and where the rejections are."""
        facts = []
        for table in COUNTED:
            facts += [(table, self._describe_count(table))]
            facts += self.describe_default() if table == "papers" else []
        for reason, n in self.rejected.items():
            first = self.first_rejected.get(reason)
            facts += [(f"  {reason}", f"{n:,}, the first in {first}" if first else f"{n:,}")]
        if self.rejections_file:
            facts += [("  each of them", f"in {self.rejections_file}")]
        return facts

    def _describe_count(self, table: str) -> str:
        count = f"{self.counts.get(table, 0):,}"
        if table == "topics" and self.topic_rows is not None:
            return f"{count} assigned, of {self.topic_rows:,} rows with a score"
        return count

    def describe_default(self) -> list[tuple[str, str]]:
        """Say which papers the default config leaves out, and how to have them; else nothing."""
        papers = self.counts.get("papers", 0)
        if self.default_papers is None or self.default_papers == papers:
            return []
        text = f"{self.default_papers:,} under CC0; `all_papers` has all {papers:,}"
        return [("  in the default config", text)]

    def measure_freshness(self) -> list[SourceFreshness]:
        """Return how old each source is; an answer that has not changed is as good as a new one."""
        answered = {result.source: result.newest for result in self.harvested if result.newest}
        freshness = []
        for age in self.ages:
            # A day that was asked for again and has not changed is as good as a new file.
            newest = max(age.newest, answered.get(age.source, age.newest))
            days = (self.today - newest).days if self.today else age.behind
            freshness.append(SourceFreshness(age.source, newest, days, self._unit()))
        return freshness

    def _unit(self) -> str:
        return "days old" if self.today else "days behind the newest snapshot"

    def news(self) -> str:
        """Say what changed since the previous release, in a line."""
        if not self.changed:
            return "nothing changed"
        changes = ", ".join(f"{n:,} {kind}" for kind, n in self.changes.items())
        return changes or "no paper changed, only what the release is made from"

    def place(self) -> str:
        """Return the release's folder as one would type it here."""
        # Short where it can be: people copy the line that loads it.
        here = Path.cwd()
        within = self.release.is_relative_to(here)
        return str(self.release.relative_to(here) if within else self.release)

    def load_line(self) -> str:
        """Return the one line of Python that loads the release: at its tag, where it has one."""
        if self.published and self.published.tag:
            return (
                f'datasets.load_dataset("{self.published.repo}", split="train", '
                f'revision="{self.published.tag}")'
            )
        place = self.place()
        # Whatever a folder is called, the line can be copied, and turns no text around.
        quoted = json.dumps(place, ensure_ascii=not place.isprintable())
        return f'datasets.load_dataset({quoted}, split="train")'

    def page(self) -> str:
        """Return the address of the dataset; empty where nothing was published."""
        return f"{constants.ENDPOINT}/datasets/{self.published.repo}" if self.published else ""

    def explore_line(self) -> str:
        """Return the command that shows the release in the browser."""
        is_usual = self.release.resolve() == RELEASE.resolve()
        option = "" if is_usual else f" --release {shlex.quote(self.place())}"
        return f"open-papers explore{option}"

    def rendered(self) -> RenderableType:
        """Return the summary for a terminal. Text from files is escaped: it is not markup."""
        next_steps = [
            f"Load it:     {escape(self.load_line())}",
            f"Look at it:  {escape(self.explore_line())}",
        ]
        if self.published and self.published.tag:
            next_steps.insert(0, f"Published:   {escape(self.page())}")
        return Group(self._sources(), "", LabelledLines(self.lines()), "", *next_steps)

    def _sources(self) -> RichTable:
        table = RichTable("source", box=None, pad_edge=False, header_style="bold")
        for header in HEADERS:
            table.add_column(header, justify="right")
        for source in self.sources:
            table.add_row(source.source, *(f"{number:,}" for number in source.numbers()))
        return table

    def table(self) -> list[dict[str, object]]:
        """Return the figures of each source as rows, for the run's artifact."""
        return [asdict(source) for source in self.sources]

    def markdown(self) -> str:
        """Return the summary as Markdown, for the run's artifact: four questions, four answers.

        What comes from files and sites is in spans of code, which no renderer acts on.
        """
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
            f"  - {quote_text(failure)}" for result in self.harvested for failure in result.failures
        ]
        rows = [(count.source, *count.numbers()) for count in self.sources]
        read = render_table(("source", *HEADERS), rows, numbers=len(HEADERS))
        return "\n".join([*sites, "", read]).strip()

    def _changed(self) -> str:
        held = ", ".join(f"{self.counts.get(name, 0):,} {name}" for name in COUNTED[:-1])
        lines = [f"{self.news()}. The release holds {held}."]
        lines += [quote_text(self.published.sentence())] if self.published else []
        return "\n\n".join(lines)

    def _refused(self) -> str:
        lines = [f"{count_noun(n, 'time')} {reason}" for reason, n in self.rejected.items()]
        lines += [
            f"field {name}, unknown: {count_noun(n, 'time')}" for name, n in self.unseen.items()
        ]
        lines += [*self.notes, *(f"look at: {warning}" for warning in self.warnings)]
        lines += [f"matching: {describe_cautions(self.cautions)}"] if self.cautions else []
        return "\n".join(f"- {quote_text(line)}" for line in lines) or "Nothing."

    def _stale(self) -> str:
        rows = [
            (
                freshness.source,
                freshness.newest,
                "yes" if freshness.is_stale else "",
                freshness.days,
            )
            for freshness in self.measure_freshness()
        ]
        return render_table(("source", "last good answer", "stale", self._unit()), rows, numbers=1)


def describe_cautions(counts: Mapping[str, int]) -> str:
    """Say what matching reported, in a line."""
    causes = ", ".join(f"{count_noun(n, 'time')} {kind}" for kind, n in counts.items())
    return f"{causes}: open-papers review lists it"


def quote_text(text: str) -> str:
    r"""Put a text into a span of code on one line: readable, and inert in every renderer.

    >>> quote_text("not-a-paper | [x](http://a.org)\n`<script>`")
    "`not-a-paper | [x](http://a.org) '<script>'`"
    """
    return f"`{' '.join(blank_unprintable(text).split()).replace('`', chr(39)) or ' '}`"
