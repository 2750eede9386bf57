"""Block parts: the candidate pairs of records whose features are in files, bucket by bucket.

Each part of the records lists its keys, sorted. A bucket takes a range of keys from all of them:
whole blocks, which are paired without the others. So memory is a bucket at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows import external_sort
from flows.deduplicate.match.blocking import (
    BLOCK_KEYS,
    Blocks,
    hash_bands,
    pack_pairs,
    pair_blocks,
    read_sketches,
    sort_distinct,
)
from flows.deduplicate.match.common_title_words import RAREST_PAIRS
from flows.deduplicate.match.feature_parts import (
    KEYS,
    FeatureParts,
    gather_rows,
)
from flows.deduplicate.match.record_features import KEY_COLUMNS, KINDS, arrange_keys
from flows.deduplicate.match.steps import MapSteps
from flows.parts import map_in_order

BUCKET_KEYS = 1_000_000
"""Keys that are paired at a time, about: those of 50,000 records, some 100 MB with their titles
and sketches."""

NEAR_BITS = 22
"""Bits of a key by which nearly all that are not sought are ruled out: a table of 4 MB."""

NEAR_SHIFT = np.uint64(64 - NEAR_BITS)

HIGHEST = 2**64
"""One more than the highest key."""

Pairs = npt.NDArray[np.uint64]
"""Pairs of rows, each packed into one number, sorted, each once: see `pack_pairs`."""


@dataclass(frozen=True)
class CandidatePairs:
    """The pairs that blocks bring together."""

    pairs: Pairs
    overflows: pl.DataFrame
    """As in `Blocks`."""


@dataclass(frozen=True)
class KeysJob:
    """A part of which the keys are to be listed."""

    features: Path
    rows: Path
    """File of the ``row`` of each record of the part."""
    target: Path


@dataclass(frozen=True)
class Bucket:
    """Keys from ``low`` to before ``high``, whose blocks are to be paired."""

    low: int
    high: int
    target: Path
    """Folder of what comes of it."""


@dataclass(frozen=True)
class BlockFiles:
    """What all buckets read."""

    keys: Sequence[Path]
    """Keys of each part, sorted: ``kind``, ``key``, ``row``."""
    features: Sequence[Path]
    places: Path
    """``part`` and ``place`` of each row."""


def pair_all_blocks(features: FeatureParts, room: Path, map_steps: MapSteps) -> CandidatePairs:
    """Return the pairs of all blocks; keys and pairs go through files in the folder ``room``."""
    folder, jobs = room / "blocks", []
    for number, (file, rows) in enumerate(zip(features.files, features.list_rows(), strict=True)):
        listed = folder / f"rows-{number:05}.arrow"
        external_sort.write_part(pl.DataFrame({"row": rows}), listed)
        jobs.append(KeysJob(file, listed, folder / f"keys-{number:05}.arrow"))
    keys = sum(map_steps(list_block_keys_of_part, jobs, "Parts of which keys are listed"))
    places = external_sort.write_part(
        pl.DataFrame({"part": features.part, "place": features.place}), folder / "places.arrow"
    )
    files = BlockFiles([job.target for job in jobs], list(features.files), places)
    # Keys are hashes: equal ranges of them are equally full.
    borders = np.linspace(0, 1, -(-max(keys, 1) // BUCKET_KEYS) + 1)
    buckets = [
        Bucket(int(low * HIGHEST), int(high * HIGHEST), folder / f"bucket-{number:05}")
        for number, (low, high) in enumerate(pairwise(borders.tolist()))
    ]
    map_steps(pair_block_bucket, buckets, "Buckets of blocks", files=files)
    return _join_buckets(buckets)


def list_block_keys_of_part(job: KeysJob) -> int:
    """List the keys of a part of the records, sorted; return how many they are."""
    rows = external_sort.read_part(job.rows)["row"]
    keys = _read_block_keys(job.features, rows).sort("key")
    external_sort.write_part(keys, job.target)
    return keys.height


def pair_block_bucket(bucket: Bucket, files: BlockFiles) -> int:
    """Pair the blocks of a bucket; return how many pairs they have."""
    columns = [*BLOCK_KEYS.names(), "row"]
    slices = [
        external_sort.map_part(file, columns).pipe(_slice_keys, bucket) for file in files.keys
    ]
    places = external_sort.map_part(files.places, ("part", "place"))

    def gather(rows: npt.NDArray[np.int64]) -> pl.DataFrame:
        return gather_rows(files.features, places[rows], ("title", "sketch"))

    blocks = _pair_members(pl.concat(slices, rechunk=True), gather)
    packed = pl.DataFrame({"pair": pack_pairs(blocks.pairs)})
    for name, frame in (("pairs", packed), ("overflows", blocks.overflows)):
        external_sort.write_part(frame, bucket.target / f"{name}.arrow")
    return packed.height


def _slice_keys(keys: pl.DataFrame, bucket: Bucket) -> pl.DataFrame:
    ends = [min(bucket.low, HIGHEST - 1), min(bucket.high, HIGHEST - 1)]
    key = keys["key"].to_numpy()
    start, end = np.searchsorted(key, np.array(ends, np.uint64), "left").tolist()
    # The last bucket ends with the keys: their highest value has no number above it.
    return keys[start : keys.height if bucket.high >= HIGHEST else end]


def _join_buckets(buckets: Sequence[Bucket]) -> CandidatePairs:
    pairs, overflows = (
        pl.concat(external_sort.read_part(bucket.target / f"{name}.arrow") for bucket in buckets)
        for name in ("pairs", "overflows")
    )
    return CandidatePairs(
        sort_distinct(pairs["pair"].to_numpy().copy()), overflows.sort("kind", "key")
    )


def list_large_blocks(overflows: pl.DataFrame) -> pl.DataFrame:
    """Return blocks over the cap, which are `OVERFLOWS`, as `BLOCK_KEYS`."""
    kind = pl.col("kind").replace_strict(KINDS, range(len(KINDS)), return_dtype=pl.UInt8)
    return overflows.select(kind, "key")


def find_block_keys(features: FeatureParts, rows: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Return the keys of some rows: `BLOCK_KEYS` and ``row``."""
    keys = features.gather(rows, ["sketch", *KEYS.values()])
    return _arrange_block_keys(keys, pl.Series("row", rows, pl.UInt32))


