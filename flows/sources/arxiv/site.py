"""arXiv asked: days of its OAI-PMH interface page by page, and papers by their ids.

A day of OAI-PMH is the day on which arXiv added or changed a record. The sidecar of each page
holds the resumption token of the next, so that a harvest that was stopped goes on from there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from lxml import etree

from flows.errors import UserError
from flows.http.errors import LayoutChanged, SiteError, TransientError
from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.due_days import list_requested_days
from flows.raw.fetch_request import FetchRequest
from flows.raw.json_stream import Unreadable
from flows.raw.manual_files import refuse_options
from flows.raw.outcome import Outcome, fetch_each
from flows.raw.raw_file import RefusedInput
from flows.raw.sidecar import Sidecar
from flows.raw.store import Store, StoredFile
from flows.raw.xml_stream import collect_text, free_element, read_events
from flows.sources.arxiv.oai import ARXIV, OAI
from flows.sources.arxiv.query import clean_message, describe_changed_layout, fetch_by_ids

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

SETTLING_TIME = timedelta(days=5)
"""Time after which a day is whole. Days are those of UTC, yet arXiv's caches may give an answer for
four days on, unless papers are announced in between: it may have been made while the day lasted.
A day that was read sooner is read again on another day (https://github.com/arXiv/oaipmh)."""

RESPONSE_DATE = re.compile(rb"<responseDate>[^<]{0,40}</responseDate>")
"""When an answer was made: the one thing that differs between two answers that say the same."""

LAST_PAGE = 1_000
"""A day has some 2,000 records; one with so many pages leads in circles."""

SET_NAME = re.compile(r"[A-Za-z0-9-]+(?::[A-Za-z0-9.-]+){0,2}")
"""``cs``, ``physics:hep-th``, ``cs:cs:LG``."""

PAGE_NAME = re.compile(r"oai\.[\w.-]+\.(\d{4}-\d{2}-\d{2})\.p\d+\.xml", re.ASCII)
"""What the pages of a day are called: set, day, page."""


class _ProtocolError(SiteError):
    """An error of the protocol; of a request with a resumption token, that it has expired."""


@dataclass(frozen=True)
class _AnswerSummary:
    """What an answer of OAI-PMH holds, looked at without reading its records."""

    token: str | None = None
    error: str | None = None
    message: str = ""
    """What arXiv says about the error."""
    has_records: bool = False
    """Whether one of them can be read, or says that its paper was deleted."""


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Fetch the papers that are named by ids, else the days of each set that are not here yet."""
    if request.ids:
        refuse_options(request, web, "since", "until", "sets", "urls", "files")
        yield from fetch_by_ids(request.ids, store, web)
        return
    for set_ in request.sets or ("",):
        if set_ and not SET_NAME.fullmatch(set_):
            raise UserError(f"{set_!r} is no set of arXiv: they are named cs, math or cs:cs:LG.")
    pieces = [(set_, day) for day in _list_days(request, store) for set_ in request.sets or ("",)]
    yield from fetch_each(pieces, lambda piece: _fetch_pages(*piece, store, web))


def _list_days(request: FetchRequest, store: Store) -> list[date]:
    """List the requested days; today is never among them, for it is not over."""
    pages = map(PAGE_NAME.match, store.list_names())
    stored = (date.fromisoformat(page[1]) for page in pages if page)
    return list_requested_days(request, stored, request.today - timedelta(days=1))


def name_page(set_: str, day: date, page: int) -> str:
    """Name the file of a page."""
    return f"oai.{set_.replace(':', '_') or 'all'}.{day}.p{page}.xml"


def _fetch_pages(set_: str, day: date, store: Store, web: Web) -> Iterator[StoredFile]:
    """Fetch what is left of a day, from the token on that the last page which is here has.

    Where arXiv no longer takes that token, the day is read once more from its first page.
    """
    page, token, is_here = _find_progress(set_, day, store, web.now().date())
    if is_here:
        return
    is_anew = page == 0
    while page < LAST_PAGE:
        try:
            stored = _fetch_page(
                name_page(set_, day, page), _build_query(set_, day, token), store, web
            )
        except _ProtocolError:
            # An expired token costs one new beginning; a second refusal is no matter of tokens.
            if is_anew:
                raise
            page, token, is_anew = 0, None, True
            continue
        yield stored
        if stored.sidecar.next is None:
            return
        # An answer that leads to itself would be asked for ever.
        if stored.sidecar.next == token:
            break
        page, token = page + 1, stored.sidecar.next
    raise LayoutChanged(f"arXiv: the pages of {day} lead in circles. What has come is kept.")


def _find_progress(set_: str, day: date, store: Store, today: date) -> tuple[int, str | None, bool]:
    """Find the page to go on with, the token to ask for it with, and whether all is here for now.

    A token is a number of records to skip, and expires at midnight in UTC: of a day whose records
    have changed since, some would be skipped that were never read.
    """
    # Each page says with which token the next was asked for: a chain of pages is a harvest.
    page, previous = 0, None
    while (stored := store.find_latest(name_page(set_, day, page))) and _is_next_page(
        stored, previous
    ):
        page, previous = page + 1, stored.sidecar
        if previous.next is None:
            return 0, None, previous.seen >= min(day + SETTLING_TIME, today)
    if previous is None or previous.seen != today:
        return 0, None, False
    return page, previous.next, False


def _is_next_page(stored: StoredFile, previous: Sidecar | None) -> bool:
    """Return whether a page was asked for with the token of the one before it, and after that."""
    if previous is None:
        return True
    query = parse_qs(urlsplit(stored.sidecar.url or "").query)
    return (
        query.get("resumptionToken") == [previous.next] and stored.sidecar.moment >= previous.moment
    )


def _build_query(set_: str, day: date, token: str | None) -> dict[str, str]:
    if token is not None:
        return {"verb": "ListRecords", "resumptionToken": token}
    query = {"verb": "ListRecords", "metadataPrefix": "arXiv", "from": f"{day}", "until": f"{day}"}
    return query | ({"set": set_} if set_ else {})


def _fetch_page(name: str, query: dict[str, str], store: Store, web: Web) -> StoredFile:
    url = f"{web.site.endpoints['oai']}?{urlencode(query)}"
    answer = web.get(url, store.partial_path(name), check_oai_answer)
    seen = _inspect_answer(store.partial_path(name))
    return store.save_answer(
        name,
        answer,
        next_=seen.token,
        without="no papers on this day" if seen.error else None,
        is_same=_has_same_records,
    )


def _has_same_records(stored: Path, coming: Path) -> bool:
    first, second = (
        RESPONSE_DATE.sub(b"", path.read_bytes(), count=1) for path in (stored, coming)
    )
    return first == second


def check_oai_answer(body: Path) -> None:
    """Raise unless a file holds a usable answer of OAI-PMH.

    Raises `TransientError` for what is no XML, `LayoutChanged` for another layout, `SiteError` for
    an error of the protocol other than that nothing matches.
    """
    seen = _inspect_answer(body)
    if seen.error not in (None, "noRecordsMatch"):
        raise _ProtocolError(f"arXiv: refuses the harvest: {seen.error}: {seen.message}")
    if seen.error is None and not seen.has_records:
        raise describe_changed_layout(
            "an answer without a record of the prefix arXiv that has an id"
        )


def _inspect_answer(body: Path) -> _AnswerSummary:
    token, has_records, root = None, False, ""
    try:
        with body.open("rb") as stream:
            for event, element in read_events(stream, "arXiv's answer"):
                if event == "start":
                    root = root or str(element.tag)
                elif element.tag == f"{OAI}record":
                    has_records |= _is_readable_record(element)
                    free_element(element)
                elif element.tag == f"{OAI}resumptionToken":
                    token = (collect_text(element) or "").strip() or None
                elif element.tag == f"{OAI}error":
                    return _AnswerSummary(
                        error=element.get("code") or "?",
                        message=clean_message(collect_text(element)),
                    )
    except (Unreadable, RefusedInput):
        raise TransientError("arXiv: answers with something that is no whole XML.") from None
    if root != f"{OAI}OAI-PMH":
        raise describe_changed_layout(f"<{root[:80]}> in the place of <OAI-PMH>")
    return _AnswerSummary(token, has_records=has_records)


def _is_readable_record(record: etree._Element) -> bool:
    header = record.find(f"{OAI}header")
    is_deleted = header is not None and header.get("status") == "deleted"
    return is_deleted or record.find(f"{OAI}metadata/{ARXIV}arXiv/{ARXIV}id") is not None
