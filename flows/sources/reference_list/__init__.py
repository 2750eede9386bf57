"""Reference lists: BibTeX, RIS and CSL JSON, as researchers keep them. CC0: titles are facts.

Read: title, authors, identifiers, venue, date and links. Ignored on purpose: abstracts (whose
licence no list states), and what is its owner's own: notes, keywords, files, ratings.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from flows.errors import count_noun
from flows.http.site_client import Web
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch
from flows.raw.fetch_request import FetchRequest
from flows.raw.json_head import HEAD_BYTES, peek_head
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.store import Store
from flows.sources.reference_list import bibtex, ris
from flows.sources.reference_list import csl_json as csl
from flows.sources.reference_list.references import KNOWN, read_reference_row
from flows.sources.reference_list.site import EXAMPLE, SITE
from flows.sources.shared.row_batches import RowReader, build_row_batch, parse_json_rows
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.REFERENCE_LIST
LICENSE = License.CC0
VERSION = "12"

STALE_AFTER: int | None = None
"""Never: a list is its owner's, and as new as the owner wants it."""

READER = RowReader(read_reference_row, KNOWN, LICENSE)

ITEM_READER = RowReader(
    csl.read_csl_item,
    csl.KNOWN,
    LICENSE,
    is_row=csl.is_item,
    side=csl.SIDE,
    excerpt_fields=("title", "DOI", "id"),
)

WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""What a list in UTF-16 begins with, as some programs on Windows write it."""

LIST_BYTES = 1 << 25
"""32 MiB, some 60,000 references: a list is read as a whole."""

MAX_REFERENCES = 200_000
"""References of a list, with the places in it that are none: more than 32 MiB hold of real ones."""

MAX_FIELDS = 2_500_000
"""Equals signs of a list in BibTeX, and lines of one in RIS: likewise."""

BATCH_ROWS = 20_000
"""References that become tables at a time."""

STARTS = {"bibtex": re.compile(r"@\w*+[ \t]*+[{(]"), "ris": re.compile(r"(?m)^TY  ?-")}
"""What each reference begins with. It may be found elsewhere as well, though not often."""

FIELDS = {"bibtex": re.compile("="), "ris": re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")}

BIBTEX_START = re.compile(
    rb"\A\s*+(?:```\w*+\s*+)?(?:(?!\s*```)[^\n<>{}]*\n){0,20}?\s*@\s*[A-Za-z]+\s*[{(]"
)
"""A list begins with an entry, after comments or a few lines of the program that wrote it. What is
fenced off within a text is how one thing wants to be cited, and no list."""

BIBTEX_ENTRY = re.compile(
    rb"(?<![\w.|])@\s*[A-Za-z]+\s*[{(]\s*[^\s,{}]*\s*,(?:[^@]|(?<=[\w.|])@)*?\btitle\s*=",
    re.IGNORECASE,
)
"""An entry with a title. The sign is within a word only in addresses, which begin no entry."""

RIS_START = re.compile(rb"\A(?:[^\n{}@]{0,200}\n){0,10}?\s*+TY  ?- ?\w+")
"""A list may begin with a few lines of the library that gave it, such as ``Provider: ...``, and the
number of its first reference. The blanks before ``TY`` are taken at once: they could be shared out
among the ten lines in more ways than anybody has time for."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins like a list in BibTeX, RIS or CSL JSON."""
    return _identify_format(head) is not None or csl.is_csl_json(head)


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring lists that are named as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the references of a list. Raises `RefusedInput` for anything else."""
    content = ContentStream.wrap(stream)
    kind = _identify_format(content.peek(HEAD_BYTES))
    if kind is not None:
        yield from _parse_text(raw, content, kind)
    elif csl.is_csl_json(head := peek_head(content)):
        yield from parse_json_rows(raw, content.as_binary(), head, ITEM_READER, ("items",))
    else:
        raise RefusedInput(
            f"{raw.path.name}: holds no references in BibTeX, RIS or CSL JSON. "
            "Give --source the name of its source, or leave that option out."
        )


def _parse_text(raw: RawFile, content: ContentStream, kind: str) -> Iterator[Batch]:
    """Read the references of a list in BibTeX or RIS, which is read as a whole."""
    written = content.read(LIST_BYTES + 1)
    if len(written) > LIST_BYTES:
        raise RefusedInput(f"{raw.path.name}: a list of more than {LIST_BYTES:,} bytes: cut it.")
    text = _decode(written)
    # A few kilobytes of gzip unpack to millions of empty entries, each as costly as a real one.
    for pattern, bound, noun in (
        (STARTS[kind], MAX_REFERENCES, "references"),
        (FIELDS[kind], MAX_FIELDS, "fields"),
    ):
        if sum(1 for _ in islice(pattern.finditer(text), bound + 1)) > bound:
            raise RefusedInput(f"{raw.path.name}: a list of more than {bound:,} {noun}: cut it.")
    read = bibtex.read_bibtex if kind == "bibtex" else ris.read_ris
    values, complaints = read(text)
    if len(values) + len(complaints) > MAX_REFERENCES:
        places = count_noun(len(complaints), "place of it/places of it", "is/are")
        raise RefusedInput(
            f"{raw.path.name}: {places} no reference, the first in line "
            f"{complaints[0].position:,}: take out what is none, or cut the list."
        )
    for start in range(0, max(len(values), len(complaints), 1), BATCH_ROWS):
        part = slice(start, start + BATCH_ROWS)
        yield build_row_batch(raw, values[part], complaints[part], READER)


def _decode(content: bytes) -> str:
    """Decode a list, its lines ended by newlines: a comment goes up to the end of its line."""
    if content.startswith(WIDE_MARKS):
        text = content.decode("utf-16", "replace")
    else:
        # Old lists are Latin-1, in which every byte is a character.
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    return text if "\n" in text else text.replace("\r", "\n")


def _identify_format(head: bytes) -> str | None:
    if head.startswith(WIDE_MARKS):
        # A head that ends in the middle of a character loses that one only.
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    start = head.removeprefix(b"\xef\xbb\xbf")
    start = start if b"\n" in start else start.replace(b"\r", b"\n")
    if RIS_START.match(start):
        return "ris"
    is_bibtex = BIBTEX_START.match(start) and BIBTEX_ENTRY.search(start)
    return "bibtex" if is_bibtex else None
