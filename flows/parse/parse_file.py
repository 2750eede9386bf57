"""Parse a raw file into parts of `Record` and `Rejection`, once per version of its parser."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import polars as pl

from flows import tables
from flows.raw.archives import open_members
from flows.raw.batch import Batch, parse_stream
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile
from flows.sources import SOURCES
from schemas.record import Record
from schemas.release import Rejection
from schemas.vocabulary import Reason

CACHE_KEY_LENGTH = 24
"""Hex digits of the name of a parsed file's folder: enough never to meet the same name twice."""


def name_parse(raw: RawFile) -> str:
    """Name the parse of a file: its content, its place in the world, and the parser's version."""
    version = SOURCES[raw.source].VERSION
    world = (raw.sha256, raw.path.name, str(raw.member_index), str(raw.snapshot))
    parts = (raw.source, version, *world, SCHEMA)
    return f"{raw.source}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:CACHE_KEY_LENGTH]}"


SCHEMA = repr((Record.dtypes(), Rejection.dtypes()))
"""Parts of another schema are parsed anew."""


def load_parsed(folder: Path) -> Parsed | None:
    """Give the finished parse that lies in a folder, if any."""
    summary = folder / "parsed.json"
    if not summary.exists():
        return None
    found = json.loads(summary.read_text(encoding="utf-8"))
    if found.pop("parts") != _list_parts(folder):
        shutil.rmtree(folder)
        return None
    return Parsed(folder=folder, **found)


def _list_parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.parquet"))


def parse_file(raw: RawFile, folder: Path) -> Parsed:
    """Parse a file into a folder that appears under its name only when it is complete."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    parsed = _write_batches(raw, partial)
    summary = {key: value for key, value in asdict(parsed).items() if key != "folder"}
    written = json.dumps({**summary, "parts": _list_parts(partial)}, sort_keys=True)
    (partial / "parsed.json").write_text(written, encoding="utf-8")
    return Parsed(folder=partial.rename(folder), **summary)


def _write_batches(raw: RawFile, folder: Path) -> Parsed:
    counts: Counter[str] = Counter()
    unseen: Counter[str] = Counter()
    notes: list[str] = []
    truncated: list[str] = []
    for number, batch in enumerate(_read_batches(raw)):
        for table, model, frame in (
            ("records", Record, batch.records),
            ("rejections", Rejection, batch.rejections),
        ):
            counts[table] += frame.height
            if not frame.is_empty():
                tables.save(model, frame, folder / f"{table}-{number:05}.parquet")
        unseen.update(batch.unseen)
        truncated += _describe_truncation(raw, batch)
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
        truncated,
    )


def _describe_truncation(raw: RawFile, batch: Batch) -> list[str]:
    """Say where a file was not read to its end, and how much of it, as far as that is known."""
    cut = batch.rejections.filter(pl.col("reason") == Reason.TRUNCATED.value)
    place = raw.path.name if raw.member is None else f"{raw.path.name} ({raw.member})"
    return [
        f"{place} was not read to its end, from {row['line']} on: {row['detail']}"
        for row in cut.iter_rows(named=True)
    ]


def _read_batches(raw: RawFile) -> Iterator[Batch]:
    for member in open_members(raw.path):
        if member.index == raw.member_index:
            yield from parse_stream(raw, member.stream, SOURCES[raw.source].parse)
