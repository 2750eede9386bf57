"""Rows read one by one, as batches: how each source of JSON, tables or lists treats its rows."""

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
from flows.raw.json_cutter import (
    SLICE_BYTES,
    SLICE_VALUES,
    Complaint,
    Slice,
    cut_excerpt,
)
from flows.raw.json_stream import (
    KnownFields,
    Unreadable,
    detect_layout,
    explain_no_object,
    list_unknown_fields,
    read_objects,
)
from flows.raw.raw_file import RawFile
from flows.raw.rows import tabulate_rows
from flows.sources.shared import arxiv_ids
from flows.sources.shared.author_strings import clean_names
from flows.sources.shared.dates import count_lost_days, parse_day
from flows.sources.shared.excerpts import show_fields
from flows.sources.shared.side_fields import SideFields, pass_over_wrong_types
from flows.sources.shared.wrapped_rows import Places, RowFinder, cut_wrapped_rows
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
    side: SideFields = field(default_factory=dict)
    """Fields of which a wrong type does not cost the row."""
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
            row, wrong = _read_row(position, fields, reader)
        except Unreadable as error:
            complaints.append(Complaint(position, error.reason, error.detail, text))
        else:
            rows.append(row)
            unseen.update(wrong)
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


def _read_row(position: int, fields: Fields, reader: RowReader) -> tuple[Row, list[str]]:
    """Read a row, where that is not possible without its side fields of a wrong type."""
    try:
        return reader.read_row(position, fields), []
    except Unreadable:
        rest, wrong = pass_over_wrong_types(fields, reader.side)
        if not wrong:
            raise
        return reader.read_row(position, rest), wrong


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
    finder = RowFinder(reader.known, reader.is_row, tuple(pages))
    pending = _PendingRows(reader, finder)
    for slice_ in cut_wrapped_rows(stream, detect_layout(head), finder, pending.places):
        pending.add(slice_)
        if pending.is_full():
            yield pending.build_batch(raw)
    yield pending.build_batch(raw)


@dataclass
class _PendingRows:
    """Rows of one batch, and what is none of them."""

    reader: RowReader
    finder: RowFinder
    places: Places = field(default_factory=Places)
    values: list[SourceRow] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)
    size: int = 0
    unread_bytes: int = 0

    def is_full(self) -> bool:
        """Return whether it is enough for a batch: lists within an object may be many and short."""
        count = len(self.values) + len(self.complaints)
        return self.size >= SLICE_BYTES // 2 or count >= SLICE_VALUES // 2

    def add(self, slice_: Slice) -> None:
        """Take in the rows of a slice."""
        self.size += len(slice_.content)
        self.unread_bytes += slice_.unread_bytes
        self.unseen.update(slice_.unseen)
        for item in list_in_order(slice_):
            if isinstance(item, Complaint):
                self.complaints.append(_mask_people(self.places.move(item), self.reader))
            else:
                self._add_value(*item)

    def _add_value(self, position: int, value: bytes, fields: Fields) -> None:
        rows = self.finder.find_rows(fields)
        if rows is None:
            place = self.places.take(position)
            shows_fields = bool(self.reader.excerpt_fields)
            excerpt = _show(fields, self.reader) if shows_fields else cut_excerpt(value)
            self.values.append((place, excerpt, fields))
            return
        self.unseen.update(self.finder.list_unknown(fields))
        for row in rows:
            place = self.places.take()
            if isinstance(row, dict):
                self.values.append((place, _show(row, self.reader), cast("Fields", row)))
            else:
                self.complaints.append(Complaint(place, *explain_no_object(row), ""))

    def build_batch(self, raw: RawFile) -> Batch:
        """Build a batch of what was taken in since the last one."""
        batch = build_row_batch(raw, self.values, self.complaints, self.reader)
        batch = replace(batch, unseen=batch.unseen + self.unseen, unread_bytes=self.unread_bytes)
        self.values, self.complaints, self.unseen = [], [], Counter()
        self.size = self.unread_bytes = 0
        return batch


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
