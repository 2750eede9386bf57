"""Daily papers: days of Hugging Face's ``/api/daily_papers``, as JSON.

A file is an array of items, items that follow each other, or, in one archived day, an array of
strings that are Python dict reprs. Either may be wrapped in an object that says more about the day
(``{"status": ..., "date": ..., "data": [...]}``). Answers of ``/api/papers/ID`` are read too: they
say which models, datasets and Spaces name the paper. Places are ordinals of the items.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import polars as pl

from flows.raw import json_stream
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch, make_rejection, tabulate_rejections
from flows.raw.json_cutter import Complaint, Slice, cut_excerpt
from flows.raw.json_elements import cut_elements
from flows.raw.json_head import HEAD_BYTES
from flows.raw.json_stream import Unreadable
from flows.raw.python_reprs import parse_repr
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources.daily_papers.site import SITE, fetch
from flows.sources.shared.excerpts import show_fields
from flows.sources.shared.hugging_face_item import (
    count_unknown_fields,
    is_single_answer,
    list_foreign_urls,
    read_item,
)
from schemas.record import Record
from schemas.vocabulary import License, Reason, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.DAILY_PAPERS
LICENSE = License.CC0
VERSION = "5"

STALE_AFTER: int | None = 4
"""Days: it is read daily, and has no papers on the days of a long weekend."""

BATCH_ELEMENTS = 2_000
"""About 20 MB of items; a day has 4 to 45."""

MAX_WRAPPERS = 4
"""Objects around a list of items; answers of other services have two or three."""

# Blanks are never given back: a file of 64 kB of them took a quarter of a minute.
_OPENING = re.compile(rb"""\s*+(?:\[\s*+)?(?:\{\s*+"paper"\s*+:\s*+\{|"\{'paper'\s*+:\s*+\{)""")
_WRAPPED = re.compile(
    rb"""\s*+[\[{].*?:\s*\[\s*(?:\{\s*"paper"\s*:\s*\{|"\{'paper'\s*:)""", re.DOTALL
)
"""What an object begins like that has a list of items in one of its fields."""

WRAPPER_FIELDS = frozenset(
    {"status", "success", "message", "date", "day", "count", "total", "page", "limit", "updated"}
    | {"periodType", "dateString", "prevDate", "nextDate", "isTrending"}
)
"""Fields of such an object that say nothing of a paper."""

SINGLE_FIELDS = (b'"id"', b'"title"', b'"upvotes"', b'"discussionId"')
"""Fields that every answer of ``/api/papers/ID`` has, together with no other source's objects."""

_ITEM_FIELDS = re.compile(
    rb'"submittedBy"|"submittedOnDailyAt"|"discussionId"|"thumbnail"|"upvotes"'
)
_SHOWN = ("id", "title", "publishedAt")
"""Fields that excerpts show: accounts of the site are in others, and stored nowhere."""


def recognise(head: bytes) -> bool:
    """Return whether a file begins like a day of the API, in either of its spellings."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    # Papers of Semantic Scholar are below the same name in lists that programs keep.
    if b'"paperId"' in head:
        return False
    if _OPENING.match(start) or _WRAPPED.match(start):
        return True
    first = start.lstrip()[:2].replace(b" ", b"")
    if first[:1] not in {b"[", b"{"}:
        return False
    is_day = b'"paper":' in head and bool(_ITEM_FIELDS.search(head))
    return is_day or all(field in head for field in SINGLE_FIELDS)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the items of one file, element by element.

    Raises `RefusedInput` where the first elements hold no item at all.
    """
    pile, is_first = _Pile(raw), True
    for slice_ in _cut_items(stream):
        pile.add(slice_)
        if pile.height >= BATCH_ELEMENTS:
            yield pile.batch(is_first=is_first)
            pile, is_first = _Pile(raw, shift=pile.shift), False
    if is_first or pile.height:
        yield pile.batch(is_first=is_first)


def _cut_items(stream: BinaryIO) -> Iterator[Slice]:
    content = ContentStream.wrap(stream)
    is_array = json_stream.detect_layout(content.peek(HEAD_BYTES)) == "array"
    return cut_elements(content.as_binary(), is_array=is_array)


def _describe_refusal(raw: RawFile) -> str:
    return (
        f"{raw.path.name}: no item of the daily-papers API in it (an item is an object with a "
        "`paper`). Save the answer of /api/daily_papers?date=YYYY-MM-DD as it is, or name the "
        "right source with --source."
    )


@dataclass
class _Pile:
    """Rows and rejections of one batch."""

    raw: RawFile
    shift: int = 0
    """Items read so far beyond the elements of the file: a wrapped day is one element of many."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    has_items: bool = False
    unread_bytes: int = 0

    @property
    def height(self) -> int:
        """Say how many elements were read."""
        return len(self.rows) + len(self.refused)

    def add(self, slice_: Slice) -> None:
        """Read the elements of a slice into rows and rejections."""
        for place, value in slice_.values():
            try:
                items = self._unwrap(_decode_item(value))
            except Unreadable as error:
                self._refuse(place, error, value)
                continue
            for number, item in enumerate(items):
                self._add(place + self.shift + number, item, value)
            self.shift += len(items) - 1
        self.unread_bytes += slice_.unread_bytes
        for complaint in slice_.complaints:
            self.has_items |= complaint.reason in (Reason.TRUNCATED, Reason.TOO_LARGE)
            self._reject(complaint)

    def _unwrap(self, item: Any) -> list[Any]:
        """List the items of an element: itself, or those of a list in one of its fields."""
        if is_single_answer(item):
            return [{"paper": item}]
        if not isinstance(item, dict) or "paper" in item:
            return [item]
        lists = list(_find_item_lists(item))
        if not lists:
            return [item]
        holders = {path[0] for path, _ in lists}
        unknown = (name for name in item if name not in holders | WRAPPER_FIELDS)
        self.unseen.update(name[: json_stream.FIELD_NAME_LENGTH] for name in unknown)
        return [wrapped for _, items in lists for wrapped in items]

    def _add(self, place: int, item: Any, value: bytes) -> None:
        try:
            self._read(place, parse_repr(item) if isinstance(item, str) else item)
        except Unreadable as error:
            self._refuse(place, error, value)

    def _read(self, place: int, item: Any) -> None:
        self.has_items |= isinstance(item, dict) and "paper" in item
        self.rows.append(read_item(self.raw, place, item))
        self.unseen += count_unknown_fields(item)
        self.notes += [
            f"element {place}: {name} is no URL of the web and was left out"
            for name in list_foreign_urls(item)
        ]

    def _refuse(self, place: int, error: Unreadable, value: bytes) -> None:
        self._reject(Complaint(place, error.reason, error.detail, cut_excerpt(value)))

    def _reject(self, complaint: Complaint) -> None:
        self.refused.append(
            make_rejection(
                self.raw,
                complaint.position,
                complaint.reason,
                detail=complaint.detail,
                excerpt=show_fields(complaint.excerpt, _SHOWN),
            )
        )

    def batch(self, *, is_first: bool) -> Batch:
        """Return what was read so far. Raises `RefusedInput` where the first of it is no item."""
        if is_first and not self.has_items:
            raise RefusedInput(_describe_refusal(self.raw))
        return Batch(
            records=pl.DataFrame(self.rows, schema=Record.dtypes()),
            rejections=tabulate_rejections(self.refused),
            unseen=self.unseen,
            notes=tuple(self.notes),
            unread_bytes=self.unread_bytes,
        )


def _decode_item(value: bytes) -> Any:
    """Decode one element. Raises `Unreadable`."""
    item = json_stream.parse_value(value)
    return parse_repr(item) if isinstance(item, str) else item


def _find_item_lists(
    holder: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Find the lists of items in an object, with the names that lead to them.

    One of a day, one for each of several days, or one deep in the answer of another service.
    """
    for name, value in holder.items():
        if _is_list_of_items(value):
            yield (*path, name), value
        elif isinstance(value, dict) and len(path) < MAX_WRAPPERS:
            yield from _find_item_lists(value, (*path, name))


def _is_list_of_items(value: object) -> bool:
    """Return whether all elements of a list are items, as objects or as their Python reprs."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            "paper" in item if isinstance(item, dict) else str(item).startswith("{'paper'")
            for item in value
        )
    )
