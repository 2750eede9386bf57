"""Encodings that XML declares: those that libxml2 does not know are decoded here, or named."""

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from lxml import etree

from flows.raw.archives import ContentStream
from flows.raw.raw_file import RefusedInput

DECLARED = re.compile(
    rb"\A(?:\xef\xbb\xbf|\s)*+<\?xml\s[^<>]{0,200}?(encoding\s*=\s*[\"']([^<>\"'\s]{1,60})[\"'])"
)
"""The beginning of a document that names its encoding, in letters of ASCII."""

HEAD_BYTES = 1 << 10
"""Bytes in which a document declares its encoding; blanks may precede it."""

PIECE_BYTES = 1 << 18

KEEPING = "surrogateescape"
"""How Python decodes bytes that are no text so that they can come out again."""

REMEDY = "Save it as UTF-8."

PRINTABLE = bytes(range(0x20, 0x7F))

WIDE = ("utf-16", "utf-32")
"""Encodings whose letters have several bytes: a declaration that can be read is in none."""


def decode_declared(stream: BinaryIO, file: str) -> BinaryIO:
    """Return a stream of XML in an encoding that libxml2 knows, from one of XML in any.

    What is declared as ASCII is read as UTF-8, which it is. Bytes that the encoding does not have
    stay as they are, and are an error where they are read. Raises `RefusedInput` for an encoding
    that Python does not know either.
    """
    content = ContentStream.wrap(stream)
    declared = DECLARED.match(content.peek(HEAD_BYTES))
    if declared is None:
        return content.as_binary()
    name = declared[2].decode("ascii", "backslashreplace")
    encoding = _name_codec(name)
    is_utf8 = encoding in {"ascii", "utf-8-sig"} or encoding.startswith(WIDE)
    if not is_utf8 and _is_known_to_libxml2(name):
        return content.as_binary()
    if not is_utf8 and not _holds_ascii(encoding):
        raise RefusedInput(f"{file}: is XML in the encoding {name!r}, unknown here. {REMEDY}")
    head = content.read(declared.end())
    # Blanks in its place: a document without a declared encoding is UTF-8.
    lead = head[: declared.start(1)] + b" " * len(declared[1])
    pieces = _decode_pieces(content, "utf-8" if is_utf8 else encoding, file)
    return ContentStream(chain([lead], pieces)).as_binary()


def _decode_pieces(content: ContentStream, encoding: str, file: str) -> Iterator[bytes]:
    # Bytes that are no text come out as they went in, and no reader takes them for any.
    decoder, piece = codecs.getincrementaldecoder(encoding)(KEEPING), b"-"
    try:
        while piece:
            piece = content.read(PIECE_BYTES)
            yield decoder.decode(piece, final=not piece).encode("utf-8", KEEPING)
    # Some encodings have mistakes in letters of ASCII, which cannot come out so.
    except UnicodeError:
        raise RefusedInput(f"{file}: is not text in its encoding, {encoding!r}. {REMEDY}") from None


def _name_codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def _is_known_to_libxml2(name: str) -> bool:
    try:
        etree.XMLParser(encoding=name)
    except LookupError:
        return False
    return True


def _holds_ascii(encoding: str) -> bool:
    """Return whether an encoding of Python writes ASCII as itself, as that of the declaration is.

    >>> _holds_ascii("mac-roman"), _holds_ascii("cp500"), _holds_ascii("hex"), _holds_ascii("")
    (True, False, False, False)
    """
    try:
        # What is no encoding of text, like `hex`, is refused by this alone.
        PRINTABLE.decode(encoding)
        decoder = codecs.getincrementaldecoder(encoding)(KEEPING)
        return decoder.decode(PRINTABLE, final=True) == PRINTABLE.decode("ascii")
    except (LookupError, ValueError):
        return False
