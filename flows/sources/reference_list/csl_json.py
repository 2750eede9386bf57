"""One item of CSL JSON as a row: as Zotero, Pandoc and others export it, or a work of Crossref.

A work of Crossref is an item whose title and venue are lists. Names of fields:
https://docs.citationstyles.org/en/stable/specification.html and
https://github.com/CrossRef/rest-api-doc. Zotero's own form has other names: see `zotero`.
"""

import re
from collections.abc import Iterator
from datetime import date

from flows.raw.json_stream import KnownFields, Unreadable
from flows.sources.reference_list import zotero
from flows.sources.reference_list.references import (
    ACL_PAGE,
    ARXIV_ONLY,
    FORUM_PAGE,
    find_arxiv_id,
    find_doi_page,
)
from flows.sources.shared.dates import estimate_publication_day
from flows.sources.shared.json_fields import (
    get_objects,
    get_text,
    get_texts,
    get_title,
    wrap_url,
)
from flows.sources.shared.other_sites import match_fields_of
from flows.sources.shared.row_batches import Fields, Row
from flows.sources.shared.side_fields import Side, SideFields
from schemas.vocabulary import Reason

READ = (
    *("type", "title", "subtitle", "author", "DOI", "URL", "container-title", "event", "note"),
    *("event-title", "issued", "published", "number", "archive", "archive_location", "volume"),
    *("relation", "updated-by"),
)
IGNORED = (
    # Of CSL:
    *("id", "abstract", "accessed", "annote", "authority", "call-number", "chapter-number", "page"),
    *("citation-key", "citation-label", "citation-number", "collection-number", "collection-title"),
    *("collection-editor", "composer", "container-author", "container-title-short", "dimensions"),
    *("director", "edition", "editor", "editorial-director", "event-date", "event-place", "genre"),
    *("illustrator", "interviewer", "ISBN", "ISSN", "issue", "journalAbbreviation", "jurisdiction"),
    *("keyword", "language", "license", "medium", "number-of-pages", "number-of-volumes"),
    *("original-author", "original-date", "original-publisher", "original-title", "page-first"),
    *("PMCID", "PMID", "publisher", "publisher-place", "recipient", "references", "reviewed-title"),
    *("reviewed-author", "scale", "section", "shortTitle", "source", "status", "submitted"),
    *("title-short", "translator", "version", "year-suffix", "volume-title", "part-number", "part"),
    *("categories", "custom", "locator", "available-date", "chair", "contributor", "curator"),
    *("system_id", "_graph", "first-reference-note-number", "original-publisher-place"),
    # Of Crossref:
    *("accepted", "approved", "aliases", "alternative-id", "archive-note", "article-number"),
    *("assertion", "award", "award-start", "clinical-trial-number", "component-number"),
    *("content-created", "content-domain", "content-updated", "created", "degree", "deposited"),
    *("edition-number", "free-to-read", "funder", "group-title", "indexed", "institution"),
    *("is-referenced-by-count", "isbn-type", "issn-type", "issue-title", "journal-issue", "link"),
    *("member", "parent-doi", "peer-review", "posted", "prefix"),
    *("proceedings-subject", "project", "published-online", "published-other", "published-print"),
    *("published-posted", "reference", "reference-count", "references-count", "resource", "review"),
    *("score", "series", "short-container-title", "short-title", "special-numbering", "standard"),
    *("standards-body", "subject", "subtype", "update-policy", "update-to", "publisher-location"),
    *("title-secondary", "publication-name", "rights"),
)
KNOWN: KnownFields = dict.fromkeys((*READ, *IGNORED, *zotero.READ, *zotero.IGNORED))

SIDE: SideFields = {
    **dict.fromkeys(("URL", "volume", "number", "archive", "archive_location"), Side.TEXT),
    **dict.fromkeys(("url", "repository", "archiveID", "event-title", "conferenceName"), Side.TEXT),
    **dict.fromkeys(
        ("note", "extra", "subtitle", "container-title", "publicationTitle"), Side.TEXTS
    ),
    **dict.fromkeys(("proceedingsTitle", "bookTitle"), Side.TEXTS),
    "updated-by": {"type": Side.TEXT},
    "relation": {"has-preprint": {"id": Side.TEXT}},
}
"""What a paper is known without."""

NOT_PAPERS = frozenset(
    (
        *("periodical", "collection", "journal", "journal-issue", "journal-volume", "component"),
        *("proceedings", "proceedings-series", "book-series", "book-set", "report-series"),
        *("standard-series", "edited-book", "reference-book", "database", "grant", "peer-review"),
        *("note", "attachment", "annotation"),
    )
)
"""Types of what holds papers, or belongs to one, and is none."""

