"""Id hashes: at which ids tables are cut, so that what is new moves few of the cuts."""

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


def find_peaks(ids: pl.Series, reach: int) -> NDArray[np.int64]:
    """Find the rows of ids whose hash is the greatest among ``reach`` ids before and after it.

    Peaks are more than ``reach`` rows apart whatever the ids, on average twice as many. One that is
    new or gone moves only those within ``reach`` of it. There is none among the first ``reach``
    rows: few rows are not cut. Of equal hashes the first one counts.

    >>> find_peaks(pl.Series(["a", "b", "c"]), 0).tolist(), find_peaks(pl.Series(["a"]), 1).tolist()
    ([0, 1, 2], [])
    >>> find_peaks(pl.Series([f"arxiv:2603.{n:05}" for n in range(100)]), 10).tolist()
    [32, 55, 70, 81, 96]
    """
    chunks = [_mix(sum_texts(ids.slice(start, CHUNK))) for start in range(0, len(ids), CHUNK)]
    sums: Sums = np.concatenate([np.empty(0, np.uint32), *chunks])
    rows = np.flatnonzero(sums == _find_greatest(sums, reach))
    # Of two that are as near as that neither is greater: they are equal.
    is_first = np.diff(rows, prepend=-reach - 1) > reach
    return rows[is_first & (rows >= reach)]


def _mix(sums: Sums) -> Sums:
    """Mix the bits of sums, as MurmurHash3 does in the end: equal ones stay equal, others differ.

    Sums of texts that follow each other are alike in their first bits, so that one that is new
    would often be greater than all near it.
    """
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        sums = (sums ^ (sums >> np.uint32(shift))) * np.uint32(factor)
    return sums ^ (sums >> np.uint32(16))


def _find_greatest(sums: Sums, reach: int) -> Sums:
    """Find for each row the greatest sum among it and ``reach`` rows before and after it."""
    size = 2 * reach + 1
    # Each window ends one stretch of as many rows and begins the next: what is greatest up to
    # every row of a stretch, from both of its ends, is found once.
    padded = np.pad(sums, (reach, reach + size - (len(sums) + 2 * reach) % size))
    stretches = padded.reshape(-1, size)
    from_start = np.maximum.accumulate(stretches, axis=1).ravel()
    from_end = np.maximum.accumulate(stretches[:, ::-1], axis=1)[:, ::-1].ravel()
    count = len(sums)
    greatest: Sums = np.maximum(from_end[:count], from_start[size - 1 : size - 1 + count])
    return greatest


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
