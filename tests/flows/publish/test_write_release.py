"""A release is written as a whole or not at all, and the same inputs give the same bytes."""

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from flows import release, tables
from flows.publish import write_release
from flows.publish.load_back import UnreadableRelease
from flows.release import layout
from flows.release.final_files import save_final_file
from schemas.alias import Alias
from schemas.change import Change
from schemas.link import Link
from schemas.paper import Paper
from schemas.release import SCHEMA_VERSION
from tests.builders import (
    change,
    frame,
    link,
    manifest,
    not_loaded_back,
    paper,
    release_tables,
    small_tables,
    template,
    write_small,
)
from tests.written_releases import contents, write


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


def test_papers_is_the_default_config_and_streams(written: Path) -> None:
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


def test_invalid_rows_leave_the_release_of_before(tmp_path: Path) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    broken = small_tables(3) | {"links": frame(Link, [link(1, kind="rumour")])}
    with pytest.raises(tables.InvalidTable, match="kind"):
        write_release.write_tables(broken, template(tmp_path), manifest(), folder)
    assert contents(folder) == before
    assert write(folder, papers=4).changed


def test_a_release_that_does_not_load_back_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)

    def lose_a_row(name: str, pieces: Iterable[pl.DataFrame], path: Path) -> Path:
        return save_final_file(name, (rows[1:] for rows in pieces), path)

    with monkeypatch.context() as patched:
        patched.setattr("flows.publish.shards.save_final_file", lose_a_row)
        with pytest.raises(UnreadableRelease, match="papers loads with 3 rows instead of 4"):
            write_small(folder, papers=4)
    assert contents(folder) == before
