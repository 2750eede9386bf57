"""arXiv's announcement feeds: what was announced on a day, as RSS 2.0, RSS 1.0 or Atom.

Read: title, abstract, creators, categories, the day of the announcement, DOI and journal
reference. Ignored on purpose: links, which are made from the id, and the licence of the full text.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from flows.raw.batch import Batch
from flows.raw.raw_file import RawFile
from flows.raw.xml_recovery import Damage, read_past_errors
from flows.raw.xml_stream import collect_text, free_element, local_name
from flows.sources.arxiv.xml_rows import PendingRows
from flows.sources.shared.author_strings import split_authors

ANNOUNCE_TYPE = "{http://arxiv.org/schemas/atom}announce_type"

READ_NAMES = {
    *("title", "description", "summary", "creator", "category", "pubDate", "published"),
    *("guid", "id", "link", "announce_type", "DOI", "doi", "journal_reference", "journal_ref"),
}
IGNORED_NAMES = {"rights", "updated", "subject", "date"}

LEAD = re.compile(
    r"^\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s*(?:Abstract:\s*)?", re.DOTALL
)
"""What precedes the abstract: ``arXiv:2609.09159v1 Announce Type: new`` and ``Abstract:``."""

TITLE_TAIL = re.compile(r"\(arXiv:(?P<id>\S+)\s+\[(?P<category>[\w.-]+)\](?:[^()]*)\)\s*$")
"""What followed titles until 2023: ``. (arXiv:2301.00001v1 [cs.LG])``, from its bracket on."""

MARKUP = re.compile(r"<[^<>]+>")

FIRST_ANNOUNCED = {"new", "cross"}
"""Kinds of announcement whose paper is new; ``replace`` announces a later version."""


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the papers that RSS feeds announce."""
    pending, position = PendingRows(raw), 0
    for event in read_past_errors(stream, raw.path.name, frozenset({"item"})):
        # Before the rest, which is left early: damage may be all that there is.
        if pending.is_full:
            yield pending.build_batch()
            pending = PendingRows(raw)
        if isinstance(event, Damage):
            position += 1
            pending.refuse_damage(position, event)
            continue
        kind, element = event
        if kind == "start" or local_name(element) != "item":
            continue
        position += 1
        pending.rows.append({"line": position, **read_announcement(element, pending.unseen)})
        free_element(element)
    yield pending.build_batch()


def read_announcement(item: etree._Element, unseen: Counter[str]) -> dict[str, object]:
    """Read one announced paper; the fields are those of `xml_rows`. Counts what is not read."""
    texts: dict[str, list[str]] = {}
    for child in item:
        name = local_name(child)
        if name not in READ_NAMES and name not in IGNORED_NAMES:
            unseen[f"item.{name}"] += 1
        texts.setdefault(name, []).append(collect_text(child) or child.get("term") or "")

    def read_first(*names: str) -> str | None:
        return next((text for name in names for text in texts.get(name, []) if text.strip()), None)

    description = _strip_markup(read_first("description", "summary") or "")
    lead = LEAD.match(description)
    # Feeds of today say in the description what those until 2023 said in the title.
    title, tail = _split_title(read_first("title") or "")
    announced = read_first("announce_type") or (lead["type"] if lead else "")
    day = read_first("pubDate", "published")
    is_first = announced.strip() in FIRST_ANNOUNCED
    categories = texts.get("category") or ([tail["category"]] if tail else [])
    creators = [_strip_markup(text) for text in texts.get("creator", [])]
    return {
        "id": _find_id(read_first("guid", "id", "link") or "", lead or tail),
        "title": title,
        "abstract": LEAD.sub("", description).strip() or None,
        "authors": [name for text in creators for name in split_authors(text)],
        "author_text": "; ".join(creators),
        "doi": read_first("DOI", "doi"),
        "venue": read_first("journal_reference", "journal_ref"),
        "category_words": " ".join(categories),
        "class_words": " ".join(categories),
        # A paper's own first day is arXiv's; announced, it had appeared by this day.
        "published": day if is_first else None,
        "listed": day,
    }


def _split_title(written: str) -> tuple[str, re.Match[str] | None]:
    """Part a title from what followed titles until 2023; None where nothing does.

    >>> _split_title("Ladders. (arXiv:2301.00001v1 [cs.LG])")[0], _split_title("A (b)")[0]
    ('Ladders', 'A (b)')
    """
    # One place is looked at: blanks before any of many would be looked through from each.
    start = written.rfind("(arXiv:")
    tail = TITLE_TAIL.match(written, start) if start >= 0 else None
    return (written[:start].rstrip().removesuffix(".") if tail else written), tail


def _find_id(written: str, lead: re.Match[str] | None) -> str:
    """Find the arXiv id: in the entry's own id, else in its text."""
    if written.strip().startswith("oai:arXiv.org:"):
        return written.strip().removeprefix("oai:arXiv.org:")
    return lead["id"] if lead else written.strip().partition("/abs/")[2]


def _strip_markup(written: str) -> str:
    """Take off HTML: feeds until 2023 wrapped abstracts and names in escaped tags.

    >>> _strip_markup("<p>We show that a < b.</p>"), _strip_markup('<a href="x">Ada Berg</a>')
    ('We show that a < b.', 'Ada Berg')
    """
    if not re.match(r"\s*<(?:p|a)\b", written):
        return written
    return html.unescape(MARKUP.sub("", written)).strip()
