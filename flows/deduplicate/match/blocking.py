"""Blocking: the pairs of records worth comparing, never all pairs.

A block is a set of records that share a key; the pairs inside blocks are the candidates. Keys are
the identifiers, the title, its beginning, its rarest words and its end, the surnames, the beginning
of the abstract, and bands of a MinHash signature of the abstract (one permutation, after Li, Owen
and Zhang, "One permutation hashing", NIPS 2012). Blocks of surnames, of ends of titles and of bands
grow with the square of a collection: one group writes many papers, many are about "convolutional
neural networks", and among millions of strangers some meet. Of their pairs only those are
candidates whose signatures agree in more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.common_words import COMMON_WORDS
from flows.deduplicate.match.word_sets import CODE_BITS, WordSets
from flows.text.words import code_words, mix_bits

BIN_BITS = 5
"""32 bins: the fifty uncommon words of a usual abstract leave a fifth of them empty."""

ROWS_PER_BAND = 4
"""Four equal minima: of 85,372 abstracts two strangers met in one of three million pairs, so that
their number stays small beside that of the copies up to some millions of records."""

LOWEST_BITS, HIGHEST_BITS = np.uint64(0x0001000100010001), np.uint64(0x8000800080008000)
"""Those of the four minima of a band, which are one machine word."""

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


BARE_ONLY = (1 << BIN_BITS) + 1
"""More equal minima than there are: such a kind of key is for records without abstracts alone."""

ALIKE = {
    "authors": 3,
    "ending": 3,
    "abstract": ROWS_PER_BAND + 2,
    "beginning": BARE_ONLY,
    "rarest": BARE_ONLY,
}
"""Equal minima from which a pair is a candidate that only this kind of key brings together. Of a
million grown records 99.9 % of the copies have as many, 5 % of strangers by the same authors and
an eighth of those who share a band by accident."""

PAIRS_AT_ONCE = 200_000
"""Pairs whose signatures are compared in one go: 50 MB."""

KEYS = pl.Schema({"row": pl.UInt32, "key": pl.UInt64})
"""Which record is in which block."""

BLOCK_KEYS = pl.Schema({"kind": pl.UInt8, "key": pl.UInt64})
"""A block: the place of its kind among `KINDS` of `record_features`, and its key."""

OVERFLOWS = pl.Schema({"kind": pl.String, "key": pl.UInt64, "size": pl.Int64, "row": pl.UInt32})
"""Blocks over the cap: see `Blocks`."""


@dataclass(frozen=True)
class Blocks:
    """The pairs to compare, and the blocks that were too large to compare in full."""

    pairs: npt.NDArray[np.int64]
    """Rows of two records, the smaller first, sorted, each pair once."""
    overflows: pl.DataFrame
    """One row per block over the cap: ``kind`` of key, the ``key``, its ``size``, ``row`` of the
    first record in the order of titles."""


def sketch_abstracts(abstracts: WordSets) -> npt.NDArray[np.uint16]:
    """Return the MinHash signature of each abstract: one row per abstract, one column per bin.

    A value is the end of the bin's smallest code; 0 where the bin is empty, and everywhere for an
    abstract of too few words to say something.
    """
    minima = _find_minima(_drop_common_words(abstracts))
    # The end of a code is as good as all of it: which bin it is in says its beginning. 0 means
    # empty, so that the code 0 counts as 1.
    ends = np.maximum((minima - 1).astype(np.uint16), 1)
    says_enough = abstracts.sizes() >= FEWEST_WORDS
    return np.where((minima > 0) & says_enough[:, None], ends, np.uint16(0))


def read_sketches(column: pl.Series) -> npt.NDArray[np.uint16]:
    """Take MinHash signatures out of a column of arrays."""
    return column.rechunk().to_numpy().reshape(len(column), 1 << BIN_BITS)


def list_band_keys(sketches: npt.NDArray[np.uint16]) -> pl.DataFrame:
    """Return the keys of MinHash sketches: ``row``, ``key``. None for a band with an empty bin."""
    keys, is_whole = hash_bands(sketches)
    band, row = np.nonzero(is_whole.T)
    return pl.DataFrame({"row": row.astype(np.uint32), "key": keys[row, band]}, schema=KEYS)


def hash_bands(
    sketches: npt.NDArray[np.uint16],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Return the key of each band of each sketch, and whether none of the band's bins is empty."""
    # Four 16-bit minima are one machine word; the number of the band goes in, so that equal words
    # of two bands are two keys.
    words = np.ascontiguousarray(sketches).view(np.uint64)
    # To take 1 from each minimum borrows from its highest bit first where it is 0.
    has_empty = (words - LOWEST_BITS) & ~words & HIGHEST_BITS
    return mix_bits(mix_bits(words) ^ np.arange(1, BANDS + 1, dtype=np.uint64)), has_empty == 0


def _drop_common_words(abstracts: WordSets) -> WordSets:
    """Leave out the common words."""
    table = np.zeros(1 << TABLE_BITS, np.bool_)
    _, common = code_words(pl.Series([COMMON_WORDS]).str.replace_all("\n", " "))
    table[common >> np.uint64(64 - TABLE_BITS)] = True
    # The codes stay sorted and only some fall out: a running count says where each set now begins.
    keep = ~table[abstracts.values >> (CODE_BITS - TABLE_BITS)]
    counts = np.concatenate([[0], np.cumsum(keep, dtype=np.int64)])
    return WordSets(counts[abstracts.starts], abstracts.values[keep])


