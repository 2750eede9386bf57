"""A slice of arXiv's snapshot as a frame: at once where it is regular, else value by value."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
import polars as pl

from flows.raw.json_cutter import Complaint, Slice, excerpt
from flows.raw.json_stream import Known, Unreadable, objects, unseen
from schemas.vocabulary import Reason

VERSION_FIELDS = pl.Struct({"version": pl.String, "created": pl.String})

READ = pl.Schema(
    {
        **dict.fromkeys(("id", "title", "abstract", "authors"), pl.String()),
        "authors_parsed": pl.List(pl.List(pl.String)),
        **dict.fromkeys(("comments", "journal-ref", "doi", "categories"), pl.String()),
        "versions": pl.List(VERSION_FIELDS),
        "update_date": pl.String(),
    }
)
"""The fields that are read. An id is a string from the first byte on, and never a number."""

IGNORED = ("submitter", "report-no", "license")
"""A person's name; a number of no use here; the licence of the full text, not of its metadata."""

KNOWN: Known = {
    **dict.fromkeys([*READ, *IGNORED]),
    "versions": {"version": None, "created": None},
}

WRAPPER_FIELDS = (
    *("paper_id", "_pdf_hash", "_source_hash", "_source_name", "abstract", "body_text"),
    *("bib_entries", "ref_entries", "sections", "discipline"),
)
WRAPPER: Known = {**dict.fromkeys(WRAPPER_FIELDS), "metadata": KNOWN}
"""Full-text corpora made from arXiv keep the snapshot's object under ``metadata``."""

SAMPLE = 48
"""Records of a slice whose fields are looked at one by one; the others are counted."""

FEW = 2_000
"""Values up to which a slice is read one by one: it takes a few hundredths of a second."""


@dataclass
class Reading:
    """A slice as a frame: the columns of `READ`, and the position as ``line``."""

    frame: pl.DataFrame
    complaints: list[Complaint] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)


def read(slice_: Slice) -> Reading:
    """Read a slice at once if it is regular, else value by value."""
    if len(slice_.positions) > FEW and not slice_.is_cut and (found := read_at_once(slice_)):
        return found
    return read_each(slice_)


SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]")
"""A character in two escaped halves. A half alone is no text; polars makes it a NUL."""


def read_at_once(slice_: Slice) -> Reading | None:
    """Read a slice with polars; None where a value needs a closer look.

    Polars reads every field as the text it stands for, also a list or an object, skips blank
    lines and takes the first of two equal names: all of this is looked for and sent back.
    """
    sample = _sample(slice_)
    layout = _layout(sample)
    if layout is None or _has_half_character(slice_.content):
        return None
    try:
        frame = pl.read_ndjson(slice_.content, schema=READ)
    except pl.exceptions.PolarsError:
        return None
    nested = int(frame["versions"].list.len().sum()) * len(VERSION_FIELDS.fields)
    expected = frame.height * len(layout) + (nested if "versions" in layout else 0)
    if frame.height != len(slice_.positions) or not _has_names(slice_.content, expected):
        return None
    if frame.select(pl.any_horizontal(_is_nested(name) for name in _texts())).to_series().any():
        return None
    counts = Counter(dict.fromkeys(layout - KNOWN.keys(), frame.height))
    return Reading(frame.with_columns(line=pl.Series(slice_.positions, dtype=pl.Int64)), [], counts)


def _has_half_character(content: bytes) -> bool:
    if b"\\ud" not in content and b"\\uD" not in content:
        return False
    return len(SURROGATE.findall(content)) != 2 * len(PAIR.findall(content))


def _texts() -> list[str]:
    return [name for name, dtype in READ.items() if dtype == pl.String]


def _is_nested(name: str) -> pl.Expr:
    return (
        pl.col(name)
        .str.contains(r'^(?:\{"|\["|\[\{|\[\[|\[\]$|\{\}$)')
        .any()
        .fill_null(value=False)
        .alias(name)
    )


def _has_names(content: bytes, expected: int) -> bool:
    """Say whether some JSON objects have so many names in all.

    A name's last quote is followed by a colon. So is an escaped quote inside a text, and the first
    quote of a text that begins with a colon; no name begins or ends so.
    """
    found = content.count(b'":') - content.count(b'\\":')
    if found > expected:
        found -= sum(content.count(before + b'":') for before in (b" ", b":", b"[", b","))
    return found == expected


def _sample(slice_: Slice) -> list[bytes]:
    step = max(1, len(slice_.content) // SAMPLE)
    found = []
    for at in range(0, len(slice_.content), step):
        start = slice_.content.rfind(b"\n", 0, at) + 1
        end = slice_.content.find(b"\n", start)
        found.append(slice_.content[start : end if end >= 0 else None])
    return found


def _layout(sample: list[bytes]) -> set[str] | None:
    """Give the names that every sampled record has; None where they differ or hold objects."""
    layouts: set[frozenset[str]] = set()
    for value in sample:
        try:
            record = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(record, dict) or "metadata" in record:
            return None
        if any(b"{" in orjson.dumps(record[name]) for name in record.keys() - KNOWN.keys()):
            return None
        layouts.add(frozenset(record))
    return set(layouts.pop()) if len(layouts) == 1 else None


def read_each(slice_: Slice) -> Reading:
    """Read a slice value by value: slower, and able to say what is wrong with each."""
    found, complaints = objects(slice_)
    counts: Counter[str] = Counter()
    positions, tidied = [], []
    for position, value, record in found:
        counts.update(unseen(record, WRAPPER if "metadata" in record else KNOWN))
        try:
            tidied.append(tidy(record))
            positions.append(position)
        except Unreadable as error:
            complaint = Complaint(position, error.reason, error.detail, excerpt(value))
            complaints.append(complaint)
    frame = pl.DataFrame(tidied, schema=READ, orient="row")
    return Reading(
        frame.with_columns(line=pl.Series(positions, dtype=pl.Int64)), complaints, counts
    )


def tidy(record: Mapping[str, object]) -> dict[str, object]:
    """Give the fields of `READ` in their types. Raises `Unreadable` for one of another type."""
    inner = record.get("metadata")
    row = inner if isinstance(inner, dict) else record
    tidied: dict[str, object] = {
        name: _text(row, name) for name in _texts() if name != "categories"
    }
    tidied["categories"] = _joined(row.get("categories"))
    tidied["versions"] = [
        {"version": _text(each, "version"), "created": _text(each, "created")}
        for each in _list(row, "versions")
        if isinstance(each, dict)
    ]
    tidied["authors_parsed"] = [
        [None if part is None else str(part) for part in each]
        for each in _list(row, "authors_parsed")
        if isinstance(each, list)
    ]
    return tidied


def _text(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    if isinstance(value, dict | list):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no text")
    return None if value is None else str(value)


def _list(row: Mapping[str, object], name: str) -> list[object]:
    value = row.get(name)
    if value is not None and not isinstance(value, list):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no list")
    return value or []


def _joined(value: object) -> str | None:
    """Give categories as one string: other copies of the snapshot have a list."""
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    return None if value is None else str(value)
