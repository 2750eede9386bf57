"""ACL Anthology: the XML of its collections, edited by people.

Read: title, authors, abstract, URL, DOI, attachments, videos, code, retractions and removals, and
of the volume its title, month and year. Ignored on purpose: pages, keys, revisions, awards, the
venue's other data and events. Editors are not authors.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import BinaryIO

import polars as pl
from lxml import etree

from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.discovery import Batch, RawFile, RefusedInput, records, rejection, rejections
from flows.raw.fetch_request import Wanted
from flows.raw.json_stream import Unreadable
from flows.raw.manual_files import fetch_given
from flows.raw.outcome import Outcome
from flows.raw.rows import frame
from flows.raw.store import Store
from flows.raw.xml_stream import events, forget, text
from schemas.record import FIELD_URL
from schemas.vocabulary import License, Reason, Source

SOURCE = Source.ACL_ANTHOLOGY
LICENSE = License.CC_BY
"""Of materials since `OPEN_SINCE`, as the footer of the site and the repository's README say."""

VERSION = "1"

STALE_AFTER: int | None = 120
"""Days: no four months pass without a conference whose papers it takes in."""

OPEN_SINCE = 2016
"""Year of publication before which materials are CC BY-NC-SA 3.0."""

HOME = "https://aclanthology.org/"
ATTACHMENTS = f"{HOME}attachments/"
"""Where the Anthology keeps what its XML names without a scheme."""

SITE = Site(
    name="ACL Anthology",
    endpoints={"xml": "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"},
    interval=1.0,
    hosts=frozenset({"aclanthology.org", "github.com"}),
)
"""Its XML lies in its repository, one file for each collection."""

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

SCHEMA = pl.Schema(
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
    """Say whether a text begins like a collection of the Anthology, or like an old volume."""
    is_collection = re.search(rb"<collection\s+id=", head) is not None
    is_old = re.search(rb"<volume\s+id=[\"'][A-Z]\d\d[\"']", head) is not None
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and (is_collection or is_old)


@dataclass
class _Place:
    """Where in a file the reading stands."""

    collection: str = ""
    volume: str = ""
    venue: str | None = None
    published: date | None = None
    position: int = 0


@dataclass
class _Pile:
    """What was read since the last batch."""

    rows: list[dict[str, object]] = field(default_factory=list)
    refused: list[dict[str, object]] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)

    def batch(self, raw: RawFile) -> Batch:
        read = records(raw, frame(self.rows, SCHEMA), LICENSE)
        return Batch(read, rejections(self.refused), self.unseen)


