"""Stray files: what is in folders of caches in the place of files, and cannot be read as one.

A pipe would have its reader wait for ever, and through a link a run would write elsewhere. Caches
are made again, so that whatever is no file is removed before a run reads any. What a folder holds
may be somebody's, where it is not in a cache that is called after a release: it is refused.
"""

import os
import shutil
from pathlib import Path

from flows.errors import UserError
from flows.runs.notices import note

NOTICED = "folders of caches"
"""How notices call them."""

TABLE, PARTIAL = ".parquet", ".partial"

FILE_ENDINGS = (".json", ".arrow")
"""What names of files end with that no table has, which may be a folder of parts."""


def remove_strays(folder: Path, *, is_flat: bool = False) -> None:
    """Remove whatever is neither a file nor a folder of a cache below its folder, if it is there.

    So are folders named as files are; in one that is ``is_flat``, all whose names have a hyphen or
    a dot, whatever they hold. The folder itself may be a link that somebody made, to another disk;
    it is removed only where no folder is behind it. Raises `UserError` for a folder that holds
    something elsewhere.
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
            remove_stray(path, is_flat=is_flat)


def remove_stray(path: Path, *, is_flat: bool = False) -> None:
    """Remove what has the place of a file, unless it is one, or a folder that holds something."""
    if not os.path.lexists(path) or (path.is_file() and not path.is_symlink()):
        return
    if not path.is_dir() or path.is_symlink():
        path.unlink()
    elif is_flat:
        shutil.rmtree(path)
    elif any(path.iterdir()):
        raise UserError(
            f"{path} is a folder in the place of a file that a run makes: move it away, or name "
            "another folder with --interim, and run again."
        )
    else:
        path.rmdir()
    note(NOTICED, "name", "removed: a link, a pipe or a folder in the place of a file", path)


def _is_in_place_of_file(folder: Path, *, is_flat: bool) -> bool:
    if is_flat:
        return "-" in folder.name or "." in folder.name
    if not folder.name.endswith(TABLE):
        return folder.name.endswith(FILE_ENDINGS)
    parts = list(folder.iterdir())
    # A table in parts has one at least, and what a run was writing when it was killed.
    return not parts or any(part.suffix not in {TABLE, PARTIAL} or part.is_dir() for part in parts)
