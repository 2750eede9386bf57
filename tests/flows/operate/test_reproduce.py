"""A release is built again from its raw files, or the message says why it cannot be."""

import json
import os
import shutil
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.__main__ import app
from flows.deduplicate.resolve.task import resolve_records
from flows.hashing import hash_file
from flows.operate.reproduce import (
    build_from_files,
    compare_versions,
    reproduce_release,
)
from flows.operate.reproducible import Unreproducible
from flows.raw.discovery import find_snapshot_day
from flows.raw.raw_file import RawFile
from flows.release import read_manifest
from schemas.vocabulary import Source
from tests.processes import PAGE

pytestmark = [pytest.mark.usefixtures("unread"), pytest.mark.xdist_group("reproduce")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with two releases of the page: of its first half, then of the whole."""
    folder = tmp_path_factory.mktemp("made")
    lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    half = folder / "raw" / "papers_page" / "2026-03-13" / "half.txt"
    half.parent.mkdir(parents=True)
    half.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    shutil.copy(PAGE, folder / "raw" / "renamed.txt")
    build_from_files([raw_file(half)], folder / "none", folder / "first", {})
    first = folder / "first" / "release"
    build_from_files([raw_file(half), raw_file(PAGE)], first, folder / "second", {})
    return folder


def raw_file(path: Path) -> RawFile:
    return RawFile(path, Source.PAPERS_PAGE, find_snapshot_day(path), hash_file(path))


def test_a_first_release_is_reproduced_config_by_config(made: Path) -> None:
    found = reproduce_release(made / "first/release/manifest.json", made / "raw", None, made)
    assert found.is_same
    assert {"papers", "links", "origins", "card and charts"} <= found.same.keys()
    assert found.versions == []


def test_a_second_release_is_reproduced_after_the_first_though_that_is_deleted_meanwhile(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, resolve = tmp_path / "release", resolve_records.fn
    shutil.copytree(made / "first" / "release", first)

    def resolve_without(*named: Any) -> Any:
        shutil.rmtree(first)
        return resolve(*named)

    monkeypatch.setattr(resolve_records, "fn", resolve_without)
    manifest = made / "second/release/manifest.json"
    # The second input has another name by now.
    found = reproduce_release(manifest, made / "raw", str(first), made)
    assert found.is_same
    assert "changes" in found.same


def test_the_order_of_inputs_changes_no_byte(made: Path, tmp_path: Path) -> None:
    half = made / "raw" / "papers_page" / "2026-03-13" / "half.txt"
    build_from_files([raw_file(PAGE), raw_file(half)], made / "first" / "release", tmp_path, {})
    files = [path for path in (tmp_path / "release").rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        there = made / "second" / "release" / path.relative_to(tmp_path / "release")
        assert path.read_bytes() == there.read_bytes(), path.name


def test_a_second_release_needs_the_first(made: Path) -> None:
    with pytest.raises(Unreproducible, match=r"made after another one.*--previous"):
        reproduce_release(made / "second/release/manifest.json", made / "raw", None, made)


def test_a_second_release_is_reproduced_from_the_first_where_that_is_kept(made: Path) -> None:
    kept = made / "second" / "releases" / "2026.11.01"
    shutil.copytree(made / "first" / "release", kept)
    manifest = made / "second" / "release" / "manifest.json"
    assert reproduce_release(manifest, made / "raw", None, made).is_same
    shutil.rmtree(kept)


def test_a_first_release_has_none_before_it(made: Path) -> None:
    first = str(made / "first" / "release")
    with pytest.raises(Unreproducible, match="Leave out --previous"):
        reproduce_release(made / "first/release/manifest.json", made / "raw", first, made)


def test_a_missing_input_is_named(made: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreproducible, match=r"half\.txt of papers_page, 2026-03-13, sha256"):
        reproduce_release(made / "first/release/manifest.json", tmp_path, None, made)


@pytest.mark.parametrize("content", ['{"inputs": [{}]}', "[" * 100_000])
def test_a_file_that_is_no_manifest_is_a_clear_error(
    made: Path, tmp_path: Path, content: str
) -> None:
    other = tmp_path / "package.json"
    other.write_text(content)
    with pytest.raises(Unreproducible, match="is not the manifest of a release"):
        reproduce_release(other, made / "raw", None, made)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("inputs", 0, "file"), None),
        (("inputs", 0, "file"), ".."),
        (("inputs", 0, "file"), "a\0b"),
        (("inputs", 0, "file"), "x" * 300),
        (("inputs", 0, "sha256"), "../x"),
        (("inputs", 0, "source"), "x" * 9_000),
        (("inputs", 0, "snapshot"), "2026-13-45"),
        (("inputs", 0, "member_index"), "1"),
        (("inputs",), {}),
        (("resolution",), "2026"),
        (("resolution",), {"answers": {"day": 5}}),
        (("link_checks",), [{"file": {}, "sha256": ""}]),
        (("packages",), None),
        (("files",), [1]),
    ],
)
def test_a_manifest_of_another_shape_is_refused_by_its_place(
    place: tuple[str | int, ...], value: object, made: Path, tmp_path: Path
) -> None:
    content = json.loads((made / "first/release/manifest.json").read_text())
    *way, last = place
    reduce(getitem, way, content)[last] = value
    manifest = tmp_path / "copy.json"
    manifest.write_text(json.dumps(content))
    with pytest.raises(Unreproducible, match=rf"has another shape: {place[0]}") as refused:
        reproduce_release(manifest, made / "raw", None, made)
    assert len(str(refused.value)) < 600


def test_a_manifest_that_is_no_file_is_not_read(made: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(Unreproducible, match="is not the manifest of a release"):
        reproduce_release(tmp_path / "manifest.json", made / "raw", None, made)


def test_other_hashes_and_versions_are_told_and_exit_with_1(made: Path, tmp_path: Path) -> None:
    told = json.loads((made / "first/release/manifest.json").read_text())
    told["files"]["data/papers/train-00000-of-00001.parquet"]["sha256"] = "0" * 64
    told["packages"]["polars"] = "1.0.0"
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(told))
    done = CliRunner().invoke(app, ["reproduce", str(manifest), "--raw", str(made / "raw")])
    assert done.exit_code == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["papers", "differ"] in lines
    assert ["links", "the", "same"] in lines
    assert "1.0.0 there" in done.stdout
    assert "Try again with the versions of its manifest" in done.stdout


def test_another_card_and_another_accuracy_are_no_fault_of_the_pipeline(made: Path) -> None:
    told = json.loads((made / "first/release/manifest.json").read_text())
    told["files"]["README.md"]["sha256"] = told["card"] = "0" * 64
    told["accuracy"].append({"part": "links", "metric": "F1", "set": "old", "value": 0.5})
    versions = compare_versions(told, read_manifest(made / "first" / "release"))
    assert any(line.startswith("accuracy of links, F1 on old is missing") for line in versions)
    assert any(line.startswith("card is ") for line in versions)
    assert all(line.startswith(("accuracy of links, ", "card is ")) for line in versions)
