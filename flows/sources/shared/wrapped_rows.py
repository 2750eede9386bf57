"""Rows in objects and lists of JSON: where they are in an answer, and what else is around them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

from flows.raw.archives import ContentStream
from flows.raw.json_cutter import RECORD_BYTES, Complaint, Slice, cut_excerpt, cut_lines
from flows.raw.json_elements import cut_elements
from flows.raw.json_head import read_leading_object
from flows.raw.json_stream import FIELD_NAME_LENGTH, KnownFields, Unreadable, parse_value
from flows.raw.json_wrapped import PieceKind, WrappedPiece, cut_wrapped
from schemas.vocabulary import Reason

MAX_WRAPPERS = 6
"""Objects and lists around the rows of a value that are looked into."""

FIRST_BYTES = 1 << 16
"""64 KiB, in which nearly all first values end: a row is told from an object around rows by it."""

BROKEN_ROW = "is broken or longer than any record, and only the beginning of it can be read"

LOSSES = (Reason.TRUNCATED, Reason.TOO_LARGE)
"""What may be said of a list that holds no rows and yet concerns some."""

WRAPPER_FIELDS = frozenset(
    (
        *("status", "message-type", "message-version", "message", "facets", "total-results"),
        *("items-per-page", "query", "next-cursor", "meta", "group_by", "config", "collections"),
        *(
            "total",
            "offset",
            "next",
            "previous",
            "token",
            "count",
            "success",
            "date",
            "page",
            "limit",
            "error",
        ),
        *("citationItems", "properties", "schema", "authorId", "name", "per_page", "cursor"),
    )
)
"""What services and programs say about all rows, and not of one."""


@dataclass
class Places:
    """The places of records where a value of a file may hold many: no two have one.

    >>> places = Places()
    >>> [places.take(1), places.take(), places.take(2), places.take(7)]
    [1, 2, 3, 7]
    """

    last: int = 0
    _refused: tuple[int, int] = (0, 0)

    def take(self, position: int = 0) -> int:
        """Return the next place: that of the value itself, unless a record before it has it."""
        self.last = max(self.last + 1, position)
        return self.last

    def move(self, complaint: Complaint) -> Complaint:
        """Return a complaint at the next place; several about one value share it."""
        if complaint.position != self._refused[0]:
            self._refused = (complaint.position, self.take(complaint.position))
        return replace(complaint, position=self._refused[1])


@dataclass(frozen=True)
class RowFinder:
    """How the rows of a source are found in what services and programs put around them."""

    known: KnownFields
    """Fields of rows, which are not counted around rows either."""
    is_row: Callable[[Mapping[str, object]], bool] | None = None
    pages: Sequence[str] = ()
    """Names of the field in which a page of the service holds its rows."""

    def find_rows(self, fields: Mapping[str, object]) -> list[object] | None:
        """Return the rows of a page, or of what programs keep around rows; None for a row."""
        return self._find(fields, [])

    def is_wrapper(self, fields: Mapping[str, object]) -> bool:
        """Return whether an object, of which the end may be missing, is one around rows."""
        return self._has_page(fields) or bool(self.find_rows(fields))

    def _has_page(self, fields: Mapping[str, object], depth: int = 0) -> bool:
        if any(isinstance(fields.get(name), list) for name in self.pages):
            return True
        if depth > MAX_WRAPPERS or self.is_row is None or self.is_row(fields):
            return False
        inner = [value for value in fields.values() if isinstance(value, dict)]
        return any(self._has_page(value, depth + 1) for value in inner)

    def list_unknown(self, fields: Mapping[str, object]) -> tuple[str, ...]:
        """List the names of what is around rows, and holds none and is not known."""
        names: list[str] = []
        if self._find(fields, names) is None:
            names += fields
        return self.shorten_names(names)

    def list_around(self, fields: Mapping[str, object]) -> tuple[str, ...]:
        """List such names of an object that holds rows; none of a row, or where no row is."""
        names: list[str] = []
        self._find(fields, names)
        return self.shorten_names(names)

    def shorten_names(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return of some names of what is around rows those that are not known."""
        known = WRAPPER_FIELDS.union(self.known, self.pages)
        return tuple(name[:FIELD_NAME_LENGTH] for name in names if name not in known)

    def holds_rows(self, value: object) -> bool:
        """Return whether a value is a row or holds some."""
        return bool(self._list_wrapped(value, []))

    def _find(self, fields: Mapping[str, object], unknown: list[str]) -> list[object] | None:
        has_page = any(isinstance(fields.get(name), list) for name in self.pages)
        if not has_page and (self.is_row is None or self.is_row(fields)):
            is_keyed = self.is_row is None and _is_keyed(fields, self.known)
            return list(fields.values()) if is_keyed else None
        if not has_page:
            return self._list_wrapped(fields, unknown) or None
        rows: list[object] = []
        for name, value in fields.items():
            inner = self._list_wrapped(value, unknown, 1)
            if name in self.pages and isinstance(value, list):
                inner = inner or cast("list[object]", value)
            rows += inner
            unknown += [] if inner else [name]
        return rows

    def _list_wrapped(self, value: object, unknown: list[str], depth: int = 0) -> list[object]:
        """List the rows in a value, some objects and lists further in; empty where it holds none.

        Of a list, and of objects by their ids, what holds no row is listed as well: it is one with
        a fault. Of other objects with rows, names of what holds none are added to ``unknown``.
        """
        if isinstance(value, dict) and self.is_row and self.is_row(value):
            return [value]
        if depth > MAX_WRAPPERS or not isinstance(value, dict | list):
            return []
        items = list(value.values()) if isinstance(value, dict) else value
        inner = [self._list_wrapped(item, unknown, depth + 1) for item in items]
        if not any(inner):
            return []
        if isinstance(value, list) or _is_keyed(value, self.known):
            inner = [rows or [item] for rows, item in zip(inner, items, strict=True)]
        else:
            unknown += [name for name, rows in zip(value, inner, strict=True) if not rows]
        return [row for rows in inner for row in rows]


