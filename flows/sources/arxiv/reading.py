"""A slice of arXiv's snapshot as a frame: at once where it is regular, else value by value."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson
import polars as pl

from flows.raw.json_bytes import has_half_character, has_names
from flows.raw.json_cutter import Complaint, Slice, cut_excerpt
from flows.raw.json_stream import KnownFields, Unreadable, list_unknown_fields, read_objects
from flows.sources.shared.json_fields import get_abstract, get_title
from schemas.vocabulary import Reason

VERSION_FIELDS = pl.Struct({"version": pl.String, "created": pl.String})

READ_FIELDS = pl.Schema(
    {
        **dict.fromkeys(("id", "title", "abstract", "authors"), pl.String()),
        "authors_parsed": pl.List(pl.List(pl.String)),
        **dict.fromkeys(("comments", "journal-ref", "doi", "categories"), pl.String()),
        "versions": pl.List(VERSION_FIELDS),
        "update_date": pl.String(),
    }
)
"""The fields that are read. An id is a string from the first byte on, and never a number."""

IGNORED = ("submitter", "report-no", "license", "versions_dates")
"""A person's name; a number of no use here; the licence of the full text, not of its metadata; the
days of versions, which are read where the versions themselves have none."""

KNOWN: KnownFields = {
    **dict.fromkeys([*READ_FIELDS, *IGNORED]),
    "versions": {"version": None, "created": None},
}

WRAPPER_FIELDS = (
    *("paper_id", "_pdf_hash", "_source_hash", "_source_name", "body_text"),
    *("bib_entries", "ref_entries", "sections", "discipline"),
)
WRAPPER: KnownFields = {**dict.fromkeys(WRAPPER_FIELDS), "abstract": {}, "metadata": KNOWN}
"""Full-text corpora made from arXiv keep the snapshot's object under ``metadata``. An abstract
beside it is one of their own, in parts."""

SAMPLED_RECORDS = 48
"""Records of a slice whose fields are looked at one by one; the others are counted."""

FEW_VALUES = 2_000
"""Values up to which a slice is read one by one: it takes a few hundredths of a second."""


@dataclass
class ParsedSlice:
    """A slice as a frame: the columns of `READ_FIELDS`, and the position as ``line``."""

    frame: pl.DataFrame
    complaints: list[Complaint] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)


def read_slice(slice_: Slice) -> ParsedSlice:
    """Read a slice at once if it is regular, else value by value."""
    if (
        len(slice_.positions) > FEW_VALUES
        and not slice_.is_cut
        and (whole := read_slice_at_once(slice_))
    ):
        return whole
    return read_slice_by_value(slice_)


def read_slice_at_once(slice_: Slice) -> ParsedSlice | None:
    """Read a slice with polars; None where a value needs a closer look.

    Polars reads every field as the text it stands for, also a list or an object, skips blank
    lines and takes the first of two equal names: all of this is looked for and sent back.
    """
    sample = _sample_lines(slice_)
    layout = _find_layout(sample)
    if layout is None or has_half_character(slice_.content):
        return None
    try:
        frame = pl.read_ndjson(slice_.content, schema=READ_FIELDS)
    except pl.exceptions.PolarsError:
        return None
    # Every record of a regular slice has the same names, so that they can be counted as bytes.
    nested = int(frame["versions"].list.len().sum()) * len(VERSION_FIELDS.fields)
    expected = frame.height * len(layout) + (nested if "versions" in layout else 0)
    if frame.height != len(slice_.positions) or not has_names(slice_.content, expected):
        return None
    if (
        frame.select(pl.any_horizontal(_is_nested(name) for name in _list_text_fields()))
        .to_series()
        .any()
    ):
        return None
    if frame.select(_is_scalar("title").any() | _is_scalar("abstract").any()).item():
        return None
    counts = Counter(dict.fromkeys(layout - KNOWN.keys(), frame.height))
    return ParsedSlice(
        frame.with_columns(line=pl.Series(slice_.positions, dtype=pl.Int64)), [], counts
    )


def _list_text_fields() -> list[str]:
    return [name for name, dtype in READ_FIELDS.items() if dtype == pl.String]


def _is_nested(name: str) -> pl.Expr:
    """Return whether any value of a text field may be a list or an object, read as its text."""
    return (
        pl.col(name)
        .str.contains(r'^(?:\{"|\["|\[\{|\[\[|\[\]$|\{\}$)')
        .any()
        .fill_null(value=False)
        .alias(name)
    )


def _is_scalar(name: str) -> pl.Expr:
    """Return whether a text may be a number or a boolean, read as its text."""
    scalar = r"^(?:true|false|-?[\d.]+(?:[eE][+-]?\d+)?|-?(?:inf|NaN))$"
    return pl.col(name).str.contains(scalar).fill_null(value=False)


def _sample_lines(slice_: Slice) -> list[bytes]:
    # Evenly over the slice: files are put together from parts of other layouts.
    step = max(1, len(slice_.content) // SAMPLED_RECORDS)
    sampled = []
    for at in range(0, len(slice_.content), step):
        start = slice_.content.rfind(b"\n", 0, at) + 1
        end = slice_.content.find(b"\n", start)
        sampled.append(slice_.content[start : end if end >= 0 else None])
    return sampled


def _find_layout(sample: list[bytes]) -> set[str] | None:
    """Return the names that every sampled record has; None where they differ or hold objects."""
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


def read_slice_by_value(slice_: Slice) -> ParsedSlice:
    """Read a slice value by value: slower, and able to say what is wrong with each."""
    values, complaints = read_objects(slice_)
    return tidy_records(values, complaints)


def tidy_records(
    values: Iterable[tuple[int, bytes, Mapping[str, object]]], complaints: list[Complaint]
) -> ParsedSlice:
    """Read records with their places and excerpts; complaints are added to those there are."""
    counts: Counter[str] = Counter()
    positions, tidied = [], []
    for position, value, record in values:
        known = WRAPPER if "metadata" in record else KNOWN
        counts.update(list_unknown_fields(zip_version_days(record), known))
        names = record.get("authors_parsed")
        if isinstance(names, list) and not all(isinstance(name, list) for name in names):
            counts["authors_parsed: names that are not cut into parts"] += 1
        try:
            tidied.append(tidy_record(record))
            positions.append(position)
        except Unreadable as error:
            complaint = Complaint(position, error.reason, error.detail, cut_excerpt(value))
            complaints.append(complaint)
    frame = pl.DataFrame(tidied, schema=READ_FIELDS, orient="row")
    return ParsedSlice(
        frame.with_columns(line=pl.Series(positions, dtype=pl.Int64)), complaints, counts
    )


def tidy_record(record: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of `READ_FIELDS`. Raises `Unreadable` for one of another type."""
    # Corpora of full texts wrap the snapshot's object.
    inner = record.get("metadata")
    row = inner if isinstance(inner, dict) else record
    tidied: dict[str, object] = {
        name: _read_text(row, name)
        for name in _list_text_fields()
        if name not in ("categories", "authors", "title", "abstract")
    }
    tidied["title"] = get_title(row, "title")
    tidied["abstract"] = get_abstract(row, "abstract")
    tidied["authors"] = _join_names(row)
    row = zip_version_days(row)
    tidied["categories"] = _join_categories(row.get("categories"))
    tidied["versions"] = [
        {"version": _read_text(item, "version"), "created": _read_text(item, "created")}
        for item in _read_list(row, "versions")
        if isinstance(item, dict)
    ]
    tidied["authors_parsed"] = [
        [None if part is None else str(part) for part in item]
        for item in _read_list(row, "authors_parsed")
        if isinstance(item, list)
    ]
    return tidied


