"""What has the place of a cache's file and is none is removed, and what is behind a link stays."""

import os
from pathlib import Path

import pytest

from flows.errors import UserError
from flows.runs.notices import take_notices
from flows.runs.stray_files import remove_stray, remove_strays

PLACES = {"state.json", "aliases.parquet", "parts-1/records.parquet/00000.parquet"}


def lay_strays(folder: Path, others: Path) -> None:
    """Put a pipe, links, and folders in the place of files into a folder."""
    os.mkfifo(folder / "pipe")
    (folder / "dangling").symlink_to(folder / "nothing")
    (folder / "linked.parquet").symlink_to(others)
    (folder / "folder.json").mkdir()
    (folder / "tables.parquet").mkdir()


@pytest.mark.parametrize("is_flat", [False, True], ids=["step", "cache"])
def test_only_files_and_their_folders_stay(tmp_path: Path, *, is_flat: bool) -> None:
    folder, others = tmp_path / "cache", tmp_path / "others.parquet"
    others.write_text("of others")
    for place in PLACES:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text("made")
    for place in (folder, folder / "parts-1"):
        lay_strays(place, others)
    remove_strays(folder, is_flat=is_flat)
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert left == {place for place in PLACES if not is_flat or "/" not in place}
    assert not [path for path in folder.rglob("*") if path.is_symlink() or path.is_fifo()]
    assert others.read_text() == "of others"
    (notice,) = take_notices()
    assert "in the place of a file" in notice.sentence()


def test_what_a_folder_in_the_place_of_a_file_holds_stays(tmp_path: Path) -> None:
    table = tmp_path / "merged" / "tables.parquet"
    table.mkdir(parents=True)
    (table / "00000.parquet").write_text("made")
    (table / "00001.parquet.partial").write_text("made")
    remove_strays(tmp_path / "merged")
    assert len(list(table.iterdir())) == 2
    (table / "_SUCCESS").write_text("of others")
    with pytest.raises(UserError, match="move it away"):
        remove_strays(tmp_path / "merged")
    assert len(list(table.iterdir())) == 3
    remove_strays(tmp_path / "merged", is_flat=True)
    assert not table.exists()
    take_notices()


def test_a_folder_of_a_cache_may_be_a_link_to_another_disk_but_no_pipe(tmp_path: Path) -> None:
    disk, linked, pipe = tmp_path / "disk", tmp_path / "linked", tmp_path / "pipe"
    disk.mkdir()
    (disk / "state.json").write_text("made")
    linked.symlink_to(disk)
    os.mkfifo(pipe)
    for path in (linked, pipe, tmp_path / "nothing"):
        remove_strays(path)
    remove_stray(disk / "state.json")
    take_notices()
    assert (linked / "state.json").read_text() == "made"
    assert not pipe.exists()
