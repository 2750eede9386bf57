"""Noted hashes: the sha256 of raw files that are, to the system, what they were in the last run."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from flows.hashing import hash_file, is_settled
from flows.parts import hash_notes


class NotedHashes:
    """The sha256 of raw files, by what the system says of each.

    That is its device, inode and size, and when its bytes and its inode last changed. The last of
    these no program can set: whoever writes into a file, gives it another time or puts another one
    in its place changes it, and the file is read again. That a disk loses bits unseen changes
    nothing: no step reads a file whose hash and parser are those of a parse that is there, and what
    is parsed is hashed as it is read.
    """

    def __init__(self, path: Path) -> None:
        """Read the notes in a file; none where there is none, or they are not what was written."""
        self._path = path
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            notes = json.loads(path.read_text(encoding="utf-8"))
            if notes["checksum"] == hash_notes(notes["files"]):
                self._before = dict(notes["files"])

    def hash_file(self, path: Path) -> str:
        """Return the sha256 of a file, which is read where it is not noted."""
        state, moment = path.stat(), time.time_ns()
        times = (state.st_mtime_ns, state.st_ctime_ns)
        identity = " ".join(map(str, (state.st_dev, state.st_ino, state.st_size, *times)))
        digest = self._before.get(identity) or hash_file(path)
        # One that changed a moment before may change once more within the same tick, unseen.
        if all(is_settled(changed, moment) for changed in times):
            self._now[identity] = digest
        return digest

    def write(self) -> None:
        """Leave the notes of this run for the next one, of the files that it asked for."""
        if os.name != "posix":  # elsewhere the last time is that of a file's making
            return
        partial = self._path.with_name(f"{self._path.name}.partial")
        # Without notes all files are read again: that costs time only.
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            notes = {"files": self._now, "checksum": hash_notes(self._now)}
            partial.write_text(json.dumps(notes), encoding="utf-8")
            partial.replace(self._path)
