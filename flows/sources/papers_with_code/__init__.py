"""Papers with Code: the dumps of July 2025. CC BY-SA 4.0, so they keep to their own layer.

Two dumps are read: links between papers and code (JSON, CSV or Parquet), whose rows hold one
repository each, and papers with abstracts (JSON or Parquet). Each module says what it reads and
what it ignores. Methods, datasets and evaluation tables are refused by their names.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from flows.http.site_client import Web
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch
from flows.raw.csv_lines import split_first_line
from flows.raw.csv_rows import DELIMITERS, cut_batches, shorten_row
from flows.raw.fetch_request import FetchRequest
from flows.raw.json_cutter import Complaint
from flows.raw.json_head import peek_head
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.parquet_files import PARQUET, TableRow, parse_parquet_rows
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.store import Store
from flows.sources.papers_with_code import abstracts, archive, links
from flows.sources.papers_with_code.site import EXAMPLE, SITE
from flows.sources.papers_with_code.spam import explain_spam
from flows.sources.shared.row_batches import (
    RowReader,
    SourceRow,
    build_row_batch,
    find_row_fault,
    name_fault,
    parse_json_rows,
)
from schemas.vocabulary import License, Reason, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.PAPERS_WITH_CODE
LICENSE = License.CC_BY_SA
VERSION = "7"

STALE_AFTER: int | None = None
"""Never: the site has closed, and its last dumps are its newest."""

SHOWN = 3
"""Cells of a row that its rejection shows: accounts of people are in later ones."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like one of the dumps."""
    return _identify_dump(head) is not None


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring dumps that are given as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a dump. Raises `RefusedInput` for anything else."""
    content = ContentStream.wrap(stream)
    head = peek_head(content)
    kind = "archive" if head.startswith(PARQUET) else _identify_dump(head)
    if kind is None:
        raise RefusedInput(
            f"{raw.path.name}: neither links nor papers of Papers with Code. "
            "Give --source the name of its source, or leave that option out."
        )
    if kind in NOT_PAPERS:
        raise RefusedInput(
            f"{raw.path.name}: holds {kind} of Papers with Code, which are not read: only papers "
            "and links are. Leave the file out."
        )
    if kind == "archive":
        yield from _parse_archive(raw, content.as_binary())
        return
    if kind == "table":
        yield from _parse_table(raw, content.as_binary(), links.find_delimiter(head))
        return
    yield from parse_json_rows(raw, content.as_binary(), head, READERS[kind], ("results",))


def _parse_archive(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    table, name = archive.open_archive_table(raw)

    def build_batch(rows: list[TableRow], complaints: list[Complaint]) -> Batch:
        return build_row_batch(raw, archive.add_excerpts(rows), complaints, READERS[name])

    yield from parse_parquet_rows(raw, stream, table, build_batch)


def _parse_table(raw: RawFile, stream: BinaryIO, delimiter: str) -> Iterator[Batch]:
    for piece in cut_batches(links.read_link_table(stream, delimiter)):
        complaints = [row for row in piece if isinstance(row, Complaint)]
        pairs = [row for row in piece if not isinstance(row, Complaint)]
        cells: list[SourceRow] = [
            (position, shorten_row([str(cell or "") for cell in read.values()], SHOWN), read)
            for position, read in pairs
        ]
        yield build_row_batch(raw, cells, complaints, READERS["links"])


def _find_fault() -> pl.Expr:
    """Return the reason and the sentence for which a row is no record; nulls where it is one."""
    advert = explain_spam(pl.col("title").fill_null(""), pl.col("abstract").fill_null(""))
    fault = find_row_fault()
    # What lacks a title, or has a spoilt id, is rejected for that.
    is_advert = fault.struct.field("reason").is_null() & advert.is_not_null()
    return pl.when(is_advert).then(name_fault(Reason.NOT_A_PAPER, advert)).otherwise(fault)


READERS = {
    "links": RowReader(links.read_link_row, links.KNOWN, LICENSE, _find_fault),
    "papers": RowReader(abstracts.read_paper_row, abstracts.KNOWN, LICENSE, _find_fault),
}


HEADER = re.compile(rb"(?=[^\n]*\bpaper_url\b)[^\n]*\brepo_url(?:\b|https?:)")


OTHER_PAGE = re.compile(rb'"paper_url"\s*+:\s*+"https?://(?!(?:www\.)?paperswithcode\.com/)')
"""The address of a paper elsewhere."""

API_FIELDS = (b'"nips_id"', b'"url_abs"', b'"url_pdf"', b'"abstract"')
"""Fields of a paper that only the API and the dumps of the site have."""

NOT_PAPERS = {
    "methods": (b'"introduced_year"', b'"code_snippet_url"'),
    "datasets": (b'"modalities"', b'"variants"', b'"homepage"'),
    "evaluation tables": (b'"subtasks"', b'"categories"', b'"task"'),
}
"""Dumps that hold no papers, by fields that together only they have."""


def _identify_dump(head: bytes) -> str | None:
    """Identify what a text is: ``links``, ``papers``, a ``table`` of links, an ``archive`` ...

    ... or one of `NOT_PAPERS`. None for a text that is none of these.
    """
    if head.startswith(PARQUET):
        return "archive" if b"paper_url" in head or b"paperswithcode.com" in head else None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        has_cells = any(mark.encode() in start for mark in DELIMITERS)
        return "table" if HEADER.match(split_first_line(start)[0]) and has_cells else None
    # Programs that read other sites have papers with addresses under the same name.
    if OTHER_PAGE.search(start):
        return None
    if b'"paper_url"' in start and b'"repo_url"' in start:
        return "links"
    # The site's API had pages of papers under their names alone.
    if _has_all(start, (b'"paper_url"', b'"abstract"')) or _has_all(start, API_FIELDS):
        return "papers"
    return next((kind for kind, names in NOT_PAPERS.items() if _has_all(start, names)), None)


def _has_all(start: bytes, names: tuple[bytes, ...]) -> bool:
    return all(name in start for name in names)
