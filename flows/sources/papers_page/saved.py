"""Saved HTML of a Papers page: the JSON that the page's own script would have read.

The attribute is read and nothing else: no script runs, no address is opened.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from flows.raw.json_stream import Unreadable, parse_value
from flows.sources.papers_page.decoding import MAX_TEXT_BYTES
from flows.sources.papers_page.unwrap import NoPapers

_HTML = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+)*+"
    r"<(?:!doctype html|html|head|body|main|div)\b",
    re.DOTALL | re.IGNORECASE,
)


_OPENING = re.compile("<(?:!--|[a-zA-Z])")
_TAG = re.compile(r"""<[a-zA-Z](?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
MAX_WASTED = 50_000_000
"""Characters that are looked through in vain for the ends of tags."""

MAX_HYDRATED = 10_000
"""Elements of a page with data for its script, and papers in it: a page has some 30."""

_RAW_TEXT = re.compile(r"<(script|style|textarea|title)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Saved:
    """The items of a page, as in the daily-papers API, or the paper of a single paper's page."""

    items: list[object]
    day: str | None = None
    """The day that a listing shows, as the site writes it."""


def is_html(text: str) -> bool:
    """Return whether a text begins like an HTML page."""
    return bool(_HTML.match(text[:4096]))


def read_saved(text: str) -> Saved:
    """Find the items. Raises `NoPapers`."""
    tags = list(islice(_list_hydrated_tags(text), MAX_HYDRATED + 1))
    if len(tags) > MAX_HYDRATED:
        raise NoPapers(f"more than {MAX_HYDRATED:,} elements of it have data-props")
    tree = LexborHTMLParser("".join(f"{tag}</div>" for tag in tags))
    targets: list[str] = []
    found: dict[str, list[Saved]] = {}
    for node in tree.css("[data-target][data-props]"):
        target, props = node.attributes.get("data-target"), node.attributes.get("data-props")
        targets.append(str(target)[:40])
        # Other parts of a page may name the same papers: only the first kind is read.
        if found and targets[-1] not in found:
            continue
        saved = _read_props(props or "", target)
        if saved is not None:
            found.setdefault(targets[-1], []).append(saved)
    if not targets:
        raise NoPapers("no element of the page has data-target and data-props")
    if not found:
        names = ", ".join(sorted(set(targets)))
        raise NoPapers(f"the page has {names}, but no papers in any of it")
    return _join_pages(*found.values())


def _join_pages(pages: list[Saved]) -> Saved:
    """Join the pages of a file, into which some people put several; the day is that of the first.

    A paper that several of them show is taken once.
    """
    items: dict[object, object] = {}
    for page in pages:
        for item in page.items:
            paper = item.get("paper") if isinstance(item, dict) else None
            identifier = paper.get("id") if isinstance(paper, dict) else None
            items.setdefault(identifier if isinstance(identifier, str) else len(items), item)
    if len(items) > MAX_HYDRATED:
        raise NoPapers(f"it claims more than {MAX_HYDRATED:,} papers")
    return Saved(list(items.values()), pages[0].day)


def _list_hydrated_tags(text: str) -> Iterator[str]:
    """Return the start tags that carry ``data-props``, comments and scripts left out.

    Only these go through the HTML parser: its time grows with the square of the depth, and an
    afternoon is what a page of a million nested elements would cost.
    """
    place, wasted = 0, 0
    while opening := _OPENING.search(text, place):
        if opening.group() == "<!--":
            place = text.find("-->", opening.end()) + 3
            if place == 2:  # noqa: PLR2004  # no end: the rest is comment
                return
            continue
        tag = _TAG.match(text, opening.start())
        if tag is None:
            # A tag that is not closed is looked for up to the end of the page.
            place, wasted = opening.end(), wasted + len(text) - opening.start()
            if wasted > max(MAX_WASTED, 20 * len(text)):
                raise NoPapers("its tags are not closed")
            continue
        place = tag.end()
        # Text inside scripts and styles looks like tags and is none.
        if "data-props" in tag.group():
            yield tag.group()
        elif raw := _RAW_TEXT.match(tag.group()):
            closing = re.compile(f"</{raw.group(1)}", re.IGNORECASE).search(text, place)
            if closing is None:
                return
            place = closing.end()


def _read_props(props: str, target: str | None) -> Saved | None:
    """Return what one attribute holds, None where it has no items."""
    # Three bytes of JSON are an object, which takes a hundred.
    if len(props) > MAX_TEXT_BYTES:
        raise NoPapers(f"data-props of it hold more than {MAX_TEXT_BYTES >> 20} MB")
    try:
        held = parse_value(props.encode("utf-8", "replace"))
    except Unreadable as error:
        if target in ("DailyPapers", "PaperPage"):
            detail = f"the data-props of {target} are no JSON: {error.detail}"
            raise NoPapers(detail[:200]) from None
        return None
    if not isinstance(held, Mapping):
        return None
    if isinstance(held.get("dailyPapers"), list):
        shown = held.get("dateString")
        if len(held["dailyPapers"]) > MAX_HYDRATED:
            raise NoPapers(f"it claims more than {MAX_HYDRATED:,} papers")
        return Saved(list(held["dailyPapers"]), shown if isinstance(shown, str) else None)
    return Saved([_take_paper(held)]) if isinstance(held.get("paper"), Mapping) else None


def _take_paper(held: Mapping[str, Any]) -> dict[str, object]:
    return {"paper": held["paper"]}
