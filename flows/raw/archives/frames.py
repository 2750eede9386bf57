"""Frames: gzip, xz and zstd, decoded piece by piece."""

import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import zstandard

from flows.raw.archives.content import PIECE_BYTES, Budget, Fault
from schemas.vocabulary import Reason

INPUT_BYTES = 1 << 12
"""Compressed bytes fed at a time to the one decompressor that cannot bound its output (zstd).
A zstd block of 4 bytes gives 128 KiB at most, so that one feed gives 128 MiB at most."""

MEMORY_BYTES = 1 << 27
"""Memory a decompressor may ask for: the window of ``zstd`` and the dictionary of ``xz`` at their
highest ordinary settings (``zstd -19``, ``xz -9``) stay below 128 MiB."""


class _Decoder(Protocol):
    """One compressed frame being read, as zlib, lzma and zstandard have it."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


@dataclass(frozen=True)
class _Packing:
    """How frames of a kind are read."""

    decoder: Callable[[], Any]
    decode: Callable[[Any, bytes], Iterator[bytes]]
    errors: tuple[type[Exception], ...]
    feed: int = PIECE_BYTES


def inflate_pieces(decoder: Any, packed: bytes) -> Iterator[bytes]:
    """Yield what zlib makes of some bytes, in pieces of bounded size."""
    while packed and not decoder.eof:
        yield decoder.decompress(packed, PIECE_BYTES)
        packed = decoder.unconsumed_tail


def _decode_xz(decoder: lzma.LZMADecompressor, packed: bytes) -> Iterator[bytes]:
    yield decoder.decompress(packed, PIECE_BYTES)
    while not decoder.eof and not decoder.needs_input:
        yield decoder.decompress(b"", PIECE_BYTES)


def _decode_zstd(decoder: Any, packed: bytes) -> Iterator[bytes]:
    yield decoder.decompress(packed)


_GZIP = _Packing(lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), inflate_pieces, (zlib.error,))
_XZ = _Packing(
    lambda: lzma.LZMADecompressor(memlimit=MEMORY_BYTES), _decode_xz, (lzma.LZMAError, MemoryError)
)
_ZSTD = _Packing(
    lambda: zstandard.ZstdDecompressor(max_window_size=MEMORY_BYTES).decompressobj(),
    _decode_zstd,
    (zstandard.ZstdError, MemoryError),
    INPUT_BYTES,
)


def _decode_frames(file: BinaryIO, packing: _Packing, budget: Budget) -> Iterator[bytes]:
    """Decode frame after frame until the file ends: packed files may be glued together."""
    packed = file.read(packing.feed)
    budget.packed += len(packed)
    while packed:
        decoder: _Decoder = packing.decoder()
        while not decoder.eof:
            if not packed:
                raise Fault(Reason.TRUNCATED, "the compressed file ends before its content does")
            try:
                for piece in packing.decode(decoder, packed):
                    yield budget.spend(piece)
            except packing.errors as error:
                raise Fault(Reason.MALFORMED, f"the compressed data is damaged: {error}") from None
            packed = decoder.unused_data if decoder.eof else b""
            if not packed:
                packed = file.read(packing.feed)
                budget.packed += len(packed)
        packed = packed.lstrip(b"\0")  # tape drives and `xz` itself pad with zeros


def read_gzip(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode gzip. Raises `Fault` where it ends early, is damaged or outgrows its bounds."""
    return _decode_frames(file, _GZIP, budget)


def read_xz(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode xz. Raises `Fault` likewise."""
    return _decode_frames(file, _XZ, budget)


def read_zstd(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode zstd. Raises `Fault` likewise."""
    return _decode_frames(file, _ZSTD, budget)
