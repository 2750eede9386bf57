"""Final files: parts of a run's tables that have the bytes of a release's file already.

What a step writes last of a table it writes as the release does: in its order, with its row groups
and its footer. Where such a part is a file of the release, a copy of it becomes one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from flows import tables
from flows.release.layout import TABLES, select_licence, sort_rows
from schemas.release import SCHEMA_VERSION


def describe_file(license_: str) -> dict[str, str]:
    """Return what the footer of a release's file says: its rows all have one licence.

    >>> describe_file("CC0-1.0")["license"]
    'CC0-1.0'
    """
    return {"license": license_, "schema_version": str(SCHEMA_VERSION)}


class FinalFile:
    """A part of a table that is being written: pieces come in the order of their ids."""

    def __init__(self, name: str, table: tables.OpenTable) -> None:
        """Write rows of the table of that name into an open file."""
        self._name, self._table = name, table
        self._licenses: set[str] = set()

    def add(self, rows: pl.DataFrame) -> None:
        """Sort the rows of some papers, check them and write them."""
        self._table.add(sort_rows(self._name, rows))
        self._licenses.update(rows.select(select_licence(self._name).unique()).to_series())

    def finish(self) -> None:
        """Note the licence of the rows in the footer; rows of several go to several files."""
        if len(self._licenses) == 1:
            self._table.describe(describe_file(*self._licenses))


@contextmanager
def open_final_file(name: str, path: Path) -> Iterator[FinalFile]:
    """Open a part of a table to write it, whole or not at all."""
    with tables.open_table(TABLES[name].model, path) as table:
        file = FinalFile(name, table)
        yield file
        file.finish()


def save_final_file(name: str, pieces: Iterable[pl.DataFrame], path: Path) -> Path:
    """Write a part of a table piece by piece: one piece is in memory at a time."""
    with open_final_file(name, path) as file:
        for piece in pieces:
            file.add(piece)
    return path


def is_final_file(path: Path, license_: str, rows: int) -> bool:
    """Return whether a part is the file of a release that has so many rows of a licence."""
    footer = tables.read_file_footer(path)
    described = {key.encode(): value.encode() for key, value in describe_file(license_).items()}
    return footer.rows == rows and described.items() <= footer.metadata.items()
