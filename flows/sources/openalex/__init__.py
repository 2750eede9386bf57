"""OpenAlex: works of its API and of its snapshot. CC0; abstracts only of works that are open.

Read: title, authors, identifiers, venue, dates and retractions, and of open works the abstract,
which comes as an index of words. Ignored on purpose: concepts and topics (machine-made), counts,
institutions, grants, and related and referenced works.
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
from flows.sources.openalex.site import EXAMPLE, SITE
from flows.sources.openalex.works import KNOWN, read_work
from flows.sources.shared.row_batches import RowReader, parse_json_rows
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.OPENALEX
LICENSE = License.CC0
VERSION = "1"

STALE_AFTER: int | None = None
"""Never: answers and snapshots are files that somebody downloads when needed."""

READER = RowReader(read_work, KNOWN, LICENSE, excerpt_fields=("title", "id"))

SIGNATURE = re.compile(rb'"id"\s*:\s*"https://openalex\.org/W\d+')
"""The id of a work; authors, institutions and sources have other letters."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like works of OpenAlex, or like a page of them."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"{", b"[")) and SIGNATURE.search(start) is not None


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring answers and snapshots that are named as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read works. Raises `RefusedInput` for anything else."""
    content = ContentStream.wrap(stream)
    head = content.peek(HEAD_BYTES)
    if not recognise(head):
        raise RefusedInput(
            f"{raw.path.name}: holds no works of OpenAlex. "
            "Give --source the name of its source, or leave that option out."
        )
    yield from parse_json_rows(raw, content.as_binary(), head, READER, pages=("results",))
