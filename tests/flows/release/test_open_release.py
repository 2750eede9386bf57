"""A release is opened once: its manifest is believed only in its shape, its files once compared."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows import hashing
from flows.hashing import hash_file
from flows.release import (
    DamagedRelease,
    NotARelease,
    Release,
    open_release,
    read_manifest,
    read_tables,
    replace,
)
from flows.release.layout import MANIFEST
from flows.release.manifest_file import write_manifest
from flows.tables import SchemaMismatch, convert_to_arrow
from schemas.paper import Paper
from schemas.release import ADDED_COLUMNS
from tests.builders import written_release

PAPERS = "data/papers/train-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_release(tmp_path_factory.mktemp("open") / "release")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "release"))


def test_an_opened_release_stays_itself_while_another_takes_its_place(
    folder: Path, tmp_path: Path
) -> None:
    opened = Release.open(folder)
    shutil.copytree(written_release(tmp_path / "next", papers=5), replace.name_building(folder))
    replace.swap_release(folder)
    assert opened.read_table("papers").height == 3
    assert Release.open(folder).read_table("papers").height == 5


def test_a_release_that_is_read_is_left_aside_and_deleted_by_a_later_run(
    folder: Path, tmp_path: Path
) -> None:
    opened = Release.open(folder)
    shutil.copytree(written_release(tmp_path / "next", papers=5), replace.name_building(folder))
    replace.swap_release(folder)
    replace.repair_release(folder)
    assert len(replace.list_retired(folder)) == 1
    assert opened.read_table("links").height == 3
    del opened
    replace.repair_release(folder)
    assert replace.list_retired(folder) == []


def test_readers_never_mix_two_releases(folder: Path, tmp_path: Path) -> None:
    others = [written_release(tmp_path / f"of-{papers}", papers) for papers in (2, 6)]
    done = threading.Event()
    faults: list[str] = []

    def read() -> None:
        while not done.is_set():
            try:
                tables = read_tables(folder, ("papers", "links", "topics"))
            except Exception as error:  # noqa: BLE001  # shown by the assertion below
                faults.append(repr(error))
            else:
                heights = {name: table.height for name, table in tables.items()}
                if len(set(heights.values())) != 1:
                    faults.append(str(heights))

    reader = threading.Thread(target=read)
    reader.start()
    for swap in range(12):
        shutil.copytree(others[swap % 2], replace.name_building(folder))
        replace.swap_release(folder)
        replace.repair_release(folder)
    done.set()
    reader.join()
    assert faults == []


def test_a_file_that_is_not_the_one_of_the_manifest_is_not_read(folder: Path) -> None:
    content = bytearray((folder / PAPERS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / PAPERS).write_bytes(content)
    release = Release.open(folder)
    with pytest.raises(DamagedRelease, match=f"such as {PAPERS}"):
        release.read_table("papers")
    assert release.read_table("links").height == 3


def test_a_file_is_hashed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []

    def count(path: Path) -> str:
        hashed.append(path)
        return hash_file(path)

    monkeypatch.setattr(hashing, "hash_file", count)
    for path in folder.rglob("*.parquet"):
        os.utime(path, (0, 0))  # what has just been written may change unseen, and is read again
    for _ in range(3):
        read_tables(folder)
    names = [name for name in Release.open(folder).files if name.endswith(".parquet")]
    assert len(hashed) == len(names)


def hostile_manifests() -> Iterator[tuple[str, Any]]:
    entry = {"bytes": 1, "sha256": "0" * 64}
    yield "a list", []
    yield "a number", 7
    yield "null", None
    yield "no files", {"schema_version": 1}
    yield "files in a list", {"schema_version": 1, "files": ["README.md"]}
    yield "a file without a hash", {"schema_version": 1, "files": {"README.md": {"bytes": 1}}}
    yield (
        "a hash that is none",
        {
            "schema_version": 1,
            "files": {"README.md": {**entry, "sha256": "x"}},
        },
    )
    yield "a size below zero", {"schema_version": 1, "files": {"README.md": {**entry, "bytes": -1}}}
    for name in ("../x", "/etc/hostname", "data/../../x", "data/papers/x.txt", "", "README.md\n"):
        yield f"a file {name!r}", {"schema_version": 1, "files": {name: entry}}
    yield "a version in words", {"schema_version": "one", "files": {}}
    yield "code in a list", {"schema_version": 1, "files": {}, "code": []}
    yield "gates in numbers", {"schema_version": 1, "files": {}, "allowed": {"papers.rows": 1}}
    yield "inputs in words", {"schema_version": 1, "files": {}, "inputs": "all"}
    yield "a previous one in a list", {"schema_version": 1, "files": {}, "previous_release": []}


@pytest.mark.parametrize(
    "content", [pytest.param(content, id=name) for name, content in hostile_manifests()]
)
def test_a_manifest_of_another_shape_is_refused_by_name(content: Any, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(NotARelease, match=f"{tmp_path} is not a release: its {MANIFEST}"):
        Release.open(tmp_path)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[" * 500_000, b'{"a":' * 100_000, b"{}x"])
def test_a_manifest_that_is_no_json_is_refused_by_name(text: bytes, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(NotARelease, match=f"its {MANIFEST} cannot be read"):
        Release.open(tmp_path)


def rewritten(folder: Path, content: bytes, name: str = PAPERS) -> Path:
    """Put another content in the place of a file, which the manifest names as it is."""
    (folder / name).write_bytes(content)
    manifest = read_manifest(folder)
    entry = {"bytes": len(content), "sha256": hash_file(folder / name)}
    write_manifest(folder, {**manifest, "files": {**manifest["files"], name: entry}})
    return folder


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet" * 9, b"PAR1" + b"\xff" * 99])
def test_a_table_that_is_no_parquet_is_refused_by_name(content: bytes, folder: Path) -> None:
    with pytest.raises(NotARelease, match=f"{folder} is not a release: its table papers"):
        read_tables(rewritten(folder, content))


def test_a_table_that_claims_more_rows_than_it_can_hold_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    rows = pl.DataFrame({"paper_id": pl.repeat("arxiv:2301.00001", 5_000_000, eager=True)})
    pq.write_table(rows.to_arrow(), tmp_path / "huge.parquet", compression="zstd")
    content = (tmp_path / "huge.parquet").read_bytes()
    assert len(content) < 1_000_000
    with pytest.raises(NotARelease, match="claims 5,000,000 rows"):
        read_tables(rewritten(folder, content))


def test_a_column_whose_name_is_no_text_is_refused_by_the_name_of_its_table(folder: Path) -> None:
    content = (folder / PAPERS).read_bytes().replace(b"abstract", b"abs\xff\xfeact")
    with pytest.raises(NotARelease, match="its table papers cannot be read"):
        read_tables(rewritten(folder, content))


def test_ids_that_follow_each_other_may_take_less_than_a_byte_each(tmp_path: Path) -> None:
    numbers = pl.int_range(1, 100_001, eager=True).cast(pl.String)
    rows = pl.DataFrame({"paper_id": "arxiv:2301." + numbers.str.zfill(6), "change": "added"})
    path = tmp_path / "changes.parquet"
    pq.write_table(
        rows.to_arrow(),
        path,
        compression="zstd",
        use_dictionary=["change"],
        column_encoding={"paper_id": "DELTA_BYTE_ARRAY"},
    )
    assert path.stat().st_size < rows.height
    open_release.require_bounded(path)


def test_a_table_of_other_columns_is_refused_by_the_name_of_its_folder(
    folder: Path, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"paper_id": [1]}), tmp_path / "other.parquet")
    with pytest.raises(SchemaMismatch, match=f"{folder / PAPERS} is not a Paper table"):
        read_tables(rewritten(folder, (tmp_path / "other.parquet").read_bytes()))


def test_a_release_of_an_older_version_is_read_with_empty_columns(
    folder: Path, tmp_path: Path
) -> None:
    # The first version lacks what every later one added.
    for table in sorted({table for added in ADDED_COLUMNS.values() for table in added}):
        name = f"data/{table}/train-00000-of-00001.parquet"
        newer = [column for added in ADDED_COLUMNS.values() for column in added.get(table, ())]
        old = pl.read_parquet(folder / name).drop(newer)
        pq.write_table(convert_to_arrow(old), tmp_path / "old.parquet")
        rewritten(folder, (tmp_path / "old.parquet").read_bytes(), name)
    write_manifest(folder, {**read_manifest(folder), "schema_version": 1})
    papers = read_tables(folder)["papers"]
    assert papers.schema == Paper.dtypes()
    assert papers["year"].null_count() == papers.height == 3
    assert Release.open(folder).read_table("papers", ["paper_id", "year"]).width == 2


@pytest.mark.parametrize("special", ["a pipe", "a device"])
def test_what_is_no_file_is_not_read(special: str, folder: Path) -> None:
    name, entry = next(iter(read_manifest(folder)["files"].items()))
    for path in (folder / MANIFEST, folder / name):
        path.unlink()
        os.mkfifo(path) if special == "a pipe" else path.symlink_to(os.devnull)
    with pytest.raises(NotARelease, match="cannot be read"):
        read_manifest(folder)
    opened = Release(folder, {"files": {name: entry | {"bytes": 0}}}, None)
    assert opened.find_damaged() == [name]


def test_a_manifest_that_was_edited_is_refused(folder: Path) -> None:
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(
        text.replace('"previous_release": null', '"previous_release": "x"')
    )
    with pytest.raises(NotARelease, match="was changed after it was written"):
        Release.open(folder)
