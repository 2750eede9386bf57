"""Papers with Code: the dumps of July 2025. CC BY-SA 4.0, so they keep to their own layer.

Two dumps are read: links between papers and code (JSON or CSV), whose rows hold one repository
each, and papers with abstracts (JSON). What each reads and ignores stands in its module.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO

import polars as pl

from flows.http.site_client import Web
from flows.raw.archives import ContentStream
from flows.raw.batch import REASONS, Batch, make_rejection, tabulate_records, tabulate_rejections
from flows.raw.fetch_request import FetchRequest
from flows.raw.json_cutter import Complaint, Slice, cut_elements, cut_excerpt, cut_lines
from flows.raw.json_stream import (
    KnownFields,
    Unreadable,
    detect_layout,
    list_unknown_fields,
    read_objects,
)
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.recognition import HEAD_BYTES
from flows.raw.rows import tabulate_rows
from flows.raw.store import Store
from flows.sources.papers_with_code import abstracts, links
from flows.sources.papers_with_code.rows import SCHEMA, Row
from flows.sources.papers_with_code.site import EXAMPLE, SITE
from flows.sources.papers_with_code.spam import explain_spam
from flows.sources.shared import arxiv_ids
from flows.sources.shared.dates import parse_day
from schemas.vocabulary import License, Reason, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.PAPERS_WITH_CODE
LICENSE = License.CC_BY_SA
VERSION = "1"

STALE_AFTER: int | None = None
"""Never: the site has closed, and its last dumps are its newest."""

TABLE_ROWS = 10_000
"""Rows of a CSV file in one batch."""

ToRow = Callable[[int, Mapping[str, object]], Row]
SourceRow = tuple[int, str, Mapping[str, object]]
"""Position, excerpt and fields of one row."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like one of the dumps."""
    return _identify_dump(head) is not None


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring dumps that are given as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a dump. Raises `RefusedInput` for anything else."""
    content = ContentStream.wrap(stream)
    head = content.peek(HEAD_BYTES)
    kind = _identify_dump(head)
    if kind is None:
        raise RefusedInput(
            f"{raw.path.name}: neither links nor papers of Papers with Code. "
            "Name the source with --source if it is from elsewhere."
        )
    if kind == "table":
        yield from _parse_table(raw, content.as_binary())
        return
    to_row, known_fields = (
        (links.read_link_row, links.KNOWN)
        if kind == "links"
        else (abstracts.read_paper_row, abstracts.KNOWN)
    )
    for slice_ in _cut_slices(content.as_binary(), detect_layout(head)):
        json_objects, complaints = read_objects(slice_)
        values: list[SourceRow] = [
            (at, cut_excerpt(value), read) for at, value, read in json_objects
        ]
        yield _build_batch(raw, values, complaints, to_row, known_fields)


def _cut_slices(stream: BinaryIO, kind: str | None) -> Iterator[Slice]:
    return cut_lines(stream) if kind == "lines" else cut_elements(stream, is_array=kind == "array")


def _parse_table(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    rows = links.read_table(stream)
    while piece := list(islice(rows, TABLE_ROWS)):
        complaints = [row for row in piece if isinstance(row, Complaint)]
        pairs = [row for row in piece if not isinstance(row, Complaint)]
        cells: list[SourceRow] = [
            (position, links.shorten_row(",".join(str(cell or "") for cell in read.values())), read)
            for position, read in pairs
        ]
        yield _build_batch(raw, cells, complaints, links.read_link_row, links.KNOWN)


def _build_batch(
    raw: RawFile,
    values: Sequence[SourceRow],
    complaints: list[Complaint],
    to_row: ToRow,
    known_fields: KnownFields,
) -> Batch:
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    shown = {position: text for position, text, _ in values}
    for position, text, read in values:
        counts.update(list_unknown_fields(read, known_fields))
        try:
            rows.append(to_row(position, read))
        except Unreadable as error:
            complaints.append(Complaint(position, error.reason, error.detail, text))
    judged = tabulate_rows(rows, SCHEMA).with_columns(_find_fault())
    complaints += [
        Complaint(line, REASONS[fault["reason"]], fault["detail"], shown[line])
        for line, fault in judged.filter(_is_refused()).select("line", "fault").iter_rows()
    ]
    accepted = judged.filter(~_is_refused()).with_columns(published=parse_day(pl.col("published")))
    refused = [
        make_rejection(
            raw,
            complaint.position,
            complaint.reason,
            detail=complaint.detail,
            excerpt=complaint.excerpt,
        )
        for complaint in complaints
    ]
    return Batch(
        tabulate_records(raw, accepted.drop("fault"), LICENSE), tabulate_rejections(refused), counts
    )


def _is_refused() -> pl.Expr:
    return pl.col("fault").struct.field("reason").is_not_null()


def _find_fault() -> pl.Expr:
    """Return the reason and the sentence for which a row is no record; nulls where it is one."""
    is_float = arxiv_ids.find_id_fault(pl.col("arxiv_id")) == Reason.FLOAT_IDENTIFIER.value
    spoilt = pl.format("the arXiv id {} went through a float", pl.col("arxiv_id"))
    advert = explain_spam(pl.col("title").fill_null(""), pl.col("abstract").fill_null(""))
    return (
        pl.when(pl.col("title").is_null())
        .then(_name_fault(Reason.NO_TITLE, pl.lit("has no title")))
        .when(is_float)
        .then(_name_fault(Reason.FLOAT_IDENTIFIER, spoilt))
        .when(advert.is_not_null())
        .then(_name_fault(Reason.NOT_A_PAPER, advert))
        .otherwise(_name_fault(None, pl.lit(None, dtype=pl.String)))
        .alias("fault")
    )


def _name_fault(reason: Reason | None, detail: pl.Expr) -> pl.Expr:
    value = pl.lit(reason.value if reason else None, dtype=pl.String)
    return pl.struct(value.alias("reason"), detail.alias("detail"))


HEADER = re.compile(rb"[^\n]*\bpaper_url\b[^\n]*\brepo_url\b")


def _identify_dump(head: bytes) -> str | None:
    """Identify what a text is: ``links``, ``papers`` or a ``table`` of links."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        return "table" if HEADER.match(start) and b"," in start else None
    if b'"paper_url"' not in start:
        return None
    if b'"repo_url"' in start:
        return "links"
    return "papers" if b'"abstract"' in start else None
