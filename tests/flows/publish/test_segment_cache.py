"""A release costs what is new in it: the rest is linked, and no byte shows how it came about."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from flows import tables
from flows.hashing import find_hash, forget_hashes, hash_once
from flows.parts import DamagedStep, cut_at_ids
from flows.paths import StepFolder
from flows.publish import load_back
from flows.publish.draft import ComparedDraft, draft_release, list_removed, open_tables
from flows.publish.manifest import read_accuracy_figures
from flows.publish.measure import PreviousTables
from flows.publish.segment_cache import (
    SegmentCache,
    compare_release_files,
    name_segments_file,
    read_segments,
)
from flows.publish.shards import Shard, copy_part, write_shard
from flows.publish.write_release import WrittenRelease, write_draft
from flows.release import TABLES, find_damage
from flows.release.final_files import save_final_file
from flows.release.kept_releases import link_tree
from flows.release.manifest_file import read_manifest
from flows.release.open_release import Release
from flows.runs.notices import take_notices
from schemas.metrics import BY_PAPER
from schemas.paper import Paper
from tests.builders import frame, manifest, not_loaded_back, paper, release_tables, template
from tests.written_releases import contents

pytestmark = pytest.mark.usefixtures("unread")

SEGMENT_IDS = 5
"""Ids of a segment, on average: a small release has some of them."""


def save_parts(frames: Mapping[str, pl.DataFrame], folder: Path, rows: int) -> StepFolder:
    """Leave tables as enrichment does, about so many papers to a part."""
    steps = StepFolder(folder)
    ids = frames["papers"]["paper_id"]
    starts = [ids[start] for start, _ in cut_at_ids(ids, rows)][1:]
    for name, table in frames.items():
        if name == "changes":
            continue
        if name not in BY_PAPER:
            tables.save(TABLES[name].model, table, steps.table(name))
            continue
        for number, (start, end) in enumerate(zip(["", *starts], [*starts, "~"], strict=True)):
            inside = (pl.col("paper_id") >= start) & (pl.col("paper_id") < end)
            path = steps.table(name) / f"{number:05}.parquet"
            save_final_file(name, [table.filter(inside)], path)
    return steps


@dataclass(frozen=True)
class Built:
    compared: ComparedDraft
    written: WrittenRelease


def build(steps: StepFolder, folder: Path) -> Built:
    compared, previous = draft(steps, folder)
    return Built(compared, write(compared, previous, folder))


def draft(steps: StepFolder, folder: Path) -> tuple[ComparedDraft, PreviousTables]:
    previous = PreviousTables.open(Release.open_previous(folder))
    cache = read_segments(name_segments_file(folder), folder)
    accuracy = read_accuracy_figures()
    return draft_release(open_tables(steps), previous, cache, accuracy, SEGMENT_IDS), previous


def write(compared: ComparedDraft, previous: PreviousTables, folder: Path) -> WrittenRelease:
    return write_draft(
        compared.draft,
        template(folder.parent),
        manifest(),
        folder,
        previous=previous.release,
        cache=read_segments(name_segments_file(folder), folder),
        segment_ids=SEGMENT_IDS,
    )


def next_tables() -> dict[str, pl.DataFrame]:
    """Give the release after one of 20 papers: some are new, gone and changed, most are not."""
    whole = release_tables(22)
    gone = [paper(n)["paper_id"] for n in (1, 9, 20)]
    kept = {name: whole[name].filter(~pl.col("paper_id").is_in(gone)) for name in BY_PAPER}
    papers = [
        row if row["paper_id"] != paper(12)["paper_id"] else paper(12, title="Another title")
        for row in kept["papers"].iter_rows(named=True)
    ]
    return whole | kept | {"papers": frame(Paper, papers)}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a release of 20 papers, with its cache beside it."""
    folder = tmp_path_factory.mktemp("first") / "release"
    with not_loaded_back():
        build(save_parts(release_tables(20), folder.parent / "steps", SEGMENT_IDS), folder)
    return folder


@pytest.fixture
def again(first: Path, tmp_path: Path) -> Path:
    """Give the same release where it may be replaced."""
    return copy(first, tmp_path / "again" / "release")


def copy(release: Path, to: Path, *, with_cache: bool = True) -> Path:
    link_tree(release, to)
    if with_cache:
        name_segments_file(to).parent.mkdir()
        name_segments_file(to).write_bytes(name_segments_file(release).read_bytes())
    return to


