"""JSON as it comes: lines, arrays or concatenated objects, cut into slices of whole values.

Nothing here holds more than a slice and one value at a time, and nesting is counted, not followed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from flows.raw.json_tokens import find_list_path
from schemas.rejection import EXCERPT_LENGTH
from schemas.vocabulary import Reason

SLICE_BYTES = 1 << 23
"""8 MiB, some 6,000 arXiv records: larger slices parse no faster and hold more memory."""

PIECE_BYTES = 1 << 18
"""256 KiB, read at a time: values of two bytes are 130,000 of them."""

RECORD_BYTES = SLICE_BYTES
"""Size above which one value is refused. The largest real one, a paper with its full text and
its references, has under 2 MiB."""

SLICE_VALUES = 50_000
"""Values of a slice at most: those of 8 MiB are far fewer in any real file."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Complaint:
    """One piece of input that cannot be a record."""

    position: int
    reason: Reason
    detail: str
    excerpt: str


@dataclass(frozen=True)
class Slice:
    """JSON values, one per line, with their 1-based positions in the file."""

    content: bytes = b""
    positions: Sequence[int] = ()
    complaints: tuple[Complaint, ...] = ()
    is_cut: bool = False
    """Whether the content ended without closing the last line."""
    unread_bytes: int = 0
    """Bytes of values that were too large to be read; each of them is a complaint."""
    unseen: tuple[str, ...] = ()
    """Names of what was passed over around the values."""

    def values(self) -> Iterator[tuple[int, bytes]]:
        """Return each value that is not blank, with its position."""
        lines = self.content.split(b"\n")
        pairs = zip(self.positions, lines, strict=False)
        return ((position, line) for position, line in pairs if line.strip())


def cut_excerpt(piece: bytes) -> str:
    """Show the first characters of some bytes, unreadable ones as replacement characters."""
    # A character has four bytes at most.
    return piece[: EXCERPT_LENGTH * 4].decode("utf-8", "replace").strip()[:EXCERPT_LENGTH]


def cut_lines(
    stream: BinaryIO, slice_bytes: int = SLICE_BYTES, *, keeps_blank: bool = False
) -> Iterator[Slice]:
    """Cut JSON lines into slices of whole lines; the position of a value is its line.

    ``keeps_blank``: whether blank lines mean something, as in the cells of a table.
    """
    rest, line, piece = b"", 1, read_first_piece(stream, slice_bytes)
    while piece:
        head, newline, tail = piece.partition(b"\n")
        # Refused before it is whole: a line without an end would fill the memory.
        if len(rest) + len(head) > slice_bytes:
            excerpt, size = (rest + head)[: EXCERPT_LENGTH * 4], len(rest) + len(head)
            while not newline and (piece := stream.read(slice_bytes)):
                more, newline, tail = piece.partition(b"\n")
                size += len(more)
            yield refuse_too_large(line, excerpt, size)
            rest, line = tail, line + 1
        else:
            rest += piece
        end = rest.rfind(b"\n") + 1
        # Blank lines are passed over at once: a gigabyte of them packs into one megabyte.
        if end and not keeps_blank and rest[:end].isspace():
            line += rest.count(b"\n", 0, end)
        elif end:
            for part, count in _cut_by_lines(rest[:end]):
                yield Slice(part, range(line, line + count))
                line += count
        rest = rest[end:]
        piece = stream.read(slice_bytes)
    if rest:
        yield Slice(rest, range(line, line + 1), is_cut=True)


def _cut_by_lines(piece: bytes) -> Iterator[tuple[bytes, int]]:
    """Cut a piece of whole lines after every so many of them, each part with its count.

    A value of two bytes becomes an object, and a rejection, of a kilobyte: millions of them in a
    slice would fill the memory.
    """
    start, count = 0, piece.count(b"\n")
    while count > SLICE_VALUES:
        # A view, as a slice of bytes would copy all that remains for every part.
        ends = islice(re.finditer(b"\n", memoryview(piece)[start:]), SLICE_VALUES - 1, None)
        end = start + next(ends).end()
        yield piece[start:end], SLICE_VALUES
        start, count = end, count - SLICE_VALUES
    if count:
        yield piece[start:], count


def read_first_piece(stream: BinaryIO, slice_bytes: int) -> bytes:
    """Read the first bytes of a text, without the mark of their order."""
    return stream.read(slice_bytes).removeprefix(BOM)


def refuse_too_large(position: int, piece: bytes, size: int) -> Slice:
    """Return a slice that holds only the complaint about a value of so many bytes, too large."""
    detail = f"{size:,} bytes, and no real record is larger than {RECORD_BYTES:,}"
    detail += f"; {explain_unwrap(piece)}" if piece.lstrip().startswith(b"{") else ""
    complaint = Complaint(position, Reason.TOO_LARGE, detail, cut_excerpt(piece))
    return Slice(complaints=(complaint,), unread_bytes=size)


def explain_unwrap(start: bytes) -> str:
    """Say what can be done about an object that is longer than any record, by how it begins."""
    path = find_list_path(start)
    where = "its first list" if path else "the name of its list in the place of NAME"
    return (
        "if it is an object around all records, take these out, one a line: "
        f"jq -c '{path or '.NAME'}[]' FILE > records.jsonl, with {where}"
    )
