import hashlib
import json
import os
import random
import signal
import threading
import time
from datetime import date
from multiprocessing.connection import wait
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from datasets.exceptions import DatasetGenerationError

from flows import release, tables
from flows.publish import shards, write_release
from flows.refresh import refresh
from flows.refresh_options import RefreshOptions
from flows.release import layout
from flows.release import replace as swap
from flows.release.manifest_file import write_manifest
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.release import SCHEMA_VERSION, Alias, Change, Rejection
from schemas.topic import TopicLabel
from tests.builders import (
    alias,
    change,
    frame,
    link,
    manifest,
    not_loaded_back,
    origin,
    paper,
    rejection,
    release_tables,
    small_tables,
    template,
    topic,
    write_small,
)
from tests.forks import code_of, forked, kill


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(folder: Path, papers: int = 3, **told: object) -> write_release.WrittenRelease:
    """Write a release of two tables; only the tests that are about it load it back."""
    with not_loaded_back():
        return write_small(folder, papers, **told)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "release"
    return write_release.write_tables(
        release_tables(3), template(folder.parent), manifest(), folder
    ).folder


def test_a_release_holds_a_folder_per_config_a_card_and_a_manifest(written: Path) -> None:
    assert set(contents(written)) == {
        "README.md",
        "croissant.json",
        "manifest.json",
        "assets/links_per_kind.svg",
        "assets/papers_per_month.svg",
        "assets/topics_per_facet.svg",
        *(f"data/{name}/train-00000-of-00001.parquet" for name in layout.TABLES),
    }


@pytest.mark.parametrize("name", layout.TABLES)
def test_datasets_loads_every_config(written: Path, name: str, tmp_path: Path) -> None:
    rows = load_dataset(str(written), name, split="train", cache_dir=str(tmp_path))
    assert rows.column_names == layout.TABLES[name].model.dtypes().names()
    assert rows.num_rows == release_tables(3)[name].height


def test_papers_is_the_default_and_streams(written: Path) -> None:
    stream = load_dataset(str(written), split="train", streaming=True)
    assert [row["paper_id"] for row in stream] == [paper(n)["paper_id"] for n in (1, 2, 3)]


def test_features_are_plain_strings_and_lists(written: Path, tmp_path: Path) -> None:
    features = load_dataset(str(written), split="train", cache_dir=str(tmp_path)).features
    assert features["title"].dtype == "string"
    assert features["authors"].feature.dtype == "string"


def test_polars_and_duckdb_read_it(written: Path) -> None:
    files = f"{written}/data/papers/*.parquet"
    assert pl.read_parquet(files).equals(release_tables(3)["papers"])
    assert duckdb.sql(f"select count(*) from '{files}'").fetchall() == [(3,)]  # noqa: S608  # a path


def test_files_have_page_index_compression_licence_and_schema_version(written: Path) -> None:
    file = pq.ParquetFile(written / "data/papers/train-00000-of-00001.parquet")
    column = file.metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"
    assert column.has_offset_index
    assert file.metadata.metadata[b"license"] == b"CC0-1.0"
    assert file.metadata.metadata[b"schema_version"] == str(SCHEMA_VERSION).encode()


def test_the_manifest_names_every_other_file_with_its_hash(written: Path) -> None:
    files = json.loads((written / "manifest.json").read_text())["files"]
    found = contents(written)
    found.pop("manifest.json")
    assert {name: file["sha256"] for name, file in files.items()} == found


def test_reading_gives_back_what_was_written(written: Path) -> None:
    read = release.read_tables(written)
    assert all(read[name].equals(rows) for name, rows in release_tables(3).items())


def test_a_folder_that_does_not_exist_reads_as_empty_tables(tmp_path: Path) -> None:
    read = release.read_tables(tmp_path / "none")
    assert {name: rows.height for name, rows in read.items()} == dict.fromkeys(layout.TABLES, 0)
    assert read["papers"].schema == Paper.dtypes()


@not_loaded_back()
def test_empty_tables_are_left_out_of_files_and_card(tmp_path: Path) -> None:
    given = release_tables(2) | {"aliases": frame(Alias, []), "links": frame(Link, [])}
    folder = tmp_path / "release"
    write_release.write_tables(given, template(tmp_path), manifest(), folder)
    assert not (folder / "data/aliases").exists()
    assert "aliases" not in (folder / "README.md").read_text()
    assert release.read_tables(folder)["links"].is_empty()


@not_loaded_back()
def test_rows_are_sorted_by_key_whatever_their_order_was(tmp_path: Path, written: Path) -> None:
    given = {name: rows.reverse() for name, rows in release_tables(3).items()}
    folder = tmp_path / "release"
    write_release.write_tables(given, template(tmp_path), manifest(), folder)
    assert contents(folder) == contents(written)


