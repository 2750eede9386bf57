"""Entries of arXiv's query API as programs keep them: JSON under the API's names or near ones.

Programs that ask the API keep what it answers as objects of their own making, one a line, in an
array, or in an object around all: by the names of the feed (``id``, ``summary``), of the usual
clients (``entry_id``, ``journal_ref``; ``tags`` of a feed's reader), or their own (``arxiv_id``,
``published_date``). What they add, such as scores and summaries by machine, is counted as unknown.
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from flows.raw.batch import Batch
from flows.raw.json_cutter import Complaint, cut_excerpt
from flows.raw.json_stream import KnownFields, Unreadable, list_unknown_fields
from flows.raw.raw_file import RawFile
from flows.sources.arxiv.xml_rows import PendingRows
from flows.sources.shared.author_strings import split_authors
from flows.sources.shared.json_fields import get_abstract, get_text, get_title
from flows.sources.shared.row_batches import list_in_order
from flows.sources.shared.wrapped_rows import Places, RowFinder, cut_wrapped_rows
from schemas.vocabulary import Reason

TEXT_FIELDS = {
    "title": ("title",),
    "abstract": ("summary", "abstract"),
    "comments": ("comment", "comments", "arxiv_comment"),
    "venue": ("journal_ref", "journal-ref", "journalRef", "arxiv_journal_ref"),
    "doi": ("doi", "arxiv_doi"),
    "published": (
        *("published", "published_date", "published_at", "publishedAt", "date_released", "date"),
    ),
    "updated": ("updated", "updated_date", "updated_at", "updatedAt", "date_updated"),
}
"""Fields that fill a column, the likeliest first."""

ID_FIELDS = ("arxiv_id", "arxivId", "entry_id", "short_id", "id", "paper_id")
PAGE_FIELDS = ("abs", "abs_url", "arxiv_url", "url", "link", "pdf_url", "pdf", "source_url")
AUTHOR_FIELDS = ("authors", "author")
CATEGORY_FIELDS = (
    *("primary_category", "primaryCategory", "arxiv_primary_category", "arxiv:primary_category"),
    *("categories", "category", "tags"),
)
"""The primary category comes first, as in the feed."""

IGNORED = (
    *("links", "pdf_link", "title_detail", "summary_detail", "author_detail", "guidislink"),
    *("published_parsed", "updated_parsed", "_raw", "version", "year"),
)
"""What is made from the id or from the other fields."""

KNOWN: KnownFields = dict.fromkeys(
    (
        *(name for names in TEXT_FIELDS.values() for name in names),
        *(*ID_FIELDS, *PAGE_FIELDS, *AUTHOR_FIELDS, *CATEGORY_FIELDS, *IGNORED),
    )
)

ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
PAGE = r"(?:https?://)?(?:(?:www|export)\.)?arxiv\.org/(?:abs|pdf|html)/"
ARXIV_PAGE = re.compile(rf"(?i:{PAGE})(?P<id>\S+?)(?:\.pdf)?(?:[?#].*)?$")

_ID_NAMES = "|".join((*ID_FIELDS, *PAGE_FIELDS))
_MARKS = "|".join((*CATEGORY_FIELDS[:5], "entry_id", "pdf_url"))
_ENTRY_FIELDS = (
    re.compile(rf'"(?:{_ID_NAMES})"\s*+:\s*+"(?i:{PAGE})?{ID}(?:\.pdf)?"'.encode()),
    re.compile(rb'"title"\s*+:'),
    # Some keep no text, and tell by the categories that they are arXiv's.
    re.compile(rb'"(?:summary|abstract|categories|primary_category)"\s*+:'),
    # Papers of other sites may name an arXiv id, too, and have none of these.
    re.compile(
        rf'"(?:{_MARKS})"\s*+:|"arxiv_?[iI]d"\s*+:\s*+"{ID}"'
        rf'|"(?:{_ID_NAMES})"\s*+:\s*+"(?i:{PAGE}){ID}'.encode()
    ),
)
"""What an entry has: arXiv's id, a title, a text or categories, and a field, an id or an address
that only arXiv's papers have."""

MAX_WRAPPERS = 4
"""Objects and lists around the entries of a file: answers of services have two or three."""


def is_saved_entry(start: bytes) -> bool:
    """Return whether JSON begins with an entry, by the names of its fields and its id."""
    return all(field.search(start) for field in _ENTRY_FIELDS)


def parse(raw: RawFile, stream: BinaryIO, layout: str | None) -> Iterator[Batch]:
    """Read the entries of a file whose JSON has some ``layout``; they are counted through it."""
    places = Places()
    finder = RowFinder(KNOWN, is_entry)
    pending = PendingRows(raw)
    for slice_ in cut_wrapped_rows(stream, layout, finder, places):
        pending.unread_bytes += slice_.unread_bytes
        pending.unseen.update(slice_.unseen)
        for item in list_in_order(slice_):
            if isinstance(item, Complaint):
                complaint = places.move(item)
                pending.refuse(
                    complaint.position, complaint.reason, complaint.detail, complaint.excerpt
                )
                continue
            position, _, value = item
            pending.unseen.update(finder.list_around(value))
            for entry in walk_entries(value):
                read_entry(entry, places.take(position), pending)
        if pending.is_full:
            yield pending.build_batch()
            pending = PendingRows(raw)
    yield pending.build_batch()


