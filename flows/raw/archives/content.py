"""Content: what comes out of a file, as a stream that is bounded and ends without raising."""

import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, cast

from schemas.vocabulary import Reason

PIECE_BYTES = 1 << 18
"""Bytes that are decompressed at a time."""


@dataclass(frozen=True)
class Bounds:
    """How much one file may grow when it is unpacked."""

    total_bytes: int = 1 << 36
    """64 GiB: twelve times the arXiv snapshot, the largest input there is."""
    ratio: int = 250
    """Text packs 3 to 12 times, pretty-printed JSON 30 times, a bomb 1,000 times and more."""
    free_bytes: int = 1 << 26
    """The ratio counts only beyond 64 MiB, since a small file of one repeated line is no harm."""


BOUNDS = Bounds()


class Fault(Exception):
    """What ended a stream before its content did. The bytes before it were handed over."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason and the sentence that explains it."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass
class Budget:
    """What one file has used up of its bounds, over all its members."""

    bounds: Bounds
    packed: int = 0
    unpacked: int = 0

    def spend(self, piece: bytes) -> bytes:
        """Count a piece and return it. Raises `Fault` where it goes beyond the bounds."""
        self.unpacked += len(piece)
        # A file of one repeated line packs a thousand times and is no bomb while it is small.
        allowed = max(self.bounds.free_bytes, self.bounds.ratio * self.packed)
        if self.unpacked > min(allowed, self.bounds.total_bytes):
            raise Fault(
                Reason.TOO_LARGE,
                f"unpacks to more than {min(allowed, self.bounds.total_bytes):,} bytes from "
                f"{self.packed:,}: the rest is refused as a decompression bomb",
            )
        return piece


class ContentStream(io.RawIOBase):
    """Unpacked content, read once from front to back.

    It never raises for damaged content: it ends before the damage, and `fault` says what it was.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Read from pieces of bytes, of which the last may be followed by a `Fault`."""
        super().__init__()
        self._pieces = pieces
        self._waiting: deque[bytes] = deque()
        self._available = 0
        self.fault: Fault | None = None
        """Why the content ended early; None where it did not, as far as it has been read."""

    @classmethod
    def wrap(cls, stream: BinaryIO) -> "ContentStream":
        """Wrap any binary stream so that it has a `peek` that looks as far ahead as one likes."""
        if isinstance(stream, cls):
            return stream
        return cls(iter(lambda: stream.read(PIECE_BYTES), b""))

    def as_binary(self) -> BinaryIO:
        """Return the same stream, typed as parsers expect it."""
        return cast("BinaryIO", self)

    def readable(self) -> bool:
        """Say that this is for reading."""
        return True

    def readinto(self, target: Any) -> int:
        """Fill ``target`` as far as there is content."""
        view = memoryview(target).cast("B")
        piece = self.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def read(self, size: int | None = -1) -> bytes:
        """Read ``size`` bytes, fewer only at the end of the content; everything if negative."""
        length = -1 if size is None else size
        # Parsers ask for more than one piece holds, and must not take that for the end.
        self._fill(length)
        return b"".join(self._take(self._available if length < 0 else length))

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes (fewer only at the end) without consuming them."""
        head = self.read(size)
        if head:
            # What was looked at is the first to be read again.
            self._waiting.appendleft(head)
            self._available += len(head)
        return head

    def _fill(self, size: int) -> None:
        while self.fault is None and (size < 0 or self._available < size):
            try:
                piece = next(self._pieces, None)
            # Raised here, the fault would take with it the records before the damage.
            except Fault as fault:
                self.fault = fault
                return
            if piece is None:
                return
            self._waiting.append(piece)
            self._available += len(piece)

    def _take(self, size: int) -> Iterator[bytes]:
        while size > 0 and self._waiting:
            piece = self._waiting.popleft()
            if len(piece) > size:
                self._waiting.appendleft(piece[size:])
                piece = piece[:size]
            size -= len(piece)
            self._available -= len(piece)
            yield piece


MARK = b"\xef\xbb\xbf"
"""The byte-order mark of UTF-8."""

MARKS = re.compile(rb"(?:%b)+" % MARK)

GUARD = b")]}'"
"""What sites put before JSON so that no page of others can run it as a script."""

SEPARATOR = b"\x1e"
"""What is before each value of a JSON text sequence (RFC 7464), and in no text of JSON."""


def strip_lead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    r"""Leave out what some programs write before a text: second byte-order marks, guards of JSON.

    The separators of a sequence become blanks.

    >>> b"".join(strip_lead(iter([b")]}'\n[1", b"]"])))
    b'\n[1]'
    >>> b"".join(strip_lead(iter([b"\x1e1\n\x1e2"])))
    b' 1\n 2'
    """
    first = next(pieces, b"")
    # At once: to take one after the other from a file of nothing else would copy it as often.
    if marks := MARKS.match(first):
        first = first[marks.end() - len(MARK) :]
    is_sequence = first.startswith((SEPARATOR, MARK + SEPARATOR))
    for piece in chain([first.removeprefix(GUARD)], pieces):
        yield piece.replace(SEPARATOR, b" ") if is_sequence else piece


@dataclass(frozen=True)
class Member:
    """One text: a file's content or that of one member of an archive."""

    name: str | None
    """Name in the archive, as it is written there; None where the file is no archive of several."""
    index: int | None
    """1-based place in the archive; None likewise."""
    stream: ContentStream
