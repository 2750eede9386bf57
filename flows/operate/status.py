"""Status: what the last runs did, how old each source is, and what release there is."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from flows import release, runs
from flows.errors import count_noun
from flows.paths import MANIFEST
from flows.raw.discovery import read_folder_day
from flows.raw.sidecar import SIDECAR, read_sidecar
from flows.release.source_age import is_stale, measure_ages
from flows.runs.terminal import escape_json, escape_text
from flows.sources import SOURCES
from schemas.vocabulary import Source

WIDE = 110
"""Columns that the tables need; on a narrower terminal there are lines instead."""

LONGEST = 500
"""Characters of a text that are shown: a damaged record may hold any, and JSON has it all."""

SHOWN = 5
"""Runs that are shown; the records of more are kept."""

READ = {
    "papers": ["paper_id"],
    "origins": ["source", "snapshot"],
    "rejections": ["source", "snapshot"],
}
"""Columns that are read of a release, which may be far larger than what is shown of it."""


@dataclass(frozen=True)
class SourceState:
    """One source: what is in ``data/raw``, how old that is, and how it was fetched last."""

    source: str
    newest: date | None
    """The last day on which its site gave what can be used, else its newest snapshot."""
    age: int | None
    """Days since then."""
    stale_after: int | None
    """Days from which it is called stale; None for never."""
    is_stale: bool
    records: int
    """In the release."""
    fetched: str | None
    """When it was last asked, by a run whose record is kept."""
    result: str
    """What came of that, in a few words."""


@dataclass(frozen=True)
class ReleaseState:
    """The release: the day of its newest snapshot, its papers, where it was published last."""

    folder: str
    newest: date | None
    papers: int
    published: str | None
    tag: str | None


@dataclass(frozen=True)
class Status:
    """Everything that `open-papers status` says."""

    runs: list[runs.Run]
    unreadable: int
    """Records of runs that cannot be read."""
    sources: list[SourceState]
    release: ReleaseState | None

    def as_json(self) -> str:
        """Return it as JSON."""
        content = asdict(self)
        content["runs"] = [{**asdict(run), "state": run.outcome} for run in self.runs]
        return escape_json(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def read_status(folder: Path, raw: Path, today: date) -> Status:
    """Read the state of a release, its raw files and the records of runs; any may be missing.

    Raises `release.NotARelease` when the folder holds something else.
    """
    recorded = runs.read_newest_runs(runs.name_runs_folder(folder))
    tables = release.read_columns(folder, READ)
    origins = tables["origins"]
    records = dict(origins.group_by("source").len().iter_rows())
    released = {
        source.source: source.newest for source in measure_ages([origins, tables["rejections"]])
    }
    return Status(
        runs=recorded,
        unreadable=runs.count_runs(runs.name_runs_folder(folder)) - len(recorded),
        sources=[
            describe_source(
                source,
                max(
                    filter(None, (find_last_good_day(raw / source), released.get(source))),
                    default=None,
                ),
                recorded,
                int(records.get(source.value, 0)),
                today,
            )
            for source in Source
        ],
        release=describe_release_state(folder, tables, recorded),
    )


def describe_source(
    source: Source, newest: date | None, recorded: list[runs.Run], records: int, today: date
) -> SourceState:
    """Say how old a source is, and what came of its last fetch."""
    age = (today - newest).days if newest else None
    bound = SOURCES[source].STALE_AFTER
    # Records are sorted by time: the first that has the source is its last fetch.
    fetches = [
        (run, result) for run in recorded for result in run.harvested if result["source"] == source
    ]
    run, harvest = fetches[0] if fetches else (None, None)
    return SourceState(
        source=source.value,
        newest=newest,
        age=age,
        stale_after=bound,
        is_stale=age is not None and is_stale(age, bound),
        records=records,
        fetched=run.started if run else None,
        result=describe_fetch(harvest),
    )


def find_last_good_day(folder: Path) -> date | None:
    """Return the newest day on which a source gave what can be used; None where there is nothing.

    Sidecars say it, as a day's file that has not changed is confirmed, not stored again; a file
    without one is as old as its snapshot.
    """
    days = [
        day
        for path in (folder.iterdir() if folder.is_dir() else ())
        for day in [read_folder_day(path.name)]
        # An empty folder may be left by a fetch that failed before its first file.
        if day and path.is_dir() and any(path.iterdir())
    ]
    sidecars = (
        read_sidecar(path.with_name(path.name.removesuffix(SIDECAR)))
        for path in _list_sidecars(folder)
    )
    return max([*days, *(sidecar.seen for sidecar in sidecars if sidecar)], default=None)


def _list_sidecars(folder: Path) -> list[Path]:
    return list(folder.glob(f"*/*{SIDECAR}"))


def describe_fetch(harvest: dict[str, Any] | None) -> str:
    """Say what came of a harvest."""
    if harvest is None:
        return "not asked by any run on record"
    counts = f"{harvest['stored']:,} new, {harvest['unchanged']:,} unchanged"
    failures = harvest["failures"]
    return f"{counts}; {len(failures)} failed: {failures[0]}" if failures else counts


def describe_release_state(
    folder: Path, tables: dict[str, Any], recorded: list[runs.Run]
) -> ReleaseState | None:
    """Say what release there is; None for none."""
    if not (folder / MANIFEST).is_file():
        return None
    newest = max(
        (age.newest for age in measure_ages([tables["origins"], tables["rejections"]])),
        default=None,
    )
    # The release on disk may be newer than the one that was published last.
    sent = next((run for run in recorded if run.published), None)
    return ReleaseState(
        folder=str(folder),
        newest=newest,
        papers=tables["papers"].height,
        published=sent.published if sent else None,
        tag=sent.tag if sent else None,
    )


def render_status(state: Status, width: int = WIDE) -> RenderableType:
    """Show it on a terminal of some columns; where tables do not fit, line by line."""
    is_wide = width >= WIDE
    show_runs, show_sources = (
        (_render_runs, _render_sources) if is_wide else (_list_runs, _list_sources)
    )
    parts: list[RenderableType] = [
        show_runs(state.runs[:SHOWN]) if state.runs else "No run so far."
    ]
    if state.unreadable:
        parts.append(f"{count_noun(state.unreadable, 'record')} of runs cannot be read.")
    return Group(*parts, "", show_sources(state.sources), "", _render_release(state.release))


def _list_runs(recorded: list[runs.Run]) -> RenderableType:
    lines = []
    for run in recorded:
        lines.append(f"{run.started}  {run.flow}: {run.outcome}")
        lines.append(f"  {describe_run_result(run)}")
    return Group(*map(_shorten_text, lines))


def _list_sources(sources: list[SourceState]) -> RenderableType:
    lines = []
    for state in sources:
        age = f", {count_noun(state.age, 'day')} old" if state.age is not None else ""
        stale = ", stale" if state.is_stale else ""
        newest = state.newest or "no file"
        lines.append(f"{state.source}: {newest}{age}{stale}, {count_noun(state.records, 'record')}")
        lines.append(f"  {state.result}")
    return Group(*map(_shorten_text, lines))


def _shorten_text(text: str) -> str:
    return escape_text(text if len(text) <= LONGEST else f"{text[:LONGEST]}...")


def _render_runs(recorded: list[runs.Run]) -> Table:
    table = Table("run", "started", "state", box=None, pad_edge=False, header_style="bold")
    for header in ("seconds", "peak MB"):
        table.add_column(header, justify="right")
    table.add_column("what")
    for run in recorded:
        peak = max((step.peak_mb for step in run.steps), default=0)
        # Nobody knows when a killed run ended.
        seconds = "" if run.outcome == "killed" else f"{run.seconds:,.0f}"
        cells = (run.flow, run.started, run.outcome, seconds, f"{peak:,}", describe_run_result(run))
        table.add_row(*map(_shorten_text, cells))
    return table


def describe_run_result(run: runs.Run) -> str:
    """Say what a run did, in a line."""
    if run.message:
        return run.message.splitlines()[0]
    if run.outcome in {"killed", "running"}:
        return "ended before it could say why" if run.outcome == "killed" else "under way"
    failed = sum(len(result["failures"]) for result in run.harvested)
    news = [f"{number:,} {kind}" for kind, number in run.changes.items()]
    stored = sum(result["stored"] for result in run.harvested)
    news += [count_noun(stored, "new file")] if stored else []
    news += [f"{count_noun(failed, 'failure')} at sites"] if failed else []
    news += [f"published as {run.tag}"] if run.tag else []
    return ", ".join(news) or "nothing changed"


def _render_sources(sources: list[SourceState]) -> Table:
    table = Table("source", "newest", box=None, pad_edge=False, header_style="bold")
    for header in ("days old", "stale after"):
        table.add_column(header, justify="right")
    table.add_column("stale")
    table.add_column("records", justify="right")
    table.add_column("last fetch")
    for state in sources:
        age = "" if state.age is None else f"{state.age:,}"
        bound = "never" if state.stale_after is None else f"{state.stale_after:,}"
        cells = (
            state.source,
            str(state.newest or "none"),
            age,
            bound,
            "yes" if state.is_stale else "",
        )
        table.add_row(*map(_shorten_text, (*cells, f"{state.records:,}", state.result)))
    return table


def _render_release(state: ReleaseState | None) -> str:
    if state is None:
        return "No release so far: make one with `open-papers refresh`."
    where = f"published to {state.published}" if state.published else "not published by any run"
    tag = f" as {state.tag}" if state.tag else ""
    papers = count_noun(state.papers, "paper")
    text = f"{state.folder}: {papers}, newest snapshot {state.newest}, {where}{tag}"
    return _shorten_text(text)
