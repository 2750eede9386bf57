"""Zip archives: their members in order, with their directory or, if it was cut off, without."""

import bz2
import lzma
import os
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import BinaryIO, cast

from flows.hashing import is_settled
from flows.raw.archives.content import (
    PIECE_BYTES,
    Budget,
    ContentStream,
    Fault,
    Member,
)
from flows.raw.archives.frames import MEMORY_BYTES, decode_in_pieces, inflate_pieces
from flows.raw.archives.packed_reader import PackedReader
from flows.raw.archives.wide_text import read_as_text
from flows.raw.archives.zip_names import NamedAsWritten
from schemas.vocabulary import Reason

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"


MAX_MEMBERS = 10_000
"""Members of an archive: each is parsed by a task of its own."""

Directory = Sequence[tuple[zipfile.ZipInfo, int]]
"""The members of an archive that are no folders, each with the place before which it has to end."""

Identity = tuple[int, int, int, int]
"""Device, inode, size and time of modification of an archive."""

_DIRECTORIES: dict[Identity, Directory] = {}
"""Of the archive that was opened last: each of its members is parsed by itself, and would read the
directory of all again."""

_STARTS: dict[Identity, dict[int, int]] = {}
"""Where the members of an archive without a directory begin, by their index from 1 on, as far as
they were looked for: each would be found by unpacking all before it."""

MAX_STARTS = 8
"""Archives whose places are remembered: more than there are threads that read them."""


