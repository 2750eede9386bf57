"""Zip archives: their members in order, with their directory or, if it was cut off, without."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from flows.raw.archives.content import PIECE_BYTES, Budget, ContentStream, Fault, Member
from flows.raw.archives.frames import inflate_pieces
from schemas.vocabulary import Reason

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"


def read_zip_members(file: BinaryIO, budget: Budget) -> Iterator[Member]:
    """Read the members of a zip archive that are no folders, in the order of its directory."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        yield from _read_members_without_directory(file, budget)
        return
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for index, entry in enumerate(entries, start=1):
            pieces = _read_entry(archive, entry, budget)
            yield Member(entry.filename, index, ContentStream(pieces))


def _read_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget
) -> Iterator[bytes]:
    if entry.flag_bits & 1:
        raise Fault(Reason.MALFORMED, "the archive member is encrypted: decrypt it first")
    budget.packed += entry.compress_size
    try:
        with archive.open(entry) as content:
            while piece := content.read(PIECE_BYTES):
                yield budget.spend(piece)
    except EOFError:
        raise Fault(Reason.TRUNCATED, "the archive member ends before its content does") from None
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
        raise Fault(Reason.MALFORMED, f"the archive member is damaged: {error}") from None
    except (NotImplementedError, RuntimeError) as error:
        raise Fault(Reason.MALFORMED, f"the archive member cannot be unpacked: {error}") from None


LOCAL_HEADER_BYTES = 30
"""Fixed part of a member's own header in a zip archive (APPNOTE 4.3.7)."""

DESCRIPTOR_BYTES = 24
"""Sizes and checksum that may follow a member instead of preceding it (APPNOTE 4.3.9)."""


def _read_members_without_directory(file: BinaryIO, budget: Budget) -> Iterator[Member]:
    """Read a zip archive without its directory, which stands at the end: a download cut short.

    Only deflated members can be told from what follows; they are what archives are made of.
    """
    file.seek(0)
    index = 0
    source = _ForwardReader(file)
    while True:
        index += 1
        header = source.take(LOCAL_HEADER_BYTES)
        if header[:4] != ZIP or len(header) < LOCAL_HEADER_BYTES:
            if index == 1:
                yield Member(
                    None, 1, ContentStream(_raise_truncated("the zip archive is cut in its header"))
                )
            return
        name_bytes = int.from_bytes(header[26:28], "little")
        name = source.take(name_bytes).decode("utf-8", "replace")
        source.take(int.from_bytes(header[28:30], "little"))
        stream = ContentStream(_read_member_without_directory(source, header, budget))
        yield Member(name, index, stream)
        while stream.read(PIECE_BYTES):
            pass
        if stream.fault is not None:
            return


def _raise_truncated(detail: str) -> Iterator[bytes]:
    raise Fault(Reason.TRUNCATED, detail)
    yield b""


@dataclass
class _ForwardReader:
    """A file read forward, with the bytes that were read too far put back."""

    file: BinaryIO
    rest: bytes = b""

    def take(self, size: int) -> bytes:
        while len(self.rest) < size:
            piece = self.file.read(size - len(self.rest))
            if not piece:
                break
            self.rest += piece
        piece_, self.rest = self.rest[:size], self.rest[size:]
        return piece_


def _read_member_without_directory(
    source: _ForwardReader, header: bytes, budget: Budget
) -> Iterator[bytes]:
    flags, method = (int.from_bytes(header[at : at + 2], "little") for at in (6, 8))
    if flags & 1 or method != zipfile.ZIP_DEFLATED:
        raise Fault(Reason.TRUNCATED, "the zip archive lacks its directory, at its end")
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    while not decoder.eof:
        packed = source.take(PIECE_BYTES)
        budget.packed += len(packed)
        if not packed:
            raise Fault(Reason.TRUNCATED, "the zip archive ends before its content does")
        try:
            for piece in inflate_pieces(decoder, packed):
                yield budget.spend(piece)
        except zlib.error as error:
            raise Fault(Reason.MALFORMED, f"the archive member is damaged: {error}") from None
    source.rest = decoder.unused_data + source.rest
    following = source.take(DESCRIPTOR_BYTES + len(ZIP))
    start = following.find(ZIP)
    if start < 0:
        raise Fault(Reason.TRUNCATED, "the zip archive lacks its directory, at its end")
    source.rest = following[start:] + source.rest