def zip_version_days(row: Mapping[str, object]) -> Mapping[str, object]:
    """Give the versions of a row their days, where a copy keeps the two apart.

    >>> zip_version_days({"versions": ["v1"], "versions_dates": ["Mon, 2 Apr 2007"]})["versions"]
    [{'version': 'v1', 'created': 'Mon, 2 Apr 2007'}]
    """
    names, days = row.get("versions"), row.get("versions_dates")
    if not isinstance(names, list) or not isinstance(days, list) or len(names) != len(days):
        return row
    if not all(isinstance(text, str) for text in (*names, *days)):
        return row
    pairs = zip(names, days, strict=True)
    return {**row, "versions": [{"version": name, "created": day} for name, day in pairs]}


def _join_names(row: Mapping[str, object]) -> str | None:
    """Join authors into one string: some copies of the snapshot hold a list."""
    value = row.get("authors")
    if not isinstance(value, list):
        return _read_text(row, "authors")
    if not all(isinstance(name, str) for name in value):
        raise Unreadable(Reason.MALFORMED, "the field authors holds no names")
    # With semicolons the commas belong to the names; a list of one needs a mark, too.
    return "".join(f"{name}; " for name in value)


def _read_text(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    if isinstance(value, dict | list):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no text")
    return None if value is None else str(value)


def _read_list(row: Mapping[str, object], name: str) -> list[object]:
    value = row.get(name)
    if value is not None and not isinstance(value, list):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no list")
    return value or []


def _join_categories(value: object) -> str | None:
    """Join categories into one string: some copies of the snapshot hold a list."""
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)
