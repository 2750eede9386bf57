"""Discovery: the files that are meant by files and folders, and the day of each."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
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
    """Empty for one that need not be read to its end."""
    duplicate_of: Path | None = None
    """The file with the same bytes that was taken first; None for itself. It need not be read."""
    fault: str = ""
    """Why it cannot be read at all, behind its place and a colon."""


def find_files(
    paths: Sequence[Path],
    read_hash: Callable[[Path], str] = hash_file,
    *,
    skip_unusable: bool = False,
) -> Iterator[InputFile]:
    """Find the files that are meant by some files and folders, in a stable order.

    Folders are read recursively, sorted by name; hidden files (``.gitkeep``, ``.DS_Store``),
    hidden folders, ``Thumbs.db``, sidecars and what those say holds nothing are passed over.
    ``read_hash`` returns the sha256 of a file, or nothing for one that need not be read whole.

    Raises `RefusedInput`, which lists all of them, for paths that do not exist, for symbolic links
    that lead back to a folder above them or nowhere, and for what is neither file nor folder; with
    ``skip_unusable`` these are yielded with their fault.
    """
    found = _walk_paths(paths)
    if not skip_unusable:
        _require_usable_paths(found)
    digests = {path: "" if fault else read_hash(path) for path, fault in found.items()}
    first = _choose_first({path: digest for path, digest in digests.items() if digest})
    for path, fault in found.items():
        taken = first.get(digests[path], path)
        yield InputFile(path, digests[path], None if taken == path else taken, fault)


def list_input_files(paths: Sequence[Path]) -> list[Path]:
    """List the files that are meant by some paths, each once; raises as `find_files` does."""
    found = _walk_paths(paths)
    _require_usable_paths(found)
    return list(found)


def _walk_paths(paths: Sequence[Path]) -> dict[Path, str]:
    """Map each file that is meant to its fault, empty where it has none."""
    # A file may be named by itself and by its folder.
    return dict(each for path in paths for each in _walk_files(path, ()))


def _require_usable_paths(found: Mapping[Path, str]) -> None:
    # All at once: who mends one after the other starts a run for each.
    if faults := [f"{format_path(path)}: {fault}" for path, fault in found.items() if fault]:
        raise RefusedInput("\n".join(faults))


def _choose_first(digests: Mapping[Path, str]) -> dict[str, Path]:
    """Choose, of files with the same bytes, the one that is read, by its sha256."""
    alike: dict[str, list[Path]] = {}
    for path, digest in digests.items():
        alike.setdefault(digest, []).append(path)
    return {
        digest: min(paths, key=partial(_sort_key, digest)) if len(paths) > 1 else paths[0]
        for digest, paths in alike.items()
    }


def _sort_key(digest: str, path: Path) -> tuple[bool, date, bytes]:
    """Sort files with the same bytes: one that will be refused would take the others with it.

    Of the rest the oldest is read: its day is when they came.
    """
    name = os.fsencode(path)
    try:
        return bool(find_misfit(path, digest)), find_snapshot_day(path), name
    except RefusedInput:
        return True, date.max, name


CHANGED = (
    "its bytes are not those that were fetched. Delete it with its sidecar and fetch it again, or "
    "delete the sidecar alone if the change is meant"
)
"""What is wrong with a raw file that another hash was noted for when it came."""


def find_misfit(path: Path, digest: str) -> str:
    """Say why a file is refused whatever it holds; empty where it is not.

    ``digest`` is its sha256, empty where only its beginning was looked at.
    """
    try:
        # Python reads other names with surrogates, which no table can hold.
        path.name.encode()
    except UnicodeEncodeError:
        return "its name is no UTF-8. Rename it."
    fetched = read_sidecar(path)
    return CHANGED if fetched and digest not in {"", fetched.sha256} else ""


def _walk_files(path: Path, above: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Yield the files below a path, each with its fault, empty where it has none."""
    try:
        real = path.resolve(strict=True)
        is_folder = real.is_dir()
        # Bytes sort alike on every system, those of names that are no UTF-8 as well.
        children = sorted(path.iterdir(), key=os.fsencode) if is_folder else []
    except PermissionError:
        raise  # a folder of another user is no matter of what is in it
    except (OSError, RuntimeError, ValueError) as error:
        yield path, _describe_unreachable(path, error)
        return
    if len(above) > DEEPEST:
        raise RefusedInput(
            f"{format_path(path)[:LONGEST_PATH]}...: more than {DEEPEST} folders within each "
            "other. Name the files themselves."
        )
    if real in above:
        back = f"a symbolic link that leads back to {format_path(real)}, a folder above it."
        yield path, f"{back} Remove the link or name the files themselves."
    elif is_folder:
        for child in children:
            if not is_of_system(child.name) and not is_passed_over(child):
                yield from _walk_files(child, (*above, real))
    else:
        yield path, "" if real.is_file() else "neither a file nor a folder. Name a file."


SYSTEM_NAMES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"}
"""What Windows and macOS put beside the files of people, in small letters."""


def is_of_system(name: str) -> bool:
    """Return whether a file or folder is hidden, or one that systems make and nobody means."""
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def _describe_unreachable(path: Path, error: Exception) -> str:
    # A path that holds a NUL cannot even be asked whether it is a link.
    if not isinstance(error, ValueError) and path.is_symlink():
        return "a symbolic link that leads nowhere or to itself. Remove it."
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{reason}. Check the path."


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


CLOCKS_APART = timedelta(days=1)
"""How far a file may be ahead of our clock: archives write the time of any zone."""

DATE_IT = "Touch it, or put it into a folder named by its day, such as 2026-11-23."


def find_snapshot_day(path: Path) -> date:
    """Find the day a file was taken from its source.

    It is the name of the nearest folder above the file that is a day (``2026-11-23``), else the
    day in its sidecar, else the day on which it was last modified, in UTC. Raises `RefusedInput`
    for a day that is yet to come, and for a time of modification in no year of the calendar.
    """
    for parent in path.absolute().parents:
        if day := read_folder_day(parent.name):
            rename = "Rename the folder by the day on which its files were taken."
            return _require_past(path, day, f"is in a folder named {day}", rename)
    if fetched := read_sidecar(path):
        day = datetime.fromisoformat(fetched.time).date()
        delete = "Delete its sidecar, or put it into a folder named by its day."
        return _require_past(path, day, f"was fetched, says its sidecar, on {day}", delete)
    try:
        day = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()
    except (ValueError, OverflowError, OSError):
        raise RefusedInput(
            f"{format_path(path)}: was last modified in no year from 1 to 9999. {DATE_IT}"
        ) from None
    return _require_past(path, day, f"was last modified on {day}", DATE_IT)


def _require_past(path: Path, day: date, claim: str, remedy: str) -> date:
    """Return a day. Raises `RefusedInput` where it is yet to come.

    By such a day all other sources would be stale, and every later release older than this one.
    """
    if day > (datetime.now(UTC) + CLOCKS_APART).date():
        raise RefusedInput(
            f"{format_path(path)}: {claim}, which is yet to come by the clock of this machine. "
            f"{remedy}"
        )
    return day
