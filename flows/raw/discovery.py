"""Raw files: what they are, where they came from, and what a parser makes of them."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

import polars as pl

from flows.errors import UserError
from flows.hashing import hash_file
from flows.raw import sidecar
from flows.raw.archives import ContentStream, Member, name_packing
from schemas.record import Record
from schemas.release import EXCERPT_LENGTH, Rejection
from schemas.vocabulary import License, Reason, Source

HEAD_BYTES = 1 << 16
"""Bytes by which a file's source is recognised."""


class RefusedInput(UserError):
    """A file that cannot be read at all: the message names file, reason and next action."""


@dataclass(frozen=True)
class RawFile:
    """One file as it came from a source, never modified."""

    path: Path
    source: Source
    snapshot: date
    """The day on which it was taken from the source."""
    sha256: str
    """Of the file's bytes as they are on disk, compressed or not."""
    member: str | None = None
    """Name of the archive member that is being read; None where the file is no archive."""
    member_index: int | None = None
    """1-based place of that member in the archive."""

    def record_id(self, position: int) -> str:
        """Name the record that starts at a 1-based position of the file or member."""
        return f"{self.record_id_prefix}{position}"

    @property
    def record_id_prefix(self) -> str:
        """Give what the ids of all records of the file or member begin with."""
        place = "" if self.member_index is None else f"{self.member_index}."
        return f"{self.source}:{self.sha256[:12]}:{place}"


@dataclass(frozen=True)
class Batch:
    """What a parser read: at most some ten thousand records, so that memory stays bounded."""

    records: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=Record.dtypes()))
    rejections: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=Rejection.dtypes())
    )
    unseen: Counter[str] = field(default_factory=Counter)
    """Fields the parser neither reads nor ignores on purpose, with how often they occurred."""
    notes: tuple[str, ...] = ()
    """What the maintainer should know about the file, such as an encoding that was guessed."""


REASONS = {reason.value: reason for reason in Reason}
"""A reason by its value, as expressions give it."""


def rejection(  # noqa: PLR0913  # a rejection is what it is made of
    raw: RawFile,
    line: int,
    reason: Reason,
    *,
    detail: str,
    excerpt: str,
    record_id: str | None = None,
) -> dict[str, object]:
    """Make one row of the `Rejection` table, its excerpt cut to the allowed length."""
    return {
        "source": raw.source.value,
        "snapshot": raw.snapshot,
        "file": raw.path.name,
        "member": raw.member,
        "line": line,
        "record_id": record_id,
        "reason": reason.value,
        "detail": detail,
        "excerpt": excerpt[:EXCERPT_LENGTH],
    }


