"""Atom: what the W3C's validator refuses of a feed, checked without asking it (RFC 4287)."""

import re
from collections.abc import Iterator

from lxml import etree

NAMESPACE = "{http://www.w3.org/2005/Atom}"
IRI = re.compile(
    r"(?:https?://[^\s<>\"{}|\\^`/?#]+[^\s<>\"{}|\\^`]*|urn:[a-z0-9][a-z0-9-]{1,31}:.+)"
)
"""Absolute addresses and names; a URN's own part is checked by `URN_PART`."""
URN_PART = re.compile(r"urn:[^:]+:(?:[A-Za-z0-9()+,\-.:=@;$_!*'/]|%[0-9A-Fa-f]{2})+")
INSTANT = re.compile(
    r"\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
    r"(?:Z|[+-]\d{2}:\d{2})"
)
"""A date and time of RFC 3339, zone included."""
ONCE = ("id", "title", "updated")
AT_MOST_ONCE = (
    "published",
    "summary",
    "content",
    "rights",
    "subtitle",
    "logo",
    "icon",
    "generator",
)
TEXT_TYPES = {None, "text", "html", "xhtml"}
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
KNOWN = {*ONCE, *AT_MOST_ONCE, "author", "contributor", "category", "link", "source", "entry"}


def list_faults(feed: bytes, *, needs_self: bool = True) -> list[str]:
    """List what is wrong with a feed; it must be well-formed XML. ``needs_self``: of a site."""
    root = etree.fromstring(feed)
    if root.tag != f"{NAMESPACE}feed":
        return [f"the root is {root.tag}"]
    entries = root.findall(f"{NAMESPACE}entry")
    faults = [*_check_shared(root), *_check_ids([root, *entries])]
    if needs_self and len(_list_links(root, "self")) != 1:
        faults.append("the feed has not one link to itself")
    instants = [entry.findtext(f"{NAMESPACE}updated") for entry in entries]
    # No fault for the RFC; the W3C's validator warns, since readers cannot tell which is newer.
    if len(set(instants)) != len(instants):
        faults.append("two entries share updated")
    has_author = bool(root.findall(f"{NAMESPACE}author"))
    for entry in entries:
        faults += _check_shared(entry)
        faults += _check_entry(entry, has_author=has_author)
    return faults


def _check_shared(element: etree._Element) -> Iterator[str]:
    """Check what holds of feeds and entries alike."""
    names = [etree.QName(child).localname for child in element]
    yield from (
        f"{name} occurs {names.count(name)} times" for name in ONCE if names.count(name) != 1
    )
    yield from (f"{name} occurs twice" for name in AT_MOST_ONCE if names.count(name) > 1)
    yield from (f"{name} is no element of Atom" for name in names if name not in KNOWN)
    for name in ("updated", "published"):
        for child in element.findall(f"{NAMESPACE}{name}"):
            if not INSTANT.fullmatch(child.text or ""):
                yield f"{name} is no instant of RFC 3339: {child.text}"
    if not (element.findtext(f"{NAMESPACE}title") or "").strip():
        yield "the title is blank"
    for person in (
        *element.findall(f"{NAMESPACE}author"),
        *element.findall(f"{NAMESPACE}contributor"),
    ):
        if not (person.findtext(f"{NAMESPACE}name") or "").strip():
            yield "an author has no name"
    yield from (*_check_texts(element), *_check_links(element))


def _check_texts(element: etree._Element) -> Iterator[str]:
    for name in ("title", "summary", "subtitle", "rights"):
        for child in element.findall(f"{NAMESPACE}{name}"):
            if child.get("type") not in TEXT_TYPES:
                yield f"{name} has the type {child.get('type')}"
            if child.get("type") in {None, "text"} and len(child):
                yield f"{name} is text and holds elements"


def _check_links(element: etree._Element) -> Iterator[str]:
    seen = set()
    for link in element.findall(f"{NAMESPACE}link"):
        if not IRI.fullmatch(link.get("href", "")):
            yield f"a link is relative or no address: {link.get('href')}"
        if link.get("type") is not None and not MEDIA_TYPE.fullmatch(link.get("type", "")):
            yield f"a link has no media type: {link.get('type')}"
        key = (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
        if key[0] == "alternate" and key in seen:
            yield "two alternate links of one type and language"
        seen.add(key)


def _check_ids(elements: list[etree._Element]) -> Iterator[str]:
    ids = [element.findtext(f"{NAMESPACE}id") or "" for element in elements]
    for text in ids:
        if not IRI.fullmatch(text):
            yield f"an id is no absolute IRI: {text}"
        elif text.startswith("urn:") and not URN_PART.fullmatch(text):
            yield f"an id is no URN: {text}"
    if len(set(ids)) != len(ids):
        yield "an id occurs twice"


def _check_entry(entry: etree._Element, *, has_author: bool) -> Iterator[str]:
    if not has_author and not entry.findall(f"{NAMESPACE}author"):
        yield "an entry has no author"
    content = entry.find(f"{NAMESPACE}content")
    if content is None and not _list_links(entry, "alternate"):
        yield "an entry has neither content nor a link"
    kind = None if content is None else content.get("type")
    if kind not in TEXT_TYPES and not MEDIA_TYPE.fullmatch(kind or ""):
        yield f"content has the type {kind}"


def _list_links(element: etree._Element, relation: str) -> list[etree._Element]:
    links = element.findall(f"{NAMESPACE}link")
    return [link for link in links if link.get("rel", "alternate") == relation]
