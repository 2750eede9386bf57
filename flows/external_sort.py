"""External sort: rows wait in files between two steps, so that memory holds a part only."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow as pa

ROWS = 50_000
"""Rows of a range of keys: some 70 MB of abstracts."""

JOINED_ROWS = 20_000
"""Rows that are spread over ranges at a time, at least: some 30 MB of abstracts, sorted twice."""


@contextmanager
def spill_dir(folder: Path) -> Iterator[Path]:
    """Make an empty folder for rows that wait, and remove it with all of them afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_part(rows: pl.DataFrame, path: Path) -> Path:
    """Write rows to a file. Not packed: that takes longer than writing two thirds more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_ipc(path, compression="uncompressed")
    return path


def read_part(path: Path) -> pl.DataFrame:
    """Read rows from a file."""
    # `read_ipc` takes brackets in the name of a folder for a pattern.
    return pl.scan_ipc(path, glob=False).collect(engine="in-memory")


def map_part(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Map some columns of a file: only what is looked at of them is read.

    Rows taken from it keep the whole file mapped: see `copy_rows`.
    """
    # Neither polars nor Arrow's option to read some fields maps: both read the whole file.
    with pa.memory_map(str(path)) as mapped:
        frame = pl.from_arrow(pa.ipc.open_file(mapped).read_all().select(columns))
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


def copy_columns(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Read some columns of a file into memory, and nothing else of it."""
    return copy_rows(map_part(path, columns))


def copy_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Copy rows, so that they hold nothing of what they were taken from.

    Texts taken from a frame are views into all of its texts, which stay in memory for them.
    """
    copied = pl.from_arrow(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=rows.schema)
    return copied if isinstance(copied, pl.DataFrame) else copied.to_frame()


def partition(
    parts: Iterable[pl.DataFrame], key: str, borders: pl.Series, folder: Path
) -> Callable[[int], pl.DataFrame | None]:
    """Spread rows over ranges of their keys; return what reads the rows of one range.

    ``borders``: sorted keys, each the first of a range but the first range, which has number 0. A
    range without rows is None. The files stay in ``folder`` for as long as the caller keeps it.
    """
    for number, part in enumerate(_join_small_parts(parts)):
        spread_rows(part, key, borders, folder, number)
    return partial(read_range, folder)


def spread_rows(
    rows: pl.DataFrame, key: str, borders: pl.Series, folder: Path, number: int
) -> None:
    """Spread rows over ranges as `partition` does; no other rows go there under this ``number``."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, some in _cut_by_ranges(rows.sort(key, maintain_order=True), key, borders):
        write_part(some, folder / f"{place:05}" / f"{number:05}.arrow")


def read_range(folder: Path, place: int) -> pl.DataFrame | None:
    """Read the rows of a range, in the order of their numbers; None where it has none."""
    files = sorted((folder / f"{place:05}").glob("*.arrow"))
    return pl.concat([read_part(file) for file in files]) if files else None


def _join_small_parts(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Join small parts to `JOINED_ROWS`: each makes a file in every range, which take longest."""
    waiting: list[pl.DataFrame] = []
    for part in parts:
        waiting.append(part)
        if sum(rows.height for rows in waiting) >= JOINED_ROWS:
            yield pl.concat(waiting)
            waiting.clear()
    if waiting:
        yield pl.concat(waiting)


def _cut_by_ranges(
    part: pl.DataFrame, key: str, borders: pl.Series
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Return the rows of each range of keys, and which it is; a border begins its range."""
    # "left": a row whose key is a border begins its range, in every part.
    inner = part[key].search_sorted(borders, side="left").to_list()
    for place, (start, end) in enumerate(pairwise([0, *inner, part.height])):
        if start < end:
            yield place, part[start:end]