def fetch(wanted: Wanted, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring collections that are given as files or addresses into the store."""
    example = f"{SITE.endpoints['xml']}/2022.acl.xml"
    return fetch_given(wanted, store, web, recognise=recognise, example=example)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Give the records of a collection. Raises `RefusedInput` for XML that declares entities."""
    place, pile = _Place(), _Pile()
    try:
        for event, element in events(stream, raw.path.name):
            if event == "start":
                _enter(place, element, raw)
                continue
            _leave(raw, place, element, pile)
            if len(pile.rows) >= BATCH_PAPERS:
                yield pile.batch(raw)
                pile = _Pile()
    except Unreadable as error:
        row = rejection(raw, place.position + 1, error.reason, detail=error.detail, excerpt="")
        pile.refused.append(row)
    yield pile.batch(raw)


def _enter(place: _Place, element: etree._Element, raw: RawFile) -> None:
    if element.getparent() is None:
        if element.tag not in {"collection", "volume"}:
            raise RefusedInput(
                f"{raw.path.name}: is XML of <{element.tag}>, not of an Anthology <collection>. "
                "Name its source with --source."
            )
        place.collection = element.get("id", "")
    elif element.tag == "volume":
        place.volume, place.venue, place.published = element.get("id", ""), None, None


def _leave(raw: RawFile, place: _Place, element: etree._Element, pile: _Pile) -> None:
    if element.tag == "meta":
        place.venue = text(element.find("booktitle")) or text(element.find("journal-title"))
        place.published = published(text(element.find("year")), text(element.find("month")))
    elif element.tag in {"paper", "frontmatter"}:
        place.position += 1
        if refusal := _refusal(element, place):
            reason, detail = refusal
            title = text(element.find("title")) or text(element.find("bibkey")) or ""
            pile.refused.append(
                rejection(raw, place.position, reason, detail=detail, excerpt=title)
            )
        else:
            pile.rows.append(_row(element, place))
        pile.unseen.update(_unseen(element))
    elif element.tag not in {"volume", "event"}:
        return
    forget(element)


def _refusal(element: etree._Element, place: _Place) -> tuple[Reason, str] | None:
    """Give why an element is no record of a paper; None where it is one."""
    removed = element.find("removed")
    if removed is not None:
        return Reason.REMOVED, f"the Anthology removed it: {text(removed) or 'without a reason'}"
    if element.tag == "frontmatter" or _is_front(element.get("id", ""), place):
        return Reason.NOT_A_PAPER, "is the front matter of its volume"
    if element.get("type") in {"frontmatter", "backmatter"}:
        return Reason.NOT_A_PAPER, f"is {element.get('type')} of its volume"
    return None if text(element.find("title")) else (Reason.NO_TITLE, "has no title")


def _is_front(number: str, place: _Place) -> bool:
    """Say whether an id is that of front matter: 0, or ``1000`` and ``W01-0100`` of old."""
    if place.volume:
        return number == "0"
    return number.endswith("00" if place.collection.startswith("W") else "000")


def _row(paper: etree._Element, place: _Place) -> dict[str, object]:
    identifier = acl_id(place.collection, place.volume, paper.get("id", ""))
    names = [_name(author) for author in paper.iterfind("author")]
    first = {child.tag: child for child in reversed(paper)}.get
    return {
        "line": place.position,
        "source_id": identifier,
        "acl_id": identifier,
        "title": text(first("title")),
        "abstract": text(first("abstract")),
        "authors": [name for name in names if name],
        "doi": (text(first("doi")) or "").strip() or None,
        "venue": place.venue or text(first("booktitle")) or text(first("journal")),
        "published": place.published or published(text(first("year")), text(first("month"))),
        "urls": list(_urls(paper)),
        "is_retracted": first("retracted") is not None,
        "license": _license(place.collection),
    }


def acl_id(collection: str, volume: str, paper: str) -> str | None:
    """Give the Anthology id: ``2022.acl-long.1``, of the old kind ``P18-1001`` or ``W18-0101``.

    Old ids have four digits after the dash. The first is the volume, but workshops (``W``),
    ``C69`` and the volumes of ``D19`` from 5 on use two. Files of one old volume hold papers
    whose id has the four digits already. None where the parts make no id.
    """
    if "." in collection:
        return f"{collection}-{volume}.{paper}" if volume and paper else None
    if not volume and re.fullmatch(r"\d{4}", paper):
        return f"{collection}-{paper}"
    if not (re.fullmatch(r"\d{1,2}", volume) and re.fullmatch(r"\d{1,3}", paper)):
        return None
    is_long = collection.startswith("W") or collection == "C69"
    if is_long or (collection == "D19" and int(volume) >= 5):  # noqa: PLR2004  # see above
        return f"{collection}-{int(volume):02d}{int(paper):02d}"
    return f"{collection}-{int(volume)}{int(paper):03d}"


def _name(author: etree._Element) -> str:
    """Give ``Last, First``, as in arXiv's parsed names; ``Last`` where there is no first name."""
    parts = [" ".join((text(author.find(tag)) or "").split()) for tag in ("last", "first")]
    return ", ".join(filter(None, parts))


MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}


def published(year: str | None, month: str | None) -> date | None:
    """Give the last day of the month or year that a volume names: by then it had appeared.

    The first day would come before preprints of the same month, and a paper's date is the
    earliest of its records. ``October 31 to November 4`` counts as October.
    """
    if not (year and re.fullmatch(r"\s*(?:19|20)\d\d\s*", year)):
        return None
    words = re.findall(r"[a-z]+", (month or "").lower())
    number = next((MONTHS[word] for word in words if word in MONTHS), 12)
    return date(int(year), number, calendar.monthrange(int(year), number)[1])


@lru_cache(maxsize=16)
def _license(collection: str) -> str:
    new = re.match(r"(20\d\d)\.", collection)
    old = re.match(r"[A-Z](\d\d)", collection)
    century = 1900 if old and int(old[1]) >= 60 else 2000  # noqa: PLR2004  # the oldest is C65
    year = int(new[1]) if new else century + int(old[1]) if old else 0
    return License.CC_BY.value if year >= OPEN_SINCE else License.CC_BY_NC_SA.value


def _urls(paper: etree._Element) -> Iterator[dict[str, str]]:
    """Give a paper's URLs: its page, its attachments by type, its videos and its code."""
    for element in paper:
        tag = str(element.tag)
        if tag == "url":
            yield from _url("url", text(element), HOME)
        elif tag == "attachment":
            yield from _url(f"attachment:{element.get('type', '')}", text(element), ATTACHMENTS)
        elif tag in MATERIALS:
            yield from _url(f"attachment:{tag}", text(element), ATTACHMENTS)
        elif tag == "video":
            yield from _url("video", element.get("href"), HOME)
        elif tag == "pwccode":
            yield from _url("pwccode", element.get("url"), "")


def _url(name: str, written: str | None, base: str) -> Iterator[dict[str, str]]:
    place = (written or "").strip()
    if PLAIN_NAME.fullmatch(place):
        place = base + place
    if place:
        yield {"field": name.rstrip(":"), "url": place}


def _unseen(element: etree._Element) -> Iterator[str]:
    for child in element:
        if child.tag not in KNOWN_FIELDS:
            yield f"{element.tag}.{child.tag}"
