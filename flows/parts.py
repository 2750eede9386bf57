"""Parts: tables that are read some rows at a time, on as many threads as a laptop can spare."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar

import polars as pl

from flows.errors import UserError, count_noun
from flows.hashing import SHA256, describe_bytes, find_hash, hash_once, is_as_described
from flows.id_hashes import find_peaks

THREADS = 2
"""Native code reads texts and compares them on threads; two is what a laptop can spare."""

PART_ROWS = 40_000
"""Rows of a part, about: what is worked on in one go, on each of the threads."""

LONGEST_PART = 3
"""How many times as long as others a part may be."""

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

    A part begins at an id whose hash is greater than those of all ids near it, so that two of these
    are more than half of the rows apart. Rows that are new change the part that they are in, and
    seldom one beside it; all others stay what they were, whatever surrounds them. No part has more
    than `LONGEST_PART` times the rows: a longer stretch is cut, and what remains of it may be
    short, as the last part may.

    >>> cut_at_ids(pl.Series(["a", "b", "c"]), rows=1)
    [(0, 1), (1, 2), (2, 3)]
    >>> cut_at_ids(pl.Series([], dtype=pl.String))
    [(0, 0)]
    """
    borders = [row for row in find_peaks(ids, rows // 2).tolist() if row]
    longest, parts = LONGEST_PART * rows, []
    for start, end in pairwise([0, *borders, len(ids)]):
        # Chance may leave a long stretch without a border; memory must not depend on it.
        inner = range(start, max(end, start + 1), longest)
        parts += [(first, min(first + longest, end)) for first in inner]
    return parts


def map_in_order(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Call a function on each part, and yield the results in the order of the parts.

    An error of one part ends the work. No thread waits for a long part before it begins one further
    on, so parts are listed at once, and results are held until those before them are taken: both
    have to be small, such as paths, or to be kept by the caller anyway.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(work, parts)


def empty_folder(folder: Path) -> Path:
    """Make a folder for the parts of a table, without what an earlier run left in its place."""
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.unlink(missing_ok=True)
    folder.mkdir(parents=True)
    return folder


def link_file(source: Path, target: Path) -> Path:
    """Link a file that nobody writes into, in the place of whatever had that name before."""
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


SEAL = "checksums.json"
"""The file of a step's folder that is written last, and names all others with their sha256."""


class DamagedStep(UserError):
    """A table between two steps that is not the one that was written."""

    @classmethod
    def of_file(cls, file: Path) -> Self:
        """Say that a file has other bytes than were written."""
        return cls(
            f"{file} is not what its step has written: it was changed, or the disk loses data. "
            "Run again, and it is made again."
        )

    @classmethod
    def of_records(cls, file: Path, number: int) -> Self:
        """Say that a file was changed after its records were listed, so many of them."""
        return cls(
            f"{file} does not hold the {count_noun(number, 'record')} that were listed from it, in "
            "their order: it was changed during the run. Run again, and it is made again."
        )


class UnfinishedStep(DamagedStep):
    """A folder that a step has not come to the end of."""


def break_seal(folder: Path) -> None:
    """Remove the checksums of a folder before anything in it changes."""
    (folder / SEAL).unlink(missing_ok=True)


def seal_step(
    folder: Path,
    known: Mapping[tuple[int, int], str] | None = None,
    *,
    is_lasting: bool = False,
) -> None:
    """Note the sha256 of each table that a step leaves, for the step that reads them.

    Of one that is kept for later runs, ``is_lasting``, the CRC-32 of each is noted as well: then
    they compare that, which takes a fifth of the time.

    ``known``: hashes by what `identify_file` returns. Another name of a file that was compared
    already has the hash of then, so that damage since then does not pass for what was written.
    """
    known = known or {}
    hashes = {
        name: known.get(identify_file(path)) or hash_once(path)
        for name, path in _list_tables(folder).items()
    }
    partial = folder / f"{SEAL}.partial"
    paths = _list_tables(folder) if is_lasting else {}
    sums = {name: describe_bytes(path) for name, path in paths.items()}
    notes = {"files": hashes, "sums": sums, "checksum": hash_notes([hashes, sums])}
    partial.write_text(json.dumps(notes, sort_keys=True), encoding="utf-8")
    partial.replace(folder / SEAL)


def require_whole_step(folder: Path, table: str = "") -> dict[Path, str]:
    """Return the sha256 of each table of a step, or of one ``table``, compared with what it wrote.

    Raises `DamagedStep`, which names the first file that differs, is missing or was added, and
    `UnfinishedStep` where the step did not come to its end.
    """
    if not (folder / SEAL).exists():
        raise UnfinishedStep(
            f"{folder} is unfinished: the run that writes it was stopped, or is under way. Wait "
            "for it, or run `open-papers refresh` again."
        )
    try:
        notes = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        expected: dict[str, str] = notes["files"]
        # Earlier versions noted no sums.
        sums: dict[str, Any] = notes.get("sums", {})
        if notes["checksum"] != hash_notes([expected, sums] if "sums" in notes else expected):
            raise ValueError(SEAL)  # noqa: TRY301  # treated as all else that is wrong with it
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise DamagedStep.of_file(folder / SEAL) from None
    files = _list_tables(folder)
    names = sorted(name for name in expected.keys() | files.keys() if name.startswith(table))
    for name in names:
        if name not in files:
            raise DamagedStep.of_file(folder / name)
        if name in sums and find_hash(files[name]) is None:
            is_as_described(files[name], {**sums[name], SHA256: expected[name]})
        if hash_once(files[name]) != expected.get(name):
            raise DamagedStep.of_file(folder / name)
    return {files[name]: expected[name] for name in names}


def identify_file(file: Path) -> tuple[int, int]:
    """Return the device and inode of a file, which are the same under each of its names."""
    state = file.stat()
    return state.st_dev, state.st_ino


def _list_tables(folder: Path) -> dict[str, Path]:
    # A table in parts is a folder of that name.
    paths = (path for path in folder.rglob("*.parquet") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def hash_notes(notes: object) -> str:
    """Hash what JSON can say: the checksum that is written beside it in a file."""
    return hashlib.sha256(json.dumps(notes, sort_keys=True).encode()).hexdigest()


FORMER_NOTES = ({"files", "version"}, {"files", "checksum"})
"""Keys of the notes that earlier versions left: those are of no use, and not damaged."""


class NotedFiles:
    """Files of which the last run found that nothing is wrong, by the sha256 of each."""

    def __init__(self, path: Path, version: str) -> None:
        """Read the notes in a file; none where another version left them, or they are damaged."""
        self._path, self._version = path, version
        self._now: list[str] = []
        self._before: frozenset[str] = frozenset()
        self.is_damaged = path.exists()
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            notes = json.loads(path.read_text(encoding="utf-8"))
            if set(notes) in FORMER_NOTES:
                self.is_damaged = False
                return
            self.is_damaged = notes["checksum"] != hash_notes([notes["version"], notes["files"]])
            if not self.is_damaged and notes["version"] == version:
                self._before = frozenset(notes["files"])

    def has(self, digest: str) -> bool:
        """Return whether the last run noted a file with these bytes."""
        return digest in self._before

    def add(self, digest: str) -> None:
        """Note a file for the next run."""
        self._now.append(digest)

    def write(self) -> None:
        """Leave the notes of this run for the next one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        checksum = hash_notes([self._version, self._now])
        notes = {"version": self._version, "files": self._now, "checksum": checksum}
        self._path.write_text(json.dumps(notes), encoding="utf-8")
