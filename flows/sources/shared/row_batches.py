"""Rows read one by one, as batches: how each source of JSON, tables or lists treats its rows."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import BinaryIO, cast

import polars as pl

from flows.raw.batch import (
    REASONS,
    Batch,
    make_rejection,
    tabulate_records,
    tabulate_rejections,
)
from flows.raw.json_cutter import Complaint, Slice, cut_excerpt, cut_lines
from flows.raw.json_elements import cut_elements
from flows.raw.json_stream import (
    KnownFields,
    Unreadable,
    detect_layout,
    list_unknown_fields,
    read_objects,
)
from flows.raw.raw_file import RawFile
from flows.raw.rows import tabulate_rows
from flows.sources.shared import arxiv_ids
from flows.sources.shared.author_strings import clean_names
from flows.sources.shared.dates import count_lost_days, parse_day
from flows.sources.shared.excerpts import show_fields
from schemas.record import FIELD_URL
from schemas.vocabulary import License, Reason

Fields = Mapping[str, object]
Row = dict[str, object]

SourceRow = tuple[int, str, Fields]
"""Position, excerpt and fields of one row."""

TEXT_COLUMNS = ("source_id", "title", "abstract", "arxiv_id", "doi", "acl_id", "openreview_id")

ROW_SCHEMA = pl.Schema(
    {
        "line": pl.Int64(),
        **dict.fromkeys((*TEXT_COLUMNS, "venue", "published", "updated"), pl.String()),
        **dict.fromkeys(("authors", "keywords"), pl.List(pl.String)),
        "urls": pl.List(FIELD_URL),
        **dict.fromkeys(("is_withdrawn", "is_retracted"), pl.Boolean()),
        "license": pl.String(),
    }
)
"""A row as its source has it: days as written. What a source does not have is null."""


EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}")
"""Addresses of people, which are stored nowhere."""


def find_row_fault() -> pl.Expr:
    """Return ``reason`` and ``detail`` of why a row is no record; nulls where it is one."""
    is_float = arxiv_ids.find_id_fault(pl.col("arxiv_id")) == Reason.FLOAT_IDENTIFIER.value
    spoilt = pl.format("the arXiv id {} went through a float", pl.col("arxiv_id"))
    return (
        pl.when(pl.col("title").is_null())
        .then(name_fault(Reason.NO_TITLE, pl.lit("has no title")))
        .when(is_float)
        .then(name_fault(Reason.FLOAT_IDENTIFIER, spoilt))
        .otherwise(name_fault(None, pl.lit(None, dtype=pl.String)))
    )


def name_fault(reason: Reason | None, detail: pl.Expr) -> pl.Expr:
    """Return a fault as a struct of its reason and the sentence that explains it."""
    value = pl.lit(reason.value if reason else None, dtype=pl.String)
    return pl.struct(value.alias("reason"), detail.alias("detail"))


MAX_WRAPPERS = 6
"""Objects and lists around the rows of a value that are looked into."""


@dataclass(frozen=True)
class RowReader:
    """How a source reads one of its rows."""

    read_row: Callable[[int, Fields], Row]
    """Columns of `ROW_SCHEMA` from a row. Raises `Unreadable` for a wrong type."""
    known: KnownFields
    license: License
    find_fault: Callable[[], pl.Expr] = field(default=find_row_fault)
    is_row: Callable[[Fields], bool] | None = None
    """Whether an object is a row, where programs keep rows in objects of their own."""
    list_unknown: Callable[[Fields, KnownFields], Iterator[str]] = list_unknown_fields
    """Names of fields that are not known, and of those that hold another type than they should."""
    excerpt_fields: Sequence[str] = ()
    """Fields that an excerpt shows, where others hold personal data; none for the value's text."""


