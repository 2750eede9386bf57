"""A collection of the Anthology, read paper by paper; see the package for what is read."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import BinaryIO

import polars as pl
from lxml import etree

from flows.raw.batch import Batch, make_rejection, tabulate_records, tabulate_rejections
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.rows import tabulate_rows
from flows.raw.xml_recovery import Damage, read_past_errors
from flows.raw.xml_stream import collect_text, free_element
from flows.sources.shared.dates import estimate_publication_day
from schemas.record import FIELD_URL
from schemas.vocabulary import License, Reason

LICENSE = License.CC_BY
"""Of materials since `OPEN_SINCE`, as the footer of the site and the repository's README say."""

OPEN_SINCE = 2016
"""Year of publication before which materials are CC BY-NC-SA 3.0."""

HOME = "https://aclanthology.org/"
ATTACHMENTS = f"{HOME}attachments/"
"""Where the Anthology keeps what its XML names without a scheme."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w.()+-]*")

READ_FIELDS = frozenset(
    {"title", "author", "abstract", "url", "doi", "attachment", "video", "pwccode"}
    | {"retracted", "removed", "software", "dataset", "poster", "presentation"}
)
IGNORED_FIELDS = frozenset(
    {
        "editor",
        "pages",
        "bibkey",
        "bibtype",
        "award",
        "revision",
        "erratum",
        "pwcdataset",
        "language",
    }
    | {"note", "mrf", "month", "year", "publisher", "address", "booktitle", "journal", "volume"}
    | {"issue", "isbn", "ISBN", "issn", "href", "paperswithcode"}
)
KNOWN_FIELDS = READ_FIELDS | IGNORED_FIELDS

MATERIALS = ("software", "dataset", "poster", "presentation")
"""Attachments that older copies keep in elements of their own."""

BATCH_PAPERS = 10_000

RECORDS = frozenset({"paper", "frontmatter"})
"""Elements of which each is one record, or the front matter of a volume."""

PAPER_SCHEMA = pl.Schema(
    {
        "line": pl.Int64(),
        "authors": pl.List(pl.String),
        "urls": pl.List(FIELD_URL),
        **dict.fromkeys(("source_id", "acl_id", "title", "abstract", "doi"), pl.String()),
        **dict.fromkeys(("venue", "license"), pl.String()),
        "published": pl.Date(),
        "is_retracted": pl.Boolean(),
    }
)


def recognise(head: bytes) -> bool:
    """Return whether a text begins like a collection of the Anthology, or like an old volume."""
    is_collection = re.search(rb"<collection\s+id=", head) is not None
    is_old = re.search(rb"<volume\s+id=[\"'][A-Z]\d\d[\"']", head) is not None
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and (is_collection or is_old)


@dataclass
class _Position:
    """The collection, volume and paper that is being read."""

    collection: str = ""
    volume: str = ""
    venue: str | None = None
    published: date | None = None
    number: int = 0
    """1-based ordinal of the last paper or front matter."""


@dataclass
class _PendingBatch:
    """What was read since the last batch."""

    raw: RawFile
    rows: list[dict[str, object]] = field(default_factory=list)
    refused: list[dict[str, object]] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)
    unread_bytes: int = 0

    def refuse(self, line: int, reason: Reason, detail: str, excerpt: str) -> None:
        row = make_rejection(self.raw, line, reason, detail=detail, excerpt=excerpt)
        self.refused.append(row)

    def refuse_damage(self, line: int, damage: Damage) -> None:
        self.refuse(line, damage.reason, damage.detail, damage.excerpt)
        self.unread_bytes += damage.unread_bytes

    def build_batch(self) -> Batch:
        table = tabulate_records(self.raw, tabulate_rows(self.rows, PAPER_SCHEMA), LICENSE)
        rejections = tabulate_rejections(self.refused)
        return Batch(table, rejections, self.unseen, unread_bytes=self.unread_bytes)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a collection. Raises `RefusedInput` for XML that declares entities."""
    place, pending = _Position(), _PendingBatch(raw)
    for event in read_past_errors(stream, raw.path.name, RECORDS):
        # Before the rest, which is left early: damage may be all that there is.
        if max(len(pending.rows), len(pending.refused)) >= BATCH_PAPERS:
            yield pending.build_batch()
            pending = _PendingBatch(raw)
        if isinstance(event, Damage):
            place.number += 1
            pending.refuse_damage(place.number, event)
            continue
        kind, element = event
        if kind == "start":
            _enter_element(place, element, pending)
            continue
        _leave_element(place, element, pending)
    yield pending.build_batch()