OTHER_WORKS = frozenset(
    (
        *("webpage", "post", "post-weblog", "dataset", "software", "map", "motion_picture", "song"),
        *("broadcast", "bill", "legislation", "legal_case", "regulation", "hearing", "treaty"),
        *("patent", "figure", "graphic", "musical_score", "interview", "personal_communication"),
        *("standard", "entry", "entry-dictionary", "event", "performance"),
        *("blogPost", "forumPost", "computerProgram", "film", "videoRecording", "audioRecording"),
        *("podcast", "radioBroadcast", "tvBroadcast", "artwork", "email", "letter", "statute"),
        *("case", "instantMessage", "encyclopediaArticle", "dictionaryEntry"),
    )
)
"""Types of what is seldom a paper: people file preprints as web pages, and these have an id."""

SIGNATURES = (
    re.compile(rb'"date-parts"\s*:'),
    re.compile(
        rb'"type"\s*:\s*"(?:article-(?:journal|magazine|newspaper)|paper-conference'
        rb'|journal-article|proceedings-article|posted-content)"'
    ),
)
"""What only these lists hold: dates in parts, and types by names of their own."""

PAIRS = (
    (re.compile(rb'"itemType"\s*:\s*"'), re.compile(rb'"creators"\s*:\s*\[')),
    (re.compile(rb'"type"\s*:\s*"'), re.compile(rb'"family"\s*:\s*"')),
)
"""What items of Zotero, and those of CSL without a date, hold in any order."""

OTHER_SERVICES = match_fields_of("Semantic Scholar", "OpenAlex", "OpenAlex's own", "DataCite")
"""Services that name types in the same way, and are no lists of references."""

OPENALEX_ID = b'"https://openalex.org/'

SPAN = re.compile(r"</?span(?:\s[^<>]{0,200})?>")
"""What keeps the case of words in titles of CSL."""

ARXIV_NOTE = re.compile(r"(?im)^[^\S\n]*+arxiv[^\S\n]*+:[^\S\n]*+\S+")
DOI_NOTE = re.compile(r"(?im)^[^\S\n]*+doi[^\S\n]*+:[^\S\n]*+(10\.\S+)")
"""Ids that Zotero keeps in a line of its notes, where a type has no field for them."""

ISO_DAY = re.compile(r"\d{4}-(?!00)\d{2}-(?!00)\d{2}")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
NUMBERED_MONTH = re.compile(r"\d{4}[-/](\d{1,2})(?!\d)")