def build_row_batch(
    raw: RawFile, values: Sequence[SourceRow], complaints: list[Complaint], reader: RowReader
) -> Batch:
    """Build a batch of some rows; what is no record becomes a rejection, in its place."""
    rows: list[Row] = []
    unseen: Counter[str] = Counter()
    excerpts = {position: text for position, text, _ in values}
    for position, text, fields in values:
        unseen.update(reader.list_unknown(fields, reader.known))
        try:
            rows.append(reader.read_row(position, fields))
        except Unreadable as error:
            complaints.append(Complaint(position, error.reason, error.detail, text))
    # All rows are judged at once, by expressions, and not one by one.
    judged = tabulate_rows(rows, ROW_SCHEMA).with_columns(fault=reader.find_fault())
    is_refused = pl.col("fault").struct.field("reason").is_not_null()
    complaints += [
        Complaint(line, REASONS[fault["reason"]], fault["detail"], excerpts[line])
        for line, fault in judged.filter(is_refused).select("line", "fault").iter_rows()
    ]
    passed = judged.filter(~is_refused)
    accepted = passed.select(
        pl.all().exclude("fault", "published", "updated", "authors", "license"),
        clean_names(pl.col("authors")).alias("authors"),
        *(parse_day(pl.col(name)).alias(name) for name in ("published", "updated")),
        pl.col("license").fill_null(reader.license.value),
    )
    unseen += count_lost_days(passed, accepted, {name: name for name in ("published", "updated")})
    return Batch(
        tabulate_records(raw, accepted.with_columns(_fill_flags()), reader.license),
        tabulate_rejections(_reject(raw, complaint) for complaint in complaints),
        unseen,
    )


def _fill_flags() -> list[pl.Expr]:
    return [pl.col(name).fill_null(value=False) for name in ("is_withdrawn", "is_retracted")]


def _reject(raw: RawFile, complaint: Complaint) -> dict[str, object]:
    return make_rejection(
        raw,
        complaint.position,
        complaint.reason,
        detail=complaint.detail,
        excerpt=EMAIL.sub("...", complaint.excerpt),
    )


@dataclass
class Places:
    """The places of records where a value of a file may hold many: no two have one.

    >>> places = Places()
    >>> [places.take(1), places.take(), places.take(2), places.take(7)]
    [1, 2, 3, 7]
    """

    last: int = 0
    _refused: tuple[int, int] = (0, 0)

    def take(self, position: int = 0) -> int:
        """Return the next place: that of the value itself, unless a record before it has it."""
        self.last = max(self.last + 1, position)
        return self.last

    def move(self, complaint: Complaint) -> Complaint:
        """Return a complaint at the next place; several about one value share it."""
        if complaint.position != self._refused[0]:
            self._refused = (complaint.position, self.take(complaint.position))
        return replace(complaint, position=self._refused[1])


def list_in_order(slice_: Slice) -> list[tuple[int, bytes, dict[str, object]] | Complaint]:
    """List the objects of a slice and what is wrong with others, by their places in the file."""
    objects, complaints = read_objects(slice_)
    placed: list[tuple[int, tuple[int, bytes, dict[str, object]] | Complaint]] = [
        (complaint.position, complaint) for complaint in complaints
    ]
    placed += [(item[0], item) for item in objects]
    return [item for _, item in sorted(placed, key=itemgetter(0))]


def parse_json_rows(
    raw: RawFile, stream: BinaryIO, head: bytes, reader: RowReader, pages: Sequence[str] = ()
) -> Iterator[Batch]:
    """Read rows from JSON: lines, an array, objects one after another, or pages of an API.

    ``pages``: names of the field in which a page of an API holds its rows. The rows of pages are
    counted through the file; others have the place of their value, unless such a row has it.
    """
    places = Places()
    for slice_ in cut_json(stream, detect_layout(head)):
        values: list[SourceRow] = []
        complaints: list[Complaint] = []
        for item in list_in_order(slice_):
            if isinstance(item, Complaint):
                whole = _list_rows_before_end(item, slice_, pages, reader)
                values += [(places.take(), _show(each, reader), each) for each in whole]
                complaints.append(_mask_people(places.move(item), reader))
                continue
            position, value, fields = item
            rows = _find_page_rows(fields, pages, reader)
            if rows is None:
                place = places.take(position)
                excerpt = _show(fields, reader) if reader.excerpt_fields else cut_excerpt(value)
                values.append((place, excerpt, fields))
            for row in rows or ():
                place = places.take()
                if isinstance(row, dict):
                    values.append((place, _show(row, reader), cast("Fields", row)))
                else:
                    detail = "is no object in a page of objects"
                    complaints.append(Complaint(place, Reason.MALFORMED, detail, ""))
        batch = build_row_batch(raw, values, complaints, reader)
        yield replace(batch, unread_bytes=slice_.unread_bytes)


