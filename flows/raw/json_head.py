"""The head of a JSON text, with all fields of its first value, however long they are."""

import json
import re
from typing import Any

from flows.raw.archives import ContentStream
from flows.raw.json_cutter import BOM, RECORD_BYTES

HEAD_BYTES = 1 << 16
"""Bytes by which a file's source is recognised, and by which it is described: what does either is
given no more of a file, however long that is."""

WRITTEN_BYTES = 40_000
"""Of those, the ones that stay as they are where the first value goes on behind them."""

SHOWN_CHARACTERS, SHOWN_ENTRIES = 100, 2
"""What is left of each text and of each list of such a value: its fields tell what it is."""

SHOWN_DEPTH = 20
"""Objects and lists around what is left: papers have six."""

_DECODER = json.JSONDecoder()

_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]', re.DOTALL)
"""Strings and brackets."""

CLOSING = {"{": "}", "[": "]"}


def peek_head(stream: ContentStream) -> bytes:
    """Look at the beginning of a text; nothing of it is consumed.

    The first record may have thousands of authors, or a title without an end. Then its fields, cut
    short, take the place of the end of the head: otherwise nobody would know whose it is.
    """
    head = stream.peek(HEAD_BYTES)
    if len(head) < HEAD_BYTES or not _skip_lead(head).startswith((b"{", b"[")):
        return head
    if _read_first_value(head) is not None:
        return head
    value = read_leading_object(stream.peek(RECORD_BYTES))
    if not value:
        return head
    return (head[:WRITTEN_BYTES] + json.dumps(_shorten_value(value)).encode())[:HEAD_BYTES]


def is_first_value_too_long(stream: ContentStream) -> bool:
    """Return whether a JSON text begins with a value that is longer than any record.

    Nothing of it is consumed. Such a value is no record, but may hold all of them.
    """
    start = stream.peek(RECORD_BYTES)
    is_json = _skip_lead(start[:HEAD_BYTES]).startswith((b"{", b"["))
    return len(start) == RECORD_BYTES and is_json and _read_first_value(start) is None


def _skip_lead(text: bytes) -> bytes:
    return text.removeprefix(BOM).lstrip()


def _read_first_value(text: bytes) -> Any:
    """Read the first object of a JSON text, or of its array; None where it does not end in it."""
    start = _skip_lead(text).removeprefix(b"[").lstrip()
    if not start.startswith(b"{"):
        return None
    try:
        return _DECODER.raw_decode(start.decode("utf-8", "replace"))[0]
    except (ValueError, RecursionError):
        return None


def read_leading_object(text: bytes) -> dict[str, Any] | None:
    """Read the first object of a JSON text, or of its array, as far as it goes; None for others.

    >>> read_leading_object(b'{"total": 2, "data": [{"id": 1, "names": ["A"]}, {"id": 2, "na')
    {'total': 2, 'data': [{'id': 1, 'names': ['A']}, {}]}
    """
    start = _skip_lead(text).removeprefix(b"[").lstrip()
    if not start.startswith(b"{"):
        return None
    written = start.decode("utf-8", "replace")
    try:
        value = _DECODER.raw_decode(written)[0]
    except json.JSONDecodeError as error:
        value = _read_part(written[: error.pos])
    except RecursionError:
        value = _read_part(written)
    return value if isinstance(value, dict) else None


def _read_part(written: str) -> Any:
    """Read the beginning of a value up to its last bracket, what is open there being closed."""
    open_brackets: list[str] = []
    end = 0
    for token in _TOKENS.finditer(written):
        if token[0] in CLOSING:
            open_brackets.append(CLOSING[token[0]])
        elif token[0] in "}]" and open_brackets:
            open_brackets.pop()
        else:
            continue
        end = token.end()
        if len(open_brackets) > SHOWN_DEPTH:
            break
    try:
        return json.loads(written[:end] + "".join(reversed(open_brackets)))
    except (ValueError, RecursionError):
        return None


def _shorten_value(value: Any, depth: int = SHOWN_DEPTH) -> Any:
    """Cut all texts and lists of a value short, and what is nested deeper than ``depth``.

    >>> _shorten_value({"names": [1, 2, 3], "id": {"title": "x" * 200}})["names"]
    [1, 2]
    """
    if isinstance(value, str):
        return value[:SHOWN_CHARACTERS]
    # The parser goes deeper into a hostile value than what calls itself.
    if isinstance(value, list | dict) and not depth:
        return None
    if isinstance(value, list):
        return [_shorten_value(entry, depth - 1) for entry in value[:SHOWN_ENTRIES]]
    if isinstance(value, dict):
        return {
            name[:SHOWN_CHARACTERS]: _shorten_value(entry, depth - 1)
            for name, entry in value.items()
        }
    return value
