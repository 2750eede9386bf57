"""Objects of JSON around lists, however long: whole where they can be read so, else list by list.

What cannot be taken whole is looked into: the elements of a list come as those of a file that is
one array do, and the small members around it as objects of their own, in their order.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import BinaryIO

from flows.raw.json_cutter import (
    SLICE_BYTES,
    SLICE_VALUES,
    Complaint,
    Slice,
    cut_excerpt,
    read_first_piece,
    refuse_too_large,
)
from flows.raw.json_element_cutter import EXCERPT_BYTES, ElementCutter
from flows.raw.json_elements import ENDS_EARLY, cut_until_end
from flows.raw.json_stream import Unreadable
from flows.raw.json_text import JsonText
from flows.raw.json_tokens import MEMBER_NAME, SCALAR, STRING_TOKEN, TOKEN
from schemas.vocabulary import Reason

BETWEEN_VALUES = re.compile(rb"[\s,\[\]\xef\xbb\xbf]*+")
"""What is between the values of a text, which may be those of an array."""

BETWEEN_MEMBERS = re.compile(rb"[\s,]*+")

BLANKS = re.compile(rb"\s*+")

NAME_BYTES = 1 << 12
"""Bytes in which the name of a member ends."""

MAX_OBJECTS = 6
"""Objects within each other that are looked into."""


SHORT_BYTES = 1 << 12
"""What is taken of a list first: it may be a short one of many."""


class PieceKind(Enum):
    """What a piece of a text holds."""

    WHOLE = "values that were taken whole"
    PART = "one object with some members of a value that was not taken whole"
    LIST = "elements of a list in such a value"
    END = "nothing but what is wrong with such a value: it has ended"


@dataclass(frozen=True)
class WrappedPiece:
    """Some values of a text, and where they were. Positions count from its first piece on."""

    kind: PieceKind
    slice_: Slice
    name: str = ""
    """Name of the list."""
    is_first: bool = True
    """Whether it is the first piece of its list."""
    objects: tuple[int, ...] = ()
    """The objects that it is in, by their places, the outermost first."""


@dataclass
class _Members:
    """The members of an object that were taken whole, and what between members is none."""

    written: dict[bytes, bytes] = field(default_factory=dict)
    """What the members hold, by their names in quotes."""
    size: int = 0
    garbage: bytes = b""
    garbage_bytes: int = 0
    reason: Reason = Reason.MALFORMED
    is_cut: bool = False
    """Whether the text ends within the object."""

    def add(self, name: bytes, value: bytes) -> None:
        """Keep a member as it is written; one of a name that another has gets one of its own."""
        if not name or name in self.written:
            name = b'"%s %d"' % (name[1:-1], len(self.written))
        self.written[name] = value
        self.size += len(name) + len(value)

    def note(self, garbage: bytes, size: int = 0, reason: Reason = Reason.MALFORMED) -> None:
        """Note what is no member. All of it is one complaint: it may be every other byte."""
        self.garbage = self.garbage or garbage[:EXCERPT_BYTES]
        self.garbage_bytes += size or len(garbage)
        self.reason = reason

    def take(self, objects: tuple[int, ...]) -> Iterator[WrappedPiece]:
        """Hand over what there is, if there is anything."""
        members = (name + b":" + value for name, value in self.written.items())
        content = b"{" + b",".join(members) + b"}" if self.written else b""
        content = content.replace(b"\n", b" ").replace(b"\r", b" ")
        complaints: tuple[Complaint, ...] = ()
        if self.garbage_bytes or self.is_cut:
            detail = f"{self.garbage_bytes:,} bytes around the records that cannot be read"
            reason = self.reason
            if self.is_cut:
                reason, detail = Reason.TRUNCATED, ENDS_EARLY
            # What there is to be read has the first place.
            place = 2 if content else 1
            complaints = (Complaint(place, reason, detail, cut_excerpt(self.garbage)),)
        if content or complaints:
            positions = (1,) if content else ()
            slice_ = Slice(content, positions, complaints)
            yield WrappedPiece(PieceKind.PART, slice_, objects=objects)
        self.written, self.size, self.garbage, self.garbage_bytes = {}, 0, b"", 0

    def is_full(self, bound: int) -> bool:
        """Return whether it is enough for a piece."""
        return self.size > bound or len(self.written) >= SLICE_VALUES


def cut_wrapped(
    stream: BinaryIO, *, are_lines: bool = False, slice_bytes: int = SLICE_BYTES
) -> Iterator[WrappedPiece]:
    """Cut the values of a text, and those within the ones that cannot be taken whole.

    ``are_lines``: whether each value is a line, so that a broken one ends with its line.
    """
    text = JsonText(stream, slice_bytes)
    text.buffer = read_first_piece(stream, min(slice_bytes, 1 << 16))
    whole = ElementCutter(outside=0, slice_bytes=slice_bytes)
    while mark := text.skip(BETWEEN_VALUES):
        start, excerpt = text.place(), text.peek_ahead(EXCERPT_BYTES)
        try:
            if mark == b"{":
                _keep(whole, text.take_line() or text.take_value())
            else:
                _refuse_garbage(whole, text)
        except Unreadable as error:
            yield WrappedPiece(PieceKind.WHOLE, whole.take())
            if are_lines and (line := text.take_broken_line()):
                yield from _look_into_line(line, slice_bytes)
            elif text.may_look_inside():
                yield from _look_inside(text)
            else:
                text.pass_over()
            yield WrappedPiece(PieceKind.END, _refuse(error, excerpt, text.place() - start))
            whole.position = 0
        if whole.is_full():
            yield WrappedPiece(PieceKind.WHOLE, whole.take())
            whole.position = 0
    yield WrappedPiece(PieceKind.WHOLE, whole.take())


def _look_into_line(line: bytes, slice_bytes: int) -> Iterator[WrappedPiece]:
    """Read a broken value that ends with its line: it breaks off, and the file does not."""
    text = JsonText(io.BytesIO(), slice_bytes, buffer=line)
    for piece in _look_inside(text):
        complaints = tuple(
            replace(each, reason=Reason.MALFORMED, detail="is not JSON: its line ends before it")
            if each.detail == ENDS_EARLY
            else each
            for each in piece.slice_.complaints
        )
        yield replace(piece, slice_=replace(piece.slice_, complaints=complaints))


def _keep(whole: ElementCutter, value: bytes) -> None:
    whole.position += 1
    whole.found.append((whole.position, value))
    whole.found_bytes += len(value)


def _refuse_garbage(whole: ElementCutter, text: JsonText) -> None:
    """Note what stands where a value should: one complaint up to the next value."""
    whole.position += 1
    garbage = _take_garbage(text)
    whole.complain(Reason.MALFORMED, "text where a JSON object is expected", garbage)
    while text.skip(BETWEEN_VALUES) not in (b"", b"{"):
        _take_garbage(text)


def _refuse(error: Unreadable, excerpt: bytes, size: int) -> Slice:
    """Return the complaint about a value that cannot be taken whole, should nothing be in it."""
    if error.reason == Reason.TOO_LARGE:
        return refuse_too_large(1, excerpt, size)
    return Slice(complaints=(Complaint(1, error.reason, error.detail, cut_excerpt(excerpt)),))


def _look_inside(
    text: JsonText, above: tuple[int, ...] = (), name: str = ""
) -> Iterator[WrappedPiece]:
    """Read an object or a list that cannot be taken whole, and is in the objects ``above``."""
    if text.buffer[text.at : text.at + 1] == b"[":
        yield from _cut_list(text, above, name)
    else:
        yield from _read_members(text, (*above, text.place()))


def _cut_list(text: JsonText, objects: tuple[int, ...], name: str) -> Iterator[WrappedPiece]:
    """Cut the elements of a list, up to its end."""
    cutter = ElementCutter(outside=1, slice_bytes=text.bound, has_end=True)
    is_first = True
    for slice_ in cut_until_end(cutter, text.take_piece(SHORT_BYTES), text.take_piece):
        yield WrappedPiece(PieceKind.LIST, slice_, name, is_first=is_first, objects=objects)
        is_first = False
    text.put_back(cutter.buffer[cutter.at :])
    # It was said where in the list that is.
    text.ends_early |= not cutter.is_closed


def _read_members(text: JsonText, objects: tuple[int, ...]) -> Iterator[WrappedPiece]:
    """Read the members of an object, the last of ``objects``, one by one, up to its end."""
    text.at += 1
    members = _Members()
    while mark := text.skip(BETWEEN_MEMBERS):
        if mark == b"}":
            text.at += 1
            yield from members.take(objects)
            return
        name = _take_name(text)
        if name is None:
            members.note(_take_garbage(text))
        elif text.skip(BLANKS) in (b"{", b"["):
            try:
                members.add(name, text.take_value())
            except Unreadable as error:
                if len(objects) >= MAX_OBJECTS or not text.may_look_inside():
                    excerpt = text.peek_ahead(EXCERPT_BYTES)
                    members.note(excerpt, text.pass_over(), error.reason)
                    continue
                yield from members.take(objects)
                yield from _look_inside(text, objects, name[1:-1].decode("utf-8", "replace"))
        elif value := _take_scalar(text):
            members.add(name, value)
        else:
            members.note(name + b":")
        if members.is_full(text.bound):
            yield from members.take(objects)
    members.is_cut = not text.ends_early
    yield from members.take(objects)
    text.ends_early = True


def _take_name(text: JsonText) -> bytes | None:
    """Take the name of a member with its colon; an empty one for a value without, None for none."""
    if text.buffer[text.at : text.at + 1] in (b"{", b"["):
        return b""
    while True:
        if found := MEMBER_NAME.match(text.buffer, text.at):
            text.at = found.end()
            return found[1]
        if len(text.buffer) - text.at > NAME_BYTES or not text.fill():
            return None


def _take_scalar(text: JsonText) -> bytes:
    """Take a string or a word; empty where there is none, or one that is too long."""
    while True:
        found = SCALAR.match(text.buffer, text.at)
        is_open = found is None or found.end() == len(text.buffer)
        if not is_open or len(text.buffer) - text.at > text.bound or not text.fill(text.bound):
            break
    if found is None:
        return b""
    text.at = found.end()
    return found[0]


def _take_garbage(text: JsonText) -> bytes:
    """Take what is no member: a string, or what comes before the next string or bracket."""
    found = STRING_TOKEN.match(text.buffer, text.at) or TOKEN.match(text.buffer, text.at)
    if found:
        text.at = found.end()
        return found[0]
    excerpt = text.peek_ahead(EXCERPT_BYTES)
    text.pass_over()
    return excerpt