@not_loaded_back()
def test_the_same_inputs_change_nothing_and_touch_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    first = small_tables(3) | {"changes": frame(Change, [change(n) for n in (1, 2, 3)])}
    assert write_release.write_tables(first, template(tmp_path), manifest(), folder).changed
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    again = small_tables(3)
    second = write_release.write_tables(
        again, template(tmp_path), manifest(previous_release="f" * 64), folder
    )
    assert not second.changed
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dataset_card.md",
        "release",
    ]


def test_a_damaged_release_is_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    write(folder)
    whole = contents(folder)
    (folder / "data/links/train-00000-of-00001.parquet").write_bytes(b"damaged")
    assert write(folder).changed
    assert contents(folder) == whole


def test_a_folder_of_other_files_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(release.NotARelease, match=r"not a release.*--release"):
        write_release.write_tables(
            release_tables(1), template(tmp_path / "t"), manifest(), tmp_path
        )
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_the_place_of_a_disk_is_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)
    with pytest.raises(release.NotARelease, match=r"a disk is mounted.*--release"):
        write(tmp_path)


def test_a_manifest_that_is_no_json_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(release.NotARelease, match=r"manifest\.json cannot be read"):
        release.read_manifest(tmp_path)


def test_an_unknown_config_in_a_release_is_a_clear_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "release").folder
    entry = {"bytes": 0, "sha256": "0" * 64}
    files = {"data/leaderboards/train-00000-of-00001.parquet": entry}
    write_manifest(folder, {**release.read_manifest(folder), "files": files})
    with pytest.raises(release.NotARelease, match="data/leaderboards"):
        release.read_tables(folder)


def test_invalid_rows_leave_the_release_of_before(tmp_path: Path) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    broken = small_tables(3) | {"links": frame(Link, [link(1, kind="rumour")])}
    with pytest.raises(tables.InvalidTable, match="kind"):
        write_release.write_tables(broken, template(tmp_path), manifest(), folder)
    assert contents(folder) == before
    assert write(folder, papers=4).changed


SHARED = "CC-BY-SA-4.0"


def with_share_alike_rows() -> dict[str, pl.DataFrame]:
    secret = {"license": SHARED}
    return {
        "papers": frame(Paper, [paper(1), paper(2, title="Secret title", **secret)]),
        "links": frame(Link, [link(1), link(2, url="https://example.org/secret", **secret)]),
        "topics": frame(TopicLabel, [topic(1), topic(2, topic="secret-topic", **secret)]),
        "origins": frame(Origin, [origin(1), origin(2, title="Secret origin", **secret)]),
        "aliases": frame(Alias, []),
        "changes": frame(Change, []),
        "rejections": frame(
            Rejection, [rejection(1), rejection(2, source="papers_with_code", excerpt="secret")]
        ),
    }


def test_share_alike_rows_lie_in_configs_of_their_own_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    card = "---\nlanguage: [en]\n---\n<!-- block: counts -->\n<!-- block: example -->\n"
    (tmp_path / "card.md").write_text(card)
    write_release.write_tables(with_share_alike_rows(), tmp_path / "card.md", manifest(), folder)
    for path in (folder / "data").rglob("*.parquet"):
        text = pl.read_parquet(path).write_ndjson().lower()
        assert ("secret" in text) == path.parent.name.endswith("_sharealike")
        licence = pq.read_metadata(path).metadata[b"license"].decode()
        assert (licence == SHARED) == path.parent.name.endswith("_sharealike")
    assert "secret" not in (folder / "README.md").read_text().lower()
    assert "- cc-by-sa-4.0" in (folder / "README.md").read_text()


