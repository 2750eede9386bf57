"""Wide text: UTF-16 and UTF-32, as programs on Windows export them, made UTF-8 as it is read."""

import codecs
from collections.abc import Iterator
from itertools import chain

from flows.raw.archives.content import Fault, strip_lead
from schemas.vocabulary import Reason

# UTF-32 first: its mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

SAMPLE_BYTES = 64
"""Bytes by which text without a mark is known: tables, XML and JSON begin with Latin letters."""

FEWEST_ZEROS = 0.7
"""Of the bytes that are zero in Latin letters; signs and other letters are among them."""

UNPAIRED = "surrogatepass"
"""How half a character of UTF-16 comes out: as bytes that are no UTF-8, so that its record is
rejected and no other."""


def read_as_text(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Hand on a content as parsers read it: in UTF-8, without what programs write before a text."""
    return strip_lead(decode_wide(pieces))


def decode_wide(pieces: Iterator[bytes]) -> Iterator[bytes]:
    r"""Hand on the pieces of a text, those of a wide one as UTF-8 without its mark.

    Ends with a `Fault` where a wide text breaks off within a character.

    >>> b"".join(decode_wide(iter(["{é}".encode("utf-16")]))).decode()
    '{é}'
    >>> b"".join(decode_wide(iter([b"<\0a\0/\0>\0"]))), b"".join(decode_wide(iter([b"\0\1"])))
    (b'<a/>', b'\x00\x01')
    """
    first, fault = b"", None
    # Decompressors begin with pieces of nothing, and with few bytes of a small frame.
    try:
        while len(first) < SAMPLE_BYTES and (piece := next(pieces, None)) is not None:
            first += piece
    except Fault as error:
        fault = error
    whole = chain([first], _go_on(pieces, fault))
    encoding = find_wide_encoding(first)
    yield from _decode_pieces(whole, encoding) if encoding else whole


def _go_on(pieces: Iterator[bytes], fault: Fault | None) -> Iterator[bytes]:
    """Hand on what follows, or the fault that was met meanwhile."""
    if fault:
        raise fault
    yield from pieces


def find_wide_encoding(first: bytes) -> str | None:
    r"""Name the wide encoding of a text by how it begins; None for any other.

    >>> [find_wide_encoding(text) for text in (b"\xff\xfei\0", b"\0i\0d\0,", b"id")]
    ['utf-16', 'utf-16-be', None]
    """
    if marked := next((name for mark, name in MARKS if first.startswith(mark)), None):
        return marked
    sample = first[: SAMPLE_BYTES & ~1]
    low, high = sample[::2], sample[1::2]
    # Zeros alone are no text: damaged disks are full of them.
    for letters, zeros, name in ((low, high, "utf-16-le"), (high, low, "utf-16-be")):
        is_latin = zeros.count(0) > FEWEST_ZEROS * len(zeros) and not zeros[:1].strip(b"\0")
        if len(zeros) > 1 and is_latin and all(letters):
            return name
    return None


def _decode_pieces(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(UNPAIRED)
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8", UNPAIRED)
    except UnicodeDecodeError as error:
        detail = f"is not text in {encoding.upper()}: {error.reason}. Save it as UTF-8"
        raise Fault(Reason.ENCODING, detail) from None
    if decoder.getstate()[0]:
        detail = f"breaks off within a character of {encoding.upper()}: bring the whole file"
        raise Fault(Reason.TRUNCATED, detail)
