"""Parse a raw file into parts of `Record` and `Rejection`, once per version of its parser."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from flows import tables
from flows.errors import UserError, count_noun
from flows.hashing import hash_file, hash_once
from flows.parts import DamagedStep, require_whole_step, seal_step
from flows.raw.archives import open_members
from flows.raw.batch import Batch, drop_blank_entries, parse_stream
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile, RefusedInput
from flows.runs.notices import note_damage
from flows.sources import SOURCES
from flows.version import hash_code
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.vocabulary import Reason

SUMMARY = "parsed.json"
"""The file that makes a parse finished: what it gave, and a checksum of that."""

DETAIL_LENGTH = 200
"""Characters of a rejection's explanation that a note about its file quotes."""

CACHE_KEY_LENGTH = 24
"""Hex digits of the name of a parsed file's folder: enough never to meet the same name twice."""


def name_parse(raw: RawFile) -> str:
    """Name the parse of a file: its content, its place in the world, and what reads it."""
    raised = SOURCES[raw.source].VERSION
    # Name and day are in every row: the same bytes of another day are parsed again.
    world = (raw.sha256, raw.path.name, str(raw.member_index), str(raw.snapshot))
    parts = (raw.source, raised, *world, SCHEMA, hash_reader(raw.source))
    return f"{raw.source}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:CACHE_KEY_LENGTH]}"


READER = (
    *("flows/raw/**/*.py", "flows/sources/shared/*.py", "flows/text/*.py", "flows/urls/*.py"),
    "flows/redact/*.py",
)
"""Modules that all sources are read with, beside their own."""

PACKAGES = ("lxml", "orjson", "polars", "selectolax")
"""Packages that read files."""


def hash_reader(source: str) -> str:
    """Hash the code and the packages by which the files of a source are read.

    A version that people raise is forgotten where a change is in what sources share.
    """
    own = (f"flows/sources/{source}/**/*.py", "flows/parse/*.py", "flows/*.py", "schemas/*.py")
    return hash_code((*READER, *own), PACKAGES)


SCHEMA = repr((Record.dtypes(), Rejection.dtypes()))
"""Parts of another schema are parsed again."""


