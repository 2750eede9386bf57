"""Listing pages as HTML: the page of a day, or a page that somebody names."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flows.http.errors import LayoutChanged, TransientError
from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.due_days import list_due_days
from flows.raw.fetch_request import FetchRequest
from flows.raw.manual_files import fetch_addresses, refuse_options
from flows.raw.outcome import Outcome, fetch_each
from flows.raw.store import Store, StoredFile
from flows.sources.papers_page.decoding import MAX_PAGE_BYTES, NoText, decode_page
from flows.sources.papers_page.saved import is_html, read_saved
from flows.sources.papers_page.unwrap import NoPapers
from flows.sources.shared.hugging_face_item import find_layout_fault

SITE = Site(
    name="Hugging Face's pages",
    endpoints={"papers_page": "https://huggingface.co/papers"},
    interval=300 / 100,
    limit=MAX_PAGE_BYTES,
)
"""100 pages in 5 minutes are what an anonymous client may read
(https://huggingface.co/docs/hub/rate-limits)."""


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Return the addresses that are named, else the pages of the days that are due."""
    refuse_options(request, web, "ids", "sets", "files")
    if request.urls:
        yield from fetch_addresses(request, store, web, check_page)
        return
    days = list(list_due_days(request, store, name_day))
    yield from fetch_each(days, lambda day: _fetch_day(day, store, web))


def name_day(day: date) -> str:
    """Name the file of a day's page."""
    return f"{day}.html"


def _fetch_day(day: date, store: Store, web: Web) -> Iterator[StoredFile]:
    name = name_day(day)
    url = f"{web.site.endpoints['papers_page']}/date/{day}"
    answer = web.get(url, store.partial_path(name), check_page, store.find_conditions(name, url))
    yield store.save_answer(
        name, answer, without=_explain_empty(answer.body, day) if answer.body else None
    )


def check_page(body: Path) -> None:
    """Look at a page.

    Raises `TransientError` for what is no page, `LayoutChanged` for one without papers.
    """
    try:
        text, _ = decode_page(body.read_bytes())
    except NoText:
        text = ""
    if not is_html(text):
        raise TransientError("Hugging Face's pages: answers with something that is no HTML page.")
    try:
        fault = find_layout_fault(read_saved(text).items)
    except NoPapers as error:
        fault = str(error)
    if fault:
        raise LayoutChanged(
            f"Hugging Face's pages: the layout has changed: {fault}. Nothing of it was kept, the "
            "last good snapshot stands. See flows/sources/papers_page/saved.py."
        )


def _explain_empty(body: Path, day: date) -> str | None:
    """Say why a day's page is not to be read: the site shows another day where one has none."""
    text, _ = decode_page(body.read_bytes())
    saved = read_saved(text)
    if not saved.items:
        return "no papers on this day"
    is_shown = saved.day is None or saved.day.startswith(day.isoformat())
    return None if is_shown else "no papers on this day: the page shows another"
