"""Cut a JSON text into its outermost elements without reading it whole.

An array is cut at its commas, objects that merely follow each other at their closing braces.
Nothing is interpreted here: a broken element costs itself and not its neighbours, which is what
neither a whole-file parser nor an event parser can promise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
"""Read at a time: far above the 10 KB of an element, far below anything that hurts."""

MAX_ELEMENT_BYTES = 4 << 20
"""Elements are 4 to 40 KB; one of 4 MB is no paper and is skipped without being kept."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)
_STRING_END = re.compile(rb'["\\]')
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Element:
    """One outermost element."""

    position: int
    """1-based ordinal in the file."""
    text: bytes
    """The element as written; its first bytes only, where it is too large."""
    is_whole: bool = True
    """False where the file ends before the element or its array does."""
    is_too_large: bool = False


@dataclass
class _Cutter:
    """What is known between two chunks."""

    kept: list[bytes] = field(default_factory=list)
    size: int = 0
    depth: int = 0
    in_array: bool = False
    in_string: bool = False
    skip_next: bool = False
    position: int = 0

    @property
    def floor(self) -> int:
        """Depth at which an element begins and ends."""
        return 1 if self.in_array else 0

    def keep(self, piece: bytes) -> None:
        """Add a piece to the element, as long as the element is not too large."""
        if self.size <= MAX_ELEMENT_BYTES:
            self.kept.append(piece)
        self.size += len(piece)

    def cut(self, *, is_whole: bool = True) -> Iterator[Element]:
        """End the element, if there is any."""
        text, size = b"".join(self.kept).strip(), self.size
        self.kept, self.size = [], 0
        if text:
            self.position += 1
            yield Element(self.position, text, is_whole, size > MAX_ELEMENT_BYTES)


def elements(stream: BinaryIO) -> Iterator[Element]:
    """Give the outermost elements of arrays, and the objects between them, in order.

    Where the file ends inside an array, the last element is what is left of it, `is_whole`
    false; its text may be empty, or an element that lacks nothing but the end of the array.
    """
    cutter = _Cutter()
    chunk = stream.read(CHUNK_BYTES).removeprefix(_BOM)
    while chunk:
        yield from _cut_chunk(cutter, chunk)
        chunk = stream.read(CHUNK_BYTES)
    if cutter.depth or cutter.in_string:
        last = list(cutter.cut(is_whole=False))
        yield from last or [Element(cutter.position + 1, b"", is_whole=False)]
    else:
        yield from cutter.cut()


def _cut_chunk(cutter: _Cutter, chunk: bytes) -> Iterator[Element]:
    start = place = 0
    while place < len(chunk):
        if cutter.in_string:
            place = _leave_string(cutter, chunk, place)
            continue
        found = _TOKEN.search(chunk, place)
        if found is None:
            break
        place = found.end()
        token = found.group()
        if token == b'"':
            cutter.in_string = True
        elif len(token) == 1 and (ends := _step(cutter, token)) is not None:
            cutter.keep(chunk[start : place if ends else place - 1])
            start = place
            yield from cutter.cut()
    cutter.keep(chunk[start:])


def _leave_string(cutter: _Cutter, chunk: bytes, place: int) -> int:
    """Go on after a string that began in an earlier chunk, or to the end of this one."""
    if cutter.skip_next:
        cutter.skip_next = False
        return place + 1
    found = _STRING_END.search(chunk, place)
    if found is None:
        return len(chunk)
    cutter.in_string = found.group() != b'"'
    cutter.skip_next = cutter.in_string
    return found.end()


def _step(cutter: _Cutter, token: bytes) -> bool | None:
    """Follow one bracket or comma. True: an element ends with it; False: before it."""
    if token == b",":
        return False if cutter.depth == cutter.floor else None
    if token in b"[{":
        opens_list = token == b"[" and cutter.depth == 0
        cutter.in_array = cutter.in_array or opens_list
        cutter.depth += 1
        return False if opens_list else None
    cutter.depth = max(cutter.depth - 1, 0)
    if cutter.depth == 0:
        was_array, cutter.in_array = cutter.in_array, False
        return not was_array
    return None
