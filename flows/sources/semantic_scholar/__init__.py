"""Semantic Scholar: answers of its Graph API and its dataset of papers. ODC-By 1.0.

Read: title, authors, identifiers, venue and dates. An abstract is read only where the paper is open
under a licence that lets it be passed on. Ignored on purpose: counts of citations, fields of study
and summaries (machine-made), references, and ids of authors.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from flows.http.site_client import Web
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch
from flows.raw.fetch_request import FetchRequest
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.recognition import HEAD_BYTES
from flows.raw.store import Store
from flows.sources.semantic_scholar.papers import KNOWN, read_paper
from flows.sources.semantic_scholar.site import EXAMPLE, SITE
from flows.sources.shared.row_batches import RowReader, parse_json_rows
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.SEMANTIC_SCHOLAR
LICENSE = License.ODC_BY
VERSION = "1"

STALE_AFTER: int | None = None
"""Never: answers and datasets are files that somebody downloads when needed."""

READER = RowReader(read_paper, KNOWN, LICENSE, excerpt_fields=("title", "paperId", "corpusid"))

SIGNATURE = re.compile(rb'"(?:paperId|corpusid)"\s*:')
"""The id of a paper in the Graph API, and in the datasets."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like papers of Semantic Scholar, or like a page of them."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"{", b"[")) and SIGNATURE.search(start) is not None


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring answers and datasets that are named as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read papers. Raises `RefusedInput` for anything else, and for datasets without titles."""
    content = ContentStream.wrap(stream)
    head = content.peek(HEAD_BYTES)
    if not recognise(head):
        raise RefusedInput(
            f"{raw.path.name}: holds no papers of Semantic Scholar. "
            "Give --source the name of its source, or leave that option out."
        )
    if b'"corpusid"' in head and b'"title"' not in head:
        raise RefusedInput(
            f"{raw.path.name}: a dataset of Semantic Scholar without titles (abstracts, citations, "
            "authors ...), which is not read: take the dataset `papers`."
        )
    pages = ("data", "recommendedPapers")
    yield from parse_json_rows(raw, content.as_binary(), head, READER, pages)
