"""JSON values found again after a broken one, by how all values of the file begin."""

import re
from dataclasses import dataclass

import orjson

FIRST_NAME = re.compile(rb'\{\s*"(?:[^"\\]|\\.){1,200}"\s*:')
"""The beginning of an object, up to the value of its first field."""

AFTER_VALUE = b" \t\r\n,]"
"""What may follow a value before the next one begins."""


@dataclass
class ValueStarts:
    """How the values of a file begin: the same bytes, as programs write them."""

    lead: bytes = b""
    """Empty before the first value, and where the beginning of values is found inside them, too."""
    is_known: bool = False

    def learn(self, value: bytes) -> None:
        """Learn from the first value, be it broken, how values begin."""
        if not self.is_known:
            self.is_known = True
            name = FIRST_NAME.match(value)
            self.lead = name[0] if name else b""

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
        return False
    return True
