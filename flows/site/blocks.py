"""Blocks: rows as lines of JSON, some to a block, in one file that is read by byte ranges."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import orjson

from flows.site.search_index import pack

CARD_ROWS = 32
"""Papers of a block of cards: some 3 kB as they are sent."""

DETAIL_ROWS = 4
"""Papers of a block of details: some 8 kB as they are sent."""


def write_blocks(rows: Iterable[bytes], path: Path, size: int) -> None:
    """Write rows, each a value of JSON, to ``path``, and where blocks begin to ``path``.index.

    Row ``n`` is line ``n % size`` of block ``n // size``. The index is packed uint32: the bytes
    of each block.
    """
    # Each block is compressed by itself: a browser reads it without those before it.
    with path.open("wb") as file:
        lengths = [file.write(pack(b"\n".join([*block, b""]))) for block in group_rows(rows, size)]
    # Lengths, not offsets: their high bytes are zero, so that the index compresses well.
    packed = pack(np.array(lengths, dtype="<u4").tobytes())
    path.with_name(path.name + ".index").write_bytes(packed)


def group_rows(rows: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """Group rows into lists of ``size``, the last of which may be shorter."""
    block: list[bytes] = []
    for row in rows:
        block.append(row)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def encode_row(row: object) -> bytes:
    """Encode a row as one line of JSON; days are written as in 2026-11-29."""
    return orjson.dumps(row)
