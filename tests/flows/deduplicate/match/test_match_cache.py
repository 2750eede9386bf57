"""What matching leaves for the next run comes back as it was, or is made again."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from flows import version as versions
from flows.deduplicate import part_cache
from flows.deduplicate.match import match_cache
from flows.deduplicate.match.match_records import match_records
from tests.flows.deduplicate.match.test_match_incrementally import require_equal
from tests.matched_records import match_parts, read_match
from tests.records import OTHER_ABSTRACT, record, records

ROWS = records(record(1), record(2, "papers_page"), record(3, title="Rejoinder", abstract=None))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of signatures, two records of which are one paper."""
    match_parts([ROWS], tmp_path)
    return tmp_path / "release.signatures"


def test_new_signatures_take_the_place_of_the_old_ones(folder: Path) -> None:
    (folder / "records-01234567.arrow").write_bytes(b"left by an earlier version")
    (folder / "notes.txt").write_text("mine")
    rows = records(record(1), record(2, "papers_page"), record(4, abstract=OTHER_ABSTRACT))
    require_equal(match_parts([rows], folder.parent), match_records(rows))
    files = json.loads((folder / "state.json").read_text())["files"]
    assert {path.name for path in folder.iterdir()} == {"state.json", "notes.txt", *files}


def find(folder: Path, name: str) -> Path:
    return next(folder.glob(f"{name}-*"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()  # it may have another name
    path.write_bytes(content)


def name_outside(folder: Path) -> None:
    text = (folder / "state.json").read_text()
    (folder / "state.json").write_text(text.replace('"features-', '"../features-'))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped bit": lambda folder: flip(find(folder, "features")),
    "a cut file": lambda folder: find(folder, "match_marks").write_bytes(b"ARROW1"),
    "a missing file": lambda folder: find(folder, "match_verified").unlink(),
    "a folder in the place of a file": lambda folder: (
        find(folder, "match_overflows").unlink() or (folder / ("match_large-" + "0" * 32)).mkdir()
    ),
    "no state": lambda folder: (folder / "state.json").unlink(),
    "a state that is no JSON": lambda folder: (folder / "state.json").write_text("{"),
    "a state that is no text": lambda folder: (folder / "state.json").write_bytes(b"\xff\xfe"),
    "a state that is another JSON": lambda folder: (folder / "state.json").write_text("[1]"),
    "a state without files": lambda folder: (folder / "state.json").write_text(
        json.dumps({"version": versions.hash_code(match_cache.CODE, part_cache.PACKAGES)})
    ),
    "a file of another folder": name_outside,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_signatures_are_unusable(damage: str, folder: Path) -> None:
    DAMAGES[damage](folder)
    assert read_match(folder.parent) is None


def test_signatures_of_another_version_are_unusable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_cache, "hash_code", lambda *_: "later")
    assert read_match(folder.parent) is None


@pytest.mark.parametrize("package", ["polars", "pylatexenc", "Python"])
def test_version_names_python_and_the_packages_that_decide(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions.hash_code.__wrapped__(match_cache.CODE, part_cache.PACKAGES)
    if package == "Python":
        monkeypatch.setattr(versions.platform, "python_version", lambda: "99")
    else:
        monkeypatch.setattr(
            versions, "version", lambda name: "99" if name == package else version(name)
        )
    assert versions.hash_code.__wrapped__(match_cache.CODE, part_cache.PACKAGES) != before
