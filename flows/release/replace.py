"""Replace: a folder is swapped for another as a whole, so that nobody ever sees half of one."""

import ctypes
import fcntl
import glob
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import UserError, is_disk_full
from flows.release.open_folder import delete_unread

LOCK_WAIT = 30.0
"""Seconds to wait for another run: longer than a small release takes, shorter than patience."""

RENAME_EXCHANGE = 2
"""Linux' flag of renameat2 that swaps two names in one step (`man 2 rename`)."""

RENAME_SWAP = 2
"""The same for macOS' renamex_np."""

AT_FDCWD = -100
"""Linux' "relative to the working directory"."""


RETIRED = ".retired-"
"""How the name of a release goes on that was replaced while somebody was reading it."""


class Busy(UserError):
    """Another run is writing the same release."""


class NoSpace(UserError):
    """The disk is full."""


def name_beside(folder: Path, ending: str) -> Path:
    """Name what is beside a folder, on its disk: beside its target where it is a link."""
    real = folder.resolve()
    return real.with_name(real.name + ending)


def name_building(folder: Path) -> Path:
    """Name the folder beside a release in which the next one is built."""
    return name_beside(folder, ".building")


def name_replaced(folder: Path) -> Path:
    """Name the folder that holds the old release while it is being replaced."""
    return name_beside(folder, ".replaced")


def name_loading(folder: Path) -> Path:
    """Name the folder beside a release that is used while the next one is loaded back."""
    return name_beside(folder, ".loading")


@contextmanager
def lock_folder(folder: Path, wait: float | None = None) -> Iterator[None]:
    """Hold a folder's lock. Raises `Busy`, naming the holder, after ``wait`` seconds.

    A run holds that of its release from before it reads the one that is there until the new one
    is written, or two runs would follow the same release and the later undo the earlier; and until
    it is sent, since what is sent is read from the folder. The lock is the operating system's: it
    ends with the process, however that ends.
    """
    path = name_beside(folder, ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    # A lock is written into: through a link that would be somebody's file, and a pipe has no end.
    if path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
        path.unlink()
    if path.is_dir():
        raise Busy(f"{path} is a folder, and has the name of a lock: move it, then run again.")
    # Opened to append: whoever waits must not erase the name of the one who holds the lock.
    with path.open("a+", encoding="utf-8") as file:
        deadline = time.monotonic() + (LOCK_WAIT if wait is None else wait)
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                raise Busy(
                    f"{folder} is being written by {path.read_text(encoding='utf-8').strip()}. "
                    "Wait for that run to end, then run again."
                )
            time.sleep(0.05)
        # Only who holds the lock writes its name: others read it to say whom they wait for.
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def report_full_disk(folder: Path) -> Iterator[None]:
    """Turn a full disk into `NoSpace`; what was being built is removed."""
    try:
        yield
    except Exception as error:
        for place in (name_building, name_loading):
            shutil.rmtree(place(folder), ignore_errors=True)
        if not is_disk_full(error):
            raise
        raise NoSpace(
            f"No space left on the disk of {folder}: the new release was not written and the one "
            "there is as before. Make room (data/interim can be deleted), then run again."
        ) from None


def repair_release(folder: Path) -> None:
    """Bring back the release that a killed run had set aside, and remove what it had begun."""
    if name_replaced(folder).exists() and not folder.exists():
        name_replaced(folder).rename(folder.resolve())
    for place in (name_replaced, name_building, name_loading):
        shutil.rmtree(place(folder), ignore_errors=True)
    delete_retired(folder)


def swap_release(folder: Path) -> None:
    """Put what was built in the place of the release, in one step where the system can.

    Elsewhere there is an instant in which only `name_replaced` holds the release;
    `repair_release` ends it. Raises `OSError` only where the release of before is in its place.
    """
    new, old, folder = name_building(folder), name_replaced(folder), folder.resolve()
    # Before the names change: after a power cut a new name could lead to empty files.
    sync_files(new)
    if not folder.exists():
        new.rename(folder)
    # One step, so that there is a release under the name at every moment.
    elif exchange_names(new, folder):
        old = new
    else:
        folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            old.rename(folder)
            raise
    retire(old, folder)


def retire(old: Path, folder: Path) -> None:
    """Delete a release that was replaced; leave it aside, for a later run, while it is read."""
    if not delete_unread(old):
        old.rename(name_beside(folder, f"{RETIRED}{os.getpid()}-{time.monotonic_ns()}"))


def delete_retired(folder: Path) -> None:
    """Delete the replaced releases that nobody reads any more."""
    for retired in list_retired(folder):
        delete_unread(retired)


def list_retired(folder: Path) -> list[Path]:
    """List what earlier runs left aside because somebody was reading it."""
    start = name_beside(folder, RETIRED)
    return sorted(start.parent.glob(f"{glob.escape(start.name)}*"))


def exchange_names(left: Path, right: Path) -> bool:
    """Swap two names in one step; say False where the system or the disk cannot."""
    # Python can rename, but not exchange; the C library can.
    libc = ctypes.CDLL(None)
    first, second = os.fsencode(left), os.fsencode(right)
    if sys.platform == "darwin":
        return bool(libc.renamex_np(first, second, RENAME_SWAP) == 0)
    # Not every C library on Linux has the call.
    if not hasattr(libc, "renameat2"):
        return False
    return bool(libc.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) == 0)


def sync_files(folder: Path) -> None:
    """Have every file of a folder written through to the disk."""
    # Folders, too: the names in them are written apart from the files.
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
