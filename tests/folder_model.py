"""A run that ends at any step on the disk, and readers at every step: the local folder as a model.

Every change of the disk is seen by an audit hook before it is made. At one of them the process
"ends": this change and all after it fail, those of clean-up code included, and the file that was
being written is half there. Then the next run is made, and everything has to be as if undisturbed.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flows.hashing import hash_file
from flows.publish import write_release
from flows.release import Release, find_damage, lock_folder, repair_release, replace
from flows.release.kept_releases import keep_release, list_kept
from tests.builders import manifest, not_loaded_back, small_tables, template

CHANGES = {
    *("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"),
    "open",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
TAGS = ("2026.11.16", "2026.11.23", "2026.11.30")
KEPT = 2
"""Releases that stay by their tags."""


class EndedError(BaseException):
    """The end of a process, which nothing can handle."""


@dataclass
class Disk:
    """Counts the changes below a folder, and ends the process at one of them."""

    root: Path
    end_at: int | None = None
    look: Callable[[], None] = lambda: None
    """Called before each change, as a reader would come between two."""
    changes: int = 0
    written: list[Path] = field(default_factory=list)
    is_looking: bool = False

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of a change before it is made; raise `EndedError` where the process ends."""
        if self.is_looking or not self._is_change(event, arguments):
            return
        self.is_looking = True
        try:
            self.look()
        finally:
            self.is_looking = False
        if self.end_at is not None and self.changes >= self.end_at:
            raise EndedError
        self.changes += 1
        if event == "open":
            self.written.append(Path(os.fsdecode(arguments[0])))

    def _is_change(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event not in CHANGES or not isinstance(arguments[0], str | bytes | os.PathLike):
            return event == "exchange"
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return False
        path = os.fsdecode(arguments[0])
        # Where a tree is deleted, its names are told below an open folder.
        return path.startswith(str(self.root)) or (not path.startswith("/") and event != "open")


_CURRENT: list[Disk] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _CURRENT:
        _CURRENT[-1].see(event, arguments)


@contextmanager
def watched(disk: Disk) -> Iterator[Disk]:
    """Let a disk see every change."""
    # A hook stays until the process ends, so there is one, which may see nothing.
    if not hasattr(sys, "_open_papers_hook"):
        sys.addaudithook(_hook)
        sys._open_papers_hook = True  # type: ignore[attr-defined]  # noqa: SLF001  # of the process
    exchange = replace.exchange_names

    def exchange_names(left: Path, right: Path) -> bool:
        disk.see("exchange", (None,))
        return exchange(left, right)

    with pytest.MonkeyPatch.context() as patch:
        # It calls the C library, of which no hook is told.
        patch.setattr(replace, "exchange_names", exchange_names)
        _CURRENT.append(disk)
        try:
            yield disk
        finally:
            _CURRENT.pop()


def run(folder: Path, number: int) -> None:
    """Do what a run does with the folder: lock, repair, write, swap, keep by tag."""
    tag = TAGS[number]
    with not_loaded_back(), lock_folder(folder):
        repair_release(folder)
        about = manifest(tag=tag, curation=f"{number:064}")
        write_release.write_tables(
            small_tables(number + 1), template(folder.parent.parent), about, folder
        )
        keep_release(folder, KEPT, tag)


def list_content(place: Path) -> dict[str, str]:
    """Hash every file beside a release, but for the lock, which names a process."""
    paths = (path for path in sorted(place.rglob("*")) if path.is_file())
    files = {path.relative_to(place).as_posix(): hash_file(path) for path in paths}
    return {name: digest for name, digest in files.items() if not name.endswith(".lock")}


@dataclass
class FolderModel:
    """A place with two releases, of which copies are made, and what the third makes of it."""

    place: Path

    def __post_init__(self) -> None:
        """Write two releases, then the third undisturbed."""
        self.start, undisturbed = self.place / "start", self.place / "undisturbed"
        for number in (0, 1):
            run(self.start / "release", number)
        with watched(Disk(self.copy(undisturbed))) as disk:
            run(undisturbed / "release", 2)
        self.changes, self.expected = disk.changes, list_content(undisturbed)

    def copy(self, target: Path) -> Path:
        """Copy the start by hard links: files are replaced, never changed."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.start, target, copy_function=os.link)
        return target

    def end_at(self, change: int) -> None:
        """End a run at a change, look at what is there, and make the next run."""
        place = self.copy(self.place / "ended")
        with watched(Disk(place, end_at=change)) as disk, suppress(EndedError):
            run(place / "release", 2)
        if disk.written and disk.written[-1].is_file():
            # What was not yet written through is lost with the process's machine.
            cut_in_half(disk.written[-1], self.start)
        self.check_readable(place / "release")
        run(place / "release", 2)
        assert list_content(place) == self.expected, f"ended at change {change}"

    def check_readable(self, folder: Path) -> None:
        """Raise unless the release and each that is kept are whole."""
        assert not find_damage(folder)
        for kept in list_kept(folder):
            assert not find_damage(kept.folder), f"{kept.tag} is damaged"

    def read_at_every_change(self) -> int:
        """Open the release before every change, and read all of them when the run has ended."""
        place = self.copy(self.place / "read")
        readers: list[Release] = []

        def look() -> None:
            readers.append(Release.open(place / "release"))
            assert not readers[-1].find_damaged()

        with watched(Disk(place, look=look)):
            run(place / "release", 2)
        papers = {reader.read_table("papers").height for reader in readers}
        assert papers == {2, 3}, "a reader saw neither the old release nor the new one"
        return len(readers)


def cut_in_half(path: Path, start: Path) -> None:
    """Cut a file that was being written, unless it is one of before under another name."""
    known = {file.stat().st_ino for file in start.rglob("*") if file.is_file()}
    if path.stat().st_ino not in known and not path.name.endswith(".lock"):
        os.truncate(path, path.stat().st_size // 2)
