"""arXiv asked: days of its OAI-PMH interface page by page, and papers by their ids.

A day of OAI-PMH is the day on which arXiv added or changed a record. The sidecar of each page
holds the resumption token of the next, so that a harvest that was stopped goes on from there.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import polars as pl
from lxml import etree

from flows import identifiers
from flows.errors import Refusal
from flows.http.errors import Changed, Passing, Trouble
from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.discovery import RefusedInput
from flows.raw.due_days import wanted_days
from flows.raw.fetch_request import Wanted
from flows.raw.json_stream import Unreadable
from flows.raw.manual_files import require_none
from flows.raw.outcome import Outcome, one_by_one
from flows.raw.sidecar import Sidecar
from flows.raw.store import Kept, Store
from flows.raw.xml_stream import events, forget, text
from flows.sources.arxiv.atom import ATOM
from flows.sources.arxiv.oai import ARXIV, OAI

SITE = Site(
    name="arXiv",
    endpoints={
        "oai": "https://oaipmh.arxiv.org/oai",
        "query": "https://export.arxiv.org/api/query",
    },
    interval=3.0,
    hosts=frozenset({"arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org"}),
)
"""One request in three seconds and one connection, over all hosts of arXiv together
(https://info.arxiv.org/help/api/tou.html)."""

IDS = 100
"""Ids in one query: its URL stays below 2,000 characters."""

SETTLED = timedelta(days=5)
"""Time after which a day is whole. Days are those of UTC, yet arXiv's caches may give an answer for
four days on, unless papers are announced in between: it may have been made while the day lasted.
A day that was read sooner is read again on another day (https://github.com/arXiv/oaipmh)."""

RESPONSE_DATE = re.compile(rb"<responseDate>[^<]{0,40}</responseDate>")
"""When an answer was made: the one thing that differs between two answers that say the same."""

LAST_PAGE = 1_000
"""A day has some 2,000 records; one with so many pages leads in circles."""

SET = re.compile(r"[A-Za-z0-9-]+(?::[A-Za-z0-9.-]+){0,2}")
"""``cs``, ``physics:hep-th``, ``cs:cs:LG``."""

NAME = re.compile(r"oai\.[\w.-]+\.(\d{4}-\d{2}-\d{2})\.p\d+\.xml", re.ASCII)
"""What the pages of a day are called: set, day, page."""


class _Refused(Trouble):
    """An error of the protocol; of a request with a resumption token, that it has expired."""


@dataclass(frozen=True)
class _Seen:
    """What an answer of OAI-PMH holds, looked at without reading its records."""

    token: str | None = None
    error: str | None = None
    said: str = ""
    """What arXiv says about the error."""
    has_records: bool = False
    """Whether one of them can be read, or says that its paper was deleted."""


def fetch(wanted: Wanted, store: Store, web: Web) -> Iterator[Outcome]:
    """Give the papers that are named by ids, else the days of each set that are not here yet."""
    if wanted.ids:
        require_none(wanted, web, "since", "until", "sets", "urls", "files")
        yield from _queries(wanted.ids, store, web)
        return
    for set_ in wanted.sets or ("",):
        if set_ and not SET.fullmatch(set_):
            raise Refusal(f"{set_!r} is no set of arXiv: they are named cs, math or cs:cs:LG.")
    pieces = [(set_, day) for day in _days(wanted, store) for set_ in wanted.sets or ("",)]
    yield from one_by_one(pieces, lambda piece: _pages(*piece, store, web))


def _days(wanted: Wanted, store: Store) -> list[date]:
    """Give the days that are wanted; today is none of them, for it is not over."""
    stored = (date.fromisoformat(found[1]) for name in store.names() if (found := NAME.match(name)))
    return wanted_days(wanted, stored, wanted.today - timedelta(days=1))


def name_of(set_: str, day: date, page: int) -> str:
    """Name the file of a page."""
    return f"oai.{set_.replace(':', '_') or 'all'}.{day}.p{page}.xml"


def _pages(set_: str, day: date, store: Store, web: Web) -> Iterator[Kept]:
    """Give what is left of a day, from the token on that the last page which is here has.

    Where arXiv no longer takes that token, the day is read once more from its first page.
    """
    page, token, is_here = _so_far(set_, day, store, web.now().date())
    if is_here:
        return
    is_anew = page == 0
    while page < LAST_PAGE:
        try:
            kept = _page(name_of(set_, day, page), _asked(set_, day, token), store, web)
        except _Refused:
            if is_anew:
                raise
            page, token, is_anew = 0, None, True
            continue
        yield kept
        if kept.sidecar.next is None:
            return
        if kept.sidecar.next == token:
            break
        page, token = page + 1, kept.sidecar.next
    raise Changed(f"arXiv: the pages of {day} lead in circles. What has come is kept.")


def _so_far(set_: str, day: date, store: Store, today: date) -> tuple[int, str | None, bool]:
    """Give the page to go on with, the token to ask for it with, and whether all is here for now.

    A token is a number of records to skip, and expires at midnight in UTC: of a day whose records
    have changed since, some would be skipped that were never read.
    """
    page, before = 0, None
    while (kept := store.latest(name_of(set_, day, page))) and _follows(kept, before):
        page, before = page + 1, kept.sidecar
        if before.next is None:
            return 0, None, before.seen >= min(day + SETTLED, today)
    if before is None or before.seen != today:
        return 0, None, False
    return page, before.next, False


def _follows(kept: Kept, before: Sidecar | None) -> bool:
    """Say whether a page was asked for with the token of the one before it, and after that."""
    if before is None:
        return True
    asked = parse_qs(urlsplit(kept.sidecar.url or "").query)
    return asked.get("resumptionToken") == [before.next] and kept.sidecar.moment >= before.moment


def _asked(set_: str, day: date, token: str | None) -> dict[str, str]:
    if token is not None:
        return {"verb": "ListRecords", "resumptionToken": token}
    asked = {"verb": "ListRecords", "metadataPrefix": "arXiv", "from": f"{day}", "until": f"{day}"}
    return asked | ({"set": set_} if set_ else {})


def _page(name: str, asked: dict[str, str], store: Store, web: Web) -> Kept:
    url = f"{web.site.endpoints['oai']}?{urlencode(asked)}"
    answer = web.get(url, store.coming(name), check)
    seen = _look(store.coming(name))
    return store.keep(
        name,
        answer,
        next_=seen.token,
        without="no papers on this day" if seen.error else None,
        is_same=_says_the_same,
    )


def _says_the_same(one: Path, other: Path) -> bool:
    first, second = (RESPONSE_DATE.sub(b"", path.read_bytes(), count=1) for path in (one, other))
    return first == second


def check(body: Path) -> None:
    """Look at an answer of OAI-PMH.

    Raises `Passing` for what is no XML, `Changed` for another layout, `Trouble` for an error of
    the protocol other than that nothing matches.
    """
    seen = _look(body)
    if seen.error not in (None, "noRecordsMatch"):
        raise _Refused(f"arXiv: refuses the harvest: {seen.error}: {seen.said}")
    if seen.error is None and not seen.has_records:
        raise _changed("an answer without a record of the prefix arXiv that has an id")


def _look(body: Path) -> _Seen:
    token, has_records, root = None, False, ""
    try:
        with body.open("rb") as stream:
            for event, element in events(stream, "arXiv's answer"):
                if event == "start":
                    root = root or str(element.tag)
                elif element.tag == f"{OAI}record":
                    has_records |= _is_readable(element)
                    forget(element)
                elif element.tag == f"{OAI}resumptionToken":
                    token = (text(element) or "").strip() or None
                elif element.tag == f"{OAI}error":
                    return _Seen(error=element.get("code") or "?", said=_plain(text(element)))
    except (Unreadable, RefusedInput):
        raise Passing("arXiv: answers with something that is no whole XML.") from None
    if root != f"{OAI}OAI-PMH":
        raise _changed(f"<{root[:80]}> in the place of <OAI-PMH>")
    return _Seen(token, has_records=has_records)


def _is_readable(record: etree._Element) -> bool:
    header = record.find(f"{OAI}header")
    is_deleted = header is not None and header.get("status") == "deleted"
    return is_deleted or record.find(f"{OAI}metadata/{ARXIV}arXiv/{ARXIV}id") is not None


def _changed(what: str) -> Changed:
    return Changed(
        f"arXiv: the layout has changed: {what}. Nothing of it was kept, the last good snapshot "
        "stands. See flows/sources/arxiv/."
    )


def _plain(said: str | None) -> str:
    """Give a few words of a server as they can be printed."""
    return "".join(each if each.isprintable() else " " for each in (said or ""))[:200].strip()


def _queries(ids: Sequence[str], store: Store, web: Web) -> Iterator[Outcome]:
    papers = _canonical(ids)
    batches = [papers[start : start + IDS] for start in range(0, len(papers), IDS)]
    yield from one_by_one(batches, lambda some: _query(some, store, web))


def _canonical(ids: Sequence[str]) -> list[str]:
    given = pl.DataFrame({"given": list(ids)}, schema={"given": pl.String})
    found = given.with_columns(arxiv_id=identifiers.arxiv_id(pl.col("given")))
    if bad := found.filter(pl.col("arxiv_id").is_null())["given"].to_list():
        raise Refusal(f"No arXiv ids: {', '.join(map(repr, bad[:5]))}. Write 2301.00001.")
    return found["arxiv_id"].unique().sort().to_list()


def _query(ids: Sequence[str], store: Store, web: Web) -> Iterator[Kept | Trouble]:
    """Give the feed of some papers, and the trouble that it lacks some of them."""
    name = f"query.{hashlib.sha256(' '.join(ids).encode()).hexdigest()[:16]}.xml"
    asked = urlencode({"id_list": ",".join(ids), "max_results": len(ids)})
    url = f"{web.site.endpoints['query']}?{asked}"
    answer = web.get(url, store.coming(name), _check_feed, store.known(name, url))
    kept = store.keep(name, answer)
    yield kept
    if absent := sorted(set(ids) - set(_papers(kept.path))):
        yield Trouble(f"arXiv: has no {', '.join(absent)}.")


def _check_feed(body: Path) -> None:
    """Look at a feed. An error of the query API is a feed with one entry that says so."""
    for identifier in _papers(body):
        if identifier.startswith("error:"):
            raise Trouble(f"arXiv: refuses the query: {identifier.removeprefix('error:')}")


def _papers(body: Path) -> list[str]:
    """Give the ids in a feed, without versions; that of an error is what it says."""
    found, root = [], ""
    try:
        with body.open("rb") as stream:
            for event, element in events(stream, "arXiv's answer"):
                root = root or str(element.tag)
                if event == "end" and element.tag == f"{ATOM}entry":
                    written = text(element.find(f"{ATOM}id")) or ""
                    said = _plain(text(element.find(f"{ATOM}summary")))
                    found.append(f"error:{said}" if "api/errors" in written else written)
                    forget(element)
    except (Unreadable, RefusedInput):
        raise Passing("arXiv: answers with something that is no whole XML.") from None
    if root != f"{ATOM}feed":
        raise _changed(f"<{root[:80]}> in the place of <feed>")
    written_ids = pl.Series("id", found, dtype=pl.String)
    ids = written_ids.to_frame().select(identifiers.arxiv_id(pl.col("id")))["id"]
    return [short or written for short, written in zip(ids, found, strict=True)]