def read_zip_members(file: BinaryIO, budget: Budget, only: int | None = None) -> Iterator[Member]:
    """Read the members of a zip archive that are no folders, in the order of its directory.

    ``only``: the index of the one member that is to be read; the others are passed over.
    """
    try:
        directory = _read_directory(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        yield from _read_members_without_directory(file, budget, only)
        return
    first = 0 if only is None else only - 1
    last = len(directory) if only is None else only
    for index, (entry, end) in enumerate(directory[first:last], start=first + 1):
        pieces = _check_sum(_read_entry(file, entry, end, budget), entry)
        yield Member(entry.filename, index, ContentStream(read_as_text(pieces)))


def _read_directory(file: BinaryIO) -> Directory:
    identity = _identify(file)
    if (known := _DIRECTORIES.get(identity)) is not None:
        return known
    with zipfile.ZipFile(cast("BinaryIO", NamedAsWritten(file))) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    ends = _find_ends(entries)
    # Each place is read once: the second member that claims it reads nothing.
    directory = [(entry, ends.pop(entry.header_offset, 0)) for entry in entries]
    if len(directory) <= MAX_MEMBERS and _is_lasting(identity):
        _DIRECTORIES.clear()
        _DIRECTORIES[identity] = directory
    return directory


def _identify(file: BinaryIO) -> Identity:
    state = os.fstat(file.fileno())
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def _is_lasting(identity: Identity) -> bool:
    # A file that was written just now may change once more, unseen.
    return is_settled(identity[-1], time.time_ns())


def _find_ends(entries: Sequence[zipfile.ZipInfo]) -> dict[int, int]:
    """Find where each member has to end, by where it begins: where the next one begins.

    A directory may name the same bytes many times, so that a megabyte unpacks to terabytes although
    each member, by itself, stays below its bound.
    """
    starts = sorted({entry.header_offset for entry in entries})
    return dict(pairwise([*starts, sys.maxsize]))


def _check_sum(pieces: Iterator[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Hand pieces on, and compare their checksum with that of the directory at their end."""
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if checksum != entry.CRC:
        raise Fault(Reason.MALFORMED, "the archive member is damaged: its checksum is another")


def _read_entry(
    file: BinaryIO, entry: zipfile.ZipInfo, end: int, budget: Budget
) -> Iterator[bytes]:
    """Unpack one member, which has to end before a place, piece by piece.

    The standard library's reader unpacks bzip2 and LZMA in one piece, however large: 732 bytes
    become a gigabyte. What comes out of each call is bounded here, and only bytes that were really
    read count for how much may come out: a header may claim any size.
    """
    if entry.flag_bits & 1:
        raise Fault(Reason.MALFORMED, "the archive member is encrypted: decrypt it first")
    packed = _read_packed(file, entry, end, budget)
    unpack = _UNPACKERS.get(entry.compress_type)
    if unpack is None:
        raise Fault(
            Reason.MALFORMED,
            f"the archive member is packed by method {entry.compress_type} of the zip format: "
            "unpack it, and pack it again as zip does by default",
        )
    try:
        for piece in unpack(packed):
            yield budget.spend(piece)
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, MemoryError) as error:
        raise Fault(Reason.MALFORMED, f"the archive member is damaged: {error}") from None


def _read_packed(
    file: BinaryIO, entry: zipfile.ZipInfo, end: int, budget: Budget
) -> Iterator[bytes]:
    """Read the packed bytes of a member: as many as the directory says, or as there are."""
    file.seek(entry.header_offset)
    header = file.read(LOCAL_HEADER_BYTES)
    if header[:4] != ZIP or len(header) < LOCAL_HEADER_BYTES:
        raise Fault(Reason.MALFORMED, "the archive member is damaged: it has no header")
    # The header's own lengths: its extra field may differ from that of the directory.
    names = sum(int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    place, left = entry.header_offset + LOCAL_HEADER_BYTES + names, entry.compress_size
    if place + left > end:
        raise Fault(Reason.MALFORMED, "the archive member has bytes in common with another one")
    while left > 0:
        # Members are read in turn, yet the file may have been used since the last piece.
        file.seek(place)
        piece = file.read(min(left, PIECE_BYTES))
        if not piece:
            raise Fault(Reason.TRUNCATED, "the archive member ends before its content does")
        budget.packed += len(piece)
        place, left = place + len(piece), left - len(piece)
        yield piece


def _unpack_deflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    # Bare deflate: zip has a header and a checksum of its own.
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in packed:
        yield from inflate_pieces(decoder, piece)
    _require_end(is_end=decoder.eof)


def _unpack_bzip2(packed: Iterator[bytes]) -> Iterator[bytes]:
    decoder = bz2.BZ2Decompressor()
    for piece in packed:
        # bz2 raises for input behind the end of its stream.
        if not decoder.eof:
            yield from decode_in_pieces(decoder, piece)
    _require_end(is_end=decoder.eof)


def _unpack_lzma(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack LZMA: before it stand its version and its five bytes of properties (APPNOTE 5.8.8)."""
    first = next(packed, b"")
    length = int.from_bytes(first[2:4], "little")
    if len(first) < LZMA_HEADER_BYTES or length != LZMA_HEADER_BYTES - 4:
        raise Fault(Reason.MALFORMED, "the archive member is damaged: its LZMA has no properties")
    code, size = first[4], int.from_bytes(first[5:9], "little")
    if size > MEMORY_BYTES:
        raise Fault(Reason.TOO_LARGE, f"unpacking the archive member takes {size:,} bytes")
    properties = {"lc": code % 9, "lp": code // 9 % 5, "pb": code // 45, "dict_size": size}
    decoder = lzma.LZMADecompressor(
        lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **properties}]
    )
    # No end is required: bare LZMA may lack its mark, and the checksum tells damage.
    for piece in chain([first[LZMA_HEADER_BYTES:]], packed):
        if not decoder.eof and piece:
            yield from decode_in_pieces(decoder, piece)


def _require_end(*, is_end: bool) -> None:
    if not is_end:
        raise Fault(Reason.TRUNCATED, "the archive member ends before its content does")


_UNPACKERS: Mapping[int, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    zipfile.ZIP_STORED: iter,
    zipfile.ZIP_DEFLATED: _unpack_deflated,
    zipfile.ZIP_BZIP2: _unpack_bzip2,
    zipfile.ZIP_LZMA: _unpack_lzma,
}

LZMA_HEADER_BYTES = 9
"""Two bytes of version, two of the length of what follows, five of properties."""

LOCAL_HEADER_BYTES = 30
"""Fixed part of a member's own header in a zip archive (APPNOTE 4.3.7)."""

DESCRIPTOR_BYTES = 24
"""Sizes and checksum that may follow a member instead of preceding it (APPNOTE 4.3.9)."""


def _read_members_without_directory(
    file: BinaryIO, budget: Budget, only: int | None = None
) -> Iterator[Member]:
    """Read a zip archive without its directory, which is at the end: a download cut short.

    Only deflated members can be told from what follows; they are what archives are made of. With
    ``only``, the member that is wanted may have some before it that were not looked for yet.
    """
    starts = _recall_starts(file)
    # The last known place at or before the member that is wanted; all know that of the first.
    index = min(only or 1, len(starts))
    file.seek(starts[index])
    source = PackedReader(file, budget)
    while True:
        header = source.take(LOCAL_HEADER_BYTES)
        if header[:4] != ZIP or len(header) < LOCAL_HEADER_BYTES:
            if index == 1:
                fault = Fault(Reason.TRUNCATED, "the zip archive is cut in its header")
                yield Member(None, 1, ContentStream(_raise_fault(fault)))
            return
        name_bytes = int.from_bytes(header[26:28], "little")
        name = source.take(name_bytes).decode("utf-8", "replace")
        source.take(int.from_bytes(header[28:30], "little"))
        stream = ContentStream(read_as_text(_read_member_without_directory(source, header, budget)))
        yield Member(name, index, stream)
        if index == only:
            return
        # The next member begins where this one ends, read by the parser or not.
        while stream.read(PIECE_BYTES):
            pass
        if stream.fault is not None:
            return
        index += 1
        # Another thread may write the same at the same time.
        starts[index] = source.place


def _recall_starts(file: BinaryIO) -> dict[int, int]:
    """Return where members begin, to be continued by whoever goes beyond the last of them."""
    identity = _identify(file)
    if not _is_lasting(identity):
        return {1: 0}
    if identity not in _STARTS and len(_STARTS) >= MAX_STARTS:
        _STARTS.clear()
    return _STARTS.setdefault(identity, {1: 0})


def _raise_fault(fault: Fault) -> Iterator[bytes]:
    raise fault
    # Makes this a generator, which raises when it is read and not when it is made.
    yield b""


def _read_member_without_directory(
    source: PackedReader, header: bytes, budget: Budget
) -> Iterator[bytes]:
    flags, method = (int.from_bytes(header[at : at + 2], "little") for at in (6, 8))
    # Only deflated content says where it ends; stored content needs the directory.
    if flags & 1 or method != zipfile.ZIP_DEFLATED:
        raise Fault(Reason.TRUNCATED, "the zip archive lacks its directory, at its end")
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in source.take_growing():
        try:
            for piece in inflate_pieces(decoder, packed):
                yield budget.spend(piece)
        except zlib.error as error:
            raise Fault(Reason.MALFORMED, f"the archive member is damaged: {error}") from None
        if decoder.eof:
            break
    else:
        raise Fault(Reason.TRUNCATED, "the zip archive ends before its content does")
    source.put_back(len(decoder.unused_data))
    # The sizes may follow the content, with or without a signature of their own.
    following = source.take(DESCRIPTOR_BYTES + len(ZIP))
    start = following.find(ZIP)
    if start < 0:
        raise Fault(Reason.TRUNCATED, "the zip archive lacks its directory, at its end")
    source.put_back(len(following) - start)
