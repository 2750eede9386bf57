"""Hashes of files: the sha256 of one, and one of many."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(paths: Iterable[Path], below: Path) -> str | None:
    """Return one hash over names and contents of files, whatever their order; None for no files."""
    found = sorted(path for path in paths if path.is_file())
    if not found:
        return None
    digest = hashlib.sha256()
    for path in found:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(below).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
