"""Open release: a folder whose manifest, configs and checksums are read once."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import polars as pl
import pyarrow as pa

from flows import tables
from flows.hashing import hash_once
from flows.release.id_ranges import RangedTable
from flows.release.layout import (
    CONFIG_FOLDER,
    FILE_NAME,
    MANIFEST,
    TABLES,
    Config,
    NotARelease,
    find_config,
    sort_rows,
)
from flows.release.manifest_file import read_manifest
from flows.release.open_folder import OpenFolder
from schemas.release import ADDED_COLUMNS, SCHEMA_VERSION

EXAMPLES = 5
"""How many file names an error shows."""

CLAIMED_BYTES = (1_000_000_000, 1_000)
"""Bytes in memory that a Parquet file may claim: so many, or so many times its own size."""

CLAIMED_ROWS = 1_000_000
"""Rows that a Parquet file may claim whatever its size; above, it must hold a byte for each."""


class OtherVersion(NotARelease):
    """A release whose tables have other columns, or columns that mean something else."""


class DamagedRelease(NotARelease):
    """A release with a file that is not the one its manifest names."""


@dataclass(frozen=True)
class Release:
    """One release on disk: what is read through it is of that release, whatever replaces it.

    A file is compared with its sha256 in the manifest before it is first used.
    """

    folder: Path
    manifest: Mapping[str, Any]
    """What it was made from; empty where there is no release."""
    _held: OpenFolder | None

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the release in a folder. Raises `NotARelease` when it holds none."""
        try:
            held = OpenFolder(folder)
        except (FileNotFoundError, NotADirectoryError):
            # Raises `NotARelease` in the usual words; the error stands if a release came meanwhile.
            read_manifest(folder)
            raise
        return cls(folder, _read_manifest(held.root, folder), held)

    @classmethod
    def open_previous(cls, folder: Path) -> Self:
        """Open the release that the next one follows: one without rows if there is no folder.

        Raises `NotARelease` when the folder holds something else.
        """
        require_release_or_nothing(folder)
        if not (folder / MANIFEST).is_file():
            return cls(folder, {}, None)
        return cls.open(folder)

    @property
    def root(self) -> Path:
        """The folder as it was opened: paths below it lead to this release only."""
        return self._held.root if self._held else self.folder

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """Size and sha256 of each file, by its path in the folder; the manifest is none."""
        files: Mapping[str, Mapping[str, Any]] = self.manifest.get("files", {})
        return files

    def list_configs(self) -> list[Config]:
        """List the configs of the release by name. Raises `NotARelease` for an unknown one."""
        matches = (FILE_NAME.fullmatch(name) for name in self.files)
        names = sorted({match["config"] for match in matches if match and match["config"]})
        try:
            return [find_config(name) for name in names]
        except KeyError as error:
            raise NotARelease(
                f"{self.folder} holds {CONFIG_FOLDER}/{error.args[0]}, which is no config of a "
                "release. It was written by another version or is not ours: name another folder."
            ) from None

    def list_shards(self, config: Config) -> list[Path]:
        """List the files of a config in order, unchecked; none if the release has no such rows."""
        start = f"{CONFIG_FOLDER}/{config.name}/"
        return [self.root / name for name in sorted(self.files) if name.startswith(start)]

    def list_files(self, table: str) -> list[Path]:
        """List the files of a table, of all its licence layers, after comparing their hashes.

        The paths are valid as long as this object is. Raises `DamagedRelease`.
        """
        configs = [config for config in self.list_configs() if config.table == table]
        paths = [path for config in configs for path in self.list_shards(config)]
        self.require_intact([path.relative_to(self.root).as_posix() for path in paths])
        return paths

    def find_damaged(self, names: Iterable[str] | None = None) -> list[str]:
        """Find the files that are missing or differ from the manifest; all are looked at if None.

        A file that was hashed by this run and has not changed since is not read again.
        """
        return [
            name
            for name in (self.files if names is None else names)
            if not _is_intact_file(self.root / name, self.files[name])
        ]

    def require_intact(self, names: Iterable[str] | None = None) -> None:
        """Raise `DamagedRelease`, naming the files, unless they are those of the manifest."""
        if damaged := self.find_damaged(names):
            raise DamagedRelease(
                f"{self.folder} lacks {len(damaged)} of its files or holds others than its "
                f"{MANIFEST} names, such as {', '.join(damaged[:EXAMPLES])}. Put them back, or "
                "move the folder away and fetch the release again: ids would be lost otherwise."
            )

    def require_version(self) -> None:
        """Raise `OtherVersion` when the tables are neither those of this code nor older ones."""
        if not self.manifest or self.version == SCHEMA_VERSION or self.version + 1 in ADDED_COLUMNS:
            return
        maker = (self.manifest.get("code") or {}).get("open-papers", "of another version")
        raise OtherVersion(
            f"{self.folder} has version {self.version} of the tables, and this code reads version "
            f"{SCHEMA_VERSION}. Use open-papers {maker}, which made it. To start over without its "
            "ids, name an empty folder with --release and none with --previous."
        )

    @property
    def version(self) -> int:
        """The version of the tables; ours where there is no release."""
        return int(self.manifest.get("schema_version", SCHEMA_VERSION))

    def list_absent_columns(self, table: str) -> list[str]:
        """List the columns of a table that were added after this release was made."""
        newer = (added for version, added in ADDED_COLUMNS.items() if version > self.version)
        return [name for added in newer for name in added.get(table, ())]

    def read_table(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Read a table, or some of its columns; no rows if the release has none.

        Whole tables are sorted by their key, columns come in any order. Raises `DamagedRelease`,
        `OtherVersion`, and `NotARelease` for a file that Parquet's readers refuse.
        """
        self.require_version()
        paths = self.list_files(table)
        with self.explain_unreadable(table):
            # Before anything is loaded: a footer may claim more rows than fit into memory.
            for path in paths:
                require_bounded(path)
            absent = self.list_absent_columns(table)
            rows = tables.load(TABLES[table].model, paths, columns, absent)
        return rows if columns else sort_rows(table, rows)

    def scan_table(self, table: str) -> RangedTable:
        """Return a table that is read by ranges of its ``paper_id``, or the id that is its key.

        Raises as `read_table` does; scans are to be collected within its ``explain``.
        """
        self.require_version()
        paths, specification = self.list_files(table), TABLES[table]
        with self.explain_unreadable(table):
            for path in paths:
                require_bounded(path)
            # Holds this object, and so the folder open, for as long as the table is there.
            explain = partial(self.explain_unreadable, table)
            absent, key = self.list_absent_columns(table), specification.id_column
            return RangedTable.of_files(specification.model, paths, key, absent, explain)

    @contextmanager
    def explain_unreadable(self, table: str) -> Iterator[None]:
        """Name the release instead of the path through which it is read."""
        try:
            yield
        except tables.SchemaMismatch as error:
            text = str(error).replace(str(self.root), str(self.folder))
            raise tables.SchemaMismatch(text) from None
        # A panic of polars is no Exception, so that it would pass every handler above.
        except (
            pl.exceptions.PolarsError,
            pl.exceptions.PanicException,
            pa.ArrowException,
            OSError,
            MemoryError,
            # The name of a column in a damaged footer.
            UnicodeDecodeError,
        ) as error:
            raise NotARelease(
                f"{self.folder} is not a release: its table {table} cannot be read "
                f"({_first_line(error)}). Name another one."
            ) from None


def _read_manifest(root: Path, folder: Path) -> dict[str, Any]:
    try:
        return read_manifest(root)
    except NotARelease as error:
        raise NotARelease(str(error).replace(str(root), str(folder))) from None


def _is_intact_file(path: Path, entry: Mapping[str, Any]) -> bool:
    try:
        # The size first: a file of another one need not be read.
        is_same_size = path.is_file() and path.stat().st_size == entry["bytes"]
        return bool(is_same_size and hash_once(path) == entry["sha256"])
    except OSError:
        return False


def require_bounded(path: Path) -> None:
    """Raise `pyarrow.ArrowInvalid` for a Parquet file that claims more than it can hold.

    Ids that follow each other pack into less than a byte each (200,000 of a first release's changes
    take 191 kB), so that rows are compared with the size only above a number that memory holds.
    """
    footer = tables.read_file_footer(path)
    size = path.stat().st_size
    if footer.rows > max(CLAIMED_ROWS, size) or footer.unpacked > max(
        CLAIMED_BYTES[0], CLAIMED_BYTES[1] * size
    ):
        claimed = f"{footer.rows:,} rows, {footer.unpacked:,} bytes"
        raise pa.ArrowInvalid(f"{path.name} claims {claimed}")


def _first_line(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0][:200]
    # The path through the open folder tells people nothing.
    return re.sub(r"\S*/proc/self/fd/\S*/", "", text) or type(error).__name__


def require_release_or_nothing(folder: Path) -> None:
    """Raise `NotARelease` when a folder holds files of another kind, which would be deleted."""
    if folder.exists() and not (folder / MANIFEST).is_file() and any(os.scandir(folder)):
        raise NotARelease(
            f"{folder} holds files but is not a release (it has no {MANIFEST}), and writing one "
            "there would delete them. Name another folder with --release."
        )


def read_tables(folder: Path, names: Iterable[str] = tuple(TABLES)) -> dict[str, pl.DataFrame]:
    """Read tables of one release, its licence layers together; all empty if there is no folder.

    Raises as `Release.open_previous` and `Release.read_table` do.
    """
    release = Release.open_previous(folder)
    return {table: release.read_table(table) for table in names}


def read_columns(folder: Path, columns: Mapping[str, Sequence[str]]) -> dict[str, pl.DataFrame]:
    """Read some columns of tables of one release, by table, their rows in any order.

    Raises as `read_tables` does.
    """
    release = Release.open_previous(folder)
    return {table: release.read_table(table, names) for table, names in columns.items()}


def read_table(folder: Path, table: str) -> pl.DataFrame:
    """Read one table of a release, sorted by its key; empty if there is no folder.

    Where more than one is read, open the `Release` once: another may come in between.
    """
    return Release.open_previous(folder).read_table(table)


def list_table_files(folder: Path, table: str) -> list[Path]:
    """List the files of a table by their names in the folder, after comparing their hashes.

    Where they are read while others may replace the release, use `Release.list_files`.
    """
    release = Release.open_previous(folder)
    return [folder / path.relative_to(release.root) for path in release.list_files(table)]