def is_csl_json(head: bytes) -> bool:
    """Return whether a text begins like items of CSL JSON, works of Crossref or items of Zotero."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")) or OTHER_SERVICES.search(start) or OPENALEX_ID in start:
        return False
    has_pair = any(all(name.search(start) for name in pair) for pair in PAIRS)
    return has_pair or any(signature.search(start) for signature in SIGNATURES)


def is_item(values: Fields) -> bool:
    """Return whether an object is an item, and not what programs keep around items."""
    is_typed = isinstance(values.get("type"), str) and not values.keys().isdisjoint(
        ("title", "DOI")
    )
    return is_typed or isinstance(values.get("itemType"), str)


def read_csl_item(position: int, item: Fields) -> Row:
    """Map one item to columns. Raises `Unreadable` for a wrong type and for what is no paper."""
    item = zotero.rename_fields(item) if "itemType" in item else item
    url, kind = (get_text(item, name) or "" for name in ("URL", "type"))
    # Better BibTeX has a list of lines; what else people keep there is their own.
    note = "\n".join(get_texts(item, "note"))
    doi = get_text(item, "DOI") or _find(DOI_NOTE, note, 1)
    venue = _get_first(item, "container-title") or _read_event(item) or ""
    ids = {
        "arxiv_id": _find_arxiv_id(item, doi or "", venue, f"{url} {note}"),
        "doi": doi or find_doi_page({"url": url}),
        "acl_id": _find(ACL_PAGE, url),
        "openreview_id": _find(FORUM_PAGE, url),
    }
    if kind in NOT_PAPERS or (kind in OTHER_WORKS and not any(ids.values())):
        raise Unreadable(Reason.OTHER_KIND, f"is an item of the type {kind}")
    return {
        "line": position,
        "source_id": None,
        "title": _read_title(item),
        "authors": list(_list_authors(item)),
        **ids,
        "venue": None if ARXIV_ONLY.match(venue) else venue or None,
        "published": read_csl_day(item.get("issued")) or read_csl_day(item.get("published")),
        "urls": wrap_url("URL", url),
        "is_retracted": any(
            get_text(notice, "type") == "retraction" for notice in get_objects(item, "updated-by")
        ),
    }


def read_csl_day(written: object) -> str | None:
    """Read a day, or the last of a month or year; None where none is named.

    >>> read_csl_day({"date-parts": [[2017, "6", 12]]}), read_csl_day({"date-parts": [[2018, 2]]})
    ('2017-06-12', '2018-02-28')
    >>> read_csl_day({"raw": "May 2019"}), read_csl_day("2019-05-00 05/2019"), read_csl_day("2019")
    ('2019-05-31', '2019-05-31', '2019-12-31')
    >>> read_csl_day({"date-parts": [[None]]}), read_csl_day({"literal": "forthcoming"})
    (None, None)
    """
    if isinstance(written, dict):
        if isinstance(parts := written.get("date-parts"), list) and parts:
            # Of a span the first day counts; some programs leave the inner list out.
            return _join_day(parts[0] if isinstance(parts[0], list) else parts)
        written = written.get("raw") or written.get("literal")
    text = str(written).strip() if isinstance(written, str | int) else ""
    if (iso := ISO_DAY.match(text)) and _is_day(iso[0]):
        return iso[0]
    year, month = YEAR.search(text), NUMBERED_MONTH.match(text)
    day = estimate_publication_day(year[0] if year else None, month[1] if month else text)
    return day.isoformat() if day else None


def _join_day(parts: list[object]) -> str | None:
    year, month, day, *_ = [str(part).strip() for part in parts if part is not None] + [""] * 3
    # What is longer is no number of a day, and may have more digits than Python reads.
    if all(re.fullmatch(r"[0-9]{1,2}", part) for part in (month, day)):
        whole = f"{year}-{int(month):02}-{int(day):02}"
        if _is_day(whole):
            return whole
    last = estimate_publication_day(year, month)
    return last.isoformat() if last else None


def _is_day(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _read_title(item: Fields) -> str | None:
    """Read the title with the subtitle, which Crossref has in a field of its own."""
    is_list = isinstance(item.get("title"), list)
    title = _get_first(item, "title") if is_list else get_title(item, "title")
    subtitle = _get_first(item, "subtitle")
    if title and subtitle and subtitle.lower() not in title.lower():
        lead = title.rstrip(" :")
        title = f"{lead} {subtitle}" if lead.endswith(("?", "!")) else f"{lead}: {subtitle}"
    return SPAN.sub("", title) if title else None


def _list_authors(item: Fields) -> Iterator[str]:
    # Programs that know no parts of names write them as texts.
    if not isinstance(item.get("author"), dict):
        yield from get_texts(item, "author")
    for author in get_objects(item, "author"):
        whole = get_text(author, "literal") or get_text(author, "name")
        pieces = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
        if name := whole or " ".join(filter(None, (get_text(author, part) for part in pieces))):
            yield name


def _find_arxiv_id(item: Fields, doi: str, venue: str, links: str) -> str | None:
    """Find the arXiv id: of the item, or of the preprint that Crossref relates to it."""
    archive, place, number, volume = (
        get_text(item, name) or "" for name in ("archive", "archive_location", "number", "volume")
    )
    url, _, note = links.partition(" ")
    relation = item.get("relation")
    # Some programs write an empty object as an empty list.
    preprints = get_objects(relation if isinstance(relation, dict) else {}, "has-preprint")
    related = " ".join(get_text(preprint, "id") or "" for preprint in preprints)
    fields = {
        "eprint": place or number,
        "archiveprefix": archive,
        "journal": venue,
        "volume": volume,
        "doi": doi,
    }
    return find_arxiv_id(fields, f"{url} {_find(ARXIV_NOTE, note) or ''} {related}")


def _read_event(item: Fields) -> str | None:
    """Read the conference: in CSL a text, of Crossref an object."""
    event = item.get("event")
    written = event.get("name") if isinstance(event, dict) else event
    return get_text(item, "event-title") or (written if isinstance(written, str) else None)


def _get_first(item: Fields, name: str) -> str | None:
    return next(iter(get_texts(item, name)), None)


def _find(pattern: re.Pattern[str], text: str, group: int = 0) -> str | None:
    found = pattern.search(text)
    return found[group] if found else None
