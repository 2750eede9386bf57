"""arXiv's Atom feeds: answers of its query API, plain or kept as the ``body`` of a JSON object.

The announcement feed of a category is Atom, too: its entries are read by `announcements`.
"""

import io
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from flows.raw.batch import Batch, make_rejection, tabulate_rejections
from flows.raw.json_cutter import RECORD_BYTES
from flows.raw.json_stream import Unreadable, parse_value
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.xml_recovery import Damage, read_past_errors
from flows.raw.xml_stream import collect_text, free_element, local_name
from flows.sources.arxiv.announcements import ANNOUNCE_TYPE, read_announcement
from flows.sources.arxiv.xml_rows import PendingRows
from schemas.vocabulary import Reason

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"

TEXT_TAGS = {
    f"{ATOM}title": "title",
    f"{ATOM}summary": "abstract",
    f"{ATOM}published": "published",
    f"{ATOM}updated": "updated",
    f"{ARXIV}comment": "comments",
    f"{ARXIV}journal_ref": "venue",
    f"{ARXIV}doi": "doi",
}
OTHER_TAGS = {
    f"{ATOM}id": "read as the arXiv id",
    f"{ATOM}author": "its name is read, its affiliation is not",
    f"{ATOM}category": "read",
    f"{ARXIV}primary_category": "read",
    f"{ATOM}link": "ignored: made from the id and the DOI",
}

BODY_BYTES = RECORD_BYTES
"""An answer holds 2,000 entries at most, some 8 MB."""


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of feeds. Their errors come as an entry that poses as a paper."""
    pending, position = PendingRows(raw), 0
    for event in read_past_errors(stream, raw.path.name, frozenset({"entry"})):
        # Before the rest, which is left early: damage may be all that there is.
        if pending.is_full:
            yield pending.build_batch()
            pending = PendingRows(raw)
        if isinstance(event, Damage):
            position += 1
            pending.refuse_damage(position, event)
            continue
        kind, element = event
        if kind == "start" or element.tag != f"{ATOM}entry":
            continue
        position += 1
        if element.find(ANNOUNCE_TYPE) is not None:
            pending.rows.append({"line": position, **read_announcement(element, pending.unseen)})
        else:
            _read_entry(element, position, pending)
        free_element(element)
    yield pending.build_batch()


def parse_saved_feed(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a feed that was saved as ``{"url", "status_code", "body"}``."""
    content = stream.read(BODY_BYTES + 1)
    if len(content) > BODY_BYTES:
        raise RefusedInput(f"{raw.path.name}: an answer of more than {BODY_BYTES:,} bytes")
    try:
        answer = parse_value(content)
    except Unreadable as error:
        row = make_rejection(raw, 1, Reason.TRUNCATED, detail=error.detail, excerpt="")
        yield Batch(rejections=tabulate_rejections([row]), unread_bytes=len(content))
        return
    body = answer.get("body") if isinstance(answer, dict) else None
    if not isinstance(body, str):
        raise RefusedInput(f"{raw.path.name}: a JSON object without a feed as its `body`")
    yield from parse(raw, io.BytesIO(body.encode("utf-8", "replace")))


def _read_entry(entry: etree._Element, position: int, pending: PendingRows) -> None:
    pending.unseen.update(_list_unseen_tags(entry))
    row: dict[str, object] = {
        column: collect_text(entry.find(tag)) for tag, column in TEXT_TAGS.items()
    }
    identifier = (collect_text(entry.find(f"{ATOM}id")) or "").strip()
    # Errors come as an entry with all that a paper has but a day.
    if "api/errors" in identifier:
        detail = f"arXiv answered with an error: {row['abstract']}"
        page = identifier.partition("/abs/")[2] or identifier
        pending.refuse(position, Reason.SOURCE_ERROR, detail, page)
        return
    names = (collect_text(name) for name in entry.iterfind(f"{ATOM}author/{ATOM}name"))
    primary = [element.get("term", "") for element in entry.iterfind(f"{ARXIV}primary_category")]
    terms = [element.get("term", "") for element in entry.iterfind(f"{ATOM}category")]
    # The primary category comes first; it is repeated among the others.
    words = " ".join(dict.fromkeys(primary + terms))
    pending.rows.append(
        row
        | {
            "line": position,
            "id": identifier.partition("/abs/")[2] or identifier,
            "authors": [name for name in names if name],
            "category_words": words,
            "class_words": words,
        }
    )


def _list_unseen_tags(entry: etree._Element) -> Iterator[str]:
    for child in entry:
        if child.tag not in TEXT_TAGS and child.tag not in OTHER_TAGS:
            yield f"entry.{local_name(child)}"