def cut_json(stream: BinaryIO, layout: str | None) -> Iterator[Slice]:
    """Cut JSON of any layout into slices of whole values."""
    if layout == "lines":
        return cut_lines(stream)
    return cut_elements(stream, is_array=layout == "array")


def _is_keyed(fields: Mapping[str, object], known: KnownFields) -> bool:
    """Return whether an object holds rows by their ids: ``{id: row, ...}``, none of a field."""
    is_keyed = bool(fields) and not fields.keys() & known.keys()
    return is_keyed and all(isinstance(value, dict) for value in fields.values())


def cut_wrapped_rows(
    stream: BinaryIO, layout: str | None, finder: RowFinder, places: Places
) -> Iterator[Slice]:
    """Cut JSON of any layout into slices of rows, and of objects that hold some.

    ``places`` are those that were taken for all slices before: positions go on behind them.
    """
    content = ContentStream.wrap(stream)
    first = read_leading_object(content.peek(FIRST_BYTES))
    # An object that goes on behind that may have its rows behind it as well.
    if first is not None and not finder.is_wrapper(first):
        first = read_leading_object(content.peek(RECORD_BYTES))
    if first is None or not finder.is_wrapper(first):
        yield from cut_json(content.as_binary(), layout)
        return
    selection = _Selection(finder)
    for piece in cut_wrapped(content.as_binary(), are_lines=layout == "lines"):
        if piece.is_first:
            selection.shift = places.last
        yield from selection.select(piece)


