"""Id hashes: at which ids tables are cut, so that where a part ends follows from an id alone."""

from zlib import crc32

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

CHUNK = 65_536
"""Ids that are hashed at a time: their bytes stay in the cache of the processor."""

FEWEST = 32
"""Ids of one length from which they are hashed together; fewer are hashed one by one."""

LONGEST = 64
"""Bytes of the longest ids that are hashed together."""

Sums = NDArray[np.uint32]


def find_borders(ids: pl.Series, every: int) -> NDArray[np.int64]:
    """Find the rows of ids, texts without nulls, of which a hash is a multiple of ``every``.

    >>> find_borders(pl.Series(["a", "b", "c"]), 1).tolist()
    [0, 1, 2]
    >>> [n for n in range(50) if find_borders(pl.Series([f"arxiv:2603.{n:05}"]), 10).size]
    [9, 17, 36, 37, 43, 48]
    """
    rows = [
        start + np.flatnonzero(sum_texts(ids.slice(start, CHUNK)) % every == 0)
        for start in range(0, len(ids), CHUNK)
    ]
    return np.concatenate([np.empty(0, np.int64), *rows])


def sum_texts(texts: pl.Series) -> Sums:
    """Return the CRC-32 of the UTF-8 bytes of each text, as `zlib.crc32` does.

    >>> sum_texts(pl.Series(["", "arxiv:2603.00001"])).tolist() == [0, crc32(b"arxiv:2603.00001")]
    True
    """
    array = texts.rechunk().to_arrow().cast(pa.large_binary())
    _, ends, content = array.buffers()
    edges = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(content or b"", np.uint8)
    starts, lengths = edges[:-1], np.diff(edges)
    sums: Sums = np.empty(len(array), np.uint32)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        if len(rows) < FEWEST or length > LONGEST:
            sums[rows] = [crc32(data[starts[row] : edges[row + 1]].tobytes()) for row in rows]
        elif len(rows) == len(array):
            # Mostly all ids of a chunk are equally long: then nothing has to be gathered.
            sums = _sum_equally_long(data[edges[0] : edges[-1]].reshape(-1, length))
        else:
            sums[rows] = _sum_equally_long(data[starts[rows, None] + np.arange(length)])
    return sums


def _sum_equally_long(texts: NDArray[np.uint8]) -> Sums:
    """Sum texts of one length, each a row of bytes."""
    length = texts.shape[1]
    # Of texts of one length the sum is that of so many zeros, and of what each byte adds by itself
    # (the code is linear): no step has to wait for the one before, as byte by byte it would.
    sums: Sums = np.full(len(texts), crc32(bytes(length)), np.uint32)
    for place, values in enumerate(np.ascontiguousarray(texts.T)):
        sums ^= TABLES[length - 1 - place].take(values)
    return sums


def _make_tables() -> list[Sums]:
    """Make a table for each number of bytes that follow: what each value of a byte adds then."""
    zero = crc32(b"\0")
    tables: list[Sums] = [
        np.array([crc32(bytes([value])) ^ zero for value in range(256)], np.uint32)
    ]
    while len(tables) < LONGEST:
        last = tables[-1]
        tables.append((last >> np.uint32(8)) ^ tables[0][last & np.uint32(0xFF)])
    return tables


TABLES = _make_tables()
