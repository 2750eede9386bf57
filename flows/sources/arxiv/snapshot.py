"""arXiv's metadata snapshot: a JSON object per paper, in lines or arrays, or a row of Parquet."""

import os
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import polars as pl

from flows.raw.batch import REASONS, Batch, make_rejection, tabulate_records, tabulate_rejections
from flows.raw.json_cutter import Complaint, Slice, cut_lines
from flows.raw.json_elements import cut_elements
from flows.raw.parquet_files import TableRow, open_parquet, parse_parquet_rows
from flows.raw.python_reprs import parse_written_list
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources.arxiv import fields, notices
from flows.sources.arxiv.reading import ParsedSlice, read_slice, tidy_records
from flows.sources.arxiv.saved_entries import KNOWN, is_entry, walk_entries
from flows.sources.arxiv.xml_rows import BATCH_RECORDS
from flows.sources.shared.author_strings import count_unnamed_authors
from flows.sources.shared.dates import count_lost_days, list_days, parse_day
from flows.sources.shared.excerpts import show_fields
from flows.sources.shared.row_batches import list_in_order
from flows.sources.shared.wrapped_rows import Places, RowFinder, cut_wrapped_rows
from schemas.vocabulary import License, Reason

WORKERS = min(4, os.cpu_count() or 1)
"""Slices that are parsed at a time. Four slices in flight stay under a gigabyte."""


def parse(raw: RawFile, stream: BinaryIO, shape: str) -> Iterator[Batch]:
    """Read the records of a snapshot of some ``shape``: lines, array or objects."""
    slices = (
        cut_lines(stream) if shape == "lines" else cut_elements(stream, is_array=shape == "array")
    )
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for slice_ in slices:
            waiting.append(pool.submit(parse_slice, raw, slice_))
            # One slice more than there are workers is under way while the caller writes a batch.
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def parse_slice(raw: RawFile, slice_: Slice) -> Batch:
    """Read one slice."""
    return _build_batch(raw, read_slice(slice_), slice_.unread_bytes)


