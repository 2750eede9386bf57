"""Large configs are cut into shards by size, and their number changes only when it must."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from datasets import load_dataset

from flows.publish import shards, write_release
from flows.release import layout
from schemas.paper import Paper
from tests.builders import (
    frame,
    manifest,
    not_loaded_back,
    paper,
    small_tables,
    template,
)


def test_large_configs_are_cut_into_shards_that_load_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    given = small_tables(40)
    write_release.write_tables(given, template(tmp_path), manifest(), folder, shard_bytes=6_000)
    names = [path.name for path in sorted((folder / "data/papers").iterdir())]
    assert len(names) > 1
    assert names == [f"train-{n:05}-of-{len(names):05}.parquet" for n in range(len(names))]
    loaded = load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["paper_id"][:] == given["papers"]["paper_id"].to_list()


def test_shards_are_cut_by_size_not_by_rows(tmp_path: Path) -> None:
    long = pl.Series([hashlib.sha512(str(n).encode()).hexdigest() * 4 for n in range(20_000)])
    rows = frame(Paper, [paper()]).select(pl.all().repeat_by(20_000).explode())
    number = pl.int_range(pl.len()).cast(pl.String).str.zfill(5)
    rows = rows.with_columns(
        paper_id=pl.format("arxiv:2603.{}", number),
        arxiv_id=pl.format("2603.{}", number),
        abstract=pl.when(pl.int_range(pl.len()) < 10_000).then(long),
    )
    config = layout.Config("papers", "CC0-1.0")
    files = shards.write_shards(config, rows, tmp_path, before=0, metadata={}, shard_bytes=300_000)
    sizes = [path.stat().st_size for path in files]
    assert len(files) == 3
    assert max(sizes) < 1.5 * min(sizes)
    assert pl.read_parquet(files).equals(rows)


@not_loaded_back()
def test_a_release_that_grows_a_little_keeps_its_number_of_shards(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    numbers = []
    for papers in (40, 44, 2_000):
        given = small_tables(papers)
        write_release.write_tables(given, template(tmp_path), manifest(), folder, shard_bytes=6_000)
        numbers.append(len(list((folder / "data/papers").iterdir())))
    assert 1 < numbers[0] == numbers[1] < numbers[2]


@pytest.mark.parametrize(
    ("size", "before", "expected"),
    [
        (1, 0, 1),
        (100, 0, 1),
        (101, 0, 2),
        (150, 1, 1),
        (151, 1, 2),
        (299, 2, 2),
        (301, 2, 4),
        (50, 2, 2),
        (49, 2, 1),
    ],
)
def test_the_number_of_shards_changes_only_when_it_must(
    size: int, before: int, expected: int
) -> None:
    assert shards.count_shards(size, before, shard_bytes=100) == expected
