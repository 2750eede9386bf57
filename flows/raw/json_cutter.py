"""JSON as it comes: lines, arrays or concatenated objects, cut into slices of whole values.

Nothing here holds more than a slice and one value at a time, and nesting is counted, not followed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from schemas.release import EXCERPT_LENGTH
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

    def values(self) -> Iterator[tuple[int, bytes]]:
        """Give each value that is not blank, with its position."""
        lines = self.content.split(b"\n")
        pairs = zip(self.positions, lines, strict=False)
        return ((position, line) for position, line in pairs if line.strip())


def cut_excerpt(piece: bytes) -> str:
    """Show the first characters of some bytes, unreadable ones as replacement characters."""
    return piece[: EXCERPT_LENGTH * 4].decode("utf-8", "replace").strip()[:EXCERPT_LENGTH]


def cut_lines(stream: BinaryIO, slice_bytes: int = SLICE_BYTES) -> Iterator[Slice]:
    """Cut JSON lines into slices of whole lines; the position of a value is its line."""
    rest, line, piece = b"", 1, _read_first_piece(stream, slice_bytes)
    while piece:
        head, newline, tail = piece.partition(b"\n")
        if len(rest) + len(head) > slice_bytes:
            yield _refuse_too_large(line, rest + head[:EXCERPT_LENGTH])
            while not newline and (piece := stream.read(slice_bytes)):
                _, newline, tail = piece.partition(b"\n")
            rest, line = tail, line + 1
        else:
            rest += piece
        end = rest.rfind(b"\n") + 1
        if end:
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
        ends = islice(re.finditer(b"\n", memoryview(piece)[start:]), SLICE_VALUES - 1, None)
        end = start + next(ends).end()
        yield piece[start:end], SLICE_VALUES
        start, count = end, count - SLICE_VALUES
    if count:
        yield piece[start:], count


def _read_first_piece(stream: BinaryIO, slice_bytes: int) -> bytes:
    return stream.read(slice_bytes).removeprefix(BOM)


def _refuse_too_large(position: int, piece: bytes) -> Slice:
    detail = f"larger than {RECORD_BYTES:,} bytes, which no real record is"
    return Slice(complaints=(Complaint(position, Reason.TOO_LARGE, detail, cut_excerpt(piece)),))


STRING = rb'"(?:[^"\\]++|\\.)*+"'
PLAIN = rb'[^"{}\[\]]++|' + STRING

BETWEEN = re.compile(rb"(?:" + PLAIN + rb")*+", re.DOTALL)
"""Everything up to the next bracket that is no part of a string, or to an unfinished string."""


def _nest_pattern(depth: int) -> bytes:
    inner = PLAIN + (b"|" + _nest_pattern(depth - 1) if depth > 1 else b"")
    return rb"[{\[](?:" + inner + rb")*+[}\]]"


SHALLOW = re.compile(_nest_pattern(5), re.DOTALL)
"""A whole value of few levels, as nearly all are: one match instead of one for each bracket."""

RUN = re.compile(rb"[{\[]+|[}\]]+")
"""Brackets that follow one another: hostile files hold millions."""

STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
"""What remains of a string, without its closing quote."""

GAP = re.compile(rb"(" + STRING + rb')|([^"]++)', re.DOTALL)
"""A whole string, or what stands between strings."""

SEPARATORS = b" \t\r\n,"


@dataclass
class _Cutter:
    """Where the reading of a stream of JSON values stands."""

    outside: int
    """Depth at which values begin: 1 inside an array, 0 for values one after another."""
    slice_bytes: int
    depth: int = 0
    in_string: bool = False
    position: int = 0
    buffer: bytes = b""
    at: int = 0
    start: int = -1
    """Where in the buffer the present value begins; -1 between values or if it is too large."""
    found: list[tuple[int, bytes]] = field(default_factory=list)
    found_bytes: int = 0
    complaints: list[Complaint] = field(default_factory=list)

    def feed(self, piece: bytes) -> None:
        """Read on, as far as whole tokens go."""
        self.buffer += piece
        while self.at < len(self.buffer):
            before = self.at
            if self.in_string:
                self._leave_string()
            else:
                self._next_bracket()
            if self.at == before:
                break
        self._forget()

    def _leave_string(self) -> None:
        match = STRING_REST.match(self.buffer, self.at)
        self.at = match.end() if match else self.at
        if self.buffer[self.at : self.at + 1] == b'"':
            self.at += 1
            self.in_string = False
            self._hand_over()

    def _next_bracket(self) -> None:
        match = BETWEEN.match(self.buffer, self.at)
        end = match.end() if match else self.at
        if self.depth <= self.outside:
            self._read_gap(self.buffer[self.at : end])
        run = RUN.match(self.buffer, end)
        brackets = run.group() if run else b""
        self.at = end + 1
        if not brackets:
            self._enter_string(end)
        elif brackets[:1] in {b"{", b"["}:
            self._open(end, len(brackets))
        else:
            self._close(len(brackets))

    def _open(self, at: int, count: int) -> None:
        """Go deeper: one bracket at a time where values begin, else all of a run at once."""
        if self.depth < self.outside and self.buffer[at : at + 1] == b"{":
            self.complain(Reason.MALFORMED, "text after the end of the array", b"{")
        if self.depth <= self.outside:
            count = 1
        if self.depth == self.outside:
            self.position += 1
            self.start = at
            if whole := SHALLOW.match(self.buffer, at):
                self.at = whole.end()
                self._hand_over()
                return
        self.depth += count
        self.at += count - 1

    def _close(self, count: int) -> None:
        """Come back: as far as the value goes, whose end is handed over."""
        count = min(count, self.depth - self.outside) if self.depth > self.outside else 1
        self.depth -= count
        self.at += count - 1
        self._hand_over()
        self.depth = max(self.depth, 0)

    def _enter_string(self, at: int) -> None:
        """Go into a string that does not end here; it may be a value by itself."""
        self.in_string = self.buffer[at : at + 1] == b'"'
        self.at = min(self.at, len(self.buffer))
        if self.in_string and self.depth == self.outside:
            self.position += 1
            self.start = at

    def _hand_over(self) -> None:
        """Keep the value that ends here, if one does."""
        if self.depth == self.outside and self.start >= 0:
            self._keep(self.buffer[self.start : self.at])
            self.start = -1

    def _keep(self, value: bytes) -> None:
        if len(value) > self.slice_bytes:
            self.complaints += _refuse_too_large(self.position, value[:800]).complaints
            return
        self.found_bytes += len(value)
        self.found.append((self.position, value.replace(b"\n", b" ").replace(b"\r", b" ")))

    def _read_gap(self, gap: bytes) -> None:
        """Read what stands between brackets: strings are values, and the rest should be commas."""
        for string, other in GAP.findall(gap):
            if string:
                self.position += 1
                self._keep(string)
            elif other.strip(SEPARATORS):
                self.position += 1
                detail = "text where a JSON object is expected"
                self.complain(Reason.MALFORMED, detail, other.strip(SEPARATORS))

    def complain(self, reason: Reason, detail: str, piece: bytes) -> None:
        """Note that something at the present position is no record."""
        self.complaints.append(Complaint(self.position or 1, reason, detail, cut_excerpt(piece)))

    def _forget(self) -> None:
        """Drop what has been read; a value that grows too large is passed over."""
        if self.start >= 0 and self.at - self.start > self.slice_bytes:
            self.complaints += _refuse_too_large(
                self.position, self.buffer[self.start :][:800]
            ).complaints
            self.start = -1
        keep = self.start if self.start >= 0 else self.at
        self.buffer = self.buffer[keep:]
        self.at -= keep
        self.start = 0 if self.start >= 0 else -1

    def is_full(self) -> bool:
        """Tell whether what was found is enough for a slice."""
        count = len(self.found) + len(self.complaints)
        return count >= SLICE_VALUES or self.found_bytes >= self.slice_bytes

    def take(self) -> Slice:
        """Hand over what was found since the last time."""
        content = b"\n".join(value for _, value in self.found)
        positions = [position for position, _ in self.found]
        slice_ = Slice(content, positions, tuple(self.complaints))
        self.found, self.complaints, self.found_bytes = [], [], 0
        return slice_


def cut_elements(
    stream: BinaryIO, *, is_array: bool, slice_bytes: int = SLICE_BYTES
) -> Iterator[Slice]:
    """Cut an array, or objects that follow one another, into slices; positions are ordinals."""
    cutter = _Cutter(outside=int(is_array), slice_bytes=slice_bytes)
    read_bytes = min(slice_bytes, PIECE_BYTES)
    piece = _read_first_piece(stream, read_bytes)
    while piece:
        cutter.feed(piece)
        if cutter.is_full():
            yield cutter.take()
        piece = stream.read(read_bytes)
    yield cutter.take()
    if cutter.depth > 0 or cutter.in_string:
        if cutter.start < 0:
            cutter.position += 1
        detail = "the file ends before the last JSON value does"
        cutter.complain(Reason.TRUNCATED, detail, cutter.buffer)
        yield cutter.take()
