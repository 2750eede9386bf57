"""XML cut at its records, by their tags alone: a reader can begin at each cut after an error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

PIECE_BYTES = 1 << 18

LARGEST_CHUNK = 1 << 20
"""Bytes after which a chunk ends wherever it is; real records are far shorter."""

BLANK = b"\xef\xbb\xbf \t\r\n\x00"
"""What may precede a document that follows another: white space, byte-order marks, padding."""


@dataclass(frozen=True)
class Chunk:
    """Some bytes of a file. All its chunks, one after the other, are the file."""

    content: bytes
    is_record: bool = False
    """Whether it is a whole record, from its start tag to its end tag."""

    def strip_lead(self) -> "Chunk":
        """Drop what may precede a document: an XML declaration is allowed at the start only."""
        return replace(self, content=self.content.lstrip(BLANK))


def cut_chunks(stream: BinaryIO, records: frozenset[str]) -> Iterator[Chunk]:
    """Cut a stream before each start tag and after each end tag of a record, and after the root.

    The cuts are hints, made without reading XML: a tag inside a comment is cut at, too.
    """
    cut: re.Pattern[bytes] | None = None
    buffer, is_open = b"", False
    while piece := stream.read(PIECE_BYTES):
        # A tag that the last piece broke off begins at its last bracket: all before was searched.
        bracket = buffer.rfind(b"<")
        searched = len(buffer) if bracket < 0 else bracket
        buffer += piece
        cut = cut or _compile_cut(records, find_root(buffer))
        chunks, buffer, is_open = _split_buffer(buffer, cut, searched, is_open=is_open)
        yield from chunks
        if len(buffer) > LARGEST_CHUNK:
            yield Chunk(buffer)
            buffer, is_open = b"", False
    if buffer:
        yield Chunk(buffer)


def find_root(head: bytes) -> str:
    """Return the name in the first tag of a text, as written there; empty where there is none.

    >>> find_root(b'<?xml version="1.0"?><!-- <a> --><oai:OAI-PMH xmlns:oai="x">')
    'oai:OAI-PMH'
    """
    without_comments = re.sub(rb"<!--.*?-->", b"", head, flags=re.DOTALL)
    root = re.search(rb"<([A-Za-z_][\w:.-]{0,100})", without_comments)
    return root[1].decode("ascii", "replace") if root else ""


def _compile_cut(records: frozenset[str], root: str) -> re.Pattern[bytes]:
    # A root with a prefix (`<oai:OAI-PMH>`) has records with that prefix, or with none.
    prefix, colon, _ = root.rpartition(":")
    lead = rf"(?:{re.escape(prefix)}:)?" if colon else ""
    tags = "|".join(map(re.escape, sorted(records)))
    end = rf"/(?:{lead}(?:{tags})|{re.escape(root or '.')})\s*>"
    # A name must end where it ends: `<record` begins `<records>` as well. With its bracket before
    # all that may follow, the pattern is tried at brackets alone.
    start = rf"{lead}(?:{tags})(?=[\s/>])|\?xml\s"
    return re.compile(rf"<(?:(?P<start>{start})|(?P<end>{end}))".encode())


def _split_buffer(
    buffer: bytes, cut: re.Pattern[bytes], searched: int, *, is_open: bool
) -> tuple[list[Chunk], bytes, bool]:
    """Split a buffer at its tags from a place on; return its chunks, and the rest after the last.

    ``is_open`` says whether the buffer begins with a record, and is returned of the rest.
    """
    chunks: list[Chunk] = []
    start = 0
    for tag in cut.finditer(buffer, searched):
        is_start = tag["start"] is not None
        # A start tag belongs to what follows it, an end tag to what precedes it.
        place = tag.start() if is_start else tag.end()
        if place > start:
            chunks.append(Chunk(buffer[start:place], is_record=is_open and not is_start))
        # A declaration begins a document, which is no record.
        start, is_open = place, is_start and not tag["start"].startswith(b"?")
    return chunks, buffer[start:], is_open


TAG = re.compile(rb"<(?P<close>/?)(?P<name>[A-Za-z_][\w:.-]*)(?:[^<>]*?)(?P<empty>/?)>")


def balance_tags(content: bytes, open_names: list[str]) -> bytes:
    """Leave out end tags of what is not open, and add those that are missing before others.

    >>> balance_tags(b"</foo></volume><volume>", ["collection", "volume"])
    b'</volume><volume>'
    >>> balance_tags(b"<meta><title>x</meta>", ["volume"])
    b'<meta><title>x</title></meta>'
    """
    names = [name.encode() for name in open_names]

    def balance_tag(tag: re.Match[bytes]) -> bytes:
        name = tag["name"]
        if not tag["close"]:
            names.extend([] if tag["empty"] else [name])
            return tag[0]
        if name not in names:
            return b""
        missing = b""
        while (top := names.pop()) != name:
            missing += b"</" + top + b">"
        return missing + tag[0]

    return TAG.sub(balance_tag, content)


START_NAME = re.compile(rb"<([A-Za-z_][\w:.-]*)")
END_NAME = re.compile(rb"</([\w:.-]*)(\s*>)?")


def find_glued_record(content: bytes) -> bytes:
    """Return what a second record left in the chunk of a broken one; empty where there is none.

    Where the end tag of a record and the start tag of the next are broken, the two are one chunk.

    >>> find_glued_record(b"<paper><title>x</title></papaper><title>y</title></paper>")
    b'</papaper><title>y</title></paper>'
    >>> find_glued_record(b"<paper><title>x</titel><author>y</author></paper>")
    b''
    """
    names = START_NAME.findall(content)
    begun = set(names)
    for tag in END_NAME.finditer(content):
        # Records of a file begin alike: the first element of this one is met once more.
        if tag[1] not in begun or not tag[2]:
            rest = content[tag.start() :]
            return rest if set(names[1:2]) & set(START_NAME.findall(rest)) else b""
    return b""
