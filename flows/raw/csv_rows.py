"""CSV as it comes: rows by the line on which they begin, with what a broken quote swallowed.

Cells may hold line breaks and quotes; files are glued together, cut off, and written with marks of
spreadsheets. Nothing here holds more than a row.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from flows.errors import count_noun
from flows.raw.csv_lines import NumberedLines, is_before_header
from flows.raw.json_cutter import Complaint
from schemas.vocabulary import Reason

DELIMITERS = (",", ";", "\t", "|")
"""What is between the cells: spreadsheets write more than commas."""

CELL_CHARACTERS = 1 << 20
"""Characters of the longest cell: the parsed names of 3,303 authors have a quarter of it."""

# The module's own bound, 131,072, is one for the whole process: nothing here relies on that.
csv.field_size_limit(CELL_CHARACTERS)


@dataclass(frozen=True)
class CsvForm:
    """What is known of a table before it is read."""

    delimiter: str
    known: Collection[str]
    """Names of columns; where a header is glued to the first row, they tell where it ends."""
    holds_rows: Callable[[Sequence[str], int], bool] | None = None
    """Whether lines of a row behind its first are rows, of so many cells: a quote ended late."""
    starts_row: Callable[[str], bool] | None = None
    """Whether a line begins a row. Behind a row that cannot be read, others are the rest of it."""
    shown: int = 3
    """Cells at the beginning of a row that may be shown: accounts of people are in later ones."""


CsvRow = tuple[int, dict[str, object]] | Complaint
"""The line on which a row begins, with its cells by the names of columns; or what is no row."""

BATCH_ROWS = 5_000
BATCH_CHARACTERS = 1 << 24
"""Rows, and characters of their cells, that are read at a time."""


def cut_batches(rows: Iterable[CsvRow]) -> Iterator[list[CsvRow]]:
    """Cut rows into lists of bounded size."""
    batch: list[CsvRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        cells = () if isinstance(row, Complaint) else row[1].values()
        size += sum(len(cell) for cell in cells if isinstance(cell, str))
        if len(batch) >= BATCH_ROWS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def split_header(line: str, delimiter: str) -> list[str]:
    """Split the first line of a table into the names of its columns.

    >>> split_header('"id";"a;b" ;title', ";")
    ['id', 'a;b', 'title']
    """
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def read_csv_rows(stream: BinaryIO, form: CsvForm) -> Iterator[CsvRow]:
    """Yield the rows of a CSV file by the line on which they begin, and what is no row.

    A quoted cell may hold line breaks; one that is never closed ends at the bound of a cell. An
    empty cell is None.
    """
    feed = NumberedLines(stream, form.starts_row)
    reader = _open_reader(feed, form)
    header: list[str] | None = None
    while True:
        start, fault = feed.mark_row(), ""
        try:
            cells = next(reader, None)
        except csv.Error as error:
            fault, cells = f"is not CSV: {error}", _read_padded_line(feed.row, form)
            reader = _open_reader(feed, form)
        yield from feed.take_complaints()
        if cells is None and not fault:
            return
        if header is None and cells and is_before_header(feed.first.encode("utf-8", "replace")):
            continue
        if header is None and cells:
            header = [_replace_undecodable(name.strip()) for name in cells]
            if count := _count_glued_names(header, form.known):
                header = [*header[: count - 1], _find_name(header[count - 1], form.known)]
                yield Complaint(start, Reason.MALFORMED, "is behind the header, in its line", "")
        elif cells != []:
            row = _judge_row(header or [], cells, fault, feed, form)
            yield row
            yield from _list_glued_rows(start, header or [], cells or [], form)
            # A quote that ends lines later made one row of many: they are read once more.
            if isinstance(row, Complaint) and row.reason is Reason.MALFORMED:
                feed.go_back()


def _open_reader(feed: Iterator[str], form: CsvForm) -> Iterator[list[str]]:
    return csv.reader(feed, strict=True, skipinitialspace=True, delimiter=form.delimiter)


def _read_padded_line(lines: Sequence[str], form: CsvForm) -> list[str] | None:
    r"""Read a line whose cells are padded behind their quotes, as editors align them; else None.

    >>> _read_padded_line(['1,"A, B"  ,C\n'], CsvForm(",", ()))
    ['1', 'A, B', 'C']
    """
    if len(lines) != 1:
        return None
    blank = r"[ \t]" if form.delimiter != "\t" else " "
    line = re.sub(rf'"{blank}+(?={re.escape(form.delimiter)}|\r?\n)', '"', lines[0])
    try:
        return next(_open_reader(iter([line]), form)) if line != lines[0] else None
    except csv.Error:
        return None


def _judge_row(
    header: list[str], cells: list[str] | None, fault: str, feed: NumberedLines, form: CsvForm
) -> CsvRow:
    """Return a row, or the complaint about what is none."""
    start = feed.start
    if cells is None or (fault and len(cells) != len(header)):
        return Complaint(start, Reason.MALFORMED, fault, _shorten_line(feed.first, form))
    if form.holds_rows and form.holds_rows(feed.row[1:], len(header)):
        detail = "a quoted field holds whole rows: its quote is closed in a later one"
        return Complaint(start, Reason.MALFORMED, detail, _shorten_line(feed.first, form))
    return _build_row(start, header, cells, form)


def _list_glued_rows(
    start: int, header: list[str], cells: list[str], form: CsvForm
) -> Iterator[Complaint]:
    """Yield a complaint for the row that is in the line of another, as that line has no end."""
    # The last cell of the one and the first of the other are one cell.
    if len(cells) == 2 * len(header) - 1:
        detail = "is behind another row, whose line does not end"
        rest = shorten_row(cells[len(header) - 1 :], form.shown)
        yield Complaint(start, Reason.MALFORMED, detail, rest)


def _count_glued_names(cells: list[str], known: Collection[str]) -> int:
    """Count the names of a header whose line goes on with the first row; 0 where it does not.

    >>> known = ["paper_url", "repo_url"]
    >>> _count_glued_names(["paper_url", "repo_urlhttps://a.org", "https://b.org"], known)
    2
    >>> _count_glued_names(["paper_url", "repo_url", "repo_url_2"], known)
    0
    """
    count = (len(cells) + 1) // 2 or 1
    name = cells[count - 1] if cells else ""
    is_glued = (
        len(cells) == 2 * count - 1 > 1 and name not in known and bool(_find_name(name, known))
    )
    return count if is_glued else 0


def _find_name(cell: str, known: Collection[str]) -> str:
    """Find the longest name of a column with which a cell begins; empty where it has none."""
    return max((name for name in known if cell.startswith(name)), key=len, default="")


def _build_row(
    start: int, header: list[str], cells: list[str], form: CsvForm
) -> tuple[int, dict[str, object]] | Complaint:
    joined, excerpt = ",".join(cells), shorten_row(cells, form.shown)
    if cells == header:
        return Complaint(start, Reason.NOT_A_PAPER, "is the header once more", excerpt)
    if len(cells) != len(header):
        detail = f"has {count_noun(len(cells), 'field')} where the header has {len(header)}"
        return Complaint(start, Reason.MALFORMED, detail, excerpt)
    if _replace_undecodable(joined) != joined:
        return Complaint(start, Reason.ENCODING, "is not UTF-8", excerpt)
    return start, dict(zip(header, (cell or None for cell in cells), strict=True))


def shorten_row(cells: Sequence[str], shown: int) -> str:
    """Return the first cells of a row for an excerpt."""
    return _replace_undecodable(",".join(cells[:shown]))


def _shorten_line(line: str, form: CsvForm) -> str:
    """Return the beginning of a line that is no row: its cells as far as they can be told apart."""
    return shorten_row(line.split(form.delimiter), form.shown)


def _replace_undecodable(text: str) -> str:
    """Write the bytes that are no text as replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
