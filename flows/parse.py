"""Parse: raw files to parts of `Record` and `Rejection`, each file once per parser version."""

import hashlib
import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from prefect import task

from flows import tables
from flows.progress import watched
from flows.raw.archives import members
from flows.raw.discovery import Batch, RawFile, parse_all
from flows.sources import SOURCES
from schemas.record import Record
from schemas.release import Rejection

logger = logging.getLogger(__name__)

CACHE_KEY_LENGTH = 24
"""Hex digits of the name of a parsed file's folder: enough never to meet the same name twice."""


@dataclass(frozen=True)
class Parsed:
    """What became of one raw file. The rows lie in ``folder``, in parts of bounded size."""

    folder: Path
    source: str
    records: int
    rejections: int
    unseen: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def parts(self, table: str) -> list[Path]:
        """List the Parquet parts of ``records`` or ``rejections`` in reading order."""
        return sorted(self.folder.glob(f"{table}-*.parquet"))


@watched
@task(
    name="Parse",
    task_run_name="Parse {raw.path.name} ({raw.source})",
)
def parse(raw: RawFile, interim: Path, *, fresh: bool = False) -> Parsed:
    """Parse one raw file, unless this very file was parsed by this very parser before.

    Raises `RefusedInput` when nothing in the file can be read.
    """
    folder = interim / "parsed" / cache_key(raw)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    parsed = parsed_before(folder) or parse_file(raw, folder)
    told = {"source": raw.source.value, "file": raw.path.name, "records": parsed.records}
    logger.info(
        "parsed %s: %d records, %d rejections",
        *(raw.path.name, parsed.records, parsed.rejections),
        extra={**told, "rejections": parsed.rejections},
    )
    return parsed


def cache_key(raw: RawFile) -> str:
    """Name the parse of a file: its content, its place in the world, and the parser's version."""
    version = SOURCES[raw.source].VERSION
    world = (raw.sha256, raw.path.name, str(raw.member_index), str(raw.snapshot))
    parts = (raw.source, version, *world, SCHEMA)
    return f"{raw.source}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:CACHE_KEY_LENGTH]}"


SCHEMA = repr((Record.dtypes(), Rejection.dtypes()))
"""Parts of another schema are parsed anew."""


def parsed_before(folder: Path) -> Parsed | None:
    """Give the finished parse that lies in a folder, if any."""
    summary = folder / "parsed.json"
    if not summary.exists():
        return None
    found = json.loads(summary.read_text(encoding="utf-8"))
    if found.pop("parts") != _names(folder):
        shutil.rmtree(folder)
        return None
    return Parsed(folder=folder, **found)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.parquet"))


def parse_file(raw: RawFile, folder: Path) -> Parsed:
    """Parse a file into a folder that appears under its name only when it is complete."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    parsed = _write_batches(raw, partial)
    summary = {key: value for key, value in asdict(parsed).items() if key != "folder"}
    written = json.dumps({**summary, "parts": _names(partial)}, sort_keys=True)
    (partial / "parsed.json").write_text(written, encoding="utf-8")
    return Parsed(folder=partial.rename(folder), **summary)


def _write_batches(raw: RawFile, folder: Path) -> Parsed:
    counts: Counter[str] = Counter()
    unseen: Counter[str] = Counter()
    notes: list[str] = []
    for number, batch in enumerate(_batches(raw)):
        for table, model, frame in (
            ("records", Record, batch.records),
            ("rejections", Rejection, batch.rejections),
        ):
            counts[table] += frame.height
            if not frame.is_empty():
                tables.save(model, frame, folder / f"{table}-{number:05}.parquet")
        unseen.update(batch.unseen)
        notes += [f"{raw.path.name}: {note}" for note in batch.notes]
    if not counts.total():
        notes.append(f"{raw.path.name}: holds no records")
    return Parsed(
        folder,
        raw.source,
        counts["records"],
        counts["rejections"],
        dict(sorted(unseen.items())),
        notes,
    )


def _batches(raw: RawFile) -> Iterator[Batch]:
    for member in members(raw.path):
        if member.index == raw.member_index:
            yield from parse_all(raw, member.stream, SOURCES[raw.source].parse)
