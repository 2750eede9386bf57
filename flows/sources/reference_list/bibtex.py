"""BibTeX: the entries of a list as fields of text."""

import logging
import re

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
    for block in parse_string(text).blocks:
        line = max(last + 1, (block.start_line or 0) + 1)
        entry = _find_entry(block)
        excerpt = (block.raw or "")[:EXCERPT_LENGTH]
        if entry is not None and len(entry.fields) > MAX_FIELDS:
            detail = f"has {len(entry.fields):,} fields, and no real entry more than {MAX_FIELDS:,}"
            complaints.append(Complaint(line, Reason.MALFORMED, detail, excerpt))
        elif entry is not None:
            fields: dict[str, object] = {"key": entry.key, "type": entry.entry_type.lower()}
            for item in entry.fields:
                fields.setdefault(item.key.lower(), _strip_enclosure(str(item.value)))
            rows.append((line, excerpt, fields))
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