def _enter_element(place: _Position, element: etree._Element, pending: _PendingBatch) -> None:
    if element.getparent() is None:
        if element.tag not in {"collection", "volume"}:
            about = f"is XML of <{element.tag}>, not of an Anthology <collection>. "
            remedy = "Name its source with --source."
            # A record is the root of its file only where that of the file could not be read.
            if element.tag in RECORDS and pending.refused:
                about = f"its beginning cannot be read: {pending.refused[0]['detail']}. "
                remedy = "Mend it, or download it once more."
            raise RefusedInput(f"{pending.raw.path.name}: {about}{remedy}")
        place.collection = element.get("id", "")
    elif element.tag == "volume" and element.get("id"):
        # A <meta> may hold a <volume> of its own, without an id: the number of a journal's volume.
        place.volume, place.venue, place.published = element.get("id", ""), None, None


def _leave_element(place: _Position, element: etree._Element, pending: _PendingBatch) -> None:
    parent = element.getparent()
    if element.tag == "meta" and parent is not None and parent.tag == "volume":
        place.venue = collect_text(element.find("booktitle")) or collect_text(
            element.find("journal-title")
        )
        place.published = estimate_publication_day(
            collect_text(element.find("year")), collect_text(element.find("month"))
        )
    elif element.tag in {"paper", "frontmatter"}:
        place.number += 1
        if refusal := _find_refusal(element, place):
            reason, detail = refusal
            title = (
                collect_text(element.find("title")) or collect_text(element.find("bibkey")) or ""
            )
            pending.refuse(place.number, reason, detail, title)
        else:
            pending.rows.append(_read_paper(element, place))
        pending.unseen.update(_list_unseen_tags(element))
    elif not (element.tag in {"volume", "event"} and element.get("id")):
        return
    free_element(element)


def _find_refusal(element: etree._Element, place: _Position) -> tuple[Reason, str] | None:
    """Explain why an element is no record of a paper; None where it is one."""
    removed = element.find("removed")
    if removed is not None:
        return (
            Reason.REMOVED,
            f"the Anthology removed it: {collect_text(removed) or 'without a reason'}",
        )
    if element.tag == "frontmatter" or _is_front_matter(element.get("id", ""), place):
        return Reason.OTHER_KIND, "is the front matter of its volume"
    if element.get("type") in {"frontmatter", "backmatter"}:
        return Reason.OTHER_KIND, f"is {element.get('type')} of its volume"
    return None if collect_text(element.find("title")) else (Reason.NO_TITLE, "has no title")


def _is_front_matter(number: str, place: _Position) -> bool:
    """Return whether an id is that of front matter: 0, or ``1000`` and ``W01-0100`` of old."""
    # Files of one old volume have no <volume> around their papers.
    if place.volume:
        return number == "0"
    return number.endswith("00" if place.collection.startswith("W") else "000")


def _read_paper(paper: etree._Element, place: _Position) -> dict[str, object]:
    identifier = build_acl_id(place.collection, place.volume, paper.get("id", ""))
    names = [_format_name(author) for author in paper.iterfind("author")]
    # Reversed, so that the first of several elements of one name is the one that stays.
    first = {child.tag: child for child in reversed(paper)}.get
    return {
        "line": place.number,
        "source_id": identifier,
        "acl_id": identifier,
        "title": collect_text(first("title")),
        "abstract": collect_text(first("abstract")),
        "authors": [name for name in names if name],
        "doi": (collect_text(first("doi")) or "").strip() or None,
        "venue": place.venue or collect_text(first("booktitle")) or collect_text(first("journal")),
        "published": place.published
        or estimate_publication_day(collect_text(first("year")), collect_text(first("month"))),
        "urls": list(_list_urls(paper)),
        "is_retracted": first("retracted") is not None,
        "license": _choose_license(place.collection),
    }


