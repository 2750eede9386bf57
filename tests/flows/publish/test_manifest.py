"""The manifest names everything a release was made from, the same way each time."""

import platform
from datetime import date
from pathlib import Path

import pytest

from flows.enrich.topics import taxonomy_version
from flows.hashing import hash_files
from flows.publish import manifest
from flows.publish.task import describe_observations
from flows.raw.raw_file import RawFile
from schemas.vocabulary import Source


def raw(name: str, sha256: str) -> RawFile:
    return RawFile(Path(name), Source.ARXIV, date(2026, 11, 23), sha256)


def test_inputs_are_named_with_source_day_and_hash(tmp_path: Path) -> None:
    found = manifest.describe_run([raw("dump.jsonl", "a" * 64)], tmp_path)
    assert found["inputs"] == [
        {
            "source": "arxiv",
            "file": "dump.jsonl",
            "snapshot": "2026-11-23",
            "sha256": "a" * 64,
            "member": None,
            "member_index": None,
        }
    ]


def test_order_of_the_inputs_does_not_matter(tmp_path: Path) -> None:
    one, two = raw("1", "a" * 64), raw("2", "b" * 64)
    assert manifest.describe_run([one, two], tmp_path) == manifest.describe_run(
        [two, one], tmp_path
    )


def test_what_was_read_besides_the_raw_files_is_named() -> None:
    assert describe_observations({}, [], taxonomy_version()) == {"taxonomy": taxonomy_version()}


def test_first_release_has_no_previous_one(tmp_path: Path) -> None:
    assert manifest.describe_run([], tmp_path)["previous_release"] is None


def test_previous_release_is_named_by_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"schema_version": 1, "files": {}}')
    before = manifest.describe_run([], tmp_path)["previous_release"]
    (tmp_path / "manifest.json").write_text('{"schema_version": 2, "files": {}}')
    assert before != manifest.describe_run([], tmp_path)["previous_release"]


def test_hash_of_files_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    paths = [tmp_path / "a", tmp_path / "b"]
    before = hash_files(paths, tmp_path)
    assert hash_files(reversed(paths), tmp_path) == before
    (tmp_path / "b").write_text("3")
    assert hash_files(paths, tmp_path) != before


def test_measured_accuracy_has_its_set_interval_and_day(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.csv"
    path.write_text(
        "part,metric,value,low,high,set,size,kind,measured\n"
        "links,F1,0.97,0.95,0.98,links,115,development,2026-11-24\n"
        "links,F1,0.93,0.90,0.95,url_citation_acl,1449,development,2026-11-24\n"
    )
    first, second = manifest.list_figures(path)
    assert first["low"] < first["value"] < first["high"]
    assert second["set"] == "url_citation_acl"
    # A gate holds one development figure against its floor: two rows of one name would be none.
    assert manifest.read_accuracy_figures(path).rows() == [("links:F1", 0.97)]


@pytest.mark.parametrize("edited", ["removals.csv", "release/manifest.json"])
def test_what_changes_during_a_run_gives_no_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str
) -> None:
    monkeypatch.setattr(manifest, "CURATION", tmp_path)
    monkeypatch.setattr(manifest, "SHIPPED", tmp_path)
    previous = tmp_path / "release"
    previous.mkdir()
    for name in ("removals.csv", "release/manifest.json"):
        (tmp_path / name).write_text("before")
    lasting = manifest.hash_lasting_inputs(previous)
    manifest.require_same_inputs(lasting, previous)
    (tmp_path / edited).write_text("now")
    with pytest.raises(manifest.EditedInputs, match="changed during the run"):
        manifest.require_same_inputs(lasting, previous)


def test_the_manifest_names_the_version_of_python(tmp_path: Path) -> None:
    described = manifest.describe_run([], tmp_path)
    assert described["packages"]["Python"] == platform.python_version()  # type: ignore[index]  # a value of any kind