def _list_rows_before_end(
    complaint: Complaint, slice_: Slice, pages: Sequence[str], reader: RowReader
) -> Iterator[Fields]:
    """List the whole rows of a page with which a file breaks off."""
    if complaint.reason != Reason.TRUNCATED or not pages:
        return
    page = slice_.content if slice_.is_cut else slice_.broken
    begin = re.search(rf'"(?:{"|".join(pages)})"\s*:\s*(?=\[)'.encode(), page)
    # Behind a title it is a list within a row that breaks off, and holds no rows.
    if begin is None or reader.is_row is None or b'"title"' in page[: begin.start()]:
        return
    for rows in cut_elements(io.BytesIO(page[begin.end() :]), is_array=True):
        yield from (fields for _, _, fields in read_objects(rows)[0] if reader.is_row(fields))


def _mask_people(complaint: Complaint, reader: RowReader) -> Complaint:
    names = reader.excerpt_fields
    return replace(complaint, excerpt=show_fields(complaint.excerpt, names)) if names else complaint


def _show(fields: Fields, reader: RowReader) -> str:
    """Show the first of some fields that a row has as a text, for the excerpt of its rejection."""
    shown = (_get_first_text(fields.get(name)) for name in reader.excerpt_fields)
    return next(filter(None, shown), "")


def _get_first_text(value: object) -> str:
    """Return a text, a whole number, or the first of a list; empty for what may hold more."""
    first = value[0] if isinstance(value, list) and value else value
    return str(first) if isinstance(first, str | int) else ""


def cut_json(stream: BinaryIO, layout: str | None) -> Iterator[Slice]:
    """Cut JSON of any layout into slices of whole values."""
    if layout == "lines":
        return cut_lines(stream)
    return cut_elements(stream, is_array=layout == "array")


def _find_page_rows(fields: Fields, pages: Sequence[str], reader: RowReader) -> list[object] | None:
    """Return the rows of an API's page, or of what programs keep around rows; None for a row."""
    for name in pages:
        if isinstance(rows := fields.get(name), list):
            return _list_wrapped(rows, reader) or cast("list[object]", rows)
    if reader.is_row and not reader.is_row(fields) and (rows := _list_wrapped(fields, reader)):
        return rows
    return list(fields.values()) if _is_keyed(fields, reader.known) else None


def _list_wrapped(value: object, reader: RowReader, depth: int = 0) -> list[object]:
    """List the rows in a value, some objects and lists further in; empty where it holds none.

    Of a list, and of objects by their ids, what holds no row is listed as well: it is one with a
    fault.
    """
    if isinstance(value, dict) and reader.is_row and reader.is_row(value):
        return [value]
    if depth > MAX_WRAPPERS or not isinstance(value, dict | list):
        return []
    items = list(value.values()) if isinstance(value, dict) else value
    inner = [_list_wrapped(item, reader, depth + 1) for item in items]
    has_rows = any(inner)
    if isinstance(value, list) or _is_keyed(value, reader.known):
        inner = [rows or [item] for rows, item in zip(inner, items, strict=True)]
    return [row for rows in inner for row in rows] if has_rows else []


def _is_keyed(fields: Fields, known: KnownFields) -> bool:
    """Return whether an object holds rows by their ids: ``{id: row, ...}``, none of a field."""
    is_keyed = bool(fields) and not fields.keys() & known.keys()
    return is_keyed and all(map(_is_object, fields.values()))


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
