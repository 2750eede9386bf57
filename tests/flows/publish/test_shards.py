"""Large configs are cut into shards where their ids say so, whatever releases there were before."""

from pathlib import Path

import pytest
from datasets import load_dataset

from flows.publish import write_release
from flows.publish.shards import plan_shards
from flows.release import layout
from tests.builders import manifest, not_loaded_back, small_tables, template
from tests.written_releases import contents


def test_large_configs_are_cut_into_shards_that_load_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    given = small_tables(40)
    write_release.write_tables(given, template(tmp_path), manifest(), folder, segment_ids=5)
    names = [path.name for path in sorted((folder / "data/papers").iterdir())]
    assert len(names) > 1
    assert names == [f"train-{n:05}-of-{len(names):05}.parquet" for n in range(len(names))]
    loaded = load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["paper_id"][:] == given["papers"]["paper_id"].to_list()


@not_loaded_back()
def test_new_papers_change_the_shards_that_they_are_in_and_no_other(tmp_path: Path) -> None:
    written = []
    for papers in (30, 32):
        folder = tmp_path / f"{papers}"
        tables = {"papers": small_tables(papers)["papers"]}
        write_release.write_tables(tables, template(tmp_path), manifest(), folder, segment_ids=5)
        files = contents(folder)
        written.append([files[name] for name in sorted(files) if name.startswith("data/papers")])
    assert len(written[0]) > 3
    assert len({*written[1]} - {*written[0]}) <= 2


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([0], [(0,)]),
        ([9], [(0,)]),
        ([10, 10], [(0,), (1,)]),
        ([4, 4, 4, 10], [(0, 1, 2), (3,)]),
        ([10, 9], [(0, 1)]),
        ([0, 0, 30, 0, 10], [(0, 1, 2), (3, 4)]),
    ],
)
def test_files_are_no_smaller_than_they_have_to_be(
    rows: list[int], expected: list[tuple[int, ...]]
) -> None:
    planned = plan_shards(layout.Config("papers", "CC0-1.0"), rows, 10)
    assert [shard.segments for shard in planned] == expected
    assert sum(shard.rows for shard in planned) == sum(rows)
    assert {shard.of for shard in planned} <= {len(expected)}
