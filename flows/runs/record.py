"""Record: one run as a JSON file, and the bounded folder of them."""

import json
import os
import re
import socket
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from pydantic import BaseModel, TypeAdapter

from flows.redact import redact_text

KEPT = 200
"""Records that are kept: half a year of daily, weekly and monthly runs, about 1 MB."""

NAME = re.compile(r"\d{8}T\d{6}Z-[a-z-]+-[0-9a-f]{8}\.json")
"""How a record's file is called: nothing else in its folder is ever read or removed."""


@dataclass(frozen=True)
class Step:
    """What a step of a run cost."""

    step: str
    times: int
    """How often it was done: once per file where it maps over files."""
    seconds: float
    """From its first beginning to its last end."""
    peak_mb: int
    """The most memory, in MB, that the process held meanwhile."""


@dataclass
class Run:
    """What a run took, gave, cost and met. Nothing here is secret, of URLs neither."""

    run: str
    flow: str
    started: str
    """ISO 8601, in UTC, as all times here."""
    process: int
    host: str
    parameters: dict[str, Any]
    state: str = "running"
    """``running``, ``completed`` or ``failed``."""
    ended: str | None = None
    message: str | None = None
    """What ended a failed run."""
    inputs: list[dict[str, Any]] = field(default_factory=list)
    """For each source the files that were read: how many, the newest snapshot, the bytes."""
    manifest: str | None = None
    """sha256 of the ``manifest.json`` of the release that was made."""
    counts: dict[str, int] = field(default_factory=dict)
    """Rows of the release by table."""
    changes: dict[str, int] = field(default_factory=dict)
    """Papers by what happened to them."""
    rejected: dict[str, int] = field(default_factory=dict)
    """Rejections by reason."""
    harvested: list[dict[str, Any]] = field(default_factory=list)
    """What each harvest of the run brought, and its failures."""
    published: str | None = None
    """Where the release was published."""
    tag: str | None = None
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def begun(cls, flow: str, parameters: Mapping[str, object], run_id: str | None = None) -> "Run":
        """Make the record of a run that begins now, in this process."""
        return cls(
            run=run_id or str(uuid4()),
            flow=flow,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            process=os.getpid(),
            host=socket.gethostname(),
            parameters={name: make_plain(value) for name, value in parameters.items()},
        )

    @property
    def file_name(self) -> str:
        """Name the record's file so that files sort by time."""
        moment = datetime.fromisoformat(self.started).strftime("%Y%m%dT%H%M%SZ")
        return f"{moment}-{self.flow}-{self.run[:8]}.json"

    @property
    def seconds(self) -> float:
        """Return how long the run took, or has taken so far."""
        ended = datetime.fromisoformat(self.ended) if self.ended else datetime.now(UTC)
        return (ended - datetime.fromisoformat(self.started)).total_seconds()

    @property
    def outcome(self) -> str:
        """Return the state; a run that runs no more without having said so was killed."""
        # Processes of another machine cannot be looked at from here.
        if self.state == "running" and self.host == socket.gethostname() and not self._is_alive():
            return "killed"
        return self.state

    def _is_alive(self) -> bool:
        try:
            begun = psutil.Process(self.process).create_time()
        except psutil.NoSuchProcess:
            return False
        # The number may be another process's by now: that one began after this run did.
        return begun <= datetime.fromisoformat(self.started).timestamp() + 1


SHAPE = TypeAdapter(Run)
"""Reads a record whose fields have the types that they are declared with; others may come along."""

LARGEST_PROCESS = 2**31
"""No system has a process of this number."""

CURRENT: ContextVar[Run | None] = ContextVar("run", default=None)
"""The run that is under way. Threads that Prefect starts for its tasks inherit it."""


def make_plain(value: object) -> Any:
    """Return a value as JSON knows it: a path, a day or a name as its text, without secrets."""
    if isinstance(value, BaseModel):
        return make_plain(value.model_dump())
    if isinstance(value, Mapping):
        return {str(name): make_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [make_plain(item) for item in value]
    if isinstance(value, Path | date):
        return redact_text(str(value))
    if isinstance(value, str):
        return redact_text(value)
    return value


def save_run(run: Run, folder: Path) -> None:
    """Write a run's record, as a whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / run.file_name
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(run), indent=2, ensure_ascii=False), encoding="utf-8")
    # Readers see the record of before or the new one, never a half of one.
    partial.replace(path)


def list_records(folder: Path) -> list[Path]:
    """List the records of a folder, the newest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True)


def count_runs(folder: Path) -> int:
    """Count the records of a folder, readable or not."""
    return len(list_records(folder))


def read_newest_runs(folder: Path, number: int = KEPT) -> list[Run]:
    """Read the newest records; one that is no record, or damaged, is passed over."""
    recorded = (read_run(path) for path in list_records(folder)[:number])
    return [run for run in recorded if run]


def read_run(path: Path) -> Run | None:
    """Read a record; None for what is none, be it of another version of the project."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        # Half an emoji is text for JSON and for nobody who prints it.
        json.dumps(content, ensure_ascii=False).encode()
        # The type would fill in what is missing: a file without steps is no record of a run.
        _ = content["steps"]
        run = SHAPE.validate_python(content)
    # RecursionError: JSON that is nested deeper than Python's stack.
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return run if is_sound(run) else None


def _refuse_constant(name: str) -> None:
    """Refuse NaN and infinities, which only Python takes for JSON."""
    raise ValueError(name)


def is_sound(run: Run) -> bool:
    """Return whether a record holds what its readers rely on, beyond the types of its fields."""
    return (
        all(is_moment(text) for text in (run.started, run.ended) if text is not None)
        and 0 < run.process < LARGEST_PROCESS
        and all(
            isinstance(result.get("source"), str)
            and isinstance(result.get("stored"), int)
            and isinstance(result.get("unchanged"), int)
            and isinstance(result.get("failures"), list)
            for result in run.harvested
        )
    )


def is_moment(text: str) -> bool:
    """Return whether a text is a moment with its zone: without one, moments cannot be compared.

    >>> is_moment("2026-11-29T05:30:00+00:00"), is_moment("2026-11-29T05:30:00"), is_moment("x")
    (True, False, False)
    """
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def prune_records(folder: Path) -> None:
    """Remove all but the newest `KEPT` records."""
    for path in list_records(folder)[KEPT:]:
        # Another run may clear the same folder at this moment.
        path.unlink(missing_ok=True)
