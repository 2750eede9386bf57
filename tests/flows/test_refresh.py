"""A run follows one previous release, and ends where its curated tables are edited."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from flows import refresh
from flows.paths import RunFolder
from flows.publish import manifest
from flows.refresh import claim_folders, locate_previous
from flows.refresh_options import RefreshOptions
from flows.release import DamagedRelease, NotARelease, Release, read_tables, replace
from flows.release.kept_releases import ReleaseInTheWay
from flows.release.manifest_file import hash_manifest
from tests.builders import written_release


@pytest.fixture
def options(tmp_path: Path) -> RefreshOptions:
    written_release(tmp_path / "other")
    return RefreshOptions(
        inputs=[tmp_path],
        release=tmp_path / "release",
        interim=tmp_path / "interim",
        previous=str(tmp_path / "other"),
    )


def test_a_previous_release_that_is_swapped_stays_what_it_was(
    options: RefreshOptions, tmp_path: Path
) -> None:
    digest, papers = hash_manifest(tmp_path / "other"), read_tables(tmp_path / "other")["papers"]
    with claim_folders(options):
        previous = locate_previous(options)
        # As another run does: the old folder goes, another one has its name.
        shutil.rmtree(tmp_path / "other")
        written_release(tmp_path / "other", papers=2)
        assert hash_manifest(previous) == digest != hash_manifest(tmp_path / "other")
        assert read_tables(previous)["papers"].equals(papers)
    assert not RunFolder(options.interim).previous.exists()


def test_a_release_that_a_run_read_and_replaced_is_gone_when_it_ends(
    options: RefreshOptions, tmp_path: Path
) -> None:
    written_release(options.release)
    written_release(tmp_path / "next", papers=5)
    with claim_folders(options):
        opened = Release.open(options.release)
        shutil.copytree(tmp_path / "next", replace.name_building(options.release))
        replace.swap_release(options.release)
        assert opened.read_table("papers").height == 3
        del opened
        assert len(replace.list_retired(options.release)) == 1
    assert replace.list_retired(options.release) == []


def test_a_previous_release_that_is_the_one_to_replace_is_locked_already(
    options: RefreshOptions, tmp_path: Path
) -> None:
    same = options.model_copy(update={"release": tmp_path / "other"})
    assert locate_previous(same) == tmp_path / "other"


def test_no_folder_of_a_user_is_deleted(options: RefreshOptions) -> None:
    """A release may lie in the interim folder, under whatever name."""
    mine = options.interim / "previous"
    written_release(mine)
    same = options.model_copy(update={"previous": str(mine)})
    with claim_folders(same):
        assert hash_manifest(locate_previous(same)) == hash_manifest(mine)
    assert read_tables(mine)["papers"].height


def test_a_release_in_the_place_that_a_run_deletes_is_refused(options: RefreshOptions) -> None:
    held = RunFolder(options.interim).previous
    written_release(held)
    with pytest.raises(ReleaseInTheWay, match="Copy the release to another folder"):
        locate_previous(options.model_copy(update={"previous": str(held)}))
    ours = options.model_copy(update={"previous": None, "release": held})
    with pytest.raises(ReleaseInTheWay), claim_folders(ours):
        pass
    assert read_tables(held)["papers"].height


def test_a_damaged_previous_release_is_named_by_its_own_folder(
    options: RefreshOptions, tmp_path: Path
) -> None:
    next((tmp_path / "other" / "data" / "origins").glob("*.parquet")).write_bytes(b"PAR1")
    with pytest.raises(DamagedRelease, match=str(tmp_path / "other")):
        locate_previous(options)


def test_a_folder_that_is_no_release_is_refused(options: RefreshOptions, tmp_path: Path) -> None:
    (tmp_path / "other" / "manifest.json").unlink()
    with pytest.raises(NotARelease):
        locate_previous(options)


def test_a_table_that_is_edited_during_deduplication_ends_the_run_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "judgements.csv").write_text("before")
    monkeypatch.setattr(manifest, "CURATION", tmp_path)
    monkeypatch.setattr(manifest, "SHIPPED", tmp_path)

    def deduplicate(*_: object) -> Path:
        (tmp_path / "judgements.csv").write_text("after")
        return tmp_path

    def validate(*_: object) -> Path:
        raise AssertionError("the next step begins")

    monkeypatch.setattr(refresh, "resolve_records", lambda *_: SimpleNamespace(table=None))
    monkeypatch.setattr(refresh, "deduplicate", deduplicate)
    monkeypatch.setattr(refresh, "validate", validate)
    options = refresh.DEFAULTS.model_copy(update={"interim": tmp_path, "release": tmp_path})
    with pytest.raises(manifest.EditedInputs, match="changed during the run"):
        refresh.run_steps(options, [], [], tmp_path / "previous")
