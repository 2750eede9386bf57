"""RIS: the references of a list as fields of text, under the names that BibTeX has for them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from flows.raw.json_cutter import Complaint
from flows.sources.shared.row_batches import SourceRow
from schemas.rejection import EXCERPT_LENGTH
from schemas.vocabulary import Reason

LINE = re.compile(r"(?P<tag>[A-Z][A-Z0-9])  ?-(?: (?P<value>.*))?$")

NUMBERING = re.compile(
    r"(?:record\s*)?[#<(\[]?\s*\d{1,7}\s*(?:(?:of|/)\s*\d{1,7})?\s*[.)>\]:]?"
    r"|(?:provider|database|content|source)\s*:.*",
    re.IGNORECASE,
)
"""What libraries write between references: ``2.``, ``Record #2 of 40``, ``Provider: ...``."""

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

YEAR = re.compile(r"\d{4}(?!\d)")

SEPARATORS = {"author": " and ", "url": " ", "date": "\n"}
"""Fields that may be repeated, and what joins them; of others the first counts."""

# Joined once, at the end: a value of a million lines would be copied as often.
Pieces = dict[str, list[str]]
"""Fields of a reference, each as the pieces of its text."""


def read_ris(text: str) -> tuple[list[SourceRow], list[Complaint]]:
    r"""Read the references of a list with the lines on which they begin, and what is none.

    A reference begins with ``TY`` and ends with ``ER``; a line without a tag goes on with the last.
    Lines that only number references or name the library are no part of them.

    >>> rows, _ = read_ris("1.\nTY  - JOUR\nTI  - One\n\n2.\nTY  - JOUR\nTI  - Two\n")
    >>> [row["title"] for _, _, row in rows]
    ['One', 'Two']
    """
    rows: list[SourceRow] = []
    complaints: list[Complaint] = []
    reference, has_end = Reference(), False
    lines = text.splitlines()
    # What a library says of itself precedes its references, without a tag: `Provider: ...`.
    begin = next((place for place, line in enumerate(lines) if LINE.match(line.rstrip())), 0)
    for number, line in enumerate(lines[begin:], start=begin + 1):
        tag = LINE.match(line.rstrip())
        if tag is None:
            if not _is_between_references(lines, number, reference.fields):
                complaints += _continue_value(reference, number, line.strip())
            continue
        # Some programs leave out the end: the next beginning ends a reference, too.
        if tag["tag"] in ("TY", "ER") and reference.fields:
            rows.append(reference.as_row())
            reference = Reference()
        if tag["tag"] == "ER":
            has_end = True
        else:
            reference.add_line(number, line, tag)
    # Where no reference has an end, the last is as whole as the others.
    if reference.fields and not has_end:
        rows.append(reference.as_row())
    elif reference.fields:
        reason = "the file ends before the reference does"
        complaints.append(Complaint(reference.start, Reason.TRUNCATED, reason, reference.excerpt))
    return rows, complaints


@dataclass
class Reference:
    """The reference that is being read: its first line, what shows it, its last tag, its fields."""

    start: int = 0
    excerpt: str = ""
    last: str = ""
    fields: Pieces = field(default_factory=dict)

    def add_line(self, number: int, line: str, tag: re.Match[str]) -> None:
        """Add a line with a tag. What is empty adds nothing, yet lines after it go on with it."""
        name, value = NAMES.get(tag["tag"], tag["tag"]), (tag["value"] or "").strip()
        if not self.fields:
            self.start, self.excerpt = number, line
        if name == "title":
            self.excerpt = value[:EXCERPT_LENGTH]
        if value and name not in self.fields:
            self.fields[name] = [value]
        elif value and name in SEPARATORS:
            self.fields[name] += [SEPARATORS[name], value]
        self.last = name

    def as_row(self) -> SourceRow:
        """Return the line on which it begins, an excerpt, and its fields as texts."""
        joined: dict[str, object] = {name: "".join(each) for name, each in self.fields.items()}
        if "date" in self.fields:
            joined["date"] = pick_date("".join(self.fields["date"]).split("\n"))
        return self.start, self.excerpt, joined


def pick_date(dates: Sequence[str]) -> str:
    """Return the most exact of some dates that is of the year of the first.

    >>> pick_date(["2019", "2019/03//", "2019/03/05/", "2018/01/01"]), pick_date(["soon", "2019"])
    ('2019/03/05/', '2019')
    """
    dated = [date for date in dates if YEAR.match(date)]
    in_year = [date for date in dated if date[:4] == dated[0][:4]]
    # Of equally exact ones the first is taken.
    return max(in_year, key=measure_date, default=dates[0])


def measure_date(date: str) -> int:
    """Count what a date names in turn: a year, its month, and the day of that."""
    parts = re.split(r"[-/]", date.strip())[:3]
    return len(parts) if all(parts) else parts.index("")


def _is_between_references(lines: Sequence[str], number: int, fields: Pieces) -> bool:
    """Return whether a line, by its number from 1, only announces the reference that follows."""
    if not _is_numbering(lines[number - 1].strip()):
        return False
    # Within a reference a number may be the rest of a value: only one before `TY` is none.
    following = (line.strip() for line in lines[number : number + 8])
    text = next((line for line in following if line and not _is_numbering(line)), "")
    return not fields or text.startswith("TY ")


# Each line is looked at from the eight before it as well.
@lru_cache(maxsize=16)
def _is_numbering(line: str) -> bool:
    return NUMBERING.fullmatch(line) is not None


def _continue_value(reference: Reference, number: int, text: str) -> list[Complaint]:
    """Add a line without a tag to the value before it; return what is outside of all."""
    if text and reference.last in reference.fields:
        reference.fields[reference.last] += [" ", text]
    elif text and not reference.fields:
        return [_refuse(number, "is outside of every reference", text)]
    return []


def _refuse(line: int, detail: str, text: str) -> Complaint:
    return Complaint(line, Reason.MALFORMED, detail, text[:EXCERPT_LENGTH])