@not_loaded_back()
def test_reading_brings_the_layers_of_a_table_together(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    write_release.write_tables(with_share_alike_rows(), template(tmp_path), manifest(), folder)
    assert release.read_tables(folder)["links"].equals(with_share_alike_rows()["links"])


def test_sources_that_are_not_cc0_are_known_to_the_layers() -> None:
    from flows.sources import SOURCES  # noqa: PLC0415  # only here

    others = {
        source.value: module.LICENSE.value
        for source, module in SOURCES.items()
        if module.LICENSE.value != "CC0-1.0"
    }
    assert others.items() <= layout.SOURCE_LICENSES.items()


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


def test_a_release_behind_a_link_is_replaced_where_it_is_and_has_one_lock(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "release"
    link.symlink_to(tmp_path / "disk" / "release")
    for papers in (3, 4):
        assert write(link, papers=papers).changed
    assert link.is_symlink()
    assert release.read_tables(tmp_path / "disk" / "release")["papers"].height == 4
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["release"]
    with (
        swap.lock_folder(link),
        pytest.raises(swap.Busy),
        swap.lock_folder(link.resolve(), wait=0.1),
    ):
        pytest.fail("two runs hold one lock")


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


def test_two_runs_at_once_the_second_says_who_holds_the_lock(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    holder = f"process {os.getpid()} on"
    with (
        swap.lock_folder(folder),
        pytest.raises(swap.Busy, match=holder),
        swap.lock_folder(folder, wait=0.1),
    ):
        pytest.fail("two runs hold one lock")


def test_the_second_of_two_runs_waits_for_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    first, second = threading.Event(), threading.Event()

    def wait_for_the_lock() -> None:
        first.wait()
        with swap.lock_folder(folder):
            second.set()

    waiting = threading.Thread(target=wait_for_the_lock)
    waiting.start()
    with swap.lock_folder(folder):
        first.set()
        assert not second.wait(0.2)
    waiting.join()
    assert second.is_set()


def test_a_run_holds_the_lock_of_its_release_before_it_reads_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "LOCK_WAIT", 0.1)
    folder = tmp_path / "release"
    with swap.lock_folder(folder), pytest.raises(swap.Busy, match=f"release is .*{os.getpid()}"):
        refresh.fn(
            RefreshOptions(inputs=[tmp_path / "missing"], release=folder, interim=tmp_path / "one")
        )


def test_a_run_brings_back_what_a_killed_one_had_set_aside_before_it_reads_anything(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "release").folder
    folder.rename(swap.name_replaced(folder))
    with pytest.raises(release.NotARelease, match="nowhere"):
        refresh.fn(RefreshOptions(release=folder, interim=tmp_path / "interim", previous="nowhere"))
    assert release.is_intact(folder)


def test_a_release_of_another_schema_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = write(tmp_path / "release", schema_version=SCHEMA_VERSION + 1).folder
    with pytest.raises(
        release.OtherVersion, match=r"has version 3.*reads version 2.*0\.1\.0.*--release"
    ):
        release.read_tables(folder)


def test_tables_of_many_rows_are_split_by_licence_like_those_of_few() -> None:
    rows = release_tables(1)["changes"].select(pl.all().repeat_by(40_000).explode())
    (found,) = layout.split_by_licence({"changes": rows}).values()
    assert found.height == 40_000


def test_origins_of_one_paper_lie_together() -> None:
    rows = [origin(n, paper_id=f"arxiv:2603.{n % 2:05}") for n in range(4)]
    (found,) = layout.split_by_licence({"origins": frame(Origin, rows)}).values()
    assert found["paper_id"].is_sorted()


def test_a_full_disk_leaves_the_release_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pq, "ParquetWriter", full)
        with pytest.raises(release.NoSpace, match=r"No space left.*as before"):
            write(folder, papers=4)
    assert contents(folder) == before
    assert not swap.name_building(folder).exists()


def test_a_disk_that_is_full_when_the_release_is_loaded_back_leaves_the_release_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)

    def full(*_: object) -> None:
        swap.name_loading(folder).mkdir()
        raise DatasetGenerationError from OSError(28, "No space left on device")

    monkeypatch.setattr("flows.publish.write_release.require_loadable", full)
    with pytest.raises(release.NoSpace, match=r"No space left.*as before"):
        write_small(folder, papers=4)
    assert contents(folder) == before
    assert not swap.name_building(folder).exists()
    assert not swap.name_loading(folder).exists()


def test_a_reader_finds_a_whole_release_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "n").write_text("0")
    done = threading.Event()
    missed: list[str] = []

    def read() -> None:
        while not done.is_set():
            try:
                (folder / "n").read_text()
            except FileNotFoundError as error:
                missed.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(200):
        swap.name_building(folder).mkdir()
        (swap.name_building(folder) / "n").write_text(str(n))
        swap.swap_release(folder)
    done.set()
    reader.join()
    assert not missed


def test_without_an_exchange_in_one_step_a_run_killed_between_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    monkeypatch.setattr(swap, "exchange_names", lambda *_: False)
    rename = Path.rename

    def die_before_the_second(self: Path, target: Path) -> Path:
        if self == swap.name_building(folder):
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die_before_the_second)
        with pytest.raises(KeyboardInterrupt):
            write(folder, papers=4)
    swap.repair_release(folder)
    assert contents(folder) == before
    assert write(folder, papers=4).changed
    assert release.read_tables(folder)["papers"].height == 4


def test_a_disk_that_is_full_between_the_renames_leaves_the_release_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    monkeypatch.setattr(swap, "exchange_names", lambda *_: False)
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self == swap.name_building(folder):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        with pytest.raises(release.NoSpace, match=r"No space left.*as before"):
            write(folder, papers=4)
    assert contents(folder) == before


def test_what_fails_after_the_exchange_is_not_told_as_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(swap, "exchange_names", exchanged)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        assert write(folder, papers=4).changed
    assert release.read_tables(folder)["papers"].height == 4
    assert not swap.name_building(folder).exists()