def rejections(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Make a `Rejection` table of rows made by `rejection`, in the order of the file."""
    frame = pl.DataFrame(list(rows), schema=REJECTION_DTYPES, orient="row")
    return frame.sort("line", maintain_order=True)


RECORD_DTYPES = Record.dtypes()
REJECTION_DTYPES = Rejection.dtypes()


def records(raw: RawFile, frame: pl.DataFrame, license_: License) -> pl.DataFrame:
    """Make a `Record` table of a frame with ``line``, ``title`` and what else a source has.

    Columns that the source does not have become null, lists empty, flags false; a licence of its
    own for each row may be among them.
    """
    given = {
        "record_id": pl.concat_str(pl.lit(raw.record_id_prefix), pl.col("line")),
        "source": pl.lit(raw.source.value),
        "snapshot": pl.lit(raw.snapshot),
        "file": pl.lit(raw.path.name),
        "member": pl.lit(raw.member, dtype=pl.String),
        "is_withdrawn": pl.lit(value=False),
        "is_retracted": pl.lit(value=False),
        "license": pl.lit(license_.value),
    } | {name: pl.col(name) for name in frame.columns}
    return frame.select(
        _column(given.get(name, pl.lit(None)), dtype).alias(name)
        for name, dtype in RECORD_DTYPES.items()
    )


def _column(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    typed = value.cast(dtype)
    return typed.fill_null(pl.lit([], dtype=dtype)) if isinstance(dtype, pl.List) else typed


Parse = Callable[[RawFile, BinaryIO], Iterator[Batch]]


def parse_all(raw: RawFile, stream: ContentStream, parse: Parse) -> Iterator[Batch]:
    """Parse a stream, and say once what is wrong with it if it ends before its content does.

    The records before the damage are kept. A parser that met the end in the middle of a record
    says so too; that row gives way to the one about the file.
    """
    last, complaint = 0, ""
    for batch in parse(raw, stream.as_binary()):
        last = max(last, _last_line(batch))
        if stream.fault is None:
            yield batch
            continue
        is_cut = pl.col("reason") == Reason.TRUNCATED.value
        complaint = next(iter(batch.rejections.filter(is_cut)["excerpt"]), complaint)
        yield replace(batch, rejections=batch.rejections.filter(~is_cut))
    if stream.fault is not None:
        fault = stream.fault
        row = rejection(raw, max(last, 1), fault.reason, detail=fault.detail, excerpt=complaint)
        yield Batch(rejections=rejections([row]))


def _last_line(batch: Batch) -> int:
    lines = [frame["line"].max() for frame in (batch.records, batch.rejections)]
    return max((line for line in lines if isinstance(line, int)), default=0)


@dataclass(frozen=True)
class Found:
    """A file on disk that somebody wants to be read."""

    path: Path
    sha256: str
    duplicate_of: Path | None = None
    """The file with the same bytes that was taken first; None for itself. It need not be read."""


def find(paths: Sequence[Path]) -> Iterator[Found]:
    """Give the files that are meant by some files and folders, in a stable order.

    Folders are read recursively, sorted by name; hidden files (``.gitkeep``, ``.DS_Store``),
    hidden folders, sidecars and what those say holds nothing are passed over. Raises
    `RefusedInput` for a path that does not exist, for a symbolic link that leads back to a folder
    it lies in or nowhere, and for what is neither file nor folder.
    """
    files = dict.fromkeys(file for path in paths for file in _files(path, ()))
    digests = {file: hash_file(file) for file in files}
    first: dict[str, Path] = {}
    for file in sorted(files, key=lambda one: (snapshot_of(one), one.as_posix())):
        first.setdefault(digests[file], file)
    for file, digest in digests.items():
        yield Found(file, digest, None if first[digest] == file else first[digest])


def _files(path: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise RefusedInput(_unreachable(path, error)) from None
    if real in above:
        raise RefusedInput(
            f"{path}: a symbolic link that leads back to {real}, a folder it lies in. "
            "Remove the link or name the files themselves."
        )
    if real.is_file():
        yield path
    elif real.is_dir():
        for child in sorted(path.iterdir(), key=lambda each: os.fsencode(each.name)):
            if not child.name.startswith(".") and not sidecar.is_passed_over(child):
                yield from _files(child, (*above, real))
    else:
        raise RefusedInput(f"{path}: neither a file nor a folder. Name a file.")


def _unreachable(path: Path, error: Exception) -> str:
    if path.is_symlink():
        return f"{path}: a symbolic link that leads nowhere or to itself. Remove it."
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{path}: {reason}. Check the path."


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def snapshot_of(path: Path) -> date:
    """Give the day a file was taken from its source.

    It is the name of the nearest folder above the file that is a day (``2026-11-23``), else the
    day in its sidecar, else the day on which it was last modified, in UTC.
    """
    for parent in path.absolute().parents:
        if DAY.fullmatch(parent.name):
            try:
                return date.fromisoformat(parent.name)
            except ValueError:
                continue
    if fetched := sidecar.read(path):
        return datetime.fromisoformat(fetched.time).date()
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()


Recognise = Callable[[bytes], bool]


@dataclass(frozen=True)
class Recognised:
    """What a text was taken for."""

    source: Source | None
    """None where no source, or more than one, knows it."""
    reason: str
    """Why, in a sentence."""


def recognise(member: Member, sources: Mapping[Source, Recognise]) -> Recognised:
    """Find the source of a text by its content; nothing of it is consumed."""
    head = member.stream.peek(HEAD_BYTES)
    if unreadable := _unreadable(member, head):
        return Recognised(None, unreadable)
    matches = [source for source, is_of in sources.items() if is_of(head)]
    if len(matches) == 1:
        return Recognised(matches[0], f"its content is that of {matches[0].meaning}")
    if matches:
        return Recognised(None, f"fits more than one source: {', '.join(matches)}. Use --source.")
    return Recognised(None, f"{_looks_like(head)}, yet of none of the known sources")


def _unreadable(member: Member, head: bytes) -> str | None:
    if not head.strip():
        return member.stream.fault.detail if member.stream.fault else "is empty"
    if packing := name_packing(head):
        return f"is {packing}: unpack it first"
    return None


CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text in UTF-8 holds, unless it is damaged."""


def _looks_like(head: bytes) -> str:
    if CONTROL.search(head):
        return "is no text, or text in another encoding than UTF-8"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return f"is JSON with the fields {', '.join(_field_names(start)) or 'none'}"
    if start.startswith(b"<"):
        tag = re.search(rb"<([A-Za-z][\w:.-]*)", start)
        return f"is XML or HTML of <{tag[1].decode() if tag else '?'}>"
    first = start.splitlines()[0][:60].decode("utf-8", "replace")
    return f"is text that begins with {first!r}"


def _field_names(start: bytes) -> list[str]:
    names = re.findall(rb'"([A-Za-z_][\w-]{0,30})"\s*:', start)
    return [name.decode() for name in dict.fromkeys(names)][:8]
