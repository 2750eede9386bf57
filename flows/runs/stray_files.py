"""Strays: what lies in folders of caches in the place of files, and cannot be read as one.

A pipe would have its reader wait for ever, and through a link a run would write elsewhere. Caches
are made again, so that whatever is no file is removed before a run reads any.
"""

import os
import shutil
from pathlib import Path

from flows.runs.notices import note

NOTICED = "folders of caches"
"""How notices call them."""

TABLE = ".parquet"

FILE_ENDINGS = (".json", ".arrow")
"""What names of files end with that no table has, which may be a folder of parts."""


def remove_strays(folder: Path, *, is_flat: bool = False) -> None:
    """Remove whatever is neither a file nor a folder of a cache below its folder, if it is there.

    So are folders named as files are; in one that is ``is_flat``, all whose names have a hyphen or
    a dot. The folder itself may be a link that somebody made, to another disk; it is removed only
    where no folder is behind it.
    """
    if not folder.is_dir():
        remove_stray(folder)
        return
    with os.scandir(folder) as entries:
        listed = list(entries)
    for entry in listed:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False) and not _is_in_place_of_file(path, is_flat=is_flat):
            remove_strays(path, is_flat=is_flat)
        elif not entry.is_file(follow_symlinks=False):
            remove_stray(path)


def remove_stray(path: Path) -> None:
    """Remove what has the place of a file, unless it is one."""
    if not os.path.lexists(path) or (path.is_file() and not path.is_symlink()):
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    note(NOTICED, "name", "removed: a link, a pipe or a folder in the place of a file", path)


def _is_in_place_of_file(folder: Path, *, is_flat: bool) -> bool:
    if is_flat:
        return "-" in folder.name or "." in folder.name
    if not folder.name.endswith(TABLE):
        return folder.name.endswith(FILE_ENDINGS)
    parts = list(folder.iterdir())
    # A table in parts has one at least, and nothing else.
    return not parts or any(part.suffix != TABLE or part.is_dir() for part in parts)
