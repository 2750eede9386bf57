"""Days of the API, asked for page by page."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import orjson

from flows.http.errors import LayoutChanged, TransientError
from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.due_days import list_due_days
from flows.raw.fetch_request import FetchRequest
from flows.raw.manual_files import refuse_options
from flows.raw.outcome import Outcome, fetch_each
from flows.raw.store import Store, StoredFile
from flows.sources.shared.hugging_face_item import find_layout_fault

SITE = Site(
    name="Hugging Face's API",
    endpoints={"daily_papers": "https://huggingface.co/api/daily_papers"},
    interval=300 / 500,
)
"""500 calls in 5 minutes are what an anonymous client may make
(https://huggingface.co/docs/hub/rate-limits)."""

PAGE = 100
"""Items asked for at a time. The fullest archived day has 45."""

LAST_PAGE = 20
"""A day with so many pages is no day: the site no longer heeds ``p``."""


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Return the days that are due, one file for each page of a day, or the trouble with them."""
    refuse_options(request, web, "ids", "sets", "urls", "files")
    days = list(list_due_days(request, store, name_day_page))
    yield from fetch_each(days, lambda day: _fetch_pages(day, store, web))


def name_day_page(day: date, page: int = 0) -> str:
    """Name the file of a day's page."""
    return f"{day}.json" if page == 0 else f"{day}.p{page}.json"


def _fetch_pages(day: date, store: Store, web: Web) -> Iterator[StoredFile]:
    for page in range(LAST_PAGE):
        stored = _fetch_page(day, page, store, web)
        yield stored
        if stored.sidecar.next is None:
            return
    raise LayoutChanged(
        f"{web.site.name}: {day} has more than {LAST_PAGE} pages of {PAGE} papers. What has come "
        "is kept; the site's paging has changed, see flows/sources/daily_papers/site.py."
    )


def _fetch_page(day: date, page: int, store: Store, web: Web) -> StoredFile:
    query = urlencode({"date": day, "limit": PAGE, "p": page})
    name = name_day_page(day, page)
    url = f"{web.site.endpoints['daily_papers']}?{query}"
    answer = web.get(url, store.partial_path(name), check_items, store.find_conditions(name, url))
    if answer.body is None:
        return store.save_answer(name, answer)
    count = len(orjson.loads(answer.body.read_bytes()))
    return store.save_answer(
        name,
        answer,
        next_=str(page + 1) if count >= PAGE else None,
        without=None if count else "no papers on this day",
    )


def check_items(body: Path) -> None:
    """Look at an answer.

    Raises `TransientError` for what is no JSON, `LayoutChanged` for other JSON.
    """
    content = body.read_bytes()
    try:
        items = orjson.loads(content)
    except orjson.JSONDecodeError:
        is_page = content.lstrip()[:1] == b"<"
        shape = "HTML in the place of JSON" if is_page else "JSON that is cut off or damaged"
        raise TransientError(f"Hugging Face's API: answers with {shape}.") from None
    if not isinstance(items, list):
        raise _describe_change(f"{type(items).__name__} in the place of a list")
    if fault := find_layout_fault(items):
        raise _describe_change(fault)


def _describe_change(what: str) -> LayoutChanged:
    return LayoutChanged(
        f"Hugging Face's API: the layout has changed: {what}. Nothing of it was kept, the last "
        "good snapshot stands. See flows/sources/daily_papers/."
    )
