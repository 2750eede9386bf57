"""Answers of arXiv's OAI-PMH interface, with records of any of its metadata prefixes.

The protocol is that of http://www.openarchives.org/OAI/openarchivesprotocol.html; the fields are
those of http://arxiv.org/OAI/arXiv.xsd, arXivRaw.xsd, and Dublin Core. A deleted record has a
header and no metadata.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from flows.raw.batch import Batch
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.xml_recovery import Damage, read_past_errors
from flows.raw.xml_stream import collect_text, free_element, local_name
from flows.sources.arxiv.category_names import CATEGORIES
from flows.sources.arxiv.xml_rows import PendingRows, format_name
from flows.sources.shared.author_strings import split_authors
from schemas.vocabulary import Reason

OAI = "{http://www.openarchives.org/OAI/2.0/}"
ARXIV = "{http://arxiv.org/OAI/arXiv/}"
ARXIV_OLD = "{http://arxiv.org/OAI/arXivOld/}"
ARXIV_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
OAI_DC = "{http://www.openarchives.org/OAI/2.0/oai_dc/}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"

ARXIV_RECORDS = (f"{ARXIV}arXiv", f"{ARXIV_OLD}arXivOld", f"{ARXIV_RAW}arXivRaw")

RECORDS = frozenset({"record", "error"})

OTHER_VERBS = {"ListIdentifiers", "ListSets", "ListMetadataFormats", "Identify"}
"""What else the protocol can be asked for."""

PREFIX = "oai:arXiv.org:"
"""What the protocol puts before an id."""

TEXT_TAGS = {
    "id": "id",
    "title": "title",
    "abstract": "abstract",
    "comments": "comments",
    "journal-ref": "venue",
    "doi": "doi",
    "categories": "category_words",
}
READ_TAGS = {*TEXT_TAGS, "acm-class", "msc-class", "created", "updated", "authors", "version"}
IGNORED_TAGS = {"report-no", "license", "proxy", "submitter"}
"""A number of no use here, the licence of the full text, and people who submitted."""

READ_ELEMENTS = {"title", "creator", "subject", "description", "date", "identifier"}
IGNORED_ELEMENTS = {"type", "language", "format", "rights", "publisher", "source", "relation"}
"""Always ``text``, nearly always ``en``, and what arXiv does not give."""

COMMENT = "Comment: "
ABSTRACT_PAGE = re.compile(r"https?://arxiv\.org/abs/(\S+)")
CLASS_LIST = re.compile(r"^\s*(?:[A-K]\.\w|\d{2}[A-Z\d-])")
"""Dublin Core puts classes (``68T50 (Primary)``) and names of categories into one element."""


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of answers. Deleted records and errors of the protocol are rejections."""
    pending, position = PendingRows(raw), 0
    for event in read_past_errors(stream, raw.path.name, RECORDS):
        # Before the rest, which is left early: damage may be all that there is.
        if pending.is_full:
            yield pending.build_batch()
            pending = PendingRows(raw)
        if isinstance(event, Damage):
            position += 1
            pending.refuse_damage(position, event)
            continue
        kind, element = event
        refuse_other_verb(element, raw)
        if kind == "start" or local_name(element) not in RECORDS:
            continue
        position += 1
        _read_element(element, position, pending)
        free_element(element)
    yield pending.build_batch()


def refuse_other_verb(element: etree._Element, raw: RawFile) -> None:
    """Raise `RefusedInput` for an answer of the protocol that holds no metadata of papers."""
    if (verb := local_name(element)) in OTHER_VERBS:
        raise RefusedInput(
            f"{raw.path.name}: an answer to {verb}, which holds no metadata of papers: harvest "
            "with verb=ListRecords&metadataPrefix=arXiv."
        )


def _read_element(element: etree._Element, position: int, pending: PendingRows) -> None:
    """Read one record, or one error of the protocol."""
    header, metadata = element.find("{*}header"), element.find("{*}metadata")
    content = next(iter(metadata), None) if metadata is not None else None
    written = collect_text(header.find("{*}identifier")) if header is not None else None
    name = (written or "").strip().removeprefix(PREFIX)
    if local_name(element) == "error":
        _read_error(element, position, pending)
    elif header is not None and header.get("status") == "deleted":
        pending.refuse(position, Reason.REMOVED, f"{PREFIX}{name} was deleted by arXiv", name)
    elif content is None:
        pending.refuse(position, Reason.MALFORMED, "a record without metadata", name)
    elif content.tag in ARXIV_RECORDS:
        pending.unseen.update(_list_unseen_tags(content, READ_TAGS | IGNORED_TAGS))
        row = _read_arxiv(content)
        pending.rows.append({**row, "line": position, "id": row["id"] or name})
    elif content.tag == f"{OAI_DC}dc":
        pending.unseen.update(_list_unseen_tags(content, READ_ELEMENTS | IGNORED_ELEMENTS))
        row = _read_dublin_core(content)
        pending.rows.append({**row, "line": position, "id": row["id"] or name})
    else:
        prefix = local_name(content)
        detail = f"metadata of the form {prefix}: harvest with metadataPrefix=arXiv"
        pending.refuse(position, Reason.MALFORMED, detail, name)


