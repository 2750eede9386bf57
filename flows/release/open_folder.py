"""Open folder: a folder that a reader holds, so that it stays whole while names are swapped."""

import fcntl
import os
import shutil
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DESCRIPTORS = Path("/proc/self/fd")
"""Where Linux shows open folders as folders."""


class OpenFolder:
    """A folder held open until this object is gone.

    ``root`` leads to the folder itself, whatever its name leads to by now. Where the system has no
    such path it is the name, and only hashes tell that another folder has come there.
    """

    def __init__(self, folder: Path) -> None:
        """Open a folder and share its lock. Raises `OSError` where there is none."""
        self.descriptor = _open_current(folder)
        # Also called when the interpreter ends, which a `__del__` need not be.
        self._close = weakref.finalize(self, os.close, self.descriptor)
        path = DESCRIPTORS / str(self.descriptor)
        self.root = path if path.exists() else folder


def _open_current(folder: Path) -> int:
    """Open a folder that is under its name at the moment in which the lock is held."""
    while True:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        _lock(descriptor, fcntl.LOCK_SH)
        # It may have been swapped out and be deleted between opening and locking it.
        if _is_current(folder, descriptor):
            return descriptor
        os.close(descriptor)


def _is_current(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(folder.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: nobody can wait for anybody there
    return True


@contextmanager
def _held_alone(folder: Path) -> Iterator[bool]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Without waiting: a reader may hold its lock for hours.
        yield _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def delete_unread(folder: Path) -> bool:
    """Delete a folder unless somebody is reading it, and tell whether it is gone."""
    if not folder.is_dir():
        return True
    with _held_alone(folder) as is_alone:
        if is_alone:
            shutil.rmtree(folder, ignore_errors=True)
    return is_alone
