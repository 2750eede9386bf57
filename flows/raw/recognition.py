"""Recognition: which source a text is of, told by how its content begins."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.raw.archives import Member, name_packing
from flows.raw.csv_rows import DELIMITERS, split_header
from flows.raw.json_cutter import RECORD_BYTES, UNWRAP
from flows.raw.json_head import HEAD_BYTES, is_first_value_too_long, peek_head
from flows.raw.parquet_files import PARQUET, read_schema_bytes
from schemas.vocabulary import Source

BOM = b"\xef\xbb\xbf"

IsOfSource = Callable[[bytes], bool]


@dataclass(frozen=True)
class Recognition:
    """What a text was taken for."""

    source: Source | None
    """None where no source, or more than one, knows it."""
    reason: str
    """Why, in a sentence."""


def read_head(path: Path, member: Member) -> bytes:
    """Read what a text is recognised by: its beginning, or the columns' names of Parquet.

    Nothing of the member is consumed. Of Parquet that is packed or not whole, only its mark is.
    """
    head = peek_head(member.stream)
    if not head.startswith(PARQUET):
        return head
    return PARQUET + read_schema_bytes(path, HEAD_BYTES - len(PARQUET))


def recognise_source(
    path: Path, member: Member, sources: Mapping[Source, IsOfSource]
) -> Recognition:
    """Find the source of a text by its content; nothing of it is consumed."""
    head = read_head(path, member)
    if unreadable := _describe_unreadable(member, head):
        return Recognition(None, unreadable)
    matches: list[Source] = []
    for source, is_of in sources.items():
        try:
            matches += [source] if is_of(head) else []
        except Exception as error:  # noqa: BLE001  # a reader's fault must name the file, not end the run
            fault = type(error).__name__
            return Recognition(None, f"the reader of {source} fails on it ({fault}): report this")
    if len(matches) == 1:
        return Recognition(matches[0], f"its content is that of {matches[0].meaning}")
    if matches:
        return Recognition(None, f"fits more than one source: {', '.join(matches)}. Use --source.")
    return Recognition(None, _explain_unknown(member, describe_content(head)))


def _explain_unknown(member: Member, description: str) -> str:
    """Say what a content is that no source knows, and what can be done about it."""
    if description.endswith(REMEDIES):
        return description
    if description.startswith("is JSON") and is_first_value_too_long(member.stream):
        return f"{description}; {TOO_LONG}"
    return f"{description}, yet of none of the known sources"


def _describe_unreadable(member: Member, head: bytes) -> str | None:
    if not head.removeprefix(BOM).strip():
        if len(head) == HEAD_BYTES:
            return f"begins with {HEAD_BYTES:,} blanks: take them out"
        fault = member.stream.fault
        return f"{fault.detail}: nothing of it can be read" if fault else "is empty"
    if packing := name_packing(head):
        return f"is {packing}: unpack it first"
    if head == PARQUET:
        return "is Parquet that is packed or not whole: unpack it, or download it once more"
    return None


REMEDIES = ("export it as BibTeX, RIS or CSL JSON", "write it with `json.dump`")
"""What descriptions of files that can be made readable end with."""

TOO_LONG = (
    f"its first value has more than {RECORD_BYTES:,} bytes, and no record is so long: {UNWRAP}"
)
"""What is said of JSON that is one long value."""

BINARY = {
    b"PAR1": "is a Parquet file",
    b"%PDF": "is a PDF",
    b"SQLite format 3\0": "is an SQLite database",
    b"ARROW1": "is an Arrow file",
    b"\x89HDF": "is an HDF5 file",
    b"\xd0\xcf\x11\xe0": "is an old Microsoft Office document",
    b"\x89PNG": "is a PNG image",
    b"\xff\xd8\xff": "is a JPEG image",
    b"GIF8": "is a GIF image",
    b"RIFF": "is a RIFF file (WebP, audio or video)",
    b"\x80\x04\x95": "is a Python pickle",
    b"\x93NUMPY": "is a NumPy array",
    b"\x7fELF": "is a program",
    b"Obj\x01": "is an Avro file",
    b"ORC": "is an ORC file",
    b"bplist00": "is a property list of Apple's, such as a web archive",
    b"%0 ": "is a list of references in EndNote's own form: export it as BibTeX, RIS or CSL JSON",
    b"PMID- ": "is a list of references in PubMed's own form: export it as BibTeX, RIS or CSL JSON",
    b"version https://git-lfs.github.com": "is a pointer of Git LFS, not the file itself",
}
"""What files that are no text begin with, and what they are called."""

CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text in UTF-8 holds, unless it is damaged."""

# Blanks of its own line only: a run of blank lines would be looked through from each of them.
_MARKDOWN_LINK = re.compile(rb"\]\(\S|\]\[\d+\]|^[^\S\n]*+#{1,6} ", re.MULTILINE)
HEADER_BYTES = 1 << 12
_COLUMN = re.compile(r"\w[\w .:/()#-]{0,40}|")
"""The name of a column."""

_JSON_START = re.compile(rb"[\[{](?:\s*+[\[{\]}])*+\s*+(?:\"|-?\d|true\b|false\b|null\b|$)")
"""What JSON begins with: brackets, then a string, a number or a word of its own."""


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
    """
    if name := next((name for magic, name in BINARY.items() if head.startswith(magic)), None):
        return name
    if CONTROL.search(head):
        return "is no text, or text in another encoding than UTF-8"
    start = head.removeprefix(BOM).lstrip()
    if _JSON_START.match(start):
        return _describe_json(start)
    if start.startswith(b"<"):
        tag = re.search(rb"<([A-Za-z][\w:.-]*)", start)
        return f"is XML or HTML of <{tag[1].decode() if tag else '?'}>"
    return _describe_text(start)


_PYTHON_START = re.compile(rb"""\[?\s*\{\s*'[^'\n]{1,80}'\s*:""")
"""What Python prints of a dictionary, or of a list of them."""


def _describe_json(start: bytes) -> str:
    fields = ", ".join(_list_field_names(start))
    return f"is JSON with the fields {fields}" if fields else "is JSON without fields"


def _describe_text(start: bytes) -> str:
    if columns := _list_columns(start):
        return f"is a table with the columns {', '.join(columns)}"
    if _PYTHON_START.match(start):
        return "is what Python prints of its objects, and no JSON: write it with `json.dump`"
    first = start.splitlines()[0][:60].decode("utf-8", "replace")
    marks = " with Markdown's links" if _MARKDOWN_LINK.search(start) else ""
    return f"is text{marks} that begins with {first!r}"


def _list_columns(start: bytes) -> list[str]:
    """List the first columns of a table; empty for a text whose first line is no header."""
    first, _, rest = start.partition(b"\n")
    line = first[:HEADER_BYTES].decode("utf-8", "replace")
    mark = max(DELIMITERS, key=line.count)
    names = split_header(line, mark)
    is_header = len(names) > 2 and all(_COLUMN.fullmatch(name) for name in names)  # noqa: PLR2004  # a sentence may have a comma
    return names[:8] if is_header and mark.encode() in rest else []


def _list_field_names(start: bytes) -> list[str]:
    names = re.findall(rb'"([A-Za-z_][\w-]{0,30})"\s*:', start)
    return [name.decode() for name in dict.fromkeys(names)][:8]