def walk_entries(value: object, depth: int = 0) -> Iterator[object]:
    """Yield the entries in a value: it itself, or those in the objects and lists around them.

    >>> entry = {"id": "2301.00001", "title": "A"}
    >>> list(walk_entries({"day": "2023-01-01", "papers": {"cs.LG": [entry]}})) == [entry]
    True
    """
    inner = [] if is_entry(value) else list(_list_inner(value, depth))
    if not inner:
        yield value
    for item in inner:
        yield from walk_entries(item, depth + 1)


def is_entry(value: object) -> bool:
    """Return whether a value is an entry: it has a title and an id of arXiv."""
    return isinstance(value, dict) and "title" in value and _find_id(value) is not None


def _list_inner(value: object, depth: int) -> Iterator[object]:
    """List what holds entries in an object; all of a list, whose others are entries with faults."""
    if isinstance(value, list):
        yield from value if any(_holds_entries(item, depth) for item in value) else ()
    elif isinstance(value, dict):
        yield from (item for item in value.values() if _holds_entries(item, depth))


def _holds_entries(value: object, depth: int) -> bool:
    """Return whether a value is an entry or holds one, some objects and lists further in."""
    if is_entry(value):
        return True
    if depth > MAX_WRAPPERS or not isinstance(value, dict | list):
        return False
    items = value.values() if isinstance(value, dict) else value
    return any(_holds_entries(item, depth + 1) for item in items)


def read_entry(entry: object, position: int, pending: PendingRows) -> None:
    """Read one entry into rows, or into what was refused of them."""
    if not isinstance(entry, dict):
        detail = "is no object in a list of entries"
        pending.refuse(position, Reason.MALFORMED, detail, cut_excerpt(repr(entry).encode()))
        return
    pending.unseen.update(list_unknown_fields(entry, KNOWN))
    if "title" not in entry and _find_id(entry) is None:
        detail = "has neither a title nor an arXiv id, and holds no paper that has"
        pending.refuse(position, Reason.NOT_A_PAPER, detail, ", ".join(map(str, entry))[:80])
        return
    try:
        pending.rows.append(_build_row(entry) | {"line": position})
    except Unreadable as error:
        pending.refuse(position, error.reason, error.detail, str(entry.get("title") or ""))


def _build_row(entry: Mapping[str, object]) -> dict[str, object]:
    words = " ".join(dict.fromkeys(_list_words(entry)))
    return {
        **{column: _get_first(entry, column) for column in TEXT_FIELDS},
        "id": _find_id(entry),
        "authors": list(_list_authors(entry)),
        "category_words": words,
        "class_words": words,
    }


READERS = {"title": get_title, "abstract": get_abstract}
"""Columns that only a text fills; a number may be the day of a date, or a comment."""


def _get_first(entry: Mapping[str, object], column: str) -> str | None:
    read = READERS.get(column, get_text)
    return next(filter(None, (read(entry, name) for name in TEXT_FIELDS[column])), None)


def _find_id(entry: Mapping[str, object]) -> str | None:
    """Return an arXiv id: of the first field that holds one, else of the first id there is.

    >>> _find_id({"id": "7f3a", "abs": "https://arxiv.org/abs/2503.11731"})
    '2503.11731'
    """
    written = [
        value for name in (*ID_FIELDS, *PAGE_FIELDS) if isinstance(value := entry.get(name), str)
    ]
    pages = (ARXIV_PAGE.search(text.strip()) for text in written)
    whole = (text.strip() for text in written if re.fullmatch(ID, text.strip()))
    by_page = (page["id"] for page in pages if page)
    names = (value for name in ID_FIELDS if (value := entry.get(name)) is not None)
    # A number is no id any more, and is refused as one that went through a float.
    return next(whole, None) or next(by_page, None) or next(map(str, names), None)


def _list_authors(entry: Mapping[str, object]) -> Iterator[str]:
    """List the names: texts, objects with a name, or one text of them all."""
    value = next((entry[name] for name in AUTHOR_FIELDS if entry.get(name)), [])
    if isinstance(value, str):
        yield from split_authors(value)
        return
    for author in value if isinstance(value, list) else [value]:
        name = author.get("name") if isinstance(author, dict) else author
        if not isinstance(name, str):
            raise Unreadable(Reason.MALFORMED, "the field authors holds no names")
        if name.strip():
            yield name


def _list_words(entry: Mapping[str, object]) -> Iterator[str]:
    """List the categories: of a text, of a list of texts, or the terms of objects."""
    for name in CATEGORY_FIELDS:
        value = entry.get(name)
        for item in value if isinstance(value, list) else [value]:
            # Programs that make JSON of XML mark what was an attribute.
            term = (item.get("term") or item.get("@term")) if isinstance(item, dict) else item
            if isinstance(term, str):
                yield from term.split()
