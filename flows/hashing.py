"""Hashing: the sha256 of one, and one of many."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from isal import isal_zlib

SETTLED_NS = 100_000_000
"""A file that changed less than these nanoseconds before it was read may change once more within
the same tick of the disk's clock, unseen; clocks of most disks tick some hundred times a second."""

COARSE_SETTLED_NS = 2_000_000_000
"""The same for disks that keep whole seconds only; those of FAT are every other second."""

SECOND_NS = 1_000_000_000

_READ: dict[tuple[str, int, int, int, int], object] = {}
"""What this run has read of files, the sha256 for one: by what it is, and by device, inode, size
and time of modification."""

SHA256 = "sha256"

PIECE = 1 << 18
"""Bytes that are summed at once: they stay in the processor's own memory."""

Fact = TypeVar("Fact")


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_once(path: Path) -> str:
    """Return the sha256 of a file, which a run reads once for it: see `read_once`."""
    return read_once(SHA256, path, hash_file)


def read_once(what: str, path: Path, read: Callable[[Path], Fact]) -> Fact:
    """Return what is read of a file, which a run reads once for it, under whichever of its names.

    It is read again where its size or its time of modification differ. So damage of before the run
    is found, and what anybody writes into the file meanwhile. ``what`` names what is read, which
    nobody changes.
    """
    state, moment = path.stat(), time.time_ns()
    identity = _identify(what, state)
    if (fact := _READ.get(identity)) is not None:
        return cast("Fact", fact)
    fresh = read(path)
    if is_settled(state.st_mtime_ns, moment):
        _READ[identity] = fresh
    return fresh


def find_hash(path: Path) -> str | None:
    """Find the sha256 of a file that this run has hashed; None where it has not."""
    return cast("str | None", _READ.get(_identify(SHA256, path.stat())))


def note_hash(state: os.stat_result, digest: str, moment: int) -> None:
    """Note the sha256 of a file whose bytes were compared with what was noted beside the digest.

    ``state`` and ``moment``, in nanoseconds, are of before they were read.
    """
    if is_settled(state.st_mtime_ns, moment):
        _READ[_identify(SHA256, state)] = digest


def describe_bytes(path: Path) -> dict[str, Any]:
    """Return the size and the CRC-32 of a file: they find damage, they do not stop forgers."""
    total, piece = 0, memoryview(bytearray(PIECE))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(piece):
            # The numbers of zlib, five times as fast: a cache of a million records has gigabytes.
            total = isal_zlib.crc32(piece[:size], total)
    return {"bytes": path.stat().st_size, "crc32": f"{total:08x}"}


def is_as_described(path: Path, about: Mapping[str, Any]) -> bool:
    """Return whether a file is what was noted of it; then its sha256 need not be taken again.

    ``about``: what `describe_bytes` gave, and the ``sha256`` if it was noted as well.
    """
    state, moment = path.stat(), time.time_ns()
    if describe_bytes(path) != {name: about[name] for name in ("bytes", "crc32")}:
        return False
    if digest := about.get(SHA256):
        note_hash(state, digest, moment)
    return True


def _identify(what: str, state: os.stat_result) -> tuple[str, int, int, int, int]:
    # Not the time of change as well: each new name of a file changes it, and steps give many.
    return what, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def is_settled(modified: int, moment: int) -> bool:
    """Return whether a change after a moment would show in a file's time of modification.

    Both are in nanoseconds.

    >>> is_settled(1_500_000_000, 1_700_000_000), is_settled(1_500_000_000, 1_550_000_000)
    (True, False)
    >>> is_settled(1_000_000_000, 1_700_000_000), is_settled(1_000_000_000, 3_500_000_000)
    (False, True)
    """
    is_coarse = modified % SECOND_NS == 0
    return modified < moment - (COARSE_SETTLED_NS if is_coarse else SETTLED_NS)


def forget_hashes() -> None:
    """Read all files again when they are next asked for: a run does not believe another one."""
    _READ.clear()


def hash_files(paths: Iterable[Path], below: Path) -> str | None:
    """Return one hash over names and contents of files, whatever their order; None for no files."""
    files = sorted(path for path in paths if path.is_file())
    if not files:
        return None
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(below).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
