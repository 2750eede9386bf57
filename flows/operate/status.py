"""Status: what the last runs did, how old each source is, and what release there is."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from flows import release, runs
from flows.raw.discovery import DAY
from flows.raw.sidecar import SIDECAR, read_sidecar
from flows.redact import blank_unprintable
from flows.release.source_age import is_stale, measure_ages
from flows.sources import SOURCES
from schemas.vocabulary import Source

SHOWN = 5
"""Runs that are shown; the records of more are kept."""

READ = {
    "papers": ["paper_id"],
    "origins": ["source", "snapshot"],
    "rejections": ["source", "snapshot"],
}
"""Columns that are read of a release, which may be far larger than what is told of it."""


@dataclass(frozen=True)
class SourceState:
    """One source: what lies in ``data/raw``, how old that is, and how it was fetched last."""

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
        """Give it as JSON."""
        content = asdict(self)
        content["runs"] = [{**asdict(run), "state": run.outcome} for run in self.runs]
        return json.dumps(content, indent=2, ensure_ascii=False, default=str)


def status(folder: Path, raw: Path, today: date) -> Status:
    """Look at a release's folder, the raw files and the records of runs; any may be missing.

    Raises `release.NotARelease` when the folder holds something else.
    """
    known = runs.newest(runs.folder_of(folder))
    tables = release.read_columns(folder, READ)
    origins = tables["origins"]
    records = dict(origins.group_by("source").len().iter_rows())
    released = {one.source: one.newest for one in measure_ages([origins, tables["rejections"]])}
    return Status(
        runs=known,
        unreadable=runs.count(runs.folder_of(folder)) - len(known),
        sources=[
            source_state(
                one,
                max(filter(None, (last_good(raw / one), released.get(one))), default=None),
                known,
                int(records.get(one.value, 0)),
                today,
            )
            for one in Source
        ],
        release=release_state(folder, tables, known),
    )


def source_state(
    source: Source, newest: date | None, known: list[runs.Run], records: int, today: date
) -> SourceState:
    """Say how a source stands."""
    age = (today - newest).days if newest else None
    bound = SOURCES[source].STALE_AFTER
    asked = [(run, one) for run in known for one in run.harvested if one["source"] == source]
    run, harvest = asked[0] if asked else (None, None)
    return SourceState(
        source=source.value,
        newest=newest,
        age=age,
        stale_after=bound,
        is_stale=age is not None and is_stale(age, bound),
        records=records,
        fetched=run.started if run else None,
        result=result_of(harvest),
    )


def last_good(folder: Path) -> date | None:
    """Give the newest day on which a source gave what can be used; None where there is nothing.

    It is told by the sidecars, as a day's file that has not changed is confirmed, not stored
    again; a file that has none is as old as its snapshot.
    """
    days = [
        date.fromisoformat(path.name)
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_dir() and DAY.fullmatch(path.name) and any(path.iterdir())
    ]
    sidecars = (
        read_sidecar(path.with_name(path.name.removesuffix(SIDECAR))) for path in _sidecars(folder)
    )
    return max([*days, *(one.seen for one in sidecars if one)], default=None)


def _sidecars(folder: Path) -> list[Path]:
    return list(folder.glob(f"*/*{SIDECAR}"))


def result_of(harvest: dict[str, Any] | None) -> str:
    """Say what came of a harvest."""
    if harvest is None:
        return "not asked by any run on record"
    told = f"{harvest['stored']:,} new, {harvest['unchanged']:,} unchanged"
    failures = harvest["failures"]
    return f"{told}; {len(failures)} failed: {failures[0]}" if failures else told


def release_state(
    folder: Path, tables: dict[str, Any], known: list[runs.Run]
) -> ReleaseState | None:
    """Say what release there is; None for none."""
    if not (folder / "manifest.json").is_file():
        return None
    newest = max(
        (age.newest for age in measure_ages([tables["origins"], tables["rejections"]])),
        default=None,
    )
    sent = next((run for run in known if run.published), None)
    return ReleaseState(
        folder=str(folder),
        newest=newest,
        papers=tables["papers"].height,
        published=sent.published if sent else None,
        tag=sent.tag if sent else None,
    )


def rendered(found: Status) -> RenderableType:
    """Show it on a terminal."""
    parts: list[RenderableType] = [_runs(found.runs[:SHOWN]) if found.runs else "No run so far."]
    if found.unreadable:
        parts.append(f"{found.unreadable:,} records of runs cannot be read.")
    return Group(*parts, "", _sources(found.sources), "", _release(found.release))


def _runs(known: list[runs.Run]) -> Table:
    table = Table("run", "started", "state", box=None, pad_edge=False, header_style="bold")
    for header in ("seconds", "peak MB"):
        table.add_column(header, justify="right")
    table.add_column("what")
    for run in known:
        peak = max((step.peak_mb for step in run.steps), default=0)
        seconds = "" if run.outcome == "killed" else f"{run.seconds:,.0f}"
        told = (run.flow, run.started, run.outcome, seconds, f"{peak:,}", said(run))
        table.add_row(*(_plain(text) for text in told))
    return table


def said(run: runs.Run) -> str:
    """Say what a run did, in a line."""
    if run.message:
        return run.message.splitlines()[0]
    if run.outcome in {"killed", "running"}:
        return "ended before it could say why" if run.outcome == "killed" else "under way"
    failed = sum(len(one["failures"]) for one in run.harvested)
    told = [f"{number:,} {kind}" for kind, number in run.changes.items()]
    stored = sum(one["stored"] for one in run.harvested)
    told += [f"{stored:,} new files"] if stored else []
    told += [f"{failed:,} failures at sites"] if failed else []
    told += [f"published as {run.tag}"] if run.tag else []
    return ", ".join(told) or "nothing changed"


def _sources(sources: list[SourceState]) -> Table:
    table = Table("source", "newest", box=None, pad_edge=False, header_style="bold")
    for header in ("days old", "stale after"):
        table.add_column(header, justify="right")
    table.add_column("stale")
    table.add_column("records", justify="right")
    table.add_column("last fetch")
    for one in sources:
        age = "" if one.age is None else f"{one.age:,}"
        bound = "never" if one.stale_after is None else f"{one.stale_after:,}"
        told = (one.source, str(one.newest or "none"), age, bound, "yes" if one.is_stale else "")
        table.add_row(*(_plain(text) for text in (*told, f"{one.records:,}", one.result)))
    return table


def _release(found: ReleaseState | None) -> str:
    if found is None:
        return "No release so far: make one with `open-papers refresh`."
    where = f"published to {found.published}" if found.published else "not published by any run"
    tag = f" as {found.tag}" if found.tag else ""
    text = f"{found.folder}: {found.papers:,} papers, newest snapshot {found.newest}, {where}{tag}"
    return _plain(text)


def _plain(text: str) -> str:
    """Give a text without markup and control characters: messages may quote what a site said."""
    return escape(blank_unprintable(text))
