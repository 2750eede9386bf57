"""A run follows one previous release, whatever other runs do to the folder that it is in."""

import shutil
from pathlib import Path

import pytest

from flows.paths import RunFolder
from flows.refresh import claim_folders, locate_previous
from flows.refresh_options import RefreshOptions
from flows.release import NotARelease, read_tables
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


def test_a_previous_release_that_is_the_one_to_replace_is_locked_already(
    options: RefreshOptions, tmp_path: Path
) -> None:
    same = options.model_copy(update={"release": tmp_path / "other"})
    assert locate_previous(same) == tmp_path / "other"


def test_a_folder_that_is_no_release_is_refused(options: RefreshOptions, tmp_path: Path) -> None:
    (tmp_path / "other" / "manifest.json").unlink()
    with pytest.raises(NotARelease):
        locate_previous(options)
