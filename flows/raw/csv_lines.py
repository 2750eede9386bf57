"""The lines of a CSV file, numbered and of bounded length, some of which are read again."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from flows.raw.archives import ContentStream
from flows.raw.json_cutter import BOM, RECORD_BYTES, Complaint, cut_lines

RETRY_CHARACTERS = 1 << 26
"""Characters that are read again after broken rows, in all."""

MAX_STARTS = 5
"""Lines inside a row that look as if they began one: an abstract may have a number at the beginning
of a line. Behind so many a quote is not closed."""


HEAD_BYTES = 1 << 16
"""Bytes by which it is told how the lines of a table end."""


def end_lines(stream: BinaryIO) -> BinaryIO:
    r"""Return the same stream, its lines ended by newlines where spreadsheets end them by returns.

    >>> import io
    >>> end_lines(io.BytesIO(b"a,b\r1,2\r")).read()
    b'a,b\n1,2\n'
    >>> end_lines(io.BytesIO(b"a,b\r\n1,2\r\n")).read()
    b'a,b\r\n1,2\r\n'
    """
    content = ContentStream.wrap(stream)
    if not _ends_by_returns(content.peek(HEAD_BYTES)):
        return content.as_binary()
    pieces = iter(lambda: content.read(HEAD_BYTES), b"")
    return ContentStream(piece.replace(b"\r", b"\n") for piece in pieces).as_binary()


def _ends_by_returns(head: bytes) -> bool:
    """Return whether a table's first line ends by a return alone; its cells may hold newlines."""
    end = re.search(rb"\r\n?|\n", head)
    return end is not None and end[0] == b"\r"


_HINT = re.compile(rb'\s*+"?sep=[;,|\t]"?[\s;,|]*+$', re.IGNORECASE)
"""The line by which Excel is told what is between the cells."""


def is_before_header(line: bytes) -> bool:
    r"""Return whether a line says nothing of a table: cells of blanks, or what is between them.

    >>> is_before_header(b"sep=;\r"), is_before_header(b';"";'), is_before_header(b"id;sep=;")
    (True, True, False)
    """
    return not line.strip(b' \t\r\n";,|') or _HINT.match(line) is not None


def split_first_line(head: bytes) -> tuple[bytes, bytes]:
    r"""Split how a table begins into its header and what follows, however its lines end.

    >>> split_first_line(b"sep=;\r\rid;title\r1;A\r")
    (b'id;title', b'1;A\n')
    """
    rest = head.removeprefix(BOM)
    if _ends_by_returns(rest):
        rest = rest.replace(b"\r", b"\n")
    line = b""
    while rest and is_before_header(line):
        line, _, rest = rest.partition(b"\n")
    return line, rest


class NumberedLines:
    """The lines of a stream for the CSV reader, numbered, of bounded length.

    Where the files of a CSV were glued together, the header of one is at the end of the last
    line of another: the two are told apart, and keep one number.
    """

    def __init__(self, stream: BinaryIO, starts_row: Callable[[str], bool] | None = None) -> None:
        """Read a stream. ``starts_row``: whether a line begins a row; None where none tells."""
        self._starts_row = starts_row
        self._lines = self._decode_lines(stream)
        self._complaints: list[Complaint] = []
        self._header = ""
        self._row: list[str] = []
        self._length = self._starts = 0
        self.start = 1
        self._again: deque[str] = deque()
        self._read_again = 0
        self.line = 0
        self.last = ""

    def __iter__(self) -> "NumberedLines":
        """Return the lines themselves."""
        return self

    @property
    def next_line(self) -> int:
        """Number of the line that is read next."""
        return self.line if self._has_header_left() else self.line + 1

    def _has_header_left(self) -> bool:
        return len(self.last) > len(self._header) > 0 and self.last.endswith(self._header)

    def __next__(self) -> str:
        """Return the next line. Raises `csv.Error` where the row should have ended long before."""
        # The header of the next file is glued to the last line of this one.
        if self._has_header_left():
            self.last = self._header
            return self.last
        if self._row and self._starts_row and self._starts_row(self._peek() or ""):
            self._starts += 1
            if self._starts > MAX_STARTS:
                raise csv.Error("a quote is not closed before the next rows")
        self.last = self._again.popleft() if self._again else next(self._lines)
        self.line += 1
        self._row.append(self.last)
        self._length += len(self.last)
        # A row whose every line closes a quote and opens the next would never end.
        if self._length > RECORD_BYTES:
            raise csv.Error(f"a row of more than {RECORD_BYTES:,} characters")
        # Blank lines may be before it.
        if not self._header and not self.last.isspace():
            self._header = self.last
        return self.last.removesuffix(self._header) or self.last

    @property
    def first(self) -> str:
        """The first line of the row."""
        return self._row[0] if self._row else self.last

    def mark_row(self) -> int:
        """Begin a row; return the number of its first line."""
        self._row, self._length, self._starts = [], 0, 0
        self.start = self.next_line
        return self.start

    @property
    def row(self) -> Sequence[str]:
        """The lines of the row that is being read."""
        return self._row

    def go_back(self) -> None:
        """Read the lines of a row again, but for its first; a hostile file is not read for ever.

        Where a line tells whether it begins a row, they are read again from the first that does,
        and those before it are passed over.
        """
        if self._starts_row:
            self._go_back_to_start(self._starts_row)
            return
        self._read_again += sum(map(len, self._row[1:]))
        if self._read_again <= RETRY_CHARACTERS:
            self._put_back(1)

    def _go_back_to_start(self, starts_row: Callable[[str], bool]) -> None:
        numbers = (number for number, line in enumerate(self._row) if number and starts_row(line))
        # No line is read more often than `MAX_STARTS` tells.
        if first := next(numbers, None):
            self._put_back(first)
        else:
            self._skip_rest(starts_row)

    def _put_back(self, first: int) -> None:
        """Read the lines of the row again from one of them."""
        lines = self._row[first:]
        if lines:
            self._again.extendleft(reversed(lines))
            self.line -= len(lines)
            self.last = self._row[first - 1]

    def _skip_rest(self, starts_row: Callable[[str], bool]) -> None:
        while not self._has_header_left() and (line := self._peek()):
            if starts_row(line) or line == self._header:
                return
            self.last = self._again.popleft()
            self.line += 1

    def _peek(self) -> str | None:
        if not self._again:
            self._again.extend(islice(self._lines, 1))
        return self._again[0] if self._again else None

    def take_complaints(self) -> list[Complaint]:
        """Return, and forget, what was no line at all."""
        complaints, self._complaints = self._complaints, []
        return complaints

    def _decode_lines(self, stream: BinaryIO) -> Iterator[str]:
        for slice_ in cut_lines(end_lines(stream), keeps_blank=True):
            self._complaints += slice_.complaints
            self.line += len(slice_.complaints)
            # Between rows only: in a cell they are of its text.
            if not self._row and slice_.content.isspace():
                self.line += slice_.content.count(b"\n")
                continue
            for line in slice_.content.removesuffix(b"\n").split(b"\n") if slice_.content else ():
                yield line.decode("utf-8", "surrogateescape") + "\n"
