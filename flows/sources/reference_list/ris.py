"""RIS: the references of a list as fields of text, under the names that BibTeX has for them."""

import re

from flows.raw.json_cutter import Complaint
from flows.sources.shared.row_batches import SourceRow
from schemas.release import EXCERPT_LENGTH
from schemas.vocabulary import Reason

LINE = re.compile(r"(?P<tag>[A-Z][A-Z0-9])  ?-(?: (?P<value>.*))?$")

NAMES = {
    "TY": "type",
    "ID": "key",
    **dict.fromkeys(("TI", "T1", "CT"), "title"),
    **dict.fromkeys(("AU", "A1"), "author"),
    **dict.fromkeys(("PY", "Y1", "DA"), "date"),
    "DO": "doi",
    **dict.fromkeys(("UR", "L1", "L2", "LK"), "url"),
    **dict.fromkeys(("JO", "JF", "T2", "BT", "J2", "JA"), "journal"),
    "AN": "eprint",
}
"""Tags by what they are in BibTeX. https://en.wikipedia.org/wiki/RIS_(file_format)"""

SEPARATORS = {"author": " and ", "url": " "}
"""Fields that may be repeated, and what joins them; of others the first counts."""


def read_ris(text: str) -> tuple[list[SourceRow], list[Complaint]]:
    """Read the references of a list with the lines on which they begin, and what is none.

    A reference begins with ``TY`` and ends with ``ER``; a line without a tag goes on with the last.
    """
    rows: list[SourceRow] = []
    complaints: list[Complaint] = []
    fields: dict[str, object] = {}
    start, last, excerpt = 0, "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        tag = LINE.match(line.rstrip())
        if tag is None:
            last_value = fields.get(last)
            if line.strip() and isinstance(last_value, str):
                fields[last] = f"{last_value} {line.strip()}"
            elif line.strip() and not fields:
                complaints.append(_refuse(number, "is outside of every reference", line))
            continue
        name, value = NAMES.get(tag["tag"], tag["tag"]), (tag["value"] or "").strip()
        # Some programs leave out the end: the next beginning ends a reference, too.
        if tag["tag"] in ("TY", "ER") and fields:
            rows.append((start, excerpt, fields))
            fields = {}
        if tag["tag"] == "ER":
            continue
        if not fields:
            start, excerpt = number, line
        if name == "title":
            excerpt = value[:EXCERPT_LENGTH]
        _add_value(fields, name, value)
        last = name
    if fields:
        complaints.append(
            Complaint(start, Reason.TRUNCATED, "the file ends before the reference does", excerpt)
        )
    return rows, complaints


def _add_value(fields: dict[str, object], name: str, value: str) -> None:
    earlier = fields.get(name)
    if not value or (earlier and name not in SEPARATORS):
        return
    fields[name] = f"{earlier}{SEPARATORS[name]}{value}" if earlier else value


def _refuse(line: int, detail: str, text: str) -> Complaint:
    return Complaint(line, Reason.MALFORMED, detail, text[:EXCERPT_LENGTH])
