"""OpenReview: notes as its API gives them, version 1 or 2. CC BY 4.0, as its terms say of them.

Read: title, authors, abstract, keywords, venue, forum, dates, links that authors gave, and whether
a submission was withdrawn. Ignored on purpose: ids of people (many are addresses), signatures,
readers, reviews and machine-made summaries. Replies in a forum are no papers.
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
from flows.sources.openreview.notes import KNOWN, find_note_fault, read_note
from flows.sources.openreview.site import EXAMPLE, SITE
from flows.sources.shared.row_batches import RowReader, parse_json_rows
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.OPENREVIEW
LICENSE = License.CC_BY
VERSION = "1"

STALE_AFTER: int | None = None
"""Never: a venue's notes are a file that somebody downloads once."""

READER = RowReader(read_note, KNOWN, LICENSE, find_note_fault, ("id",))

SIGNATURE = re.compile(rb'"(?:invitations?|domain)"\s*:')
"""A note says by which invitation it was made."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like notes, or like an answer that holds some."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    has_names = b'"content"' in start and b'"forum"' in start
    return start.startswith((b"{", b"[")) and has_names and SIGNATURE.search(start) is not None


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring answers that are named as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the submissions among some notes. Raises `RefusedInput` for anything else."""
    content = ContentStream.wrap(stream)
    head = content.peek(HEAD_BYTES)
    if not recognise(head):
        raise RefusedInput(
            f"{raw.path.name}: holds no notes of OpenReview. "
            "Give --source the name of its source, or leave that option out."
        )
    yield from parse_json_rows(raw, content.as_binary(), head, READER, pages=("notes",))
