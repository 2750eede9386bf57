"""One item of the daily-papers API: which fields are read, and the record they make.

Saved Papers pages carry the same items.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from flows.raw.json_stream import Unreadable
from flows.raw.raw_file import RawFile
from flows.sources.shared.author_strings import join_split_names
from flows.sources.shared.hugging_face_fields import IGNORED, USED
from schemas.vocabulary import YEARS, License, Reason

URL_FIELDS = ("githubRepo", "projectPage", "mediaUrls")
"""Fields of the paper that hold URLs, in the order in which records list them."""

LINKED_FIELDS = {
    "linkedModels": "https://huggingface.co/",
    "linkedDatasets": "https://huggingface.co/datasets/",
    "linkedSpaces": "https://huggingface.co/spaces/",
}
"""Fields of a single paper's answer that list repositories of the Hub, and where these are found.
Anyone's repository that names the paper is among them, not the authors' only."""

_REPOSITORY_ID = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)?", re.ASCII)
_ARXIV_ID = re.compile(
    r"(?:(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.\d{4}|(?:1[5-9]|[2-9]\d)(?:0[1-9]|1[0-2])\.\d{5}"
    r"|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
)
"""Four digits after the point until 2014, five since 2015, and the old form before April 2007."""

_NUMBER = re.compile(r"\d+\.\d+")
_FOREIGN_SCHEME = re.compile(r"\s*(?!https?:)[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)


def make_row(raw: RawFile, position: int, **written: Any) -> dict[str, Any]:
    """Make one row of `Record`: what the source wrote, and "does not say" for all the rest."""
    return {
        "record_id": raw.record_id(position),
        "source": raw.source.value,
        "snapshot": raw.snapshot,
        "file": raw.path.name,
        "member": raw.member,
        "line": position,
        "source_id": None,
        "abstract": None,
        "authors": [],
        "unnamed_authors": None,
        "arxiv_id": None,
        "doi": None,
        "acl_id": None,
        "openreview_id": None,
        "comments": None,
        "venue": None,
        "categories": [],
        "classes": [],
        "keywords": [],
        "published": None,
        "updated": None,
        "version_days": [],
        "listed": None,
        "urls": [],
        "upvotes": None,
        "is_withdrawn": False,
        "is_retracted": False,
        "license": License.CC0.value,
    } | written


def read_item(raw: RawFile, position: int, item: object) -> dict[str, Any]:
    """Read one item into a row of `Record`. Raises `Unreadable`."""
    paper = item.get("paper") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(paper, Mapping):
        raise Unreadable(Reason.MALFORMED, "the element is no object with a paper in it")
    title = _read_text(paper, "title") or _read_text(item, "title")
    if title is None:
        raise Unreadable(Reason.NO_TITLE, "neither the paper nor the item has a title")
    arxiv_id = _read_arxiv_id(paper.get("id"))
    return make_row(
        raw,
        position,
        source_id=arxiv_id,
        arxiv_id=arxiv_id,
        title=title,
        abstract=_read_summary(paper) or _read_summary(item),
        authors=_read_names(paper.get("authors")),
        published=_read_day(paper, "publishedAt"),
        listed=_read_day(paper, "submittedOnDailyAt"),
        upvotes=_read_count(paper.get("upvotes")),
        urls=[pair for pair in _read_urls(paper) if not _FOREIGN_SCHEME.match(pair["url"])],
    )


def is_single_answer(item: object) -> bool:
    """Return whether an object is the answer of ``/api/papers/ID``: the paper without its item.

    >>> is_single_answer({"id": "2301.00001", "title": "A title", "upvotes": 3, "summary": "..."})
    True
    >>> is_single_answer({"paper": {"id": "2301.00001"}}), is_single_answer({"id": "2301.00001"})
    (False, False)
    """
    return (
        isinstance(item, Mapping)
        and "paper" not in item
        and {"id", "title", "upvotes"} <= item.keys()
        and bool({"summary", "authors", "discussionId"} & item.keys())
    )


def list_foreign_urls(item: Mapping[str, Any]) -> list[str]:
    """Name the fields of a readable item whose URL is none of the web, such as ``javascript:``."""
    return [
        pair["field"] for pair in _read_urls(item["paper"]) if _FOREIGN_SCHEME.match(pair["url"])
    ]


def count_unknown_fields(item: Mapping[str, Any]) -> Counter[str]:
    """Count the fields that are neither read nor ignored on purpose, by dotted path."""
    return Counter(path for path in _list_paths(item, "") if path not in USED | IGNORED)


def _list_paths(item: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, value in item.items():
        path = f"{above}{name}"
        yield path
        if name == "summary" and value is not None and not isinstance(value, str):
            yield f"{path}: {type(value).__name__} in the place of a text"
        if path == "paper" and isinstance(value, Mapping):
            yield from _list_paths(value, "paper.")
        elif path == "paper.authors" and isinstance(value, list):
            for author in value:
                yield from (
                    _list_paths(author, "paper.authors.") if isinstance(author, Mapping) else ()
                )


def _read_summary(holder: Mapping[str, Any]) -> str | None:
    """Read an abstract; None where it is no text, which is counted among the unknown fields."""
    return _read_text(holder, "summary") if isinstance(holder.get("summary"), str) else None


def _read_text(holder: Mapping[str, Any], name: str) -> str | None:
    text = holder.get(name)
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    if not isinstance(text, str):
        raise Unreadable(Reason.MALFORMED, f"{name} is no text")
    _require_text(text, name)
    return text


def _require_text(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable(Reason.ENCODING, f"{name} holds half a character") from None


def _read_arxiv_id(written: object) -> str:
    if isinstance(written, float) or (isinstance(written, str) and _is_float(written)):
        raise Unreadable(Reason.FLOAT_IDENTIFIER, f"id {written} went through a float")
    if not isinstance(written, str) or not _ARXIV_ID.fullmatch(written):
        shown = repr(written)[:60] if isinstance(written, str | int) else type(written).__name__
        raise Unreadable(Reason.BAD_IDENTIFIER, f"id {shown} is no arXiv id")
    return written


def _is_float(written: str) -> bool:
    return bool(_NUMBER.fullmatch(written)) and not _ARXIV_ID.fullmatch(written)


def _read_names(authors: object) -> list[str]:
    if authors is None:
        return []
    if not isinstance(authors, list):
        raise Unreadable(Reason.MALFORMED, "authors is no list")
    names = [_read_text(author, "name") for author in authors if isinstance(author, Mapping)]
    if len(names) != len(authors):
        raise Unreadable(Reason.MALFORMED, "an author is no object with a name")
    return join_split_names([name for name in names if name is not None])


def _read_day(paper: Mapping[str, Any], name: str) -> date | None:
    written = _read_text(paper, name)
    if written is None:
        return None
    day = None
    with suppress(ValueError):
        day = date.fromisoformat(written[:10])
    if day is None or not YEARS[0] <= day.year <= YEARS[1]:
        raise Unreadable(Reason.MALFORMED, f"{name} is no date: {written!r:.60}")
    return day


def _read_count(written: object) -> int | None:
    if written is None:
        return None
    if not isinstance(written, int) or isinstance(written, bool) or not 0 <= written < 1 << 63:
        raise Unreadable(Reason.MALFORMED, "upvotes is no count")
    return written


def _read_urls(paper: Mapping[str, Any]) -> list[dict[str, str]]:
    pairs = []
    for name in URL_FIELDS:
        value = paper.get(name)
        urls = value if isinstance(value, list) else [value]
        texts = [_read_text({name: url}, name) for url in urls]
        pairs += [{"field": name, "url": url} for url in texts if url is not None]
    return pairs + list(_list_linked(paper))


def _list_linked(paper: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """List the repositories of the Hub that a paper's answer names, as URLs."""
    for name, place in LINKED_FIELDS.items():
        linked = paper.get(name)
        if linked is not None and not isinstance(linked, list):
            raise Unreadable(Reason.MALFORMED, f"{name} is no list")
        for repository in linked or ():
            written = repository.get("id") if isinstance(repository, Mapping) else None
            if not isinstance(written, str) or not _REPOSITORY_ID.fullmatch(written):
                raise Unreadable(Reason.MALFORMED, f"{name} holds something without an id")
            yield {"field": name, "url": place + written}


ALWAYS = ("authors", "publishedAt", "summary")
"""What every paper of the 58 archived days has, besides its id and its title, and we read."""


def find_layout_fault(items: Sequence[object]) -> str | None:
    """Say what is wrong with the layout of items; None where nothing is.

    A field that one paper lacks is that paper's affair; one that all of them lack was renamed.
    """
    papers = [item.get("paper") if isinstance(item, dict) else None for item in items]
    objects = [paper for paper in papers if isinstance(paper, dict)]
    if len(objects) < len(papers) or not all({"id", "title"} <= paper.keys() for paper in objects):
        return "an item without a paper that has an id and a title"
    gone = [name for name in ALWAYS if objects and not any(name in paper for paper in objects)]
    return f"no paper has {', '.join(gone)}" if gone else None
