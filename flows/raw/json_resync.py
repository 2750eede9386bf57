"""JSON values found again after a broken one, by how all values of the file begin."""

import itertools
import re
from dataclasses import dataclass

import orjson

from flows.raw.json_tokens import replace_half_characters

FIRST_NAME = re.compile(rb'\{\s*"(?:[^"\\]|\\.){1,200}"\s*:')
"""The beginning of an object, up to the value of its first field."""

AFTER_VALUE = b" \t\r\n,]"
"""What may follow a value before the next one begins."""


LEAD_BYTES = 512
"""Bytes in which the beginning of a value is found, even where they are read in two pieces."""

AFTER_OBJECT = re.compile(rb"\}\s*,?\s*(" + FIRST_NAME.pattern + rb")")

BEHIND_ANY = re.compile(rb"[^:\[\s]\s*(" + FIRST_NAME.pattern + rb")")

GLUED_WORD = re.compile(rb'"\w|\w"')
"""A word beside a string: what looks like a string is between two."""

GUESSES = 8
"""Beginnings that are tried, where the first value does not say it."""

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


@dataclass
class Loss:
    """What is passed over: the remains of a value whose beginning is missing."""

    excerpt: bytes
    size: int = 0

    def pass_over(
        self, starts: "ValueStarts", buffer: bytes, at: int, kept_back: int
    ) -> tuple[int, bool]:
        """Find the next value: its place, or that from which to look on, and whether it is one.

        ``kept_back``: bytes at the end that are looked at once more, with what follows them.
        """
        place = starts.find_next(buffer, at)
        end = place if place >= 0 else max(at, len(buffer) - kept_back)
        self.size += end - at
        return end, place >= 0


@dataclass
class ValueStarts:
    """How the values of a file begin: the same bytes, as programs write them."""

    lead: bytes = b""
    """Empty before the first value, and where the beginning of values is found inside them, too."""
    is_known: bool = False
    largest: int = 0
    """Bytes of the largest value so far."""

    def learn(self, value: bytes) -> None:
        """Learn from the first value, be it broken, how values begin."""
        self.largest = max(self.largest, len(value))
        if not self.is_known:
            self.is_known = True
            name = FIRST_NAME.match(value)
            self.lead = name[0] if name else self._guess_lead(value)

    def _guess_lead(self, value: bytes) -> bytes:
        """Guess how values begin, from those behind a broken first one that does not end."""
        if is_json_value(value):
            return b""
        sizes = {b"": 0}
        for lead in itertools.islice(dict.fromkeys(AFTER_OBJECT.findall(value)), GUESSES):
            first = value.find(lead, 1)
            end = value.find(lead, first + 1)
            piece = value[first : end if end > 0 else None].rstrip(AFTER_VALUE)
            sizes[lead] = len(piece) if is_json_value(piece) else 0
        # Objects inside values are whole as well, and smaller.
        return max(sizes, key=sizes.__getitem__)

    def is_inside(self, gap: bytes) -> bool:
        """Return whether what is between values lies inside one, or holds the beginning of one.

        >>> starts = ValueStarts()
        >>> starts.is_inside(b', "id": 1'), starts.is_inside(b', "a:b", null')
        (True, False)
        """
        # Objects that begin as values do hide where the next value begins.
        if self.is_known and not self.lead:
            return False
        if b'"' not in gap:
            return False
        # Strings escape quotes: a name in one shows that a quote is missing, or one too many.
        hidden = self.lead in gap if self.lead else FIRST_NAME.search(gap) is not None
        outside = STRING.sub(b'"', gap)
        return hidden or b":" in outside or GLUED_WORD.search(outside) is not None

    def find_next(self, buffer: bytes, at: int) -> int:
        """Find where the next value begins, at a place or behind it; -1 where none does."""
        as_before = re.compile(rb"[^:\[\s]\s*(" + re.escape(self.lead) + rb")")
        start = (as_before if self.lead else BEHIND_ANY).search(buffer, at)
        return start.start(1) if start else -1

    def split(self, value: bytes) -> list[int]:
        """Find where values begin in what was taken for one; only 0 where it is one.

        >>> starts = ValueStarts()
        >>> starts.learn(b'{"id": 1}')
        >>> starts.split(b'{"id": 2, {"id": 3}'), starts.split(b'{"id": 2}')
        ([0, 10], [0])
        """
        if not self.lead or self.lead not in value[1:]:
            return [0]
        # After a colon or an opening bracket, an object is inside another; a value that breaks off
        # may end in any character.
        next_start = re.compile(rb"[^:\[\s]\s*(" + re.escape(self.lead) + rb")")
        places = [start.start(1) for start in next_start.finditer(value)]
        if not places:
            return [0]
        if is_json_value(value):
            # An object inside this one begins as values do, so that nothing can be told from it.
            self.lead = b""
            return [0]
        return [0, *places]


def is_json_value(value: bytes) -> bool:
    """Return whether some bytes are one JSON value."""
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        # Half a character is replaced where the value is read.
        mended = replace_half_characters(value)
        return mended != value and is_json_value(mended)
    return True
