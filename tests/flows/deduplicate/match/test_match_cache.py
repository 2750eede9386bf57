"""Signatures come back as they were stored, or are known to be unusable."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from flows.deduplicate import code_version
from flows.deduplicate.match import match_cache
from flows.deduplicate.match.cached_features import CachedMatch
from flows.deduplicate.match.match_cache import UnusableCache
from flows.deduplicate.match.match_incrementally import match_incrementally
from tests.flows.deduplicate.match.test_match_incrementally import require_equal, require_same
from tests.records import OTHER_ABSTRACT, record, records


@pytest.fixture(scope="module")
def known() -> CachedMatch:
    """Give the signatures of three records, two of which are one paper."""
    rows = (record(1), record(2, "papers_page"), record(3, title="Rejoinder", abstract=None))
    return match_incrementally(records(*rows), None)[1]


@pytest.fixture
def folder(tmp_path: Path, known: CachedMatch) -> Path:
    """Give a folder of stored signatures."""
    match_cache.write_cache(tmp_path / "release.signatures", known)
    return tmp_path / "release.signatures"


def file(folder: Path, name: str) -> Path:
    return next(folder.glob(f"{name}-*.arrow"))


def test_stored_signatures_come_back_as_they_were(folder: Path, known: CachedMatch) -> None:
    require_same(match_cache.read_cache(folder), known)


def test_signatures_from_disk_give_what_matching_anew_gives(folder: Path) -> None:
    rows = records(record(1), record(2, "papers_page"), record(4, abstract=OTHER_ABSTRACT))
    found, _ = match_incrementally(rows, match_cache.read_cache(folder))
    require_equal(found, match_incrementally(rows, None)[0])


def test_new_signatures_take_the_place_of_the_old_ones(folder: Path) -> None:
    _, now = match_incrementally(records(record(1), record(4)), match_cache.read_cache(folder))
    match_cache.write_cache(folder, now)
    require_same(match_cache.read_cache(folder), now)
    named = {
        one["name"] for one in json.loads((folder / "state.json").read_text())["files"].values()
    }
    assert {path.name for path in folder.iterdir()} == {"state.json", *named}


def test_files_of_others_are_left_alone(folder: Path, known: CachedMatch) -> None:
    (folder / "notes.txt").write_text("mine")
    match_cache.write_cache(folder, known)
    assert (folder / "notes.txt").read_text() == "mine"


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def named_outside(folder: Path) -> None:
    text = (folder / "state.json").read_text()
    (folder / "state.json").write_text(text.replace('"records-', '"../records-'))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped bit": lambda folder: flip(file(folder, "records")),
    "a cut file": lambda folder: file(folder, "keys_title").write_bytes(b"ARROW1"),
    "a missing file": lambda folder: file(folder, "verified").unlink(),
    "a folder in the place of a file": lambda folder: (
        file(folder, "near").unlink() or (folder / "near-00000000.arrow").mkdir()
    ),
    "no state": lambda folder: (folder / "state.json").unlink(),
    "a state that is no JSON": lambda folder: (folder / "state.json").write_text("{"),
    "a state that is no text": lambda folder: (folder / "state.json").write_bytes(b"\xff\xfe"),
    "a state that is another JSON": lambda folder: (folder / "state.json").write_text("[1]"),
    "a state without files": lambda folder: (folder / "state.json").write_text(
        json.dumps({"version": match_cache.code_version()})
    ),
    "a file of another folder": named_outside,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_signatures_are_unusable(damage: str, folder: Path) -> None:
    DAMAGES[damage](folder)
    with pytest.raises(UnusableCache):
        match_cache.read_cache(folder)


def test_signatures_of_another_version_are_unusable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_cache, "code_version", lambda: "later")
    with pytest.raises(UnusableCache, match="another version"):
        match_cache.read_cache(folder)


@pytest.mark.parametrize("package", ["polars", "pylatexenc", "Python"])
def test_version_names_python_and_the_packages_that_decide(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = code_version.name_code_version.__wrapped__(match_cache.CODE)
    if package == "Python":
        monkeypatch.setattr(code_version.platform, "python_version", lambda: "99")
    else:
        monkeypatch.setattr(
            code_version, "version", lambda name: "99" if name == package else version(name)
        )
    assert code_version.name_code_version.__wrapped__(match_cache.CODE) != before
