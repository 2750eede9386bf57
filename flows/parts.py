"""Parts: tables that are read some rows at a time, on as many threads as a laptop can spare."""

import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias, TypeVar
from zlib import crc32

import polars as pl

THREADS = 2
"""Native code reads texts and compares them on threads; two is what a laptop can spare."""

PART_ROWS = 50_000
"""Rows of a part: what is worked on in one go, on each of the threads."""

Records: TypeAlias = pl.DataFrame | Sequence[pl.LazyFrame]
"""Records in memory, or in parts that are read when they are looked at: so the abstracts of three
million need not be in memory at once."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def split_records(records: Records) -> Sequence[pl.LazyFrame]:
    """Cut records in memory into parts of `PART_ROWS` rows; those in parts stay as they are."""
    if not isinstance(records, pl.DataFrame):
        return records
    starts = range(0, max(len(records), 1), PART_ROWS)
    return [records.lazy().slice(start, PART_ROWS) for start in starts]


def cut_at_ids(ids: pl.Series, rows: int = PART_ROWS) -> list[tuple[int, int]]:
    """Cut sorted ids, none twice, into parts of about so many rows; return first and last row + 1.

    Where a part ends follows from the id that begins the next one, whatever surrounds it. So rows
    that are new change the part that they are in, and all other parts stay what they were. No part
    has more than four times the rows.

    >>> cut_at_ids(pl.Series(["a", "b", "c"]), rows=1)
    [(0, 1), (1, 2), (2, 3)]
    >>> cut_at_ids(pl.Series([], dtype=pl.String))
    [(0, 0)]
    """
    borders = [row for row, text in enumerate(ids) if row and crc32(text.encode()) % rows == 0]
    parts = []
    for start, end in pairwise([0, *borders, len(ids)]):
        # Chance may leave a long stretch without a border; memory must not depend on it.
        inner = range(start, max(end, start + 1), 4 * rows)
        parts += [(first, min(first + 4 * rows, end)) for first in inner]
    return parts


def map_in_order(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Call a function on each part, and yield the results in the order of the parts.

    An error of one part ends the work.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        # `Executor.map` would read all parts at once; here one more is read than is worked on.
        waiting: deque[Future[Result]] = deque()
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def empty_folder(folder: Path) -> Path:
    """Make a folder for the parts of a table, without what an earlier run left in its place."""
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.unlink(missing_ok=True)
    folder.mkdir(parents=True)
    return folder


def link_file(source: Path, target: Path) -> Path:
    """Give a file that nobody writes into a second name, whatever had that name before."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a disk without hard links
        shutil.copyfile(source, target)
    return target


def link_table(source: Path, target: Path) -> None:
    """Give a table a second place: the file, or each part of the folder that it is."""
    if not source.is_dir():
        link_file(source, target)
        return
    empty_folder(target)
    for part in sorted(source.glob("*.parquet")):
        link_file(part, target / part.name)


class NotedFiles:
    """Files of which the last run found that nothing is wrong, by what a file system says of them.

    They may have other names by now and are the same files: steps give a file a second name and
    never write into one.
    """

    def __init__(self, path: Path, version: str) -> None:
        """Read the notes in a file; none where another version left them, or they are damaged."""
        self._path, self._version = path, version
        self._now: list[list[int]] = []
        try:
            notes = json.loads(path.read_text(encoding="utf-8"))
            self._before = notes["files"] if notes["version"] == version else []
        except (OSError, ValueError, KeyError, TypeError):
            self._before = []

    def has(self, file: Path) -> bool:
        """Tell whether a file was noted by the last run and is the same."""
        return _identify_file(file) in self._before

    def add(self, file: Path) -> None:
        """Note a file for the next run."""
        self._now.append(_identify_file(file))

    def write(self) -> None:
        """Leave the notes of this run for the next one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        notes = {"version": self._version, "files": self._now}
        self._path.write_text(json.dumps(notes), encoding="utf-8")


def _identify_file(file: Path) -> list[int]:
    state = file.stat()
    return [state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns]
