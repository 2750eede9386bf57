"""Releases are kept by tag, without taking room twice."""

import shutil
from pathlib import Path

import pytest

from flows import paths
from flows.release.kept_releases import count_papers, find_kept, keep_release, list_kept
from flows.release.manifest_file import hash_manifest
from tests.builders import written_release

pytestmark = pytest.mark.usefixtures("unread")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three releases of one, two and three papers."""
    folder = tmp_path_factory.mktemp("made")
    return [written_release(folder / str(papers), papers=papers) for papers in (1, 2, 3)]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return tmp_path / "release"


def put(made: Path, release: Path) -> None:
    """Make a release the current one."""
    if release.is_symlink():
        release.unlink()
    release.symlink_to(made)


def test_each_release_is_kept_once_under_its_tag(made: list[Path], release: Path) -> None:
    for number, tag in ((0, "2026.11.01"), (1, "2026.11.02"), (1, None)):
        put(made[number], release)
        keep_release(release, 12, tag)
    assert [kept.tag for kept in list_kept(release)] == ["2026.11.02", "2026.11.01"]
    assert [count_papers(kept.folder) for kept in list_kept(release)] == [2, 1]


def test_what_is_kept_takes_no_room_twice(made: list[Path], release: Path) -> None:
    put(made[0], release)
    kept = keep_release(release, 12)
    assert kept
    assert (kept.folder / "manifest.json").samefile(release / "manifest.json")


def test_two_of_one_day_have_two_tags(made: list[Path], release: Path) -> None:
    for folder in made[:2]:
        put(folder, release)
        keep_release(release, 12)
    newest, first = (kept.tag for kept in list_kept(release))
    assert newest == f"{first}.1"


def test_no_more_are_kept_than_asked_for(made: list[Path], release: Path) -> None:
    for day, folder in enumerate(made, start=1):
        put(folder, release)
        keep_release(release, 2, f"2026.11.0{day}")
    assert [kept.tag for kept in list_kept(release)] == ["2026.11.03", "2026.11.02"]
    assert keep_release(release, 0) is None


def test_a_kept_release_that_is_a_link_to_another_disk_is_read_and_only_the_link_is_deleted(
    made: list[Path], release: Path, tmp_path: Path
) -> None:
    put(made[0], release)
    first = keep_release(release, 2, "2026.11.01")
    assert first
    elsewhere = first.folder.rename(tmp_path / "elsewhere")
    first.folder.symlink_to(elsewhere)
    (first.folder.parent / "2026.10.01.partial").symlink_to(elsewhere)
    put(made[1], release)
    keep_release(release, 2, "2026.11.02")
    assert [count_papers(kept.folder) for kept in list_kept(release)] == [2, 1]
    put(made[2], release)
    keep_release(release, 2, "2026.11.03")
    assert [kept.tag for kept in list_kept(release)] == ["2026.11.03", "2026.11.02"]
    assert sorted(path.name for path in first.folder.parent.iterdir()) == [
        "2026.11.02",
        "2026.11.03",
    ]
    assert count_papers(elsewhere) == 1


def test_the_newest_of_a_day_is_kept_however_many_there_were(
    made: list[Path], release: Path
) -> None:
    for folder in [*made, made[0]]:
        put(folder, release)
        kept = keep_release(release, 2)
        assert kept
        assert list_kept(release)[0] == kept
    assert [count_papers(kept.folder) for kept in list_kept(release)] == [1, 3]


def test_releases_beside_each_other_delete_nothing_of_each_other(
    made: list[Path], release: Path
) -> None:
    other = release.with_name("other")
    for place in (release, other):
        put(made[0], place)
        keep_release(place, 1)
    assert [len(list_kept(place)) for place in (release, other)] == [1, 1]
    assert {kept.folder.parent.name for kept in list_kept(other)} == {"other.releases"}


def test_what_was_kept_first_is_deleted_first_whatever_its_tag(
    made: list[Path], release: Path
) -> None:
    tags = ("2026.11.30", "2026.11.30.1", "2026.11.23", "2026.11.24")
    for folder, tag in zip([*made, made[0]], tags, strict=True):
        put(folder, release)
        keep_release(release, 2, tag)
    assert [kept.tag for kept in list_kept(release)] == ["2026.11.24", "2026.11.23"]


def test_a_release_that_was_made_once_more_is_the_last_one(made: list[Path], release: Path) -> None:
    for folder in [*made[:2], made[0], made[2]]:
        put(folder, release)
        keep_release(release, 2)
    assert [count_papers(kept.folder) for kept in list_kept(release)] == [3, 1]


def test_papers_of_a_damaged_release_are_not_counted(made: list[Path], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(made[0], damaged)
    for shard in (damaged / "data").glob("papers*/*.parquet"):
        shard.write_bytes(b"PAR1")
    assert count_papers(damaged) is None


def test_a_kept_release_is_found_by_tag_and_by_digest(made: list[Path], release: Path) -> None:
    put(made[0], release)
    kept = keep_release(release, 12, "2026.11.01")
    assert kept
    assert paths.expand_tag("2026.11.01", release) == str(kept.folder)
    assert paths.expand_tag("2026.11.09", release) == "2026.11.09"
    assert find_kept(release, hash_manifest(made[0]) or "") == kept.folder
    assert find_kept(release, "0" * 64) is None
