"""JSON as it comes: how its values are laid out in a text, and what they hold."""

import json
import re
from collections.abc import Iterator, Mapping

import orjson

from flows.raw.json_cutter import BOM, Complaint, Slice, cut_excerpt
from flows.raw.json_resync import FIRST_NAME, is_json_value
from flows.raw.json_tokens import explain_word, replace_half_characters
from schemas.vocabulary import Reason

LONG_LINE = 1 << 15
"""A first line of more than 32 KiB is one of JSON lines: pretty-printed lines are short."""

_DECODER = json.JSONDecoder()

_NEXT_OBJECT = re.compile(r"[\s,]*\{")

FIELD_NAME_LENGTH = 80
"""Characters of an unseen field's name that are reported: hostile names may be long."""


def detect_layout(head: bytes) -> str | None:
    """Name how JSON values are laid out in a text that begins with ``head``.

    ``lines``, ``array`` or ``objects`` (one after another); None where it is no JSON.
    """
    start = head.removeprefix(BOM).lstrip()
    if start.startswith(b"["):
        return "array"
    if not start.startswith(b"{"):
        return None
    first, newline, _ = start.partition(b"\n")
    # What separates values is then no line break, or not one that ends lines here.
    if _holds_several(first):
        return "objects"
    # A line that ends so is the first of a value over several lines.
    is_open = first.rstrip().endswith((b"{", b"[", b",")) or not newline
    return "lines" if _is_object(first) or not is_open or len(first) > LONG_LINE else "objects"


def _holds_several(line: bytes) -> bool:
    r"""Return whether a line goes on with an object behind its first one.

    >>> _holds_several(b'{"a": "{"}\r{"a": 2'), _holds_several(b'{"a": {"a": 1}}')
    (True, False)
    """
    text = line.decode("utf-8", "replace")
    try:
        _, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return _NEXT_OBJECT.match(text, end) is not None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def parse_value(value: bytes) -> object:
    """Read one JSON value. Raises `Unreadable` with the reason; deep nesting is one of them."""
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        # Files that were put together bring the mark of each of them.
        if value.startswith(BOM):
            return parse_value(value.lstrip(BOM))
        if (mended := replace_half_characters(value)) != value:
            return parse_value(mended)
        # Python and pandas write what is missing as NaN, which JSON does not know.
        if NOT_A_NUMBER.search(value) and (read := _parse_python_json(value)) is not None:
            return read
        # orjson tells bytes that are no text from other faults by its words only.
        if "UTF-8" in error.msg:
            raise Unreadable(Reason.ENCODING, f"is not UTF-8: {error}; {CONVERT}") from None
        raise Unreadable(Reason.MALFORMED, f"is not JSON: {error}") from None


NOT_A_NUMBER = re.compile(rb"[:\[,]\s*(?:NaN|-?Infinity)\b")


def _parse_python_json(value: bytes) -> object:
    """Read JSON with Python's words for what is no number, as null; None where it is none."""
    try:
        return json.loads(value, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


CONVERT = "if the file is in Latin-1: iconv -f LATIN1 -t UTF-8 FILE > FILE.utf8"
"""What can be done about JSON in another encoding, which nobody can tell from damage."""


class Unreadable(ValueError):
    """A value that is no record, with the reason."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason and the sentence that explains it."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def read_objects(
    slice_: Slice,
) -> tuple[list[tuple[int, bytes, dict[str, object]]], list[Complaint]]:
    """Read a slice value by value: the objects with their positions and bytes, and the rest."""
    objects: list[tuple[int, bytes, dict[str, object]]] = []
    complaints = list(slice_.complaints)
    for position, value in slice_.values():
        try:
            objects.append((position, value, _parse_object(value)))
        except Unreadable as error:
            # A last line without its end is broken because the file breaks off.
            is_broken_off = slice_.is_cut and not is_json_value(value)
            reason = Reason.TRUNCATED if is_broken_off else error.reason
            complaints.append(Complaint(position, reason, error.detail, cut_excerpt(value)))
            if glued := find_glued_value(value, objects[0][1] if objects else b""):
                detail = "its beginning is broken, and so is the end of the value before it"
                complaints.append(Complaint(position, reason, detail, cut_excerpt(glued)))
    return objects, complaints


def find_glued_value(value: bytes, whole: bytes) -> bytes:
    """Return what a second value left in a broken one, judged by a whole one; empty for nothing.

    >>> find_glued_value(b'{"id": 1, "a": "x" "id": 2, "a": "y"}', b'{"id": 3, "a": "z"}')
    b'"id": 2, "a": "y"}'
    >>> find_glued_value(b'{"id": 1, "a": "x"{"id": 2, "a": "y"}', b"")
    b'"id": 2, "a": "y"}'
    >>> find_glued_value(b'{"a": {"a": {"a": 1}', b"")
    b''
    """
    name = FIRST_NAME.match(value)
    if name is None:
        return b""
    first = name[0][1:].strip()
    if value.count(first) <= max(1, whole.count(first)):
        return b""
    # Behind a colon, a comma or a bracket, an object is inside another.
    again = re.compile(rb"(?:[^{\s]\s*|[^:,\[{\s]\s*\{\s*)(" + re.escape(first) + rb")")
    second = again.search(value, name.end())
    return value[second.start(1) :] if second else b""


def _parse_object(value: bytes) -> dict[str, object]:
    read = parse_value(value)
    if not isinstance(read, dict):
        raise Unreadable(*explain_no_object(read))
    return read


def explain_no_object(value: object) -> tuple[Reason, str]:
    """Explain why a value in the place of an object is no record."""
    if value is None or isinstance(value, int | float):
        return explain_word(json.dumps(value).encode())
    return Reason.MALFORMED, "is JSON, but no object"


TEXT_FIELDS = ("abstract", "summary")
"""Fields that hold texts of papers in every source: what is none is left out, and counted."""

KnownFields = Mapping[str, "KnownFields | None"]
"""The fields that a parser reads or ignores on purpose, by name. Fields inside objects (or lists
of objects) are listed in a mapping of their own; None stands for a field without such, and an empty
mapping for one that is ignored whatever its shape."""


def list_unknown_fields(
    record: Mapping[str, object], fields: KnownFields, prefix: str = ""
) -> Iterator[str]:
    """Yield the dotted names of the fields that a parser does not know, and unknown shapes.

    >>> list(list_unknown_fields({"id": 1, "note": 2}, {"id": None}))
    ['note']
    >>> list(list_unknown_fields({"versions": ["v1"]}, {"versions": {"version": None}}))
    ['versions: str in the place of an object']
    >>> list(list_unknown_fields({"abstract": 1.5}, {"abstract": None}))
    ['abstract: float in the place of a text']
    >>> list(list_unknown_fields({"abstract": [{"text": "We"}]}, {"abstract": {}}))
    []
    """
    for name, value in record.items():
        if name not in fields:
            yield f"{prefix}{name}"[:FIELD_NAME_LENGTH]
        elif fields[name] is None:
            if name in TEXT_FIELDS and value is not None and not isinstance(value, str):
                yield f"{prefix}{name}: {type(value).__name__} in the place of a text"
        elif inner := fields[name]:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    yield from list_unknown_fields(item, inner, f"{prefix}{name}.")
                elif item is not None:
                    yield f"{prefix}{name}: {type(item).__name__} in the place of an object"
