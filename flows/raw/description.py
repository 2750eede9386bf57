"""Description: what a file that no source knows is called, by how it begins, and what to do."""

import html
import re
from collections.abc import Sequence

from flows.raw.csv_lines import split_first_line
from flows.raw.csv_rows import DELIMITERS, split_header
from flows.raw.json_cutter import BOM
from flows.redact import escape_unprintable

EXPORT_REFERENCES = "export it as BibTeX, RIS or CSL JSON"
EXPORT_ROWS = "export its rows as Parquet, CSV or JSON lines"
ASK_AGAIN = "ask for it again"
KEEP_JSON = "keep only the JSON in it"
WRITE_JSON = "write it with `json.dump`"
WRITE_ROWS = "write it row by row, with pandas by `to_json(path, orient='records', lines=True)`"
WRITE_TEXTS = "export it once more, with the ids as texts"

REMEDIES = (
    *(ASK_AGAIN, EXPORT_REFERENCES, EXPORT_ROWS, KEEP_JSON, WRITE_JSON, WRITE_ROWS, WRITE_TEXTS),
    *("save its sheet as CSV", "fetch it with `git lfs pull`"),
)
"""What descriptions of files that can be made readable end with."""

BINARY = {
    b"PAR1": "is a Parquet file",
    b"%PDF": "is a PDF",
    b"SQLite format 3\0": f"is an SQLite database: {EXPORT_ROWS}",
    b"ARROW1": f"is an Arrow file: {EXPORT_ROWS}",
    b"\xff\xff\xff\xff": f"is an Arrow stream, as `datasets` saves to disk: {EXPORT_ROWS}",
    b"RDX": f"is data of R: {EXPORT_ROWS}",
    b"\x89HDF": f"is an HDF5 file: {EXPORT_ROWS}",
    b"\xd0\xcf\x11\xe0": "is an old Microsoft Office document",
    b"\x89PNG": "is a PNG image",
    b"\xff\xd8\xff": "is a JPEG image",
    b"GIF8": "is a GIF image",
    b"RIFF": "is a RIFF file (WebP, audio or video)",
    b"\x93NUMPY": "is a NumPy array",
    b"\x7fELF": "is a program",
    b"Obj\x01": f"is an Avro file: {EXPORT_ROWS}",
    b"ORC": f"is an ORC file: {EXPORT_ROWS}",
    b"bplist00": "is a property list of Apple's, such as a web archive",
    b"%0 ": f"is a list of references in EndNote's own form: {EXPORT_REFERENCES}",
    b"FN Clarivate": f"is a list of references in Web of Science's own form: {EXPORT_REFERENCES}",
    b"FN Thomson": f"is a list of references in Web of Science's own form: {EXPORT_REFERENCES}",
    b"PMID- ": f"is a list of references in PubMed's own form: {EXPORT_REFERENCES}",
    b"version https://git-lfs.github.com": (
        "is a pointer of Git LFS, not the file itself: fetch it with `git lfs pull`"
    ),
    b"From: <Saved by": "is a page in a web archive (MHTML)",
    b"HTTP/": f"is an answer with the headers of HTTP before it: {KEEP_JSON}",
}
"""What files that are no text begin with, and what they are called."""

_PICKLE = re.compile(rb"\x80[\x02-\x05][\x00-\xff]|(?:\(|ccopy_reg\n)[ld]p0\n")
"""Python's pickles: of the protocols since 2.3, and of the first one, which is text."""

CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text in UTF-8 holds, unless it is damaged."""

# Blanks of its own line only: a run of blank lines would be looked through from each of them.
_MARKDOWN_LINK = re.compile(rb"\]\(\S|\]\[\d+\]|^[^\S\n]*+#{1,6} ", re.MULTILINE)
HEADER_BYTES = 1 << 12
_COLUMN = re.compile(r"\w[\w .:/()#-]{0,40}|")
"""The name of a column."""

_JSON_START = re.compile(rb"[\[{](?:\s*+[\[{\]}])*+\s*+(?:\"|-?\d|true\b|false\b|null\b|$)")
"""What JSON begins with: brackets, then a string, a number or a word of its own."""

_NAME = rb'"[^"\\]{1,80}"\s*+:\s*+'
_CELL = rb'(?:"(?:[^"\\]|\\.){0,2000}+"|-?[\d.]{1,20}|null|true|false)'
_COLUMNS = re.compile(
    # A column is an object of cells by the numbers of their rows ...
    rb'\s*+\{\s*+(?:%b\{\s*+"\d{1,9}"\s*+:\s*+%b|"columns"\s*+:\s*+\[[^\[\]{}]{0,4000}+\]\s*+,)'
    % (_NAME, _CELL)
)
_LISTS = re.compile(rb"\s*+\{\s*+%b\[\s*+%b\s*+,\s*+%b" % (_NAME, _CELL, _CELL))
"""... or a list, as in all other columns: titles of one paper are in a list, too."""

_TITLE_LIST = re.compile(rb'"title"\s*+:\s*+\[\s*+%b\s*+,\s*+%b' % (_CELL, _CELL))

_JAVASCRIPT = re.compile(
    rb"(?:(?:var|let|const)\s+[\w$]{1,80}|(?:window|self|module|exports)[.\[][\w$.'\"\]]{1,80})"
    rb"\s*=\s*[\[{]|export\s+(?:default|const\s+[\w$]{1,80}\s*=)\s*[\[{]|[\w$.]{1,80}\(\s*[\[{]"
)
"""A value that is given a name, exported or handed to a function."""

_JSON_IN_TEXT = re.compile(rb'"\s*[\[{](?:\\n|\s|[\[{])*\\"')
"""JSON as a text of JSON: programs that write it twice begin so."""

_YAML = re.compile(rb"(?:---\s*\n)?- {1,3}[\w-]{1,40}:[^\n]*\n {2,4}[\w-]{1,40}:")
"""A list of mappings, as YAML writes it."""

_NUMBER_ID = re.compile(
    rb'^"?(?:\d{1,6}"?[,;|\t]"?)?(?:(?!\d{4}\.\d{4,5}\b)\d{1,4}[.,]\d{1,5}|\d(?:[.,]\d+)?[eE]\+0?[1-3])"?[,;|\t]',
    re.MULTILINE,
)
"""An id of arXiv that became a number, behind the number of its row if any."""


DOCUMENTS = (
    ("xl/", "is an Excel workbook: save its sheet as CSV"),
    ("word/", "is a Word document"),
    ("ppt/", "is a PowerPoint presentation"),
    ("META-INF/container.xml", "is an EPUB book"),
    (
        "META-INF/manifest.xml",
        "is an OpenDocument file, such as a spreadsheet: save its sheet as CSV",
    ),
    ("Index/", "is a document of Apple's, such as of Numbers: save its sheet as CSV"),
)
"""Zip archives that are documents, by a member or folder, of which each has one."""

DOCUMENT_MARKS = ("[Content_Types].xml", "mimetype", "Index/Document.iwa")
"""Members that tell a document from an archive that somebody made."""


def name_document(members: Sequence[str]) -> str | None:
    """Name the document that an archive is, by its members; None where it is none.

    >>> name_document(["[Content_Types].xml", "xl/workbook.xml"])
    'is an Excel workbook: save its sheet as CSV'
    >>> name_document(["xl/papers.csv"]) is None
    True
    """
    if not any(mark in members for mark in DOCUMENT_MARKS):
        return None
    for start, name in DOCUMENTS:
        if any(member.startswith(start) for member in members):
            return name
    return None


def describe_parquet(columns: Sequence[str]) -> str:
    """Say what a table is that no source knows.

    >>> describe_parquet(["paper", "title"])[:58]
    'is a Parquet file with the columns paper, title, yet of no'
    """
    shown = ", ".join(escape_unprintable(name[:40]) for name in columns[:8])
    named = f"is a Parquet file with the columns {shown}" if shown else "is a Parquet file"
    return (
        f"{named}, yet of none of the known sources. More of them are read as JSON lines than as "
        "Parquet: try its rows as those"
    )


def is_by_column(head: bytes) -> bool:
    r"""Return whether JSON holds a table column by column, in which no record is an object.

    >>> is_by_column(b'{"id":{"0":"2301.00001"}}'), is_by_column(b'{"columns":["id"],"data":[]}')
    (True, True)
    >>> is_by_column(b'{"id": ["1", "2"], "title": ["A", "B"]}')
    True
    >>> is_by_column(b'{"authors": ["A", "B"], "title": "C"}'), is_by_column(b'{"0": {"id": "1"}}')
    (False, False)
    """
    start = head.removeprefix(BOM)
    if _COLUMNS.match(start):
        return True
    return _LISTS.match(start) is not None and _TITLE_LIST.search(start) is not None


BY_COLUMN = f"is JSON that holds a table column by column: {WRITE_ROWS}"


def describe_content(head: bytes) -> str:
    r"""Say in a few words what a file is that no source knows, by how it begins.

    >>> describe_content(b"[[A logo] A site][1]")
    "is text with Markdown's links that begins with '[[A logo] A site][1]'"
    >>> describe_content(b'{"paperId": "1"}'), describe_content(b"[[1, 2]]")
    ('is JSON with the fields paperId', 'is JSON without fields')
    >>> describe_content(b"year;title;link\n2025;A;https://a.org\n")
    'is a table with the columns year, title, link'
    >>> describe_content(b"PAR1\x15")
    'is a Parquet file'
    >>> describe_content(b"var papers = [{")
    'is JavaScript: keep only the JSON in it'
    """
    begins = head.removeprefix(BOM)
    if name := next((name for magic, name in BINARY.items() if begins.startswith(magic)), None):
        return name
    if _PICKLE.match(head):
        return f"is a Python pickle: {EXPORT_ROWS}"
    if CONTROL.search(head):
        return "is no text, or text in another encoding than UTF-8"
    start = head.removeprefix(BOM).lstrip()
    if _JSON_START.match(start) or _NOTHING.fullmatch(start):
        return _describe_json(start)
    return _describe_markup(start) if start.startswith(b"<") else _describe_text(start)


_PYTHON_START = re.compile(rb"""\[?\s*\{\s*'[^'\n]{1,80}'\s*:""")
"""What Python prints of a dictionary, or of a list of them."""

_NAMED = (
    (_PYTHON_START, f"is what Python prints of its objects, and no JSON: {WRITE_JSON}"),
    (_JAVASCRIPT, f"is JavaScript: {KEEP_JSON}"),
    (_JSON_IN_TEXT, f"is JSON within a text of JSON, and so was written twice: {WRITE_JSON}"),
    (_YAML, f"is YAML: {WRITE_JSON}"),
)
"""Texts that are known by how they begin."""


_NOTHING = re.compile(rb"(?:\[\s*\]|\{\s*\}|null)\s*")
"""JSON of a list or an object of nothing, such as an answer for a day without papers."""

_ERROR = re.compile(
    rb'\{\s*"(?:error|message|detail)"\s*:\s*"((?:[^"\\]|\\.){1,200})"'
    rb'\s*(?:,\s*"[a-zA-Z_]{1,20}"\s*:\s*(?:"[^"\\]{0,200}"|\d{1,9}|null|true|false)\s*){0,5}\}\s*'
)
"""What services answer instead of papers."""


def _describe_json(start: bytes) -> str:
    if _NOTHING.fullmatch(start):
        return "is JSON that holds nothing"
    if error := _ERROR.fullmatch(start):
        written = escape_unprintable(error[1].decode("utf-8", "replace"))
        return f"is an error that a service answered, {written!r}: {ASK_AGAIN}"
    fields = ", ".join(_list_field_names(start))
    return f"is JSON with the fields {fields}" if fields else "is JSON without fields"


_REFERENCE_COLUMNS = {"Item Type", "Author full names", "Source title"}
"""Columns of tables of Zotero and Scopus."""

_REFERENCES = re.compile(rb"<(?:modsCollection|z:itemType|bib:\w+|xml>\s*<records>)")
"""Elements of programs that keep references: MODS, Zotero's RDF, EndNote's XML."""


def _describe_markup(start: bytes) -> str:
    """Name XML or HTML by its first tag, and a page by its title: many are answers of errors."""
    tag = re.search(rb"<([A-Za-z][\w:.-]*)", start)
    name = f"is XML or HTML of <{tag[1].decode() if tag else '?'}>"
    if _REFERENCES.search(start):
        return f"{name} with references: {EXPORT_REFERENCES}"
    title = re.search(rb"<title[^<>]{0,200}>\s*([^<]{1,200})", start, re.IGNORECASE)
    if name != "is XML or HTML of <html>" or not title:
        return name
    written = " ".join(html.unescape(title[1].decode("utf-8", "replace")).split())
    return f"{name} with the title {escape_unprintable(written[:60])!r}"


def _describe_text(start: bytes) -> str:
    if columns := _list_columns(start):
        table = f"is a table with the columns {', '.join(columns)}"
        # Spreadsheets take ids for numbers: their zeros, or all their digits, are lost.
        is_spoilt = "title" in map(str.lower, columns) and _NUMBER_ID.search(start)
        if _REFERENCE_COLUMNS.intersection(columns):
            return f"{table}: {EXPORT_REFERENCES}"
        return f"{table}; ids of arXiv became numbers in it: {WRITE_TEXTS}" if is_spoilt else table
    if name := next((name for pattern, name in _NAMED if pattern.match(start)), None):
        return name
    first = start.splitlines()[0][:60].decode("utf-8", "replace")
    marks = " with Markdown's links" if _MARKDOWN_LINK.search(start) else ""
    return f"is text{marks} that begins with {first!r}"


def _list_columns(start: bytes) -> list[str]:
    """List the first columns of a table; empty for a text whose first line is no header."""
    first, rest = split_first_line(start)
    line = first[:HEADER_BYTES].decode("utf-8", "replace")
    mark = max(DELIMITERS, key=line.count)
    names = split_header(line, mark)
    is_header = len(names) > 2 and all(_COLUMN.fullmatch(name) for name in names)  # noqa: PLR2004  # a sentence may have a comma
    return names[:8] if is_header and mark.encode() in rest else []


def _list_field_names(start: bytes) -> list[str]:
    names = re.findall(rb'"([A-Za-z_][\w-]{0,30})"\s*:', start)
    return [name.decode() for name in dict.fromkeys(names)][:8]
