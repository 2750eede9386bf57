"""Blocks that are paired bucket by bucket give the pairs of blocks that are paired at once."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.deduplicate.match import block_parts, blocking
from flows.deduplicate.match.block_parts import (
    HIGHEST,
    Bucket,
    find_block_keys,
    gather_blocks,
    pair_all_blocks,
    pair_gathered_blocks,
    read_lost_keys,
)
from flows.deduplicate.match.blocking import BLOCK_KEYS, pack_pairs
from flows.deduplicate.match.feature_parts import FINGERPRINTS, FeatureParts
from flows.deduplicate.match.record_features import block_records, describe_records
from flows.deduplicate.match.steps import map_on_threads
from tests.matched_records import describe_parts
from tests.records import OTHER_ABSTRACT, record, records

ROWS = records(
    *(record(number, abstract=None, authors=["Ada Byron"]) for number in range(1, 7)),
    record(7, "daily_papers", title="Another title", arxiv_id="2312.00752"),
    record(8, title="A third title", arxiv_id="2312.00752", abstract=OTHER_ABSTRACT),
    record(9, title="Met by nobody", abstract=None, authors=[]),
).sort("record_id")


@pytest.fixture
def features(tmp_path: Path) -> FeatureParts:
    """Return the features of records that lie in parts of four."""
    return describe_parts([*ROWS.iter_slices(4)], tmp_path / "described")


@pytest.mark.parametrize("keys", [4, 1_000_000])
@pytest.mark.parametrize("cap", [2, 50])
def test_neither_parts_nor_buckets_show_in_the_pairs(
    features: FeatureParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: int, cap: int
) -> None:
    monkeypatch.setattr(block_parts, "BUCKET_KEYS", keys)
    monkeypatch.setattr(blocking, "BLOCK_CAP", cap)
    paired, whole = pair_all_blocks(features, tmp_path, map_on_threads), records_at_once()
    assert np.array_equal(paired.pairs, pack_pairs(whole.pairs))
    assert len(paired.pairs) > 2
    assert_frame_equal(paired.overflows, whole.overflows, check_row_order=False)
    # Six records share a title: their block is over the small cap, and named.
    assert paired.overflows.is_empty() == (cap == 50)


def records_at_once() -> blocking.Blocks:
    return block_records(describe_records(ROWS))


def test_records_without_a_common_key_make_no_pair(tmp_path: Path) -> None:
    features = describe_parts([ROWS.filter(pl.col("title") == "Met by nobody")], tmp_path / "one")
    paired = pair_all_blocks(features, tmp_path, map_on_threads)
    assert (len(paired.pairs), paired.overflows.height) == (0, 0)


def test_buckets_take_every_key_once_and_the_last_takes_the_highest() -> None:
    keys = pl.DataFrame({"key": pl.Series([0, 2**63 - 1, 2**63, HIGHEST - 1], dtype=pl.UInt64)})
    borders = [0, 2**62, 2**63, HIGHEST]
    slices = [
        block_parts._slice_keys(keys, Bucket(low, high, Path()))["key"].to_list()  # noqa: SLF001  # its borders are odd
        for low, high in pairwise(borders)
    ]
    assert slices == [[0], [2**63 - 1], [2**63, HIGHEST - 1]]


def test_gathered_blocks_are_whole_and_pair_as_all_blocks_do(
    features: FeatureParts, tmp_path: Path
) -> None:
    every = find_block_keys(features, np.arange(ROWS.height))
    some = every.filter(pl.col("row") == 0).select(BLOCK_KEYS.names())
    gathered = gather_blocks(features, pl.concat([some, some]))
    expected = every.join(some, on=BLOCK_KEYS.names(), how="semi")
    assert gathered["row"].n_unique() > 1
    assert_frame_equal(gathered, expected, check_row_order=False, check_column_order=False)
    pairs = pair_gathered_blocks(features, gather_blocks(features, every)).pairs
    assert np.array_equal(pairs, pair_all_blocks(features, tmp_path, map_on_threads).pairs)


def test_no_key_gathers_no_block(features: FeatureParts) -> None:
    none = pl.DataFrame(schema=BLOCK_KEYS)
    gathered = gather_blocks(features, none)
    assert gathered.is_empty()
    assert len(pair_gathered_blocks(features, gathered).pairs) == 0


def test_keys_of_lost_records_are_those_they_had(features: FeatureParts) -> None:
    (row,) = ROWS.with_row_index().filter(pl.col("title") == "A third title")["index"]
    lost = features.marks[[row]].select(FINGERPRINTS)
    keys = pl.concat(read_lost_keys(file, lost) for file in features.files)
    expected = find_block_keys(features, np.array([row])).select(BLOCK_KEYS.names())
    assert_frame_equal(keys, expected, check_row_order=False)