def exchanged(one: Path, other: Path) -> bool:
    aside = other.with_name("aside")
    for source, target in ((one, aside), (other, one), (aside, other)):
        os.rename(source, target)  # noqa: PTH104  # Path.rename is what fails here
    return True


POINTS, SEED = 20, 7


@pytest.mark.xdist_group("forks")
def test_a_run_killed_at_any_point_leaves_a_whole_release_and_the_next_repairs(
    tmp_path: Path,
) -> None:
    folder, chance = tmp_path / "release", random.Random(SEED)  # noqa: S311  # no secret
    undisturbed = tmp_path / "undisturbed"
    assert code_of(forked(write_small, undisturbed)) == 0
    started = time.monotonic()
    assert code_of(forked(write_small, folder)) == 0
    usual = time.monotonic() - started
    codes = []
    for point in range(POINTS):
        run = forked(write_small, folder, 4 if point % 2 else 3)
        wait([run.sentinel], timeout=chance.uniform(0, usual))
        kill(run)
        codes.append(code_of(run))
        assert release.is_intact(folder)
    assert set(codes) <= {0, -signal.SIGKILL}
    assert -signal.SIGKILL in codes
    assert [code_of(forked(write_small, folder, papers)) for papers in (4, 3)] == [0, 0]
    assert contents(folder) == contents(undisturbed)
    for place in (swap.name_building, swap.name_replaced, swap.name_loading):
        assert not place(folder).exists()


def test_changes_tell_added_updated_merged_and_removed() -> None:
    before = release_tables(5)
    now = release_tables(6)
    now["papers"] = frame(
        Paper,
        [
            paper(1),
            paper(2, title="Another title", authors=[]),
            paper(3, last_seen=date(2026, 12, 1)),
            paper(6),
        ],
    )
    now["aliases"] = frame(Alias, [alias(1, alias_id=paper(4)["paper_id"])])
    found = release.list_changes(before, now)
    assert found.to_dicts() == [
        change(2, change="updated", columns=["title", "authors"]),
        change(4, change="merged", into=paper(1)["paper_id"]),
        change(5, change="removed", reason="its record is now part of " + paper(5)["paper_id"]),
        change(6),
    ]
    tables.check(Change, found)


def test_a_paper_that_was_split_from_others_names_them() -> None:
    before, now = release_tables(3), release_tables(4)
    moved = [origin(1), origin(2), origin(3, paper_id=paper(4)["paper_id"])]
    now["origins"] = frame(Origin, moved)
    now["papers"] = frame(Paper, [paper(n) for n in (1, 2, 3, 4)])
    (found,) = release.list_changes(before, now).to_dicts()
    assert found == change(4, reason="split from " + paper(3)["paper_id"])


def test_a_removed_paper_says_what_became_of_its_records() -> None:
    now = release_tables(1)
    now["rejections"] = frame(
        Rejection, [rejection(1, record_id=origin(2)["record_id"], reason="not-a-paper")]
    )
    reasons = dict(release.list_changes(release_tables(3), now)["paper_id", "reason"].iter_rows())
    assert reasons == {
        paper(2)["paper_id"]: "its record was refused: not-a-paper",
        paper(3)["paper_id"]: "no input holds it any more",
    }


def test_the_first_release_adds_every_paper() -> None:
    found = release.list_changes({}, release_tables(2))
    assert found["change"].to_list() == ["added", "added"]


def test_equal_releases_have_no_changes_and_an_empty_diff() -> None:
    assert release.list_changes(release_tables(3), release_tables(3)).is_empty()
    assert release.compare_releases(release_tables(3), release_tables(3)).is_empty


def test_a_diff_counts_rows_per_table_and_columns_per_paper() -> None:
    now = release_tables(4)
    now["papers"] = frame(Paper, [paper(1, upvotes=99), *(paper(n) for n in (2, 3, 4))])
    found = release.compare_releases(release_tables(3), now)
    assert vars(found.tables["papers"]) == {
        "before": 3,
        "now": 4,
        "added": 1,
        "removed": 0,
        "changed": 1,
    }
    assert found.columns == {"upvotes": 1}
    assert json.loads(json.dumps(found.as_json()))["tables"]["links"]["added"] == 1


def test_a_release_that_does_not_load_back_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    save = tables.save

    def lose_a_row(model: type, rows: pl.DataFrame, *given: object) -> Path:
        return save(model, rows[1:], *given)

    with monkeypatch.context() as patched:
        patched.setattr(tables, "save", lose_a_row)
        with pytest.raises(
            write_release.UnreadableRelease, match="papers loads with 3 rows instead of 4"
        ):
            write_small(folder, papers=4)
    assert contents(folder) == before
