"""One note of OpenReview as a row: in API 2 each field of its content is wrapped in ``value``."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import polars as pl

from flows.raw.json_stream import KnownFields, Unreadable, list_unknown_fields
from flows.sources.shared.author_strings import split_authors
from flows.sources.shared.json_fields import (
    get_abstract,
    get_object,
    get_text,
    get_texts,
    get_title,
    wrap_url,
)
from flows.sources.shared.row_batches import Fields, Row, find_row_fault, name_fault
from flows.sources.shared.side_fields import Side, SideFields, pass_over_wrong_types
from schemas.vocabulary import Reason

LINKS = ("code", "website", "project_page", "homepage", "html", "data", "dataset")
"""Fields in which authors give a link; venues choose their names."""

KNOWN: KnownFields = dict.fromkeys(
    (
        *("id", "forum", "content", "invitation", "invitations", "domain", "license", "number"),
        *("cdate", "tcdate", "pdate", "odate", "mdate", "tmdate", "ddate", "replyto"),
        *("original", "originalInvitation", "externalId", "externalIds", "parentInvitations"),
        *("signatures", "readers", "nonreaders", "writers", "signature", "referent", "details"),
        *("version", "overwriting", "tauthor", "tddate", "editors", "authors"),
    )
)
"""Fields of a note. Those of its content are each venue's own, and are not counted."""

SIDE: SideFields = {"invitation": Side.TEXT, "invitations": Side.TEXTS}
CONTENT_SIDE: SideFields = {
    **dict.fromkeys((*LINKS, "venue", "venueid"), Side.TEXT),
    "keywords": Side.TEXTS,
}
"""What a note, and its content, is known without."""

NOT_ACCEPTED = re.compile(r"(?i)^submitted to\b|\bsubmission\b|\bunder review\b|\breject")
"""What takes the place of a venue until, or unless, a paper is accepted."""

WITHDRAWN = re.compile(r"(?i)withdrawn")
ANONYMOUS = re.compile(r"(?i)^\s*(?:anonymous|.*\bpaper\d+ authors)\s*$")

MILLISECONDS = 1_000


def is_note(values: Fields) -> bool:
    """Return whether an object is a note: it has content and the forum in which it is."""
    return "content" in values and "forum" in values


def read_note(position: int, note: Fields) -> Row:
    """Map one note to columns. Raises `Unreadable` for a wrong type, and for a deleted note."""
    content = pass_over_wrong_types(unwrap_content(note), CONTENT_SIDE)[0]
    forum, identifier = get_text(note, "forum"), get_text(note, "id")
    # Deleted notes stay in answers that ask for them, with the day of their deletion.
    if note.get("ddate"):
        raise Unreadable(Reason.REMOVED, f"{identifier} was deleted at OpenReview")
    invitations = " ".join([*get_texts(note, "invitations"), get_text(note, "invitation") or ""])
    venue = get_text(content, "venue")
    states = " ".join(filter(None, (venue, get_text(content, "venueid"), invitations)))
    written = content.get("authors")
    names = split_authors(written) if isinstance(written, str) else get_texts(content, "authors")
    authors = [name for name in names if not ANONYMOUS.match(name)]
    links = [(name, get_text(content, name)) for name in LINKS if name in content]
    # The first note of a forum bears its id; all others answer it.
    is_reply = identifier is not None and forum is not None and identifier != forum
    return {
        "line": position,
        "source_id": f"reply:{identifier}" if is_reply else forum or identifier,
        "openreview_id": forum or identifier,
        "title": get_title(content, "title"),
        "abstract": get_abstract(content, "abstract"),
        "authors": authors,
        "keywords": get_texts(content, "keywords"),
        "venue": None if venue and NOT_ACCEPTED.search(venue) else venue,
        "published": read_moment(note, "pdate", "odate", "tcdate", "cdate"),
        "updated": read_moment(note, "mdate", "tmdate"),
        "urls": [
            url for name, link in links for url in wrap_url(name, link) if "://" in url["url"]
        ],
        "is_withdrawn": WITHDRAWN.search(states) is not None,
    }


def list_unknown_of_note(note: Fields, known: KnownFields) -> Iterator[str]:
    """Name the fields of a note that are not known, and an abstract that is no text.

    >>> note = {"id": "a", "content": {"abstract": {"value": True}, "tldr": 1}}
    >>> list(list_unknown_of_note(note, KNOWN))
    ['content.abstract: bool in the place of a text']
    """
    yield from list_unknown_fields(note, known)
    content = note.get("content")
    if isinstance(content, Mapping):
        yield from pass_over_wrong_types(unwrap_content(note), CONTENT_SIDE, "content.")[1]
        abstract = {"abstract": unwrap(content.get("abstract"))}
        yield from list_unknown_fields(abstract, {"abstract": None}, "content.")


def unwrap_content(note: Fields) -> dict[str, object]:
    """Return the content of a note by its fields. Raises `Unreadable` where it is no object."""
    return {name: unwrap(value) for name, value in get_object(note, "content").items()}


def unwrap(value: object) -> object:
    """Return the value of a field of API 2; a field of API 1 is its own value.

    >>> unwrap({"value": "A title"}), unwrap("A title")
    ('A title', 'A title')
    """
    return value.get("value") if isinstance(value, Mapping) and "value" in value else value


def read_moment(note: Fields, *names: str) -> str | None:
    """Read the first of some moments, in milliseconds since 1970, as a day in UTC.

    >>> read_moment({"pdate": None, "cdate": 1727262000000}, "pdate", "cdate")
    '2024-09-25'
    """
    value = next((note[name] for name in names if note.get(name)), None)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(float(str(value)) / MILLISECONDS, tz=UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def find_note_fault() -> pl.Expr:
    """Return why a row is no paper: it is a reply in a forum, or lacks a title."""
    is_reply = pl.col("source_id").str.starts_with("reply:").fill_null(value=False)
    detail = pl.lit("is a reply in a forum: a review, comment or decision")
    return pl.when(is_reply).then(name_fault(Reason.OTHER_KIND, detail)).otherwise(find_row_fault())
