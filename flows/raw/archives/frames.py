"""Frames: gzip, xz and zstd, decoded piece by piece."""

import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat, takewhile
from typing import Any, BinaryIO, Protocol

from backports import zstd
from isal import igzip_lib, isal_zlib

from flows.raw.archives.content import PIECE_BYTES, Budget, Fault
from flows.raw.archives.packed_reader import PackedReader
from schemas.vocabulary import Reason

MEMORY_LOG = 27

MEMORY_BYTES = 1 << MEMORY_LOG
"""Memory a decompressor may ask for: the window of ``zstd`` and the dictionary of ``xz`` at their
highest ordinary settings (``zstd -19``, ``xz -9``) stay below 128 MiB."""

EMPTY_FRAMES = 10_000
"""Frames of a file that may hold less than a byte each: a frame takes some time, however small."""

GZIP_WRAPPER = 16 + 15
"""zlib's window bits of 2**15 bytes, and 16 for gzip's header before them."""


class _Decoder(Protocol):
    """One compressed frame being read, as isal, lzma and zstd have it."""

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


def inflate_pieces(decoder: Any, packed: bytes) -> Iterator[bytes]:
    """Yield what a decoder with zlib's calls makes of some bytes, in pieces of bounded size."""
    while not decoder.eof:
        piece = decoder.decompress(packed, PIECE_BYTES)
        packed = decoder.unconsumed_tail
        # isal may have taken all input and still hold output: only silence means that it is done.
        if not piece and not packed:
            return
        yield piece


def decode_in_pieces(decoder: Any, packed: bytes) -> Iterator[bytes]:
    """Yield what a decoder with lzma's calls makes of some bytes, in pieces of bounded size."""
    yield decoder.decompress(packed, PIECE_BYTES)
    while not decoder.eof and not decoder.needs_input:
        # Without new input the decoder gives what it still holds.
        yield decoder.decompress(b"", PIECE_BYTES)


_GZIP = _Packing(
    lambda: isal_zlib.decompressobj(GZIP_WRAPPER),
    inflate_pieces,
    (igzip_lib.IsalError,),  # type: ignore[arg-type]  # its stub takes the class for an instance
)
_XZ = _Packing(
    lambda: lzma.LZMADecompressor(memlimit=MEMORY_BYTES),
    decode_in_pieces,
    (lzma.LZMAError, MemoryError),
)
_ZSTD = _Packing(
    lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: MEMORY_LOG}),
    decode_in_pieces,
    (zstd.ZstdError, MemoryError),
)


def _decode_frames(file: BinaryIO, packing: _Packing, budget: Budget) -> Iterator[bytes]:
    """Decode frame after frame until the file ends: packed files may be glued together."""
    source, frames = PackedReader(file, budget), 0
    while not source.is_at_end():
        frames += 1
        if frames > max(EMPTY_FRAMES, budget.unpacked):
            raise Fault(Reason.TOO_LARGE, f"the first {frames:,} frames of it hold hardly anything")
        # Each frame has a decoder of its own: `cat a.gz b.gz` is one file of two frames.
        decoder: _Decoder = packing.decoder()
        start, unpacked = source.place, budget.unpacked
        for packed in source.take_growing():
            try:
                for piece in packing.decode(decoder, packed):
                    yield budget.spend(piece)
            except packing.errors as error:
                damaged = range(start, source.place - len(packed))
                for piece in _decode_again(file, packing, damaged, budget.unpacked - unpacked):
                    yield budget.spend(piece)
                raise Fault(Reason.MALFORMED, explain_damage(error)) from None
            if decoder.eof:
                break
        else:
            raise Fault(Reason.TRUNCATED, "the compressed file ends before its content does")
        # What follows the end of a frame is the beginning of the next.
        source.put_back(len(decoder.unused_data))
        source.skip_zeros()


def _decode_again(
    file: BinaryIO, packing: _Packing, whole: range, unpacked: int
) -> Iterator[bytes]:
    """Decode a damaged frame up to the damage, and yield what follows its first bytes.

    A call that fails loses what it had decoded, up to the 256 KiB before a checksum that is wrong.
    ``whole``: the places in the file, from the beginning of the frame, that are decoded without
    fault; ``unpacked``: the bytes that were handed over.
    """
    file.seek(whole.start)
    sizes = chain((min(PIECE_BYTES, whole.stop - at) for at in whole[::PIECE_BYTES]), repeat(1))
    decoder = packing.decoder()
    # Behind what is whole byte by byte, so that the call that fails has nothing to lose.
    for packed in takewhile(bool, map(file.read, sizes)):
        try:
            for piece in packing.decode(decoder, packed):
                yield piece[unpacked:]
                unpacked = max(unpacked - len(piece), 0)
        except packing.errors:
            return


def explain_damage(error: Exception) -> str:
    """Say what a decoder found wrong: all that it gave may be right where it is the checksum.

    >>> explain_damage(ValueError("Error -6 Incorrect checksum found"))
    'the checksum of the compressed data is wrong: some of it may have been damaged'
    """
    if "checksum" in str(error):
        return "the checksum of the compressed data is wrong: some of it may have been damaged"
    return f"the compressed data is damaged: {error}"


def read_gzip(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode gzip. Raises `Fault` where it ends early, is damaged or outgrows its bounds."""
    return _decode_frames(file, _GZIP, budget)


def read_xz(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode xz. Raises `Fault` likewise."""
    return _decode_frames(file, _XZ, budget)


def read_zstd(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Decode zstd. Raises `Fault` likewise."""
    return _decode_frames(file, _ZSTD, budget)
