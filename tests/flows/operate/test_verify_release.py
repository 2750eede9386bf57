"""A release is verified offline: every flipped bit, missing, added and swapped file is named."""

import random
import re
import shutil
from pathlib import Path

import pytest

from flows.errors import UserError
from flows.operate.verify_release import verify_place
from flows.release import DamagedRelease, NotARelease, replace, verify
from tests.builders import written_release
from tests.processes import in_process

FLIPS = 100
LINKS, PAPERS = (f"data/{name}/train-00000-of-00001.parquet" for name in ("links", "papers"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_release(tmp_path_factory.mktemp("verify") / "release")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "release"))


def test_every_flipped_bit_is_found_in_its_file(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    places = random.Random(7)  # noqa: S311  # no secret
    for _ in range(FLIPS):
        path = places.choice(files)
        content = path.read_bytes()
        bit = places.randrange(8 * len(content))
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(NotARelease, match=path.relative_to(folder).as_posix()):
            verify_place(str(folder), folder)
        path.write_bytes(content)
    assert "files" in verify_place(str(folder), folder)


def test_a_manifest_whose_digest_lost_its_name_is_found(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"digest"', '"dagest"'))
    with pytest.raises(DamagedRelease, match=r"manifest\.json is not as it was written"):
        verify_place(str(folder), folder)


def test_a_release_that_takes_the_place_of_one_that_is_verified_is_no_damage(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(written_release(tmp_path / "next", papers=5), replace.name_building(folder))
    hash_file = verify.hash_once

    def hash_after_swap(path: Path) -> str:
        if replace.name_building(folder).exists():
            replace.swap_release(folder)
        return hash_file(path)

    monkeypatch.setattr(verify, "hash_once", hash_after_swap)
    assert "files" in verify_place(str(folder), folder)


def test_a_release_without_a_signature_is_called_as_it_was_named(folder: Path) -> None:
    with pytest.raises(UserError, match=re.escape(f"{folder} has no signature")):
        verify_place(str(folder), folder, folder / "key.pem")


def test_missing_added_and_swapped_files_are_named(folder: Path) -> None:
    (folder / PAPERS).rename(folder / "other")
    (folder / LINKS).rename(folder / PAPERS)
    (folder / "other").rename(folder / LINKS)
    (folder / "README.md").unlink()
    (folder / "notes").mkdir()
    (folder / "notes/mine.txt").write_text("a note")
    with pytest.raises(DamagedRelease) as refused:
        verify_place(str(folder), folder)
    for line in (f"{PAPERS} differs", f"{LINKS} differs", "README.md is missing", "was added"):
        assert line in str(refused.value)


def test_the_command_exits_with_1_for_a_damaged_release_and_says_which_file(folder: Path) -> None:
    assert in_process("verify", folder).exit_code == 0
    (folder / "README.md").write_text("# Other")
    done = in_process("verify", folder)
    assert done.exit_code == 1
    assert "README.md differs" in done.output
