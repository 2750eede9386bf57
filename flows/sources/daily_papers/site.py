"""Days of the API, asked for page by page, and single papers by their ids."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import orjson

from flows.errors import UserError
from flows.http.errors import LayoutChanged, TransientError
from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.due_days import list_due_days
from flows.raw.fetch_request import FetchRequest
from flows.raw.manual_files import refuse_options
from flows.raw.outcome import Outcome, fetch_each
from flows.raw.store import Store, StoredFile
from flows.sources.shared.hugging_face_item import find_layout_fault, is_single_answer

SITE = Site(
    name="Hugging Face's API",
    endpoints={
        "daily_papers": "https://huggingface.co/api/daily_papers",
        "papers": "https://huggingface.co/api/papers",
    },
    interval=300 / 500,
)
"""500 calls in 5 minutes are what an anonymous client may make
(https://huggingface.co/docs/hub/rate-limits)."""

ID = re.compile(r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?")
"""An arXiv id, with or without its version."""

PAGE = 100
"""Items asked for at a time. The fullest archived day has 45."""

LAST_PAGE = 20
"""A day with so many pages is no day: the site no longer heeds ``p``."""


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Return the papers that are named, else the days that are due; or the trouble with them.

    A paper is a file, and so is each page of a day.
    """
    if request.ids:
        refuse_options(request, web, "since", "until", "sets", "urls", "files")
        yield from fetch_each(require_ids(request.ids), lambda id_: _fetch_paper(id_, store, web))
        return
    refuse_options(request, web, "sets", "urls", "files")
    days = list(list_due_days(request, store, name_day_page))
    yield from fetch_each(days, lambda day: _fetch_pages(day, store, web))


def require_ids(ids: Sequence[str]) -> list[str]:
    """Return arXiv ids without their versions, each once. Raises `UserError` for what is none.

    >>> require_ids(["2301.00001v2", "2301.00001", "hep-th/9901001"])
    ['2301.00001', 'hep-th/9901001']
    """
    papers = dict.fromkeys(ID.fullmatch(written.strip()) for written in ids)
    if None in papers:
        wrong = next(written for written in ids if not ID.fullmatch(written.strip()))
        raise UserError(f"{wrong!r} is no arXiv id: they are written 2301.00001 or hep-th/9901001.")
    return list(dict.fromkeys(match["id"] for match in papers if match))


def name_paper_file(id_: str) -> str:
    """Name the file of a paper's answer.

    >>> name_paper_file("hep-th/9901001")
    'paper.hep-th_9901001.json'
    """
    return f"paper.{id_.replace('/', '_')}.json"


def _fetch_paper(id_: str, store: Store, web: Web) -> Iterator[StoredFile]:
    name = name_paper_file(id_)
    url = f"{web.site.endpoints['papers']}/{id_}"
    conditions = store.find_conditions(name, url)
    yield store.save_answer(name, web.get(url, store.partial_path(name), check_paper, conditions))


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
    """Look at the answer about a day.

    Raises `TransientError` for what is no JSON, `LayoutChanged` for other JSON.
    """
    items = _read_answer(body)
    if not isinstance(items, list):
        raise _describe_change(f"{type(items).__name__} in the place of a list")
    if fault := find_layout_fault(items):
        raise _describe_change(fault)


def check_paper(body: Path) -> None:
    """Look at the answer about a paper; raises as `check_items` does."""
    paper = _read_answer(body)
    if not is_single_answer(paper):
        raise _describe_change("an answer without the id, title and upvotes of a paper")
    if fault := find_layout_fault([{"paper": paper}]):
        raise _describe_change(fault)


def _read_answer(body: Path) -> object:
    content = body.read_bytes()
    try:
        return cast("object", orjson.loads(content))
    except orjson.JSONDecodeError:
        is_page = content.lstrip()[:1] == b"<"
        shape = "HTML in the place of JSON" if is_page else "JSON that is cut off or damaged"
        raise TransientError(f"Hugging Face's API: answers with {shape}.") from None


def _describe_change(what: str) -> LayoutChanged:
    return LayoutChanged(
        f"Hugging Face's API: the layout has changed: {what}. Nothing of it was kept, the last "
        "good snapshot stands. See flows/sources/daily_papers/."
    )