@dataclass
class _Selection:
    """What of the pieces of a text holds rows."""

    finder: RowFinder
    shift: int = 0
    """Places before the piece, or before the list that it belongs to."""
    is_row_list: bool = False
    has_any: bool = field(default=False)
    """Whether the present value gave anything, be it a complaint."""
    broken_rows: dict[int, Complaint] = field(default_factory=dict)
    """Rows that cannot be taken whole, by their objects: what is in them is none of the file's."""
    pages: set[int] = field(default_factory=set)
    """Objects that hold a list of rows by its name, and so are no rows themselves."""

    def select(self, piece: WrappedPiece) -> Iterator[Slice]:
        """Select of a piece what holds rows, or is wrong; name what else it holds."""
        slice_ = piece.slice_
        if piece.kind is PieceKind.END:
            if self.has_any:
                slice_ = Slice(complaints=tuple(self.broken_rows.values()))
            yield self._move(slice_)
            self.has_any, self.broken_rows, self.pages = False, {}, set()
            return
        if piece.kind is PieceKind.PART:
            slice_ = self._select_members(slice_, piece)
        elif piece.kind is PieceKind.LIST:
            slice_ = self._select_elements(slice_, piece)
        if piece.kind is not PieceKind.WHOLE:
            self.has_any |= bool(slice_.content or slice_.complaints)
        yield self._move(slice_)

    def _select_members(self, slice_: Slice, piece: WrappedPiece) -> Slice:
        """Leave members out that hold no row, and name them."""
        if self._pass_over_in_row(piece):
            return Slice()
        if not slice_.content:
            return slice_
        try:
            fields = cast("dict[str, object]", parse_value(slice_.content))
        except Unreadable:
            return slice_
        if self.finder.find_rows(fields):
            return slice_
        is_page = piece.objects[-1] in self.pages
        if not is_page and self.finder.is_row and self.finder.is_row(fields):
            place = len(self.broken_rows) + 1
            complaint = Complaint(place, Reason.MALFORMED, BROKEN_ROW, cut_excerpt(slice_.content))
            self.broken_rows[piece.objects[-1]] = complaint
            self._pass_over_in_row(piece)
            return Slice()
        complaints = tuple(replace(each, position=1) for each in slice_.complaints)
        return Slice(complaints=complaints, unseen=self.finder.list_unknown(fields))

    def _select_elements(self, slice_: Slice, piece: WrappedPiece) -> Slice:
        """Leave the elements of a list out that holds no rows, and name it."""
        if piece.name in self.finder.pages:
            self.pages.add(piece.objects[-1])
            self.broken_rows.pop(piece.objects[-1], None)
        if self._pass_over_in_row(piece):
            return Slice()
        if piece.is_first:
            self.is_row_list = piece.name in self.finder.pages
        self.is_row_list = self.is_row_list or any(map(self._holds_rows, slice_.values()))
        if self.is_row_list:
            return slice_
        # What holds no rows is no loss, unless it hides where the text goes on.
        # Nobody knows whether it is about people: nothing of it is shown.
        lost = tuple(
            replace(each, excerpt="") for each in slice_.complaints if each.reason in LOSSES
        )
        unseen = self.finder.shorten_names([piece.name] * piece.is_first)
        return Slice(complaints=lost, unread_bytes=slice_.unread_bytes, unseen=unseen)

    def _pass_over_in_row(self, piece: WrappedPiece) -> bool:
        """Return whether a piece is in a broken row, about which it may say that the text ends."""
        row = next((place for place in piece.objects if place in self.broken_rows), None)
        if row is None:
            return False
        for each in piece.slice_.complaints:
            if each.reason is Reason.TRUNCATED:
                broken = self.broken_rows[row]
                self.broken_rows[row] = replace(broken, reason=each.reason, detail=each.detail)
        return True

    def _holds_rows(self, placed: tuple[int, bytes]) -> bool:
        try:
            return self.finder.holds_rows(parse_value(placed[1]))
        except Unreadable:
            return False

    def _move(self, slice_: Slice) -> Slice:
        """Return a slice whose positions go on behind those before it."""
        if not self.shift:
            return slice_
        return replace(
            slice_,
            positions=[self.shift + position for position in slice_.positions],
            complaints=tuple(
                replace(complaint, position=self.shift + complaint.position)
                for complaint in slice_.complaints
            ),
        )
