"""A release is replaced in one step, under a lock; whatever ends a run, a whole one is there."""

import os
import random
import signal
import threading
import time
from multiprocessing.connection import wait
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datasets.exceptions import DatasetGenerationError

from flows import release
from flows.refresh import refresh
from flows.refresh_options import RefreshOptions
from flows.release import replace as swap
from tests.builders import (
    write_small,
)
from tests.forks import code_of, forked, kill
from tests.written_releases import contents, write


def test_a_release_behind_a_link_is_replaced_where_it_is_and_has_one_lock(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "release"
    link.symlink_to(tmp_path / "disk" / "release")
    for papers in (3, 4):
        assert write(link, papers=papers).changed
    assert link.is_symlink()
    assert release.read_tables(tmp_path / "disk" / "release")["papers"].height == 4
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["release"]
    with (
        swap.lock_folder(link),
        pytest.raises(swap.Busy),
        swap.lock_folder(link.resolve(), wait=0.1),
    ):
        pytest.fail("two runs hold one lock")


def test_two_runs_at_once_the_second_says_who_holds_the_lock(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    holder = f"process {os.getpid()} on"
    with (
        swap.lock_folder(folder),
        pytest.raises(swap.Busy, match=holder),
        swap.lock_folder(folder, wait=0.1),
    ):
        pytest.fail("two runs hold one lock")


def test_a_lock_is_written_into_no_link_and_no_pipe(tmp_path: Path) -> None:
    folder, lock, others = tmp_path / "release", tmp_path / "release.lock", tmp_path / "others"
    others.write_text("of others")
    lock.symlink_to(others)
    with swap.lock_folder(folder):
        assert others.read_text() == "of others"
    lock.unlink()
    os.mkfifo(lock)
    with swap.lock_folder(folder):
        assert lock.is_file()
    lock.unlink()
    lock.mkdir()
    with pytest.raises(swap.Busy, match="move it"), swap.lock_folder(folder):
        pytest.fail("a folder is no lock")


def test_the_second_of_two_runs_waits_for_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    first, second = threading.Event(), threading.Event()

    def wait_for_the_lock() -> None:
        first.wait()
        with swap.lock_folder(folder):
            second.set()

    waiting = threading.Thread(target=wait_for_the_lock)
    waiting.start()
    with swap.lock_folder(folder):
        first.set()
        assert not second.wait(0.2)
    waiting.join()
    assert second.is_set()


def test_a_run_holds_the_lock_of_its_release_before_it_reads_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "LOCK_WAIT", 0.1)
    folder = tmp_path / "release"
    with swap.lock_folder(folder), pytest.raises(swap.Busy, match=f"release is .*{os.getpid()}"):
        refresh.fn(
            RefreshOptions(inputs=[tmp_path / "missing"], release=folder, interim=tmp_path / "one")
        )


def test_a_run_brings_back_what_a_killed_one_had_set_aside_before_it_reads_anything(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "release").folder
    folder.rename(swap.name_replaced(folder))
    with pytest.raises(release.NotARelease, match="nowhere"):
        refresh.fn(RefreshOptions(release=folder, interim=tmp_path / "interim", previous="nowhere"))
    assert release.is_intact(folder)


def test_a_full_disk_leaves_the_release_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pq, "ParquetWriter", full)
        with pytest.raises(release.NoSpace, match=r"No space left.*as before"):
            write(folder, papers=4)
    assert contents(folder) == before
    assert not swap.name_building(folder).exists()


def test_a_disk_that_is_full_when_the_release_is_loaded_back_leaves_the_release_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)

    def full(*_: object) -> None:
        swap.name_loading(folder).mkdir()
        raise DatasetGenerationError from OSError(28, "No space left on device")

    monkeypatch.setattr("flows.publish.write_release.require_loadable", full)
    with pytest.raises(release.NoSpace, match=r"No space left.*as before"):
        write_small(folder, papers=4)
    assert contents(folder) == before
    assert not swap.name_building(folder).exists()
    assert not swap.name_loading(folder).exists()


def test_a_reader_finds_a_whole_release_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "n").write_text("0")
    done = threading.Event()
    missed: list[str] = []

    def read() -> None:
        while not done.is_set():
            try:
                (folder / "n").read_text()
            except FileNotFoundError as error:
                missed.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(200):
        swap.name_building(folder).mkdir()
        (swap.name_building(folder) / "n").write_text(str(n))
        swap.swap_release(folder)
    done.set()
    reader.join()
    assert not missed


def test_without_an_exchange_in_one_step_a_run_killed_between_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    monkeypatch.setattr(swap, "exchange_names", lambda *_: False)
    rename = Path.rename

    def die_before_the_second(self: Path, target: Path) -> Path:
        if self == swap.name_building(folder):
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die_before_the_second)
        with pytest.raises(KeyboardInterrupt):
            write(folder, papers=4)
    swap.repair_release(folder)
    assert contents(folder) == before
    assert write(folder, papers=4).changed
    assert release.read_tables(folder)["papers"].height == 4


def test_a_disk_that_is_full_between_the_renames_leaves_the_release_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder
    before = contents(folder)
    monkeypatch.setattr(swap, "exchange_names", lambda *_: False)
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self == swap.name_building(folder):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        with pytest.raises(release.NoSpace, match=r"No space left.*as before"):
            write(folder, papers=4)
    assert contents(folder) == before


def test_what_fails_after_the_exchange_is_not_told_as_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "release").folder

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(swap, "exchange_names", exchanged)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        assert write(folder, papers=4).changed
    assert release.read_tables(folder)["papers"].height == 4
    assert not swap.name_building(folder).exists()


def exchanged(one: Path, other: Path) -> bool:
    aside = other.with_name("aside")
    for source, target in ((one, aside), (other, one), (aside, other)):
        os.rename(source, target)  # noqa: PTH104  # Path.rename is what fails here
    return True


POINTS, SEED = 8, 7


@pytest.mark.xdist_group("forks")
def test_a_run_killed_at_any_point_leaves_a_whole_release_and_the_next_repairs(
    tmp_path: Path,
) -> None:
    folder, chance = tmp_path / "release", random.Random(SEED)  # noqa: S311  # no secret
    undisturbed = tmp_path / "undisturbed"
    assert code_of(forked(write_small, undisturbed)) == 0
    started = time.monotonic()
    assert code_of(forked(write_small, folder)) == 0
    usual = time.monotonic() - started
    codes = []
    for point in range(POINTS):
        run = forked(write_small, folder, 4 if point % 2 else 3)
        wait([run.sentinel], timeout=chance.uniform(0, usual))
        kill(run)
        codes.append(code_of(run))
        assert release.is_intact(folder)
    assert set(codes) <= {0, -signal.SIGKILL}
    assert -signal.SIGKILL in codes
    assert [code_of(forked(write_small, folder, papers)) for papers in (4, 3)] == [0, 0]
    assert contents(folder) == contents(undisturbed)
    for place in (swap.name_building, swap.name_replaced, swap.name_loading):
        assert not place(folder).exists()
