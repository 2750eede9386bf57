"""A text of JSON that is read from front to back, as far ahead as one value may be long."""

import re
from dataclasses import dataclass
from typing import BinaryIO

from flows.raw.json_cutter import PIECE_BYTES, SLICE_BYTES
from flows.raw.json_elements import ENDS_EARLY
from flows.raw.json_stream import Unreadable, parse_value
from flows.raw.json_tokens import BETWEEN, RUN, STRING_REST
from schemas.vocabulary import Reason

LINE_END_BYTES = 16
"""Bytes in which a line ends and the next one begins."""

MAX_DEPTH, NESTED = 1_000, -2
"""Brackets within each other in a value: records have six or seven; and what is said of more."""

MEASURED_BYTES = 1 << 26
"""What is looked through in vain of any text, before that is compared with its length."""

MEASURED_TIMES = 8
"""How often a text may be looked through in vain: a page of a service has three objects around its
list, each of which is found too long first."""

ATTEMPT_BYTES = 1 << 12
"""What a look counts at least: many short ones take time as well."""


@dataclass
class JsonText:
    """Where the reading of a text stands, and what was looked at behind that."""

    stream: BinaryIO
    bound: int = SLICE_BYTES
    buffer: bytes = b""
    at: int = 0
    before: bytes = b""
    """The byte before the buffer."""
    consumed: int = 0
    """Bytes that were dropped before the buffer."""
    ends_early: bool = False
    """Whether the text has ended within a list."""
    measured: int = 0
    """Bytes that were looked through for values that cannot be taken whole."""

    def place(self) -> int:
        """Return how many bytes were read."""
        return self.consumed + self.at

    def fill(self, size: int = PIECE_BYTES) -> bool:
        """Read a piece more; False at the end of the text."""
        piece = self.stream.read(min(self.bound, size))
        if piece:
            self.before = self.buffer[self.at - 1 : self.at] if self.at else self.before
            self.consumed += self.at
            self.buffer = self.buffer[self.at :] + piece
            self.at = 0
        return bool(piece)

    def peek_ahead(self, size: int) -> bytes:
        """Return what comes next, as far as it was read."""
        return self.buffer[self.at : self.at + size]

    def skip(self, blanks: re.Pattern[bytes]) -> bytes:
        """Skip what matches, and return the next character; empty at the end of the text."""
        while True:
            if run := blanks.match(self.buffer, self.at):
                self.at = run.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at : self.at + 1]
            if not self.fill():
                return b""

    def take_piece(self, size: int = PIECE_BYTES) -> bytes:
        """Take what comes next, so many bytes at most; empty at the end of the text."""
        if self.at == len(self.buffer) and not self.fill():
            return b""
        piece = self.buffer[self.at : self.at + size]
        self.at += len(piece)
        return piece

    def put_back(self, piece: bytes) -> None:
        """Put back the end of what was taken."""
        start = self.at - len(piece)
        # It is mostly still in the buffer, which may be large.
        if start >= 0 and self.buffer[start : self.at] == piece:
            self.at = start
            return
        self.consumed += start
        self.buffer, self.at = piece + self.buffer[self.at :], 0

    def take_value(self) -> bytes:
        """Take a value in brackets, on one line. Raises `Unreadable` where that is not possible.

        It is too long, broken, or the text ends before it does; then nothing of it is taken.
        """
        end = self._find_end()
        fault = None
        if end == NESTED:
            fault = Unreadable(Reason.MALFORMED, "is nested deeper than any record")
        elif end < 0:
            fault = Unreadable(Reason.TRUNCATED, ENDS_EARLY)
        elif end - self.at > self.bound:
            fault = Unreadable(Reason.TOO_LARGE, "is longer than any record")
        value = self.buffer[self.at : end].replace(b"\n", b" ").replace(b"\r", b" ")
        fault = fault or _find_fault(value)
        if fault is not None:
            looked_at = (end if end > 0 else len(self.buffer)) - self.at
            self.measured += max(ATTEMPT_BYTES, looked_at)
            raise fault
        self.at = end
        return value

    def take_line(self) -> bytes:
        """Take a value that is a line; empty where it is none, and then nothing of it is taken.

        Pages of services are kept one a line: these need not be looked through.
        """
        line = self._peek_line()
        if not line.endswith(b"}") or _find_fault(line) is not None:
            return b""
        self.at += len(line)
        return line

    def take_broken_line(self) -> bytes:
        """Take a broken value that is a line, and before another one; empty where it is none."""
        line = self._peek_line()
        behind = self.buffer[self.at + len(line) :][:LINE_END_BYTES].lstrip()
        if line.endswith((b"{", b"[", b",")) or not behind.startswith(b"{"):
            return b""
        self.at += len(line)
        return line

    def may_look_inside(self) -> bool:
        """Return whether what cannot be taken whole is worth another look."""
        return self.measured < MEASURED_BYTES + MEASURED_TIMES * self.place()

    def _peek_line(self) -> bytes:
        """Return the line that begins here; empty where none does, or a long one."""
        before = self.buffer[self.at - 1 : self.at] if self.at else self.before
        if before not in (b"", b"\n"):
            return b""
        ahead = 0
        while (end := self.buffer.find(b"\n", self.at + ahead)) < 0:
            ahead = len(self.buffer) - self.at
            if ahead > self.bound or not self.fill():
                return b""
        if end - self.at > self.bound:
            return b""
        return self.buffer[self.at : end].rstrip()

    def _find_end(self) -> int:
        """Find where the value ends, by counting brackets; -1 where the text ends before it.

        `NESTED` where it is nested too deep. What is beyond the bound may be any place behind it.
        """
        ahead, depth = 0, 0
        while True:
            between = BETWEEN.match(self.buffer, self.at + ahead)
            place = between.end() if between else self.at + ahead
            run = RUN.match(self.buffer, place)
            ahead = place - self.at
            if ahead > self.bound:
                return place
            if run is None:
                # Here is the end of what was read, or the beginning of a string that goes on.
                if len(self.buffer) - self.at > self.bound:
                    return len(self.buffer)
                # A long string is looked at again from its beginning: not for every piece of it.
                if not self.fill(self.bound if place < len(self.buffer) else PIECE_BYTES):
                    return -1
                continue
            count = run.end() - place
            if run[0][:1] in b"{[":
                depth += count
                if depth > MAX_DEPTH:
                    return NESTED
            elif count >= depth:
                return place + depth
            else:
                depth -= count
            ahead += count

    def pass_over(self) -> int:
        """Pass over a value, however long; return its bytes."""
        start, depth = self.place(), 0
        while True:
            if self.buffer[self.at : self.at + 1] == b'"' and not self._skip_string():
                return self.place() - start
            if not depth and self.place() > start:
                return self.place() - start
            between = BETWEEN.match(self.buffer, self.at)
            self.at = between.end() if between else self.at
            run = RUN.match(self.buffer, self.at)
            if run is not None:
                count = run.end() - self.at
                is_open = run[0][:1] in b"{["
                step = count if is_open else min(count, depth)
                depth += step if is_open else -step
                self.at += step
                if not depth:
                    return self.place() - start
            elif self.at == len(self.buffer) and not self.fill():
                return self.place() - start

    def _skip_string(self) -> bool:
        """Skip a string, however long; False where the text ends in it."""
        self.at += 1
        while True:
            rest = STRING_REST.match(self.buffer, self.at)
            self.at = rest.end() if rest else self.at
            if self.buffer[self.at : self.at + 1] == b'"':
                self.at += 1
                return True
            if not self.fill():
                self.at = len(self.buffer)
                return False


def _find_fault(value: bytes) -> Unreadable | None:
    """Return what is wrong with a value; None for nothing."""
    try:
        parse_value(value)
    except Unreadable as fault:
        return fault
    return None
