"""A cutter of JSON values in a list, or one after another: fed with pieces, it counts brackets.

Nothing here holds more than a slice and one value at a time, and nesting is counted, not followed.
"""

import itertools
from dataclasses import dataclass, field

from flows.raw.json_cutter import (
    SLICE_VALUES,
    Complaint,
    Slice,
    cut_excerpt,
    refuse_too_large,
)
from flows.raw.json_resync import AFTER_VALUE, LEAD_BYTES, Loss, ValueStarts, is_json_value
from flows.raw.json_tokens import (
    BETWEEN,
    LIST_GOES_ON,
    OPEN_END,
    RUN,
    SHALLOW,
    STRING_REST,
    explain_word,
    find_cut_word,
    split_gap,
)
from schemas.vocabulary import Reason

EXCERPT_BYTES = 800
BETWEEN_BYTES = 16  # Commas and blanks between two values.


@dataclass
class ElementCutter:
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
    large: tuple[int, bytes] | None = None
    """Place and beginning of a value that is too large, while it is passed over."""
    large_bytes: int = 0
    """Bytes of that value so far."""
    unread_bytes: int = 0
    """Bytes of all such values since the last slice."""
    complaints: list[Complaint] = field(default_factory=list)
    starts: ValueStarts = field(default_factory=ValueStarts)
    lost: Loss | None = None
    """What is passed over up to the next value, as the beginning of this one is missing."""
    is_last: bool = False
    """Whether all of the stream was read."""
    has_end: bool = False
    """Whether the list is one within something else, and the reading ends where the list does."""
    is_closed: bool = False
    """Whether such a list has ended."""

    def feed(self, piece: bytes) -> None:
        """Read on, as far as whole tokens go."""
        self.buffer += piece
        while self.at < len(self.buffer) and not self.is_closed:
            start, is_large = self.at, self.large is not None
            if self.in_string:
                self._leave_string()
            else:
                self._next_bracket()
            self.large_bytes += (self.at - start) * is_large
            if self.at == start:
                break
            if self.depth <= self.outside and not self.in_string:
                self.refuse_large()
        self._forget()

    def refuse_large(self) -> None:
        """Refuse the value that was passed over, if there is one: its size is known at its end."""
        if self.large is not None:
            place, excerpt = self.large
            self._refuse_size(place, excerpt, self.large_bytes)
            self.large, self.large_bytes = None, 0

    def _refuse_size(self, place: int, excerpt: bytes, size: int) -> None:
        slice_ = refuse_too_large(place, excerpt, size)
        self.complaints += slice_.complaints
        self.unread_bytes += slice_.unread_bytes

    def _leave_string(self) -> None:
        match = STRING_REST.match(self.buffer, self.at)
        self.at = match.end() if match else self.at
        if self.buffer[self.at : self.at + 1] == b'"':
            self.at += 1
            self.in_string = False
            self._hand_over()

    def _next_bracket(self) -> None:
        if self.lost and not self._seek_start(self.lost):
            return
        match = BETWEEN.match(self.buffer, self.at)
        end = match.end() if match else self.at
        if self.depth <= self.outside:
            gap = self.buffer[self.at : end]
            # A word at the end of what was read may go on in what comes next.
            word = b"" if self.is_last else find_cut_word(self.buffer, self.at)
            if end == len(self.buffer) and word:
                self._read_gap(gap[: len(gap) - len(word)])
                self.at = end - len(word)
                return
            if self.starts.is_inside(gap):
                self.position += 1
                self.lost = Loss(gap[:EXCERPT_BYTES])
                return
            self._read_gap(gap)
        run = RUN.match(self.buffer, end)
        brackets = run.group() if run else b""
        is_end = self.has_end and self.depth <= self.outside and brackets[:1] == b"]"
        if is_end and not self._is_end_known(end):
            self.at = end
            return
        self.is_closed = is_end and not LIST_GOES_ON.match(self.buffer, end)
        self.at = end + 1
        # Neither bracket nor end: a string begins here that the buffer does not hold whole.
        if not brackets:
            self._enter_string(end)
        elif brackets[:1] in {b"{", b"["}:
            self._open(end, len(brackets))
        else:
            self._close(len(brackets))

    def _is_end_known(self, end: int) -> bool:
        """Return whether what follows a closing bracket says if it is that of the list.

        A bracket too many is followed by the next value; the list's own by a name or a bracket.
        """
        is_open = OPEN_END.match(self.buffer, end) and len(self.buffer) - end < LEAD_BYTES
        return self.is_last or not is_open

    def _seek_start(self, lost: Loss) -> bool:
        """Go on where the next value begins; False where that is not in the buffer."""
        kept_back = 0 if self.is_last else LEAD_BYTES
        self.at, is_found = lost.pass_over(self.starts, self.buffer, self.at, kept_back)
        if is_found:
            self.report_loss()
            self.depth = self.outside
        return is_found

    def report_loss(self) -> None:
        """Report what was passed over, if anything was: one value, or so much that it is more."""
        if self.lost is not None:
            size, piece, self.lost = self.lost.size, self.lost.excerpt, None
            is_more = size > self.starts.largest + BETWEEN_BYTES
            # The end of the array may be in what was passed over.
            self.depth = 0
            self.unread_bytes += size * is_more
            reason = Reason.TRUNCATED if is_more else Reason.MALFORMED
            self.complain(reason, f"{size:,} bytes without the beginning of a value", piece)

    def _open(self, at: int, count: int) -> None:
        """Go deeper: one bracket at a time where values begin, else all of a run at once."""
        if self.depth < self.outside and self.buffer[at : at + 1] == b"{":
            # A bracket too many closed the array: what follows is read as if it went on.
            self.complain(Reason.MALFORMED, "text after the end of the array", b"{")
            self.depth = self.outside
        if self.depth <= self.outside:
            count = 1
        if self.depth == self.outside:
            self.position += 1
            self.start = at
            # Nearly every value is matched at once; deeper ones are counted bracket by bracket.
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
            value = self.buffer[self.start : self.at]
            self.starts.learn(value)
            if not self._split_value(value):
                self._keep(value)
            self.start = -1

    def _split_value(self, value: bytes) -> bool:
        """Take apart what holds several values, of which the first has no end; go on at the last.

        False where it is one value, be it broken.
        """
        places = self.starts.split(value)
        for number, (start, end) in enumerate(itertools.pairwise(places)):
            self.position += number > 0
            piece = value[start:end].rstrip(AFTER_VALUE)
            if is_json_value(piece):
                self._keep(piece)
            else:
                detail = "is not JSON: the next value begins before it ends"
                self.complain(Reason.MALFORMED, detail, piece)
        if len(places) == 1:
            return False
        self.at = self.start + places[-1]
        self.depth, self.in_string = self.outside, False
        return True

    def split_pending(self) -> bool:
        """Take apart the value that does not end; False where it is one."""
        if self.start >= 0:
            self.starts.learn(self.buffer[self.start :])
        if self.start < 0 or not self._split_value(self.buffer[self.start :]):
            return False
        self.start = -1
        return True

    def _keep(self, value: bytes) -> None:
        if len(value) > self.slice_bytes:
            self._refuse_size(self.position, value[:EXCERPT_BYTES], len(value))
            return
        self.found_bytes += len(value)
        # A value takes one line; between tokens a line break is a blank, in strings an error.
        self.found.append((self.position, value.replace(b"\n", b" ").replace(b"\r", b" ")))

    def _read_gap(self, gap: bytes) -> None:
        """Read what is between brackets: strings are values, and the rest should be commas."""
        for piece, is_string in split_gap(gap):
            self.position += 1
            if is_string:
                self._keep(piece)
            else:
                self.complain(*explain_word(piece), piece)

    def complain(self, reason: Reason, detail: str, piece: bytes) -> None:
        """Note that something at the present position is no record."""
        self.complaints.append(Complaint(self.position or 1, reason, detail, cut_excerpt(piece)))

    def _forget(self) -> None:
        """Drop what has been read; a value that grows too large is passed over."""
        if self.at - self.start > self.slice_bytes and self.split_pending():
            return
        if self.start >= 0 and self.at - self.start > self.slice_bytes:
            excerpt = self.buffer[self.start :][:EXCERPT_BYTES]
            self.large, self.large_bytes = (self.position, excerpt), self.at - self.start
            self.start = -1
        keep = self.start if self.start >= 0 else self.at
        self.buffer = self.buffer[keep:]
        self.at -= keep
        self.start = 0 if self.start >= 0 else -1

    def is_full(self) -> bool:
        """Return whether what was found is enough for a slice."""
        count = len(self.found) + len(self.complaints)
        return count >= SLICE_VALUES or self.found_bytes >= self.slice_bytes

    def take(self) -> Slice:
        """Hand over what was found since the last time."""
        content = b"\n".join(value for _, value in self.found)
        positions = [position for position, _ in self.found]
        slice_ = Slice(content, positions, tuple(self.complaints), unread_bytes=self.unread_bytes)
        self.found, self.complaints, self.found_bytes, self.unread_bytes = [], [], 0, 0
        return slice_