def read_lost_keys(file: Path, lost: pl.DataFrame) -> pl.DataFrame:
    """Return the `BLOCK_KEYS` of the records of a feature part that say one of what is ``lost``."""
    columns = [*lost.columns, "sketch", *KEYS.values()]
    rows = external_sort.map_part(file, columns).join(lost, on=lost.columns, how="semi")
    nowhere = pl.repeat(0, rows.height, dtype=pl.UInt32, eager=True)
    return _arrange_block_keys(rows, nowhere).select(BLOCK_KEYS.names())


def gather_blocks(features: FeatureParts, keys: pl.DataFrame) -> pl.DataFrame:
    """Return all rows of the blocks that have one of some keys: `BLOCK_KEYS` and ``row``."""
    sought = keys.unique()
    # Keys are hashes: a table of their first bits rules out nearly all others, without a join.
    is_near = np.zeros(1 << NEAR_BITS, np.bool_)
    is_near[sought["key"].to_numpy() >> NEAR_SHIFT] = True

    def list_near(part: tuple[Path, npt.NDArray[np.uint32]]) -> pl.DataFrame:
        return _read_near_keys(part[0], part[1], is_near)

    parts = zip(features.files, features.list_rows(), strict=True)
    near = pl.concat(map_in_order(list_near, parts))
    return near.join(sought, on=BLOCK_KEYS.names(), how="semi", maintain_order="left")


def _read_near_keys(
    file: Path, rows: npt.NDArray[np.uint32], is_near: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """Read the keys of a part whose first bits are in a table: `BLOCK_KEYS` and ``row``."""
    frame = external_sort.map_part(file, ["sketch", *KEYS.values()])
    columns = frame.select(KEYS.values())
    # In numpy: a step of polars for each kind of each part would take longer than all else.
    filled = columns.fill_null(0)
    kinds, keys, near = [], [], []
    for name, column in KEYS.items():
        values = filled[column].to_numpy()
        hits = np.flatnonzero(is_near[values >> NEAR_SHIFT])
        # What has no key was filled with 0, which is near to few keys.
        if is_near[0]:
            hits = hits[columns[column].is_not_null().to_numpy()[hits]]
        kind = KINDS.index("rarest" if name in RAREST_PAIRS else name)
        kinds.append(np.full(len(hits), kind, np.uint8))
        keys.append(values[hits])
        near.append(rows[hits])
    bands, is_whole = hash_bands(read_sketches(frame["sketch"]))
    places, band = np.nonzero(is_near[bands >> NEAR_SHIFT] & is_whole)
    kinds.append(np.full(len(places), KINDS.index("abstract"), np.uint8))
    keys.append(bands[places, band])
    near.append(rows[places])
    return pl.DataFrame(
        {"kind": np.concatenate(kinds), "key": np.concatenate(keys), "row": np.concatenate(near)}
    )


def pair_gathered_blocks(features: FeatureParts, blocks: pl.DataFrame) -> CandidatePairs:
    """Return the pairs of some blocks that were gathered whole."""
    paired = _pair_members(blocks, lambda rows: features.gather(rows, ("title", "sketch")))
    return CandidatePairs(pack_pairs(paired.pairs), paired.overflows)


def _read_block_keys(file: Path, rows: pl.Series) -> pl.DataFrame:
    return _arrange_block_keys(external_sort.map_part(file, ["sketch", *KEYS.values()]), rows)


def _arrange_block_keys(features: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Return the keys of some features: `BLOCK_KEYS` and ``row``; ``rows``: the row of each."""
    keys = features.select(pl.col(KEYS[name]).alias(name) for name in KEY_COLUMNS)
    by_kind = arrange_keys(keys, read_sketches(features["sketch"]))
    return pl.concat(
        frame.select(
            pl.lit(KINDS.index(kind), pl.UInt8).alias("kind"),
            "key",
            rows.gather(frame["row"]).alias("row"),
        )
        for kind, frame in by_kind.items()
    )


def _pair_members(
    keys: pl.DataFrame, gather: Callable[[npt.NDArray[np.int64]], pl.DataFrame]
) -> Blocks:
    """Pair whole blocks."""
    by_kind = keys.partition_by("kind", as_dict=True, include_key=False)
    # Most keys are of one record and make no pair: their titles need not be read.
    shared = {
        kind: frame.filter(pl.col("key").is_duplicated()) for (kind,), frame in by_kind.items()
    }
    empty = keys.clear().drop("kind")
    whole = pl.concat([empty, *shared.values()])
    rows = whole["row"].unique().sort().to_numpy().astype(np.int64)
    local = {
        name: frame.with_columns(
            pl.Series("row", np.searchsorted(rows, frame["row"].to_numpy()), pl.UInt32)
        )
        for number, name in enumerate(KINDS)
        for frame in [shared.get(number, empty)]
    }
    members = gather(rows)
    paired = pair_blocks(local, members["title"], read_sketches(members["sketch"]))
    row = pl.Series("row", rows[paired.overflows["row"].to_numpy()], pl.UInt32)
    return Blocks(rows[paired.pairs], paired.overflows.with_columns(row))