def list_shards(release: Path) -> dict[str, int]:
    """List the files of papers and the rows about them, with the places on the disk."""
    files = (path for name in BY_PAPER for path in (release / "data" / name).iterdir())
    return {path.relative_to(release).as_posix(): path.stat().st_ino for path in files}


@pytest.mark.parametrize("rows", [2, 1_000])
def test_the_bytes_do_not_depend_on_how_steps_cut_their_tables(
    first: Path, tmp_path: Path, rows: int
) -> None:
    folder = tmp_path / "other" / "release"
    steps = save_parts(release_tables(20), tmp_path / "steps", rows)
    build(steps, folder)
    assert contents(folder) == contents(first)
    assert len(list_shards(folder)) > len(BY_PAPER)


def test_a_part_with_the_rows_of_a_file_is_copied_and_its_damage_is_its_own(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = set()

    def write_and_note(shard: Shard, *where: Any) -> Path:
        written.add(shard.config.table)
        return write_shard(shard, *where)

    monkeypatch.setattr("flows.publish.write_release.write_shard", write_and_note)
    steps, folder = save_parts(release_tables(20), tmp_path / "steps", SEGMENT_IDS), tmp_path / "a"
    build(steps, folder / "release")
    assert written.isdisjoint({"papers", "origins"})
    assert contents(folder / "release") == contents(first)
    for part in filter(Path.is_file, steps.folder.rglob("*.parquet")):
        part.write_bytes(b"whoever writes here, into the file that is there")
    assert find_damage(folder / "release") == {}


def test_a_part_that_was_damaged_since_it_was_compared_is_not_copied(tmp_path: Path) -> None:
    part = tmp_path / "00000.parquet"
    part.write_bytes(b"what was written")
    os.utime(part, (1, 1))
    hash_once(part)
    part.write_bytes(b"What was written")
    os.utime(part, (1, 1))
    with pytest.raises(DamagedStep, match=r"00000\.parquet"):
        copy_part(part, tmp_path / "release" / "00000.parquet")


def test_what_the_cache_spares_changes_neither_bytes_nor_gates(
    first: Path, again: Path, tmp_path: Path
) -> None:
    steps = save_parts(next_tables(), tmp_path / "next", SEGMENT_IDS)
    bare = copy(first, tmp_path / "bare" / "release", with_cache=False)
    spared, whole = build(steps, again), build(steps, bare)
    assert contents(again) == contents(bare)
    assert spared.compared.gates == whole.compared.gates
    changes = pl.read_parquet(again / "data/changes/*.parquet")["change"]
    assert changes.to_list().count("removed") == 3
    assert changes.to_list().count("added") == 2
    assert changes.len() == 6
    shared = {*list_shards(first).values()} & {*list_shards(again).values()}
    assert len(BY_PAPER) <= len(shared) < len(list_shards(again))
    assert find_damage(again) == {}


def test_the_next_release_knows_also_of_segments_that_share_a_file(tmp_path: Path) -> None:
    whole = release_tables(6)
    compared, _ = draft(save_parts(whole, tmp_path / "steps", 1_000), tmp_path / "none")
    assert {*compared.draft.keys} == {*BY_PAPER}
    assert {key for keys in compared.draft.keys.values() for key in keys} == {None}
    spans = list_removed(["the key of another one"], SegmentCache(compared.draft.segments_by_key))
    assert len(spans) > 1
    assert all(any(paper_id in span for span in spans) for paper_id in whole["papers"]["paper_id"])


def test_nothing_new_reads_no_paper_and_changes_no_file(
    again: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(again), list_shards(again)
    steps = save_parts(release_tables(20), tmp_path / "steps", SEGMENT_IDS)
    monkeypatch.setattr("flows.publish.measure.measure_block", None)
    written = []
    monkeypatch.setattr(
        "flows.publish.write_release.write_shard",
        lambda shard, *rest: written.append(shard.config.table) or write_shard(shard, *rest),
    )
    assert not build(steps, again).written.changed
    assert {*written} == {"resolutions", "aliases", "rejections"}
    assert (contents(again), list_shards(again)) == before


def test_papers_that_are_seen_again_change_the_files_of_papers_only(
    first: Path, again: Path, tmp_path: Path
) -> None:
    whole = release_tables(20)
    later = whole["papers"].with_columns(pl.col("last_seen").dt.offset_by("1d"))
    steps = save_parts(whole | {"papers": later}, tmp_path / "steps", SEGMENT_IDS)
    assert build(steps, again).written.changed
    before, now = list_shards(first), list_shards(again)
    assert {name.split("/")[1] for name in now if now[name] != before[name]} == {"papers"}
    bare = copy(first, tmp_path / "bare" / "release", with_cache=False)
    build(steps, bare)
    assert contents(again) == contents(bare)


def test_a_config_is_loaded_back_once_for_each_form_that_it_has(
    again: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``again`` was written without loading it, so that nothing is proven at first."""
    loaded: list[str] = []

    def load_and_note(_: Path, name: str, files: list[Path], __: Path) -> int:
        loaded.append(name)
        return sum(pq.read_metadata(path).num_rows for path in files)

    def take(days: int) -> set[str]:
        loaded.clear()
        papers = whole["papers"].with_columns(pl.col("last_seen").dt.offset_by(f"{days}d"))
        steps = save_parts(whole | {"papers": papers}, tmp_path / "steps", SEGMENT_IDS)
        assert build(steps, again).written.changed
        assert sorted(loaded) == sorted({*loaded})
        return {*loaded}

    whole = next_tables()
    monkeypatch.setattr(load_back, "load_files", load_and_note)
    monkeypatch.setattr("flows.publish.write_release.require_loadable", load_back.require_loadable)
    assert {"papers", "links", "changes"} <= take(0)
    assert not take(1)
    monkeypatch.setattr(load_back, "PACKAGES", ("datasets", "polars"))
    assert "papers" in take(2)
    name_segments_file(again).unlink()
    assert "papers" in take(3)


def test_a_file_that_is_damaged_in_mid_run_never_gets_into_the_next_release(
    first: Path, tmp_path: Path
) -> None:
    release = tmp_path / "damaged" / "release"
    shutil.copytree(first.parent, release.parent)
    steps = save_parts(release_tables(20), tmp_path / "steps", SEGMENT_IDS)
    compared, previous = draft(steps, release)
    name = min(list_shards(release))
    content = bytearray((release / name).read_bytes())
    content[100] ^= 1
    (release / name).write_bytes(content)
    assert write(compared, previous, release).changed
    assert find_damage(release) == {}
    assert (release / name).read_bytes() == (first / name).read_bytes()


def test_files_of_the_release_before_are_compared_by_their_sum_and_damage_is_not_believed(
    again: Path,
) -> None:
    table, other = sorted((again / "data" / "papers").iterdir())[:2]
    damaged = bytearray(other.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    for path, content in ((table, table.read_bytes()), (other, damaged)):
        # No second name of the file of other tests, nor one that changed a moment ago.
        path.unlink()
        path.write_bytes(content)
        os.utime(path, ns=(0, 1_000_000_001))
    forget_hashes()
    compare_release_files(name_segments_file(again), again)
    files = read_manifest(again)["files"]
    assert find_hash(table) == files[table.relative_to(again).as_posix()]["sha256"]
    assert find_hash(other) is None
    assert Release.open(again).find_damaged() == [other.relative_to(again).as_posix()]


def test_a_damaged_or_foreign_cache_is_not_believed(first: Path, tmp_path: Path) -> None:
    content = name_segments_file(first).read_bytes()
    assert read_segments(name_segments_file(first), first).segments
    assert not read_segments(name_segments_file(first), first.parent).segments
    for wrong in (content[:-1], content.replace(b'"papers"', b'"papier"', 1), b"\xff", b""):
        (tmp_path / "state.json").write_bytes(wrong)
        assert not read_segments(tmp_path / "state.json", first).segments


def test_a_cache_of_an_earlier_version_is_of_no_use_and_not_damaged(tmp_path: Path) -> None:
    former, path = b'{"segments": {}, "shards": {}}', tmp_path / "state.json"
    # Its digest was over the code and the manifest as well.
    path.write_bytes(hashlib.sha256(b"code\0manifest\0" + former).hexdigest().encode() + former)
    assert read_segments(path, tmp_path) == SegmentCache()
    assert take_notices() == []
    path.write_bytes(path.read_bytes().replace(b'{"segments"', b'{"follows": 1'))
    assert read_segments(path, tmp_path) == SegmentCache()
    assert [notice.subject for notice in take_notices()] == ["segment cache"]
