"""Archives: the content of a file as bounded streams, whatever it is packed in.

The packing is recognised by its first bytes, never by the file's name. Nothing is ever written
to disk: the name of an archive member is data, and a path in it leads nowhere.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from flows.raw.archives.content import (
    BOUNDS,
    PIECE_BYTES,
    Bounds,
    Budget,
    ContentStream,
    Fault,
    Member,
)
from flows.raw.archives.frames import read_gzip, read_xz, read_zstd
from flows.raw.archives.wide_text import read_as_text
from flows.raw.archives.zips import EMPTY_ZIP, MAX_MEMBERS, ZIP, read_zip_members

__all__ = [
    "BOUNDS",
    "MAX_MEMBERS",
    "Bounds",
    "ContentStream",
    "Fault",
    "Member",
    "name_packing",
    "open_members",
]

GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
SKIPPED = tuple(bytes([number]) + b"\x2a\x4d\x18" for number in range(0x50, 0x60))
"""Frames of zstd that hold no content; `pzstd` writes one before each of the others."""
ZSTD = (b"\x28\xb5\x2f\xfd", *SKIPPED)
UNREAD_PACKINGS = {
    b"BZh": "a bzip2 file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x04\x22\x4d\x18": "an LZ4 file",
    b"\x1f\x9d": "a file of `compress`",
    b"]\x00\x00": "an LZMA file",
}
"""Packings that are recognised in order to say so, and not read."""


def open_members(
    path: Path, bounds: Bounds = BOUNDS, *, only: int | None = None
) -> Iterator[Member]:
    """Open the texts of a file in order: one, or as many as a zip archive has members.

    A member must be read before the next is asked for. ``only``: the index of the one that is
    wanted; others may come before it where an archive has no directory. Raises `OSError` when the
    file cannot be opened; whatever is wrong with its content is its stream's `ContentStream.fault`.
    """
    budget = Budget(bounds)
    with path.open("rb") as file:
        magic = file.read(8)
        file.seek(0)
        if magic.startswith((ZIP, EMPTY_ZIP)):
            yield from read_zip_members(file, budget, only)
        else:
            yield Member(None, None, ContentStream(read_as_text(_unpack(file, magic, budget))))


def _unpack(file: BinaryIO, magic: bytes, budget: Budget) -> Iterator[bytes]:
    # Names lie: a browser unpacks `.gz` on its way, and people rename files.
    if magic.startswith(GZIP):
        return read_gzip(file, budget)
    if magic.startswith(XZ):
        return read_xz(file, budget)
    if magic.startswith(ZSTD):
        return read_zstd(file, budget)
    return iter(lambda: file.read(PIECE_BYTES), b"")


def name_packing(head: bytes) -> str | None:
    """Name the packing that a content begins with, if it is one; None for a plain text."""
    if head.startswith((GZIP, XZ, *ZSTD, ZIP, EMPTY_ZIP)):
        return "an archive inside an archive"
    if _is_tar(head):
        return "a tar archive"
    return next((name for magic, name in UNREAD_PACKINGS.items() if head.startswith(magic)), None)


def _is_tar(head: bytes) -> bool:
    """Return whether a content begins with the header of a tar: its magic, or its checksum.

    The oldest have no magic. The checksum is the sum of the header's bytes, its own being blanks.
    """
    header, written = head[:TAR_HEADER_BYTES], head[148:156]
    if header[257:262] == b"ustar" or not OCTAL.fullmatch(written):
        return header[257:262] == b"ustar"
    digits = written.strip(b" \0")
    return len(header) == TAR_HEADER_BYTES and int(digits, 8) == sum(header) - sum(written) + 8 * 32


TAR_HEADER_BYTES = 512

OCTAL = re.compile(rb" *[0-7]{3,7}[ \0]+")
"""A number as tar writes it."""