def _read_error(element: etree._Element, position: int, pending: PendingRows) -> None:
    """Keep an error of the protocol; that nothing matches a request is none."""
    code, message = element.get("code"), collect_text(element)
    # A day without papers is an answer like others.
    if code == "noRecordsMatch":
        note = "arXiv answered that it has no records of these days (noRecordsMatch)"
        # A file may hold a million of them, and one note says as much.
        if note not in pending.notes:
            pending.notes.append(note)
        return
    pending.refuse(
        position, Reason.SOURCE_ERROR, f"arXiv answered with an error: {code}: {message}"
    )


def _list_unseen_tags(content: etree._Element, seen: set[str]) -> Iterator[str]:
    prefix = local_name(content)
    for child in content:
        name = local_name(child)
        if name not in seen:
            yield f"{prefix}.{name}"


def _read_arxiv(paper: etree._Element) -> dict[str, object]:
    """Read a record of arXiv's own prefixes, which differ in their authors and days."""
    space = f"{{{etree.QName(paper).namespace}}}"

    def read_child(name: str) -> str | None:
        return collect_text(paper.find(f"{space}{name}"))

    row: dict[str, object] = {column: read_child(tag) for tag, column in TEXT_TAGS.items()}
    classes = [read_child("acm-class"), read_child("msc-class")]
    versions = [collect_text(version) for version in paper.iterfind(f"{space}version/{space}date")]
    days = versions
    if not days:
        created = read_child("created")
        days = [created, read_child("updated") or created]
    authors = paper.findall(f"{space}authors/{space}author")
    names = [_read_name(author, space) for author in authors]
    return row | {
        "authors": names or split_authors(read_child("authors")),
        "author_text": None if names else read_child("authors"),
        "class_words": " ".join(filter(None, classes)),
        "published": days[0],
        "updated": days[-1],
        "version_days": versions,
    }


def _read_name(author: etree._Element, space: str) -> str:
    """Read a name of the prefix ``arXiv``; its affiliation is left out."""
    parts = ("keyname", "forenames", "suffix")
    last, first, suffix = (collect_text(author.find(f"{space}{part}")) for part in parts)
    return format_name(last, first, suffix)


def _read_dublin_core(paper: etree._Element) -> dict[str, object]:
    """Read a record of the prefix ``oai_dc``: its elements repeat and mix several fields."""

    def read_all(name: str) -> list[str]:
        texts = (collect_text(child) for child in paper.iterfind(f"{DUBLIN_CORE}{name}"))
        return [text for text in texts if text]

    descriptions, subjects, identifiers = map(read_all, ("description", "subject", "identifier"))
    # Dublin Core has no element for comments: arXiv gives them as a second description.
    comments = [text for text in descriptions if text.lstrip().startswith(COMMENT)]
    abstracts = [text for text in descriptions if text not in comments]
    pages = [page[1] for text in identifiers if (page := ABSTRACT_PAGE.match(text.strip()))]
    dois = [text.strip() for text in identifiers if text.strip().lower().startswith("doi:")]
    others = [text for text in identifiers if text.strip() not in dois and "://" not in text]
    days = sorted(day.strip() for day in read_all("date"))
    others_than_classes = [text for text in subjects if not CLASS_LIST.match(text)]
    return {
        "id": pages[0] if pages else None,
        "title": next(iter(read_all("title")), None),
        "abstract": next(iter(abstracts), None),
        "comments": comments[0].lstrip().removeprefix(COMMENT) if comments else None,
        "venue": next(iter(others), None),
        "doi": dois[0][len("doi:") :] if dois else None,
        "authors": read_all("creator"),
        "class_words": " ".join(text for text in subjects if CLASS_LIST.match(text)),
        "category_words": " ".join(CATEGORIES[name] for name in subjects if name in CATEGORIES),
        "keywords": [name for name in others_than_classes if name not in CATEGORIES],
        "published": days[0] if days else None,
        "updated": days[-1] if days else None,
    }
