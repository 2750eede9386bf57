"""arXiv's papers as CSV: the snapshot as data frames write it, and entries that programs saved.

Names of columns may be in any case and order, with blanks or hyphens in them. Lists are in cells as
JSON, or as Python or numpy prints them. A place is the line on which a row begins.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from flows.raw.batch import Batch
from flows.raw.csv_lines import split_first_line
from flows.raw.csv_rows import DELIMITERS, CsvForm, cut_batches, read_csv_rows, split_header
from flows.raw.json_cutter import Complaint
from flows.raw.python_reprs import parse_written_list
from flows.raw.raw_file import RawFile
from flows.sources.arxiv import saved_entries, snapshot
from flows.sources.arxiv.reading import IGNORED, READ_FIELDS
from flows.sources.arxiv.saved_entries import ID_FIELDS, PAGE_FIELDS, TEXT_FIELDS
from flows.sources.arxiv.xml_rows import PendingRows

HEADER_BYTES = 1 << 14
"""Bytes of the longest first line that is a header."""

SNAPSHOT_MARKS = {"submitter", "authors_parsed", "versions", "update_date", "journal-ref"}
"""Columns of which the snapshot has one, and entries of the query API have none."""

ALIASES = {
    "journal_ref": "journal-ref",
    "report_no": "report-no",
    "arxivid": "arxiv_id",
    "arxiv_link": "arxiv_url",
    "pdf_link": "pdf_url",
    "pdfurl": "pdf_url",
}
"""Other names of columns."""

OTHER_SITES = {
    *("paperid", "corpusid", "corpus_id", "openalex_id", "paper_url", "repo_url", "upvotes", "eid"),
    *("record_id", "nips_id"),
}
"""Columns of other sites' papers, which may name an arXiv id, too."""

MISSING = {"", "nan", "NaN", "None", "NULL", "null", "N/A", "NA", "\\N"}
"""What programs write where a cell has nothing."""

LISTS = ("authors", "author", "authors_parsed", "versions", "categories", "category", "tags")

ID_COLUMNS = {*ID_FIELDS, *PAGE_FIELDS, "index"}
KNOWN = {
    *(*READ_FIELDS, *IGNORED, *ID_COLUMNS, *LISTS),
    *(name for names in TEXT_FIELDS.values() for name in names),
}

_ID = r"(?:arxiv:)?(?:\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
_ID_CELL = re.compile(rf'(?i)(?:^|[,;|\t"/\']){_ID}(?:\.pdf)?["\s,;|]'.encode(), re.MULTILINE)
_ROW_START = re.compile(
    rf'(?i)"?(?:\d+"?[,;|\t]"?)?(?:="{{1,2}}|\')?'
    rf'(?:(?:https?://[^\s,;|/]+/[a-z]+/)?{_ID}|\d{{1,4}}\.\d{{1,16}})"{{0,3}}[,;|\t]'
)
"""An id, its address, or an id that went through a float, behind the number of the row if any."""


@dataclass(frozen=True)
class ArxivTable:
    """What the beginning of a table says about it."""

    is_snapshot: bool
    delimiter: str
    columns: tuple[str, ...]
    """Names of the columns in the order of the cells, each spelt as in JSON."""


def identify_table(head: bytes) -> ArxivTable | None:
    r"""Identify a table by its header, and by an arXiv id below it; None for any other text.

    >>> identify_table(b"Title;Summary;PDF Link\nA;B;https://arxiv.org/pdf/2301.00001v1\n").columns
    ('title', 'summary', 'pdf_url')
    >>> identify_table(b"id,title,abstract\n1,A,B\n") is None
    True
    """
    header, rows = split_first_line(head)
    if b"title" not in header[:HEADER_BYTES].lower() or len(header) > HEADER_BYTES:
        return None
    line = header.decode("utf-8", "replace")
    # The cells are cut at the sign that gives the most columns that are known.
    tables = [(mark, tuple(map(_name_column, split_header(line, mark)))) for mark in DELIMITERS]
    mark, columns = max(tables, key=lambda table: len(KNOWN.intersection(table[1])))
    names = set(columns)
    has_text = "title" in names and bool(names & {"summary", "abstract"})
    if not has_text or names & OTHER_SITES or not names & ID_COLUMNS:
        return None
    is_snapshot = "id" in names and "abstract" in names and bool(names & SNAPSHOT_MARKS)
    return ArxivTable(is_snapshot, mark, columns) if _ID_CELL.search(rows) else None


