"""Candidates: the pairs of records worth comparing, never all pairs.

A block is a set of records that share a key; the pairs inside blocks are the candidates. Keys are
the identifiers, the title, the surnames, the beginning of the abstract, and bands of a MinHash
signature of the abstract (one permutation, after Li, Owen and Zhang, "One permutation hashing",
NIPS 2012).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.matching.common_words import COMMON_WORDS
from flows.matching.sets import CODE_BITS, THREADS, Sets
from flows.matching.words import codes, mixed

BIN_BITS = 5
"""32 bins: the fifty uncommon words of a usual abstract leave a fifth of them empty."""

ROWS_PER_BAND = 4
"""Four equal minima: of 85,372 abstracts two strangers met in one of three million pairs, so that
their number stays small beside that of the copies up to some millions of records."""

BANDS = 8
"""Bands of different bins. Copies with three quarters of their uncommon words in common meet in
one of them in 95 of 100 cases by calculation (no bin empty); others are met by their title,
authors or opening."""

TABLE_BITS = 20
"""Common words are looked up by the first 20 bits of their codes: one word in three thousand is
taken for a common one by accident, the same word always."""

BLOCK_CAP = 50
"""Records of one block that are compared with each other. Real blocks (one title, one list of
authors) hold two or three; beyond 50 a key is boilerplate, such as "Erratum" or a common name."""

NEIGHBOURS = 3
"""In a larger block each record meets the next three in the order of the titles."""

FEWEST_WORDS = 20
"""Distinct words from which an abstract says something of its own: "This paper has been withdrawn
by the authors due to an error in Lemma 2" must not chain strangers together."""


ROWS_AT_ONCE = 20_000
"""Abstracts whose bands are made in one go."""

KEYS = pl.Schema({"row": pl.UInt32, "key": pl.UInt64})
"""Which record is in which block."""


@dataclass(frozen=True)
class Candidates:
    """The pairs to compare, and the blocks that were too large to compare in full."""

    pairs: npt.NDArray[np.int64]
    """Rows of two records, the smaller first, sorted, each pair once."""
    overflows: pl.DataFrame
    """One row per block over the cap: ``kind`` of key, its ``size``, ``row`` of one record."""


def bands(abstracts: Sets) -> pl.DataFrame:
    """Give the MinHash keys of the abstracts: ``row``, ``key``, for abstracts with enough words."""
    starts = range(0, len(abstracts), ROWS_AT_ONCE)
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(lambda start: _bands(abstracts, start), starts))
    return pl.concat([KEYS.to_frame(), *parts])


def _bands(abstracts: Sets, start: int) -> pl.DataFrame:
    """Give the keys of some abstracts, from the row ``start``."""
    some = abstracts.slice(start, min(start + ROWS_AT_ONCE, len(abstracts)))
    rows = np.flatnonzero(some.sizes() >= FEWEST_WORDS)
    minima = _minima(_uncommon(some))[rows]
    parts = [KEYS.to_frame()]
    for band in range(BANDS):
        columns = minima[:, band * ROWS_PER_BAND : (band + 1) * ROWS_PER_BAND].astype(np.uint64)
        filled = (columns > 0).all(axis=1)
        key = np.full(filled.sum(), np.uint64(band + 1), np.uint64)
        for column in columns[filled].T:
            key = mixed(key ^ column)
        row = (rows[filled] + start).astype(np.uint32)
        parts.append(pl.DataFrame({"row": row, "key": key}))
    return pl.concat(parts)


def _uncommon(abstracts: Sets) -> Sets:
    """Leave out the common words."""
    table = np.zeros(1 << TABLE_BITS, np.bool_)
    _, common = codes(pl.Series([COMMON_WORDS]).str.replace_all("\n", " "))
    table[common >> np.uint64(64 - TABLE_BITS)] = True
    keep = ~table[abstracts.values >> (CODE_BITS - TABLE_BITS)]
    before = np.concatenate([[0], np.cumsum(keep, dtype=np.int64)])
    return Sets(before[abstracts.starts], abstracts.values[keep])


def _minima(abstracts: Sets) -> npt.NDArray[np.uint32]:
    """Give the smallest code of each bin (plus one; 0 means that the bin is empty).

    The codes of a set are sorted and their first bits are the bin, so that each bin's smallest
    is where the bin begins.
    """
    bins = abstracts.values >> (CODE_BITS - BIN_BITS)
    owners = np.repeat(np.arange(len(abstracts), dtype=np.int64), abstracts.sizes())
    place = owners << BIN_BITS | bins
    first = np.flatnonzero(np.diff(place, prepend=-1))
    minima = np.zeros(len(abstracts) << BIN_BITS, np.uint32)
    minima[place[first]] = abstracts.values[first].astype(np.uint32) + 1
    return minima.reshape(len(abstracts), 1 << BIN_BITS)


def keyed(column: pl.Series) -> pl.DataFrame:
    """Give ``row``, ``key`` for a column of keys; null and the empty string are no key.

    A key is the hash of the text in 64 bits: two texts that share one, as among three million one
    pair in four million runs does, are compared and found to differ.
    """
    rows = pl.DataFrame({"row": np.arange(len(column), dtype=np.uint32), "key": column})
    return rows.filter(pl.col("key").is_not_null() & (pl.col("key") != "")).with_columns(
        pl.col("key").hash()
    )


def candidates(blocks: dict[str, pl.DataFrame], order: npt.NDArray[np.int64]) -> Candidates:
    """Give the pairs that share a key of one of the kinds.

    ``order`` is each row's place in the order of the titles: the order in which members of a
    block over the cap meet their neighbours, so that it does not hang on who came first.
    """
    found = [_pairs(kind, keys, order) for kind, keys in blocks.items()]
    codes = np.unique(np.concatenate([np.zeros(0, np.uint64), *(pairs for pairs, _ in found)]))
    pairs = np.stack([codes >> np.uint64(32), codes & np.uint64(2**32 - 1)], axis=1)
    return Candidates(pairs.astype(np.int64), pl.concat([overflow for _, overflow in found]))


def _pairs(
    kind: str, keys: pl.DataFrame, order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], pl.DataFrame]:
    ids = keys.filter(pl.col("key").is_duplicated())
    ids = ids.with_columns(
        pl.col("key").rank("dense").cast(pl.UInt32),
        pl.Series("order", order[ids["row"].to_numpy()]),
    ).sort("key", "order")
    block, row = ids["key"].to_numpy(), ids["row"].to_numpy().astype(np.uint64)
    starts = np.flatnonzero(np.diff(block, prepend=0))
    sizes = np.diff(np.append(starts, len(block)))
    size = np.repeat(sizes, sizes)
    found = []
    for distance in range(1, min(BLOCK_CAP, int(size.max(initial=1)))):
        near = (block[distance:] == block[:-distance]) & (
            (size[distance:] <= BLOCK_CAP) | (distance <= NEIGHBOURS)
        )
        left, right = row[:-distance][near], row[distance:][near]
        found.append(np.minimum(left, right) << np.uint64(32) | np.maximum(left, right))
    over = starts[sizes > BLOCK_CAP]
    overflow = pl.DataFrame(
        {"kind": [kind] * len(over), "size": size[over], "row": row[over]},
        schema={"kind": pl.String, "size": pl.Int64, "row": pl.UInt32},
    )
    return np.concatenate([np.zeros(0, np.uint64), *found]), overflow
