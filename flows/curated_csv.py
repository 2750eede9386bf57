"""Curated CSV: CSV files that people write, read line by line so that a fault has its number."""

import csv
from collections.abc import Iterator
from pathlib import Path

from flows.errors import UserError


def read_curated_lines(
    path: Path, columns: tuple[str, ...], refused: type[UserError]
) -> list[tuple[int, list[str]]]:
    """Read the lines below the header: the number on which each begins, and its cells, stripped.

    Lines that begin with ``#`` explain the file; empty ones are left out. Raises ``refused`` when
    the file cannot be read or has other columns.
    """
    try:
        lines = list(_lines(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refused(f"{path}: cannot be read: {error}") from None
    header = tuple(lines[0][1]) if lines else ()
    if header != columns:
        raise refused(f"{path}: the columns are {', '.join(header)}; expected {', '.join(columns)}")
    return lines[1:]


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    written = ["" if line.startswith("#") else line for line in text.split("\n")]
    reader, begins = csv.reader(written, strict=True), 1
    try:
        for cells in reader:
            if any(cells):
                yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(f"line {begins}: {error}") from None
