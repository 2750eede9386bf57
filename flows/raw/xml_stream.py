"""XML as a stream of elements: no entity is expanded, nothing is fetched, nothing piles up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from lxml import etree

from flows.raw.json_stream import Unreadable
from flows.raw.raw_file import RefusedInput
from schemas.vocabulary import Reason

PIECE_BYTES = 1 << 15
TAIL_BYTES = 256

NO_TEXT = frozenset({81, 9, 32})
"""libxml2's errors for bytes outside the encoding, for characters outside XML's, and for an
encoding that it does not know."""

READER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""How libxml2 reads here: nothing is expanded or fetched, and depth and text are bounded."""

Event = tuple[Literal["start", "end"], etree._Element]  # noqa: SLF001  # lxml's only name for it


@dataclass
class _WatchedStream:
    """A stream that remembers how it ended."""

    stream: BinaryIO
    tail: bytes = b""
    is_exhausted: bool = False

    def read(self, size: int = PIECE_BYTES) -> bytes:
        # Zero bytes would be taken for the end.
        piece = self.stream.read(max(size, 1))
        self.is_exhausted = not piece
        self.tail = (self.tail + piece)[-TAIL_BYTES:]
        return piece


def read_events(stream: BinaryIO, file: str) -> Iterator[Event]:
    """Yield the start and the end of each element; the caller clears what it has read.

    Depth (256) and text (10 MB) are bounded by libxml2. Raises `RefusedInput` for a document type
    declaration, where entities are made, and `Unreadable` where the XML breaks off or is wrong.
    """
    watched = _WatchedStream(stream)
    walk = etree.iterparse(watched, events=("start", "end"), **READER_OPTIONS)
    root = ""
    try:
        for event, element in walk:
            if not root:
                root = str(element.tag)
                refuse_declarations(element, file)
            yield event, element
    except etree.XMLSyntaxError as error:
        raise _explain_error(error, watched, root) from None


def refuse_declarations(root: etree._Element, file: str) -> None:
    """Raise `RefusedInput` where the document of a root declares its type."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise RefusedInput(
            f"{file}: has a document type declaration, which can make entities. "
            "They are never expanded: remove the declaration."
        )


def _explain_error(error: etree.XMLSyntaxError, watched: _WatchedStream, root: str) -> Unreadable:
    closing = f"</{root.rpartition('}')[2]}>" if root else "</"
    # An error at the end of a file whose root is still open is a cut, and no fault of its XML.
    if watched.is_exhausted and not watched.tail.rstrip().endswith(closing.encode()):
        return Unreadable(Reason.TRUNCATED, f"the file ends before its XML does: {error.msg}")
    reason = name_reason(getattr(error, "code", None))  # lxml's stubs do not know the attribute
    if reason == Reason.ENCODING:
        return Unreadable(reason, f"is not text in its encoding: {error.msg}")
    return Unreadable(reason, f"is not well-formed XML: {error.msg}")


def name_reason(code: int | None) -> Reason:
    """Return the `Reason` for one of libxml2's error codes: bytes that are no text, or no XML."""
    return Reason.ENCODING if code in NO_TEXT else Reason.MALFORMED


def local_name(element: etree._Element) -> str:
    """Name an element without its namespace, and without a prefix that nothing declares.

    >>> local_name(etree.fromstring("<a xmlns='urn:x'/>"))
    'a'
    """
    # lxml's `QName` refuses names with an undeclared prefix, which a lenient parser lets through.
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def collect_text(element: etree._Element | None) -> str | None:
    """Return all text of an element, its markup taken off; None where there is none.

    Formulas (``tex-math``) are set in dollar signs, as arXiv writes them.
    """
    if element is None:
        return None
    is_plain = len(element) == 0 and element.tag != "tex-math"
    content = (element.text or "") if is_plain else "".join(_collect_pieces(element))
    return content if content and not content.isspace() else None


def _collect_pieces(element: etree._Element) -> Iterator[str]:
    mark = "$" if element.tag == "tex-math" else ""
    yield mark + (element.text or "")
    for child in element:
        yield from _collect_pieces(child)
        yield child.tail or ""
    yield mark


def free_element(element: etree._Element) -> None:
    """Free an element that was read, and all before it."""
    # An element that was cleared is still held by its parent, with all before it.
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