def build_acl_id(collection: str, volume: str, paper: str) -> str | None:
    """Return the Anthology id: ``2022.acl-long.1``, of the old kind ``P18-1001`` or ``W18-0101``.

    Old ids have four digits after the dash. The first is the volume, but workshops (``W``),
    ``C69`` and the volumes of ``D19`` from 5 on use two. Files of one old volume hold papers
    whose id has the four digits already. None where the parts make no id.

    >>> build_acl_id("2022.acl", "long", "1"), build_acl_id("P18", "1", "1")
    ('2022.acl-long.1', 'P18-1001')
    >>> build_acl_id("W18", "1", "1"), build_acl_id("P18", "", "1001")
    ('W18-0101', 'P18-1001')
    >>> build_acl_id("P18", "long", "1") is None
    True
    """
    if "." in collection:
        return f"{collection}-{volume}.{paper}" if volume and paper else None
    if not volume and re.fullmatch(r"\d{4}", paper):
        return f"{collection}-{paper}"
    if not (re.fullmatch(r"\d{1,2}", volume) and re.fullmatch(r"\d{1,3}", paper)):
        return None
    # Workshops had more than nine volumes a year, and took a digit from the papers.
    is_long = collection.startswith("W") or collection == "C69"
    if is_long or (collection == "D19" and int(volume) >= 5):  # noqa: PLR2004  # see above
        return f"{collection}-{int(volume):02d}{int(paper):02d}"
    return f"{collection}-{int(volume)}{int(paper):03d}"


def _format_name(author: etree._Element) -> str:
    """Return ``Last, First``, as in arXiv's parsed names; ``Last`` where there is no first name."""
    parts = [" ".join((collect_text(author.find(tag)) or "").split()) for tag in ("last", "first")]
    # Files of before 2019 write some names in one.
    return ", ".join(filter(None, parts)) or " ".join((author.text or "").split())


@lru_cache(maxsize=16)
def _choose_license(collection: str) -> str:
    new = re.match(r"(20\d\d)\.", collection)
    old = re.match(r"[A-Z](\d\d)", collection)
    # Two digits are a year of either century.
    century = 1900 if old and int(old[1]) >= 60 else 2000  # noqa: PLR2004  # the oldest is C65
    year = int(new[1]) if new else century + int(old[1]) if old else 0
    return License.CC_BY.value if year >= OPEN_SINCE else License.CC_BY_NC_SA.value


def _list_urls(paper: etree._Element) -> Iterator[dict[str, str]]:
    """Return a paper's URLs: its page, its attachments by type, its videos and its code."""
    for element in paper:
        # A comment or processing instruction has a function in the place of a tag.
        tag = str(element.tag)
        if tag == "url":
            yield from _resolve_url("url", collect_text(element), HOME)
        elif tag == "attachment":
            yield from _resolve_url(
                f"attachment:{element.get('type', '')}", collect_text(element), ATTACHMENTS
            )
        elif tag in MATERIALS:
            yield from _resolve_url(f"attachment:{tag}", collect_text(element), ATTACHMENTS)
        elif tag == "video":
            yield from _resolve_url("video", element.get("href"), HOME)
        elif tag == "pwccode":
            yield from _resolve_url("pwccode", element.get("url"), "")


def _resolve_url(name: str, written: str | None, base: str) -> Iterator[dict[str, str]]:
    place = (written or "").strip()
    if PLAIN_NAME.fullmatch(place):
        place = base + place
    if place:
        yield {"field": name.rstrip(":"), "url": place}


def _list_unseen_tags(element: etree._Element) -> Iterator[str]:
    for child in element:
        if child.tag not in KNOWN_FIELDS:
            yield f"{element.tag}.{child.tag}"
