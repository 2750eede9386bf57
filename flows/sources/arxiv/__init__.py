"""arXiv: metadata snapshot (JSON, CSV, Parquet), query API, OAI-PMH, announcements. CC0.

Read: id, title, abstract, authors, comments, journal reference, DOI, categories, versions and
dates. Ignored on purpose: the submitter (a person who need not be an author), the report number,
and the licence of the full text.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from flows.http.site_client import Web
from flows.raw import json_stream
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch
from flows.raw.fetch_request import FetchRequest
from flows.raw.json_head import peek_head
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.parquet_files import PARQUET
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.store import Store
from flows.raw.xml_chunks import find_root
from flows.sources.arxiv import announcements, atom, csv_tables, oai, saved_entries, site, snapshot
from flows.sources.arxiv.saved_entries import is_saved_entry
from flows.sources.arxiv.site import SITE
from flows.sources.shared.other_sites import match_fields_of
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.ARXIV
LICENSE = License.CC0
VERSION = "7"

STALE_AFTER: int | None = 14
"""Days: it is harvested weekly, so that two harvests in a row have failed."""

SIGNATURE = (b'"id"', b'"title"', b'"abstract"', b'"categories"')
"""Fields that together only arXiv's snapshot has."""

SNAPSHOT_FIELDS = re.compile(rb'"(?:authors_parsed|submitter|update_date|versions|journal-ref)"')
"""Fields that only the snapshot and copies of it have."""

SNAPSHOT_COLUMNS = re.compile(rb"authors_parsed|submitter|update_date|journal-ref")
"""Columns of which a snapshot as Parquet has one."""

RECORD_SPACE = re.compile(rb"http://arxiv\.org/OAI/arXiv(?:Raw|Old)?/")
"""The namespace of arXiv's records, which some programs keep without the protocol's own."""

ANNOUNCER = re.compile(
    rb"(?i)updates on (?:the )?arxiv\.org|<link>\s*https?://(?:\w+\.)?arxiv\.org/?(?:rss/[\w.+-]*)?\s*</link>"
    rb"|announce_type"
)
"""What arXiv's own feeds say of themselves. Feeds of others have papers of arXiv, too, with texts
of their own; Zotero's RDF has no feed at all."""

FEED_TAG = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:feed|entry)[\s>]")

_ASIDE = (
    rb'(?:"(?!id"|title"|submitter")[^"\\]{1,80}"\s*+:\s*+'
    rb'(?:"[^"\\]{0,200}"|[\w.+-]{1,40}|\{[^][{}]{0,200}\}|\[[^][{}]{0,4000}\])\s*+,\s*+){0,9}'
)
"""What is said about all records before them: texts, numbers, and small objects and lists."""

WRAPPED_LIST = re.compile(
    rb"\s*\{\s*"
    + _ASIDE
    +
    # Lists may be grouped, as by category and year.
    rb'(?:"(?!versions"|authors_parsed")[^"\\]{1,80}"\s*+:\s*+\{\s*+'
    + _ASIDE
    + rb"){0,3}"
    rb'(?:"(?!versions"|authors_parsed")[^"\\]{1,80}"\s*:\s*\[\s*\{'
    rb'|"(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5}|\d{1,9})"\s*:\s*\{)'
)
"""An object that holds the records of a snapshot in a list, or by their ids or numbers."""

OF_OTHERS = match_fields_of(
    *("Semantic Scholar", "OpenAlex", "CSL", "Papers with Code", "Hugging Face"),
    *("other libraries", "releases of this project"),
)
LIKE_OTHERS = re.compile(rb'"license"\s*:\s*"(?:CC-BY|ODC)|"paper_id"\s*:\s*(?:\d|"\d{1,12}")')
"""Fields of other sites' papers, which may name an arXiv id and have other licences."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like a snapshot or like an answer of one of the two APIs."""
    return _identify_form(head) is not None


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring papers by their ids, days of OAI-PMH, or a snapshot that is given, into the store."""
    if request.urls or request.files:
        example = "https://export.arxiv.org/api/query?id_list=2301.00001"
        yield from fetch_named(request, store, web, recognise=recognise, example=example)
    else:
        yield from site.fetch(request, store, web)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a snapshot or of an answer. Raises `RefusedInput` for anything else."""
    content = ContentStream.wrap(stream)
    head = peek_head(content)
    # The columns of Parquet are at its end, and are looked at when it is opened.
    kind = "table" if head.startswith(PARQUET) else _identify_form(head)
    if kind is None:
        raise RefusedInput(
            f"{raw.path.name}: neither an arXiv snapshot nor an answer of its APIs. "
            "Give --source the name of its source, or leave that option out."
        )
    if kind == "table":
        yield from snapshot.parse_table(raw, content.as_binary())
        return
    if kind == "csv" and (form := csv_tables.identify_table(head)):
        yield from csv_tables.parse(raw, content.as_binary(), form)
        return
    if kind == "entries":
        layout = json_stream.detect_layout(head)
        yield from saved_entries.parse(raw, content.as_binary(), layout)
        return
    if WRAPPED_LIST.match(head.removeprefix(b"\xef\xbb\xbf")):
        layout = json_stream.detect_layout(head)
        yield from snapshot.parse_wrapped(raw, content.as_binary(), layout)
        return
    if kind == "feed":
        yield from atom.parse(raw, content.as_binary())
    elif kind == "harvest":
        yield from oai.parse(raw, content.as_binary())
    elif kind == "announcements":
        yield from announcements.parse(raw, content.as_binary())
    elif kind == "answer":
        yield from atom.parse_saved_feed(raw, content.as_binary())
    else:
        yield from snapshot.parse(raw, content.as_binary(), kind)


def _identify_form(head: bytes) -> str | None:
    """Identify what a text is: a ``feed``, ``harvest``, ``answer``, ``entries``, ``table`` ...

    Of a snapshot in JSON, its layout is returned. None for a text that is not arXiv's.
    """
    if head.startswith(PARQUET):
        has_fields = all(name.strip(b'"') in head for name in SIGNATURE)
        return "table" if has_fields and SNAPSHOT_COLUMNS.search(head) else None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return _identify_xml(start)
    if start.startswith((b"{", b"[")):
        return _identify_json(start, head)
    return "csv" if csv_tables.identify_table(head) else None


def _identify_xml(start: bytes) -> str | None:
    is_arxiv = b"arxiv.org" in start.lower()
    if find_root(start) in {"rss", "rdf:RDF", "RDF"}:
        return "announcements" if ANNOUNCER.search(start) else None
    has_records = b"http://www.openarchives.org/OAI/2.0/" in start and is_arxiv
    if has_records or RECORD_SPACE.search(start):
        return "harvest"
    # RSS of others borrows Atom's links, and nothing of it would be read.
    is_feed = b"http://www.w3.org/2005/Atom" in start and FEED_TAG.search(start)
    return "feed" if is_feed and b"arxiv" in start.lower() else None


def _identify_json(start: bytes, head: bytes) -> str | None:
    if start.startswith(b"{") and b'"body"' in start and rb"arxiv.org/schemas/atom" in start:
        return "answer"
    if OF_OTHERS.search(start) or LIKE_OTHERS.search(start):
        return None
    # Entries share their commonest names with the snapshot, and have the API's beside them.
    if is_saved_entry(start) and not SNAPSHOT_FIELDS.search(start):
        return "entries"
    return json_stream.detect_layout(head) if all(name in start for name in SIGNATURE) else None
