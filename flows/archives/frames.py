"""Frames: gzip, xz and zstd, decoded piece by piece."""

import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

import zstandard

from flows.archives.content import PIECE_BYTES, Budget, Fault
from schemas.vocabulary import Reason

INPUT_BYTES = 1 << 12
"""Compressed bytes fed at a time to the one decompressor that cannot bound its output (zstd).
A zstd block of 4 bytes gives 128 KiB at most, so that one feed gives 128 MiB at most."""

MEMORY_BYTES = 1 << 27
"""Memory a decompressor may ask for: the window of ``zstd`` and the dictionary of ``xz`` at their
highest ordinary settings (``zstd -19``, ``xz -9``) stay below 128 MiB."""


class _Decoder(Protocol):
    """One compressed frame being read."""

    feed: int
    errors: tuple[type[Exception], ...]

    @property
    def eof(self) -> bool: ...

    @property
    def rest(self) -> bytes: ...

    def decode(self, packed: bytes) -> Iterator[bytes]: ...


class _Gzip:
    feed = PIECE_BYTES
    errors: tuple[type[Exception], ...] = (zlib.error,)
    wbits = 31

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(self.wbits)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data

    def decode(self, packed: bytes) -> Iterator[bytes]:
        while packed and not self.eof:
            yield self._decoder.decompress(packed, PIECE_BYTES)
            packed = self._decoder.unconsumed_tail


class Deflate(_Gzip):
    """The bare deflated data of a zip member."""

    wbits = -15


class _Xz:
    feed = PIECE_BYTES
    errors: tuple[type[Exception], ...] = (lzma.LZMAError, MemoryError)

    def __init__(self) -> None:
        self._decoder = lzma.LZMADecompressor(memlimit=MEMORY_BYTES)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data

    def decode(self, packed: bytes) -> Iterator[bytes]:
        yield self._decoder.decompress(packed, PIECE_BYTES)
        while not self.eof and not self._decoder.needs_input:
            yield self._decoder.decompress(b"", PIECE_BYTES)


class _Zstd:
    feed = INPUT_BYTES
    errors: tuple[type[Exception], ...] = (zstandard.ZstdError, MemoryError)

    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=MEMORY_BYTES).decompressobj()

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data

    def decode(self, packed: bytes) -> Iterator[bytes]:
        yield self._decoder.decompress(packed)


def _frames(file: BinaryIO, decoder_of: type[_Decoder], budget: Budget) -> Iterator[bytes]:
    """Decode frame after frame until the file ends: packed files may be glued together."""
    packed = file.read(decoder_of.feed)
    budget.packed += len(packed)
    while packed:
        decoder = decoder_of()
        while not decoder.eof:
            if not packed:
                raise Fault(Reason.TRUNCATED, "the compressed file ends before its content does")
            try:
                for piece in decoder.decode(packed):
                    yield budget.spend(piece)
            except decoder.errors as error:
                raise Fault(Reason.MALFORMED, f"the compressed data is damaged: {error}") from None
            packed = decoder.rest if decoder.eof else b""
            if not packed:
                packed = file.read(decoder.feed)
                budget.packed += len(packed)
        packed = packed.lstrip(b"\0")  # tape drives and `xz` itself pad with zeros


def gzip_pieces(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode gzip. Raises `Fault` where it ends early, is damaged or outgrows its bounds."""
    return _frames(file, _Gzip, budget)


def xz_pieces(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode xz. Raises `Fault` likewise."""
    return _frames(file, _Xz, budget)


def zstd_pieces(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode zstd. Raises `Fault` likewise."""
    return _frames(file, _Zstd, budget)
