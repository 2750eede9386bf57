"""BibTeX: the entries of a list as fields of text."""

import logging
import re
from collections.abc import Iterator, Mapping

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
)

from flows.raw.json_cutter import Complaint
from flows.sources.shared.row_batches import SourceRow
from schemas.rejection import EXCERPT_LENGTH
from schemas.vocabulary import Reason

# The library logs each broken entry; here each becomes a rejection.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


CONCATENATED = re.compile(r"[\"}]\s*#\s*[\"{]")

PART = r'(?:"[^"]*"|\{[^{}]*\}|[\w:.+-]+)'
JOINED = re.compile(rf"{PART}(?:\s*#\s*{PART})+")
"""Texts and the names of texts, joined: ``"Proc. of " # nips # " 2019"``."""

NEXT_FIELD = re.compile(
    r"\s+(title|author|year|month|journal|booktitle|doi|url|eprint|publisher|pages|volume|number)"
    r"\s*=\s*(?=[{\"]|\d|[a-z]{3}\b)",
    re.IGNORECASE,
)
"""The beginning of a field, behind a value from which no comma parts it; titles have equations."""

BRACE = re.compile(r"[{}]")

VALUE = re.compile(r'"[^"{}]*"|(?:\d+|[a-z]{3})(?=\s)')
"""A value in quotes, or without them, as years and months are."""


MAX_FIELDS = 1_000
"""Fields of one entry: programs write some thirty."""


HAS_TITLE = re.compile(r"(?im)^[^\S\n]*+(?:@\w*\W.*)?\btitle\s*=\s*[{\"]")
"""A field of an entry: text between entries that holds one is an entry whose beginning is lost."""


def read_bibtex(text: str) -> tuple[list[SourceRow], list[Complaint]]:
    """Read the entries of a list with the lines on which they begin, and what is none.

    An entry under the key of another is read all the same; of a repeated field the first counts.
    """
    rows: list[SourceRow] = []
    complaints: list[Complaint] = []
    last = 0
    library = parse_string(text)
    texts = {name.lower(): str(string.value) for name, string in library.strings_dict.items()}
    for block in library.blocks:
        line = max(last + 1, (block.start_line or 0) + 1)
        entry = _find_entry(block)
        excerpt = (block.raw or "")[:EXCERPT_LENGTH]
        if entry is not None and len(entry.fields) > MAX_FIELDS:
            detail = f"has {len(entry.fields):,} fields, and no real entry more than {MAX_FIELDS:,}"
            complaints.append(Complaint(line, Reason.MALFORMED, detail, excerpt))
        elif entry is not None:
            rows.append((line, excerpt, _read_fields(entry, texts)))
        elif isinstance(block, ParsingFailedBlock):
            reason = getattr(block.error, "abort_reason", block.error)
            detail = f"is no entry of BibTeX: {reason}"
            complaints.append(Complaint(line, Reason.MALFORMED, detail, excerpt))
        elif isinstance(block, ImplicitComment) and HAS_TITLE.search(block.raw or ""):
            detail = "is no entry of BibTeX: it has fields, and no type and key before them"
            complaints.append(Complaint(line, Reason.MALFORMED, detail, excerpt))
        else:
            continue
        last = line
    return rows, complaints


def _read_fields(entry: Entry, texts: Mapping[str, str]) -> dict[str, object]:
    """Read the fields of an entry; ``texts``: those that are defined once, by their names."""
    fields: dict[str, object] = {"key": entry.key, "type": entry.entry_type.lower()}
    for item in entry.fields:
        written = _join_texts(str(item.value), texts)
        for name, value in _part_fields(item.key, written):
            fields.setdefault(name.lower(), _strip_enclosure(value))
    return fields


def _join_texts(value: str, texts: Mapping[str, str]) -> str:
    """Join texts and the names of texts; any other value is returned as it is.

    >>> _join_texts('nips # " 2019"', {"nips": "NeurIPS"}), _join_texts("C # in depth", {})
    ('NeurIPS 2019', 'C # in depth')
    """
    # The library takes off the first and the last quote, whatever is between them.
    for written in (value, f'"{value}"'):
        parts = re.findall(PART, written) if JOINED.fullmatch(written) else []
        if any(part[0] in '"{' or part.lower() in texts for part in parts):
            return "".join(
                part[1:-1] if part[0] in '"{' else texts.get(part.lower(), part) for part in parts
            )
    return value


def _part_fields(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Part a value from the fields behind it that no comma parts from it.

    >>> list(_part_fields("title", '{Deep {GPU} nets} year="2020" month=jun'))
    [('title', '{Deep {GPU} nets}'), ('year', '"2020"'), ('month', 'jun')]
    >>> list(_part_fields("title", "{On} x=1")), list(_part_fields("title", "On {a} year={c}"))
    ([('title', '{On} x=1')], [('title', 'On {a} year={c}')])
    """
    start = 0
    while (end := _find_value_end(value, start)) and (following := NEXT_FIELD.match(value, end)):
        yield name, value[start:end]
        name, start = following[1], following.end()
    yield name, value[start:]


def _find_value_end(value: str, start: int) -> int:
    """Find where the braces or quotes end that begin at a place; 0 where none do."""
    if not value.startswith("{", start):
        plain = VALUE.match(value, start)
        return plain.end() if plain else 0
    depth = 0
    for brace in BRACE.finditer(value, start):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return 0


def _strip_enclosure(value: str) -> str:
    """Take off the braces or quotes around a value, which the library leaves in repeated entries.

    >>> _strip_enclosure("{A title}"), _strip_enclosure("{Deep} nets of {GPUs}")
    ('A title', '{Deep} nets of {GPUs}')
    """
    # Texts that are joined with a `#`: `"Deep " # "nets"`.
    value = CONCATENATED.sub("", value)
    is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
    inner = value[1:-1]
    is_braced = value[:1] == "{" and value[-1:] == "}" and "{" not in inner and "}" not in inner
    return inner if is_quoted or is_braced else value


def _find_entry(block: Block) -> Entry | None:
    """Return the entry that a block is, repeated keys of entries and fields aside."""
    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        inner = block.ignore_error_block
        return inner if isinstance(inner, Entry) else None
    return block if isinstance(block, Entry) else None
