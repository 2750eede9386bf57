"""Discovery: the files that are meant by files and folders, and the day of each."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flows.hashing import hash_file
from flows.raw.raw_file import RefusedInput
from flows.raw.sidecar import is_passed_over, read_sidecar
from flows.redact import escape_unprintable

DEEPEST = 100
"""Folders within each other in which files are looked for."""

LONGEST_PATH = 200
"""Characters of a path that are shown where it has too many."""


@dataclass(frozen=True)
class InputFile:
    """A file on disk that somebody wants to be read."""

    path: Path
    sha256: str
    duplicate_of: Path | None = None
    """The file with the same bytes that was taken first; None for itself. It need not be read."""


def find_files(
    paths: Sequence[Path], read_hash: Callable[[Path], str] = hash_file
) -> Iterator[InputFile]:
    """Find the files that are meant by some files and folders, in a stable order.

    Folders are read recursively, sorted by name; hidden files (``.gitkeep``, ``.DS_Store``),
    hidden folders, sidecars and what those say holds nothing are passed over. Raises
    `RefusedInput` for a path that does not exist, for a symbolic link that leads back to a folder
    above it or nowhere, and for what is neither file nor folder. ``read_hash`` returns the
    sha256 of a file.
    """
    files = list_input_files(paths)
    digests = {file: read_hash(file) for file in files}
    first: dict[str, Path] = {}
    # Of files with the same bytes the oldest is read: its day is when they came.
    for file in sorted(files, key=_sort_key):
        first.setdefault(digests[file], file)
    for file, digest in digests.items():
        yield InputFile(file, digest, None if first[digest] == file else first[digest])


def list_input_files(paths: Sequence[Path]) -> list[Path]:
    """List the files that are meant by some paths, each once; raises as `find_files` does."""
    # A file may be named by itself and by its folder.
    return list(dict.fromkeys(file for path in paths for file in _walk_files(path, ())))


def _sort_key(path: Path) -> tuple[date, bytes]:
    # A file without a day is refused later, by name; here it comes last.
    try:
        return find_snapshot_day(path), os.fsencode(path)
    except RefusedInput:
        return date.max, os.fsencode(path)


def _walk_files(path: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise RefusedInput(_describe_unreachable(path, error)) from None
    if len(above) > DEEPEST:
        shown = format_path(path)[:LONGEST_PATH]
        raise RefusedInput(
            f"{shown}...: more than {DEEPEST} folders within each other. Name the files themselves."
        )
    if real in above:
        raise RefusedInput(
            f"{format_path(path)}: a symbolic link that leads back to {format_path(real)}, a "
            "folder above it. Remove the link or name the files themselves."
        )
    if real.is_file():
        yield path
    elif real.is_dir():
        # Bytes sort alike on every system, those of names that are no UTF-8 as well.
        for child in sorted(path.iterdir(), key=os.fsencode):
            if not child.name.startswith(".") and not is_passed_over(child):
                yield from _walk_files(child, (*above, real))
    else:
        raise RefusedInput(f"{format_path(path)}: neither a file nor a folder. Name a file.")


def _describe_unreachable(path: Path, error: Exception) -> str:
    # A path that holds a NUL cannot even be asked whether it is a link.
    if not isinstance(error, ValueError) and path.is_symlink():
        return f"{format_path(path)}: a symbolic link that leads nowhere or to itself. Remove it."
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{format_path(path)}: {reason}. Check the path."


def format_path(path: Path) -> str:
    r"""Write a path so that it can be printed, whatever bytes its name is made of.

    >>> format_path(Path("a\udcffb")), format_path(Path("a\x1b[2Jb"))
    ('a\\xffb', 'a\\x1b[2Jb')
    """
    return escape_unprintable(os.fsencode(path).decode("utf-8", "backslashreplace"))


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_folder_day(name: str) -> date | None:
    """Read the day that a folder is called by; None for another name, and for no day of a calendar.

    >>> read_folder_day("2026-11-23"), read_folder_day("2026-02-30"), read_folder_day("20261123")
    (datetime.date(2026, 11, 23), None, None)
    """
    try:
        return date.fromisoformat(name) if DAY.fullmatch(name) else None
    except ValueError:
        return None


def find_snapshot_day(path: Path) -> date:
    """Find the day a file was taken from its source.

    It is the name of the nearest folder above the file that is a day (``2026-11-23``), else the
    day in its sidecar, else the day on which it was last modified, in UTC. Raises `RefusedInput`
    for a time of modification that is in no year of the calendar.
    """
    for parent in path.absolute().parents:
        if day := read_folder_day(parent.name):
            return day
    if fetched := read_sidecar(path):
        return datetime.fromisoformat(fetched.time).date()
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()
    except (ValueError, OverflowError, OSError):
        raise RefusedInput(
            f"{format_path(path)}: was last modified in no year from 1 to 9999. Touch it, or put "
            "it into a folder named by its day, such as 2026-11-23."
        ) from None