def _find_minima(abstracts: WordSets) -> npt.NDArray[np.uint32]:
    """Return the smallest code of each bin (plus one; 0 means that the bin is empty).

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


def hash_key(text: pl.Expr) -> pl.Expr:
    """Return the key of a text: its hash in 64 bits; null and the empty string have none.

    Two texts that share a key, as among three million one pair in four million runs does, are
    compared and found to differ.
    """
    return pl.when(text != "").then(text.hash())


def list_keyed_rows(keys: pl.Series) -> pl.DataFrame:
    """Return ``row``, ``key`` of the rows that have a key."""
    rows = pl.DataFrame({"row": np.arange(len(keys), dtype=np.uint32), "key": keys})
    return rows.drop_nulls("key")


def pair_blocks(
    blocks: Mapping[str, pl.DataFrame], titles: pl.Series, sketches: npt.NDArray[np.uint16]
) -> Blocks:
    """Return the pairs that share a key of one of the kinds, and are `ALIKE` where that asks it.

    ``titles`` and ``sketches`` are those of the rows. In the order of its titles a block over the
    cap meets its neighbours, so that it does not depend on who came first.
    """
    paired = {kind: _pair_within_blocks(kind, keys, titles) for kind, keys in blocks.items()}
    alike = [
        _keep_alike_pairs(pairs, sketches, ALIKE.get(kind, 0))
        for kind, (pairs, _) in paired.items()
    ]
    codes = sort_distinct(np.concatenate([np.zeros(0, np.uint64), *alike]))
    overflows = pl.concat([overflow for _, overflow in paired.values()])
    return Blocks(unpack_pairs(codes), overflows)


def list_distinct_overflows(overflows: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """List blocks over the cap once where they have the same records, by the first of ``kinds``.

    Columns are those of `OVERFLOWS`.
    """
    ordered = overflows.sort(pl.col("kind").cast(pl.Enum(kinds)), maintain_order=True)
    return ordered.unique(["size", "row"], keep="first", maintain_order=True)


def pack_pairs(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Pack pairs of rows into one number each; sorted, each once."""
    ordered = np.sort(pairs, axis=1).astype(np.uint64)
    return sort_distinct(ordered[:, 0] << np.uint64(32) | ordered[:, 1])


def sort_distinct(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Sort codes in place and give each once: ``np.unique`` hashes them, which takes ten times."""
    codes.sort()
    is_first = np.ones(len(codes), np.bool_)
    is_first[1:] = codes[1:] != codes[:-1]
    return codes[is_first]


def are_among(
    codes: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """Tell which codes are among others that are sorted.

    >>> are_among(np.array([3, 9], np.uint64), np.array([1, 3], np.uint64)).tolist()
    [True, False]
    """
    if not len(others):
        return np.zeros(len(codes), np.bool_)
    place = np.minimum(np.searchsorted(others, codes), len(others) - 1)
    return np.asarray(others[place] == codes, np.bool_)


def unpack_pairs(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return pairs of rows, the smaller first, from one number each."""
    return np.stack([codes >> np.uint64(32), codes & np.uint64(2**32 - 1)], axis=1).astype(np.int64)


def _keep_alike_pairs(
    codes: npt.NDArray[np.uint64], sketches: npt.NDArray[np.uint16], fewest: int
) -> npt.NDArray[np.uint64]:
    """Keep the pairs with enough equal minima, and those of an abstract that says too little."""
    if not fewest:
        return codes
    alike = [codes[:0]]
    for start in range(0, len(codes), PAIRS_AT_ONCE):
        some = codes[start : start + PAIRS_AT_ONCE]
        left, right = sketches[unpack_pairs(some).T]
        equal = ((left == right) & (left > 0)).sum(axis=1)
        alike.append(some[(equal >= fewest) | ~left.any(axis=1) | ~right.any(axis=1)])
    return np.concatenate(alike)


def _pair_within_blocks(
    kind: str, keys: pl.DataFrame, titles: pl.Series
) -> tuple[npt.NDArray[np.uint64], pl.DataFrame]:
    # Most keys are of one record and make no pair: they go before anything is sorted.
    ids = keys.filter(pl.col("key").is_duplicated()).sort("key", "row")
    block, row = ids["key"].to_numpy(), ids["row"].to_numpy().astype(np.uint64)
    starts = np.flatnonzero(np.diff(block, prepend=~block[:1]))
    sizes = np.diff(np.append(starts, len(block)))
    size = np.repeat(sizes, sizes)
    is_large = size > BLOCK_CAP
    row[is_large] = _order_by_title(ids.filter(pl.Series(is_large)), titles)
    pairs = []
    # Sorted by block, the members of a block are neighbours: two rows at a distance are a pair
    # where they are of one block. So all blocks are paired at once, distance by distance.
    for distance in range(1, min(BLOCK_CAP, int(size.max(initial=1)))):
        near = (block[distance:] == block[:-distance]) & (
            ~is_large[distance:] | (distance <= NEIGHBOURS)
        )
        left, right = row[:-distance][near], row[distance:][near]
        pairs.append(np.minimum(left, right) << np.uint64(32) | np.maximum(left, right))
    over = starts[sizes > BLOCK_CAP]
    overflow = pl.DataFrame(
        {"kind": [kind] * len(over), "key": block[over], "size": size[over], "row": row[over]},
        schema=OVERFLOWS,
    )
    return sort_distinct(np.concatenate([np.zeros(0, np.uint64), *pairs])), overflow


def _order_by_title(ids: pl.DataFrame, titles: pl.Series) -> npt.NDArray[np.uint64]:
    """Order the rows of each key by their titles, equal ones as they come."""
    titled = ids.with_columns(titles.gather(ids["row"]).alias("title"))
    return titled.sort("key", "title", "row")["row"].to_numpy().astype(np.uint64)