def load_parsed(folder: Path) -> Parsed | None:
    """Load the finished parse in a folder; None where there is none, or one that is damaged.

    Every part is compared with the checksum that was taken when it was written: a bit that has
    flipped since would go into the release in silence. What does not fit is removed, with a notice,
    so that the file is parsed again.
    """
    path = folder / SUMMARY
    # What waits for somebody who writes into it, as a pipe does, would be read for ever.
    if not path.is_file():
        # A folder without it, as of a file that somebody deleted, is in the way of the next parse.
        shutil.rmtree(folder, ignore_errors=True)
        return None
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        # Taken out first: the checksum is over all the rest.
        if summary.pop("checksum") == _hash_summary(summary):
            require_whole_step(folder)
            return Parsed(folder=folder, **summary)
    except (DamagedStep, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass  # whatever is wrong with it, it is not what was written
    note_damage("parse cache", folder, "parsed again", noun="parse")
    shutil.rmtree(folder)
    return None


def _hash_summary(summary: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(summary, sort_keys=True).encode()).hexdigest()


def parse_file(raw: RawFile, folder: Path) -> Parsed:
    """Parse a file into a folder that appears under its name only when it is complete.

    Raises `RefusedInput`, which names the file, when nothing in it can be read, when its reader
    fails on it, and when it is no longer the file that was found.
    """
    partial = folder.with_name(folder.name + ".partial")
    # A run that was killed may have left half a parse under this name.
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        parsed = _write_batches(raw, partial)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        if raw.path.is_file():
            raise
        detail = "it was deleted or replaced while it was read. Run again."
        raise RefusedInput(f"{raw.place}: {detail}") from None
    # These are about the disk, or name the file already: no reader is at fault.
    except (UserError, OSError):
        raise
    except Exception as error:
        raise RefusedInput(_describe_failure(raw, error)) from error
    # The records are named by a hash: it must be that of the bytes that were parsed.
    # An archive is read once for it, and not by each of its members.
    digest = hash_file(raw.path) if raw.member_index is None else hash_once(raw.path)
    if digest != raw.sha256:
        raise RefusedInput(f"{raw.place}: it changed while it was read. Run again.")
    summary = {key: value for key, value in asdict(parsed).items() if key != "folder"}
    seal_step(partial, is_lasting=True)
    written = summary | {"checksum": _hash_summary(summary)}
    (partial / SUMMARY).write_text(json.dumps(written, sort_keys=True), encoding="utf-8")
    return Parsed(folder=partial.rename(folder), **summary)


def _describe_failure(raw: RawFile, error: Exception) -> str:
    return (
        f"{raw.place}: the reader of {raw.source} fails on it ({type(error).__name__}). That is a "
        "fault of Open Papers: report it with the file. Leave the file out with --skip-unknown."
    )


def make_empty_parse(raw: RawFile, folder: Path, reason: UserError) -> Parsed:
    """Stand in for the parse of a file that was refused: no records, and a note that says why."""
    shutil.rmtree(folder, ignore_errors=True)
    note = f"left out {reason}"
    return Parsed(folder, raw.source, 0, 0, notes=[note], file=raw.place)


def _write_batches(raw: RawFile, folder: Path) -> Parsed:
    counts: Counter[str] = Counter()
    unseen: Counter[str] = Counter()
    notes: list[str] = []
    truncated: list[str] = []
    first_misread = ""
    for number, batch in enumerate(_read_batches(raw)):
        for table, model, frame in (
            ("records", Record, drop_blank_entries(batch.records)),
            ("rejections", Rejection, batch.rejections),
        ):
            counts[table] += frame.height
            if not frame.is_empty():
                part = folder / f"{table}-{number:05}.parquet"
                tables.save_part(model, tables.check(model, frame), part)
        unseen.update(batch.unseen)
        counts["unread_bytes"] += batch.unread_bytes
        truncated += _describe_truncation(raw, batch)
        first_misread = first_misread or _describe_misread(batch)
        notes += [f"{raw.path.name}: {note}" for note in batch.notes]
    if first_misread and not counts["records"]:
        refused = count_noun(counts["rejections"], "rejection")
        notes.append(f"{raw.path.name}: gave no record, {refused}: {first_misread}")
    if not counts["records"] + counts["rejections"]:
        notes.append(f"{raw.path.name}: holds no records")
    return Parsed(
        folder,
        raw.source,
        counts["records"],
        counts["rejections"],
        dict(sorted(unseen.items())),
        notes,
        truncated,
        counts["unread_bytes"],
        raw.place,
    )


def _describe_misread(batch: Batch) -> str:
    """Say what was wrong with the first record that should have been read; empty where none was."""
    misread = batch.rejections.filter(pl.col("reason") != Reason.REMOVED.value)
    rows = misread.select("reason", pl.col("detail").str.head(DETAIL_LENGTH)).head(1).iter_rows()
    return next((f"{reason}, {detail}" for reason, detail in rows), "")


def _describe_truncation(raw: RawFile, batch: Batch) -> list[str]:
    """Say where a file was not read to its end, and how much of it, as far as that is known."""
    cut = batch.rejections.filter(pl.col("reason") == Reason.TRUNCATED.value)
    return [
        f"{raw.place} was not read to its end, from place {row['line']} on: {row['detail']}"
        for row in cut.iter_rows(named=True)
    ]


def _read_batches(raw: RawFile) -> Iterator[Batch]:
    for member in open_members(raw.path, only=raw.member_index):
        if member.index == raw.member_index:
            yield from parse_stream(raw, member.stream, SOURCES[raw.source].parse)
            return