def parse_table(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a snapshot that is kept as Parquet. A place is the ordinal of a row.

    Raises `RefusedInput` for a table without the snapshot's columns.
    """
    table = open_parquet(raw)
    columns = table.schema_arrow.names
    if not {"id", "title", "abstract"} <= set(columns):
        raise RefusedInput(
            f"{raw.path.name}: is Parquet with the columns {', '.join(columns[:8])}. A snapshot of "
            "arXiv has id, title and abstract."
        )

    def build_row_batch(rows: list[TableRow], complaints: list[Complaint]) -> Batch:
        values = [(place, read_lists(fields)) for place, fields in rows]
        return build_batch(raw, values, complaints)

    yield from parse_parquet_rows(raw, stream, table, build_row_batch)


def parse_wrapped(raw: RawFile, stream: BinaryIO, layout: str | None) -> Iterator[Batch]:
    """Read a snapshot whose records are in lists, or under their ids, in objects around them.

    Records are counted through the file.
    """
    places = Places()
    finder = RowFinder(KNOWN, is_entry)
    pending = _WrappedRecords()
    for slice_ in cut_wrapped_rows(stream, layout, finder, places):
        pending.unseen.update(slice_.unseen)
        pending.unread_bytes += slice_.unread_bytes
        for item in list_in_order(slice_):
            if isinstance(item, Complaint):
                pending.complaints.append(places.move(item))
                continue
            pending.unseen.update(finder.list_around(item[2]))
            for record in walk_entries(item[2]):
                pending.add(places.take(item[0]), record)
        if len(pending.rows) + len(pending.complaints) >= BATCH_RECORDS:
            yield pending.build_batch(raw)
            pending = _WrappedRecords()
    yield pending.build_batch(raw)


@dataclass
class _WrappedRecords:
    """Records of one batch, and what is none of them."""

    rows: list[tuple[int, Mapping[str, object]]] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)
    unread_bytes: int = 0

    def add(self, place: int, record: object) -> None:
        """Take in a record, or what is none where one should be."""
        if isinstance(record, dict):
            self.rows.append((place, record))
        else:
            detail = "is no object in a list of records"
            self.complaints.append(Complaint(place, Reason.MALFORMED, detail, ""))

    def build_batch(self, raw: RawFile) -> Batch:
        """Build a batch of them."""
        batch = build_batch(raw, self.rows, self.complaints)
        unseen = batch.unseen + self.unseen
        return replace(batch, unseen=unseen, unread_bytes=self.unread_bytes)


def build_batch(
    raw: RawFile, rows: Iterable[tuple[int, Mapping[str, object]]], complaints: list[Complaint]
) -> Batch:
    """Build a batch of a table's rows, each with its place."""
    values = [(place, b"%a" % row.get("id"), row) for place, row in rows]
    return _build_batch(raw, tidy_records(values, complaints), 0)


def read_lists(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Return a table's row in which lists that were written out as text are lists.

    What is no list in any spelling is left out: names are read from the text of the authors then.

    >>> read_lists({"id": "1", "authors_parsed": '[["Lovelace", "Ada", ""]]'})["authors_parsed"]
    [['Lovelace', 'Ada', '']]
    >>> read_lists({"id": "1", "versions": "v1, v2"})
    {'id': '1'}
    """
    row = dict(fields)
    for name in ("versions", "authors_parsed"):
        if isinstance(text := row.get(name), str):
            del row[name]
            if (values := parse_written_list(text)) is not None:
                row[name] = values
    return row


def _build_batch(raw: RawFile, reading: ParsedSlice, unread_bytes: int) -> Batch:
    # Of a lazy frame what expressions have in common is computed once.
    judged = reading.frame.lazy().with_columns(reason=fields.find_record_fault()).collect()
    refused = [
        make_rejection(
            raw, line, REASONS[reason], detail=_explain_reason(reason, identifier), excerpt=text
        )
        for line, reason, identifier, text in judged.filter(pl.col("reason").is_not_null())
        .select("line", "reason", "id", _build_excerpt())
        .iter_rows()
    ]
    refused += [
        make_rejection(
            raw,
            complaint.position,
            complaint.reason,
            detail=complaint.detail,
            excerpt=_mask_submitter(complaint),
        )
        for complaint in reading.complaints
    ]
    passed = judged.filter(pl.col("reason").is_null())
    accepted = passed.select("line", *build_snapshot_columns())
    reading.unseen.update(count_lost_days(passed, accepted, {"update_date": "updated"}))
    return Batch(
        tabulate_records(raw, accepted, License.CC0),
        tabulate_rejections(refused),
        reading.unseen,
        unread_bytes=unread_bytes,
    )


AN_ID = re.compile(r"[\w./'-]*\d[\w./'-]*")
"""An excerpt that is an id alone, as those of tables are."""


def _mask_submitter(complaint: Complaint) -> str:
    """Return an excerpt without the submitter's name, which is stored nowhere."""
    shown = complaint.excerpt
    return shown if AN_ID.fullmatch(shown) else show_fields(shown, ("id", "title"))


def _build_excerpt() -> pl.Expr:
    text = pl.concat_str("id", "title", separator=" ", ignore_nulls=True).fill_null("")
    return text.alias("excerpt")


def _explain_reason(reason: str, identifier: str | None) -> str:
    if reason == Reason.NO_TITLE:
        return f"{identifier} has no title"
    if reason == Reason.FLOAT_IDENTIFIER:
        return f"the id {identifier!r} went through a float and lost or gained digits"
    return f"{identifier!r} is no arXiv id" if identifier else "has no id"


def build_snapshot_columns() -> list[pl.Expr | str]:
    """Return the columns of `Record` that a snapshot's row fills."""
    created = pl.col("versions").list
    first = created.get(0, null_on_oob=True).struct.field("created")
    last = created.get(-1, null_on_oob=True).struct.field("created")
    written = parse_day(pl.col("update_date"))
    return [
        pl.col("id").alias("source_id"),
        pl.col("id").alias("arxiv_id"),
        "title",
        "abstract",
        fields.read_author_names(pl.col("authors_parsed"), pl.col("authors")).alias("authors"),
        count_unnamed_authors(pl.col("authors")).alias("unnamed_authors"),
        "doi",
        "comments",
        pl.col("journal-ref").alias("venue"),
        fields.pick_categories(pl.col("categories")).alias("categories"),
        fields.pick_classes(pl.col("categories")).alias("classes"),
        parse_day(first).alias("published"),
        pl.coalesce(parse_day(last), written).alias("updated"),
        list_days(created.eval(pl.element().struct.field("created"))).alias("version_days"),
        notices.is_withdrawn(pl.col("abstract"), pl.col("comments")).alias("is_withdrawn"),
        notices.is_retracted(pl.col("abstract"), pl.col("comments")).alias("is_retracted"),
    ]