def _name_column(written: str) -> str:
    """Spell the name of a column as JSON has it.

    >>> _name_column(" Journal-Ref"), _name_column("Published Date"), _name_column("PDF_Link")
    ('journal-ref', 'published_date', 'pdf_url')
    """
    plain = re.sub(r"[\s_-]+", "_", written.strip().lower())
    return ALIASES.get(plain, plain)


def parse(raw: RawFile, stream: BinaryIO, table: ArxivTable) -> Iterator[Batch]:
    """Read the papers of a table."""
    is_id_first = any(name in ID_COLUMNS for name in table.columns[:2])

    def holds_rows(lines: Sequence[str], cells: int) -> bool:
        # An abstract names other papers at the beginning of a line, but is no row of a table.
        starts = [line.count(table.delimiter) for line in lines if _starts_row(line)]
        return any(count >= cells - 1 for count in starts)

    form = (
        CsvForm(table.delimiter, (), holds_rows, _starts_row, shown=1)
        if is_id_first
        else CsvForm(table.delimiter, (), shown=1)
    )
    # The first columns of a table that has no other id are the numbers of rows, or arXiv's ids.
    has_id = any(name in ID_COLUMNS - {"index"} for name in table.columns)
    for piece in cut_batches(read_csv_rows(stream, form)):
        complaints = [_mask_cell(row) for row in piece if isinstance(row, Complaint)]
        rows = [
            (row[0], _read_cells(row[1], has_id=has_id))
            for row in piece
            if not isinstance(row, Complaint)
        ]
        if table.is_snapshot:
            yield snapshot.build_batch(raw, rows, complaints)
        else:
            yield _build_entries(raw, rows, complaints)


def _mask_cell(complaint: Complaint) -> Complaint:
    """Return a complaint that shows an id or nothing: what is broken may begin with a submitter."""
    return complaint if _starts_row(f"{complaint.excerpt},") else replace(complaint, excerpt="")


def _starts_row(line: str) -> bool:
    return _ROW_START.match(line) is not None


def _build_entries(
    raw: RawFile, rows: Sequence[tuple[int, Mapping[str, object]]], complaints: list[Complaint]
) -> Batch:
    pending = PendingRows(raw)
    for complaint in complaints:
        pending.refuse(complaint.position, complaint.reason, complaint.detail, complaint.excerpt)
    for position, row in rows:
        saved_entries.read_entry(row, position, pending)
    return pending.build_batch()


def _read_cells(cells: Mapping[str, object], *, has_id: bool) -> dict[str, object]:
    """Return a row under the names of JSON, without cells that have nothing, its lists as lists.

    >>> _read_cells({"ID": " 0704.0001", "": "3", "Authors": "['A. B']", "DOI": "nan"}, has_id=True)
    {'id': '0704.0001', 'authors': ['A. B']}
    """
    row: dict[str, object] = {}
    for written, cell in cells.items():
        name = _name_column(written)
        text = str(cell or "").strip()
        is_number = not name or name.startswith("unnamed:") or (name == "index" and has_id)
        if is_number or text in MISSING:
            continue
        if name == "index":
            name = "id"
        # Texts keep the line ends and indents of their source; blanks behind them align columns.
        aligned = str(cell).rstrip(" \t")
        row[name] = _strip_marks(text) if name in ID_COLUMNS else aligned
        if name in LISTS:
            row[name] = parse_written_list(text) or aligned
        if name in ("versions", "authors_parsed") and isinstance(row[name], str):
            del row[name]
    return row


def _strip_marks(text: str) -> str:
    """Return an id without what spreadsheets are told by to take it for a text.

    >>> _strip_marks('="2301.00010"'), _strip_marks("'2301.00010"), _strip_marks("cs/0101001")
    ('2301.00010', '2301.00010', 'cs/0101001')
    """
    return re.sub(r'^(?:="(.*)"|\'(.*))$', r"\1\2", text)
