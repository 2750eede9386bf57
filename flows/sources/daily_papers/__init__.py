"""Daily papers: days of Hugging Face's ``/api/daily_papers``, as JSON.

A file is an array of items, items that follow each other, or, in one archived day, an array of
strings that are Python dict reprs. Places are ordinals of the elements.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

import orjson
import polars as pl

from flows.inputs import Batch, RawFile, RefusedInput, rejection
from flows.sources.daily_papers.elements import Element, elements
from flows.sources.daily_papers.fetching import SITE, fetch
from flows.sources.daily_papers.item import Unreadable, foreign_urls, item_row, unseen
from schemas.record import Record
from schemas.release import Rejection
from schemas.vocabulary import License, Reason, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.DAILY_PAPERS
LICENSE = License.CC0
VERSION = "1"

STALE_AFTER: int | None = 4
"""Days: it is read daily, and has no papers on the days of a long weekend."""

BATCH_ELEMENTS = 2_000
"""About 20 MB of items; a day has 4 to 45."""

MAX_NESTING = 50
"""Items nest 6 deep; the bound keeps Python's own parser from its stack's end."""

_OPENING = re.compile(rb"""\s*\[?\s*(?:\{\s*"paper"\s*:\s*\{|"\{'paper'\s*:\s*\{)""")
_ITEM_FIELDS = re.compile(
    rb'"submittedBy"|"submittedOnDailyAt"|"discussionId"|"thumbnail"|"upvotes"'
)
_REPR_STRING = re.compile(
    r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+\"""", re.DOTALL
)
_REPR_PLAIN = re.compile(r"(?:[\s{}\[\],:]|-?\d[\d.]*+|True|False|None)*+")
_PRIVATE = re.compile(r"""["'](?:authors|user|submitted|avatar|upvoters)""")


def recognise(head: bytes) -> bool:
    """Tell whether a file begins like a day of the API, in either of its spellings."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    if _OPENING.match(start):
        return True
    first = start.lstrip()[:2].replace(b" ", b"")
    return first[:1] in (b"[", b"{") and b'"paper":' in head and bool(_ITEM_FIELDS.search(head))


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the items of one file, element by element.

    Raises `RefusedInput` where the first elements hold no item at all.
    """
    found = elements(stream)
    is_first = True
    while some := list(islice(found, BATCH_ELEMENTS)):
        pile = _Pile(raw)
        for element in some:
            pile.add(element)
        if is_first and not pile.has_items:
            raise RefusedInput(_refusal(raw))
        is_first = False
        yield pile.batch()
    if is_first:
        raise RefusedInput(_refusal(raw))


def _refusal(raw: RawFile) -> str:
    return (
        f"{raw.path.name}: no item of the daily-papers API in it (an item is an object with a "
        "`paper`). Save the answer of /api/daily_papers?date=YYYY-MM-DD as it is, or name the "
        "right source with --source."
    )


@dataclass
class _Pile:
    """Rows and rejections of one batch."""

    raw: RawFile
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    has_items: bool = False

    def add(self, element: Element) -> None:
        """Read one element into a row or a rejection."""
        place = element.position
        try:
            item = _item(element)
            self.has_items |= isinstance(item, dict) and "paper" in item
            self.rows.append(item_row(self.raw, place, item))
            self.unseen += unseen(item)
            self.notes += [
                f"element {place}: {name} is no URL of the web and was left out"
                for name in foreign_urls(item)
            ]
        except Unreadable as error:
            self.has_items |= error.reason in (Reason.TRUNCATED, Reason.TOO_LARGE)
            self._refuse(element, place, error)
        else:
            if not element.is_whole:
                self._refuse(Element(place + 1, b""), place + 1, _cut_off())

    def _refuse(self, element: Element, place: int, error: Unreadable) -> None:
        excerpt = _PRIVATE.split(element.text[:1000].decode(errors="replace"), maxsplit=1)[0]
        self.refused.append(
            rejection(self.raw, place, error.reason, detail=error.detail, excerpt=excerpt)
        )

    def batch(self) -> Batch:
        """Give what was read so far."""
        return Batch(
            records=pl.DataFrame(self.rows, schema=Record.dtypes()),
            rejections=pl.DataFrame(self.refused, schema=Rejection.dtypes()),
            unseen=self.unseen,
            notes=tuple(self.notes),
        )


def _cut_off() -> Unreadable:
    return Unreadable(Reason.TRUNCATED, "the file ends before its array does")


def _item(element: Element) -> Any:
    """Decode one element. Raises `Unreadable`."""
    if element.is_too_large:
        raise Unreadable(Reason.TOO_LARGE, "the element is larger than 4 MB")
    try:
        item = orjson.loads(element.text)
    except orjson.JSONDecodeError as error:
        if not element.is_whole:
            raise _cut_off() from None
        raise Unreadable(_fault(element.text), f"the element is no JSON: {error}"[:200]) from None
    return _from_repr(item) if isinstance(item, str) else item


def _fault(text: bytes) -> Reason:
    try:
        text.decode()
    except UnicodeDecodeError:
        return Reason.ENCODING
    return Reason.MALFORMED


def _from_repr(text: str) -> object:
    """Read a Python dict repr. Only literals that JSON has too are let through to the parser."""
    skeleton = _REPR_STRING.sub("", text)
    if not _REPR_PLAIN.fullmatch(skeleton) or _nesting(skeleton) > MAX_NESTING:
        raise Unreadable(Reason.MALFORMED, "the string is no dict of plain values")
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        fault = type(error).__name__
        raise Unreadable(Reason.MALFORMED, f"the string is no Python dict: {fault}") from None


def _nesting(skeleton: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", skeleton):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
