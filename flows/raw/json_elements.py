"""JSON values in an array, or one after another, cut into slices of whole values."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from flows.raw.json_cutter import PIECE_BYTES, SLICE_BYTES, Slice, read_first_piece
from flows.raw.json_element_cutter import ElementCutter
from schemas.vocabulary import Reason

ENDS_EARLY = "the file ends before the last JSON value does"


def cut_elements(
    stream: BinaryIO, *, is_array: bool, slice_bytes: int = SLICE_BYTES
) -> Iterator[Slice]:
    """Cut an array, or objects that follow one another, into slices; positions are ordinals."""
    cutter = ElementCutter(outside=int(is_array), slice_bytes=slice_bytes)
    read_bytes = min(slice_bytes, PIECE_BYTES)
    yield from cut_until_end(
        cutter, read_first_piece(stream, read_bytes), lambda: stream.read(read_bytes)
    )


def cut_until_end(
    cutter: ElementCutter, first: bytes, read_piece: Callable[[], bytes]
) -> Iterator[Slice]:
    """Cut what is in some pieces, of which the last is followed by an empty one."""
    piece = first
    while piece and not cutter.is_closed:
        cutter.feed(piece)
        if cutter.is_full():
            yield cutter.take()
        piece = b"" if cutter.is_closed else read_piece()
    if cutter.is_closed:
        yield cutter.take()
    else:
        yield from _finish(cutter)


def _finish(cutter: ElementCutter) -> Iterator[Slice]:
    """Cut what remains when all of the stream was read, and say whether it breaks off."""
    cutter.is_last = True
    cutter.feed(b"")
    # What follows the cut is read again, and may end in the middle of a value, too.
    while cutter.split_pending():
        cutter.feed(b"")
    cutter.report_loss()
    # A value that was too large and never ended is as lost as one that did.
    is_large = cutter.large is not None
    cutter.large_bytes += (len(cutter.buffer) - cutter.at) * is_large
    cutter.refuse_large()
    yield cutter.take()
    if cutter.depth > 0 or cutter.in_string:
        if cutter.start < 0 and not is_large:
            cutter.position += 1
        cutter.complain(Reason.TRUNCATED, ENDS_EARLY, cutter.buffer)
        yield cutter.take()
