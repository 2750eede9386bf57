"""One paper of Semantic Scholar as a row, from the Graph API or from the dataset of papers."""

from flows.raw.json_stream import KnownFields
from flows.sources.shared.json_fields import (
    get_abstract,
    get_object,
    get_objects,
    get_text,
    get_title,
    wrap_url,
)
from flows.sources.shared.open_texts import find_open_license
from flows.sources.shared.row_batches import Fields, Row
from flows.sources.shared.side_fields import Side, SideFields

READ = (
    *("paperId", "corpusid", "corpusId", "externalIds", "externalids", "url", "title", "abstract"),
    *("venue", "publicationVenue", "journal", "year", "publicationDate", "publicationdate"),
    *("authors", "openAccessPdf"),
)
IGNORED = (
    *("referenceCount", "citationCount", "influentialCitationCount", "isOpenAccess", "matchScore"),
    *(
        "fieldsOfStudy",
        "s2FieldsOfStudy",
        "tldr",
        "embedding",
        "citationStyles",
        "textAvailability",
    ),
    *("citations", "references", "publicationTypes", "publicationvenueid", "referencecount"),
    *("citationcount", "influentialcitationcount", "isopenaccess", "s2fieldsofstudy"),
    *("publicationtypes", "updated", "contexts", "intents", "isInfluential"),
    "contextsWithIntent",
)
KNOWN: KnownFields = dict.fromkeys((*READ, *IGNORED, "citingPaper", "citedPaper"))

_SIDE: SideFields = {
    **dict.fromkeys(("url", "venue", "year", "publicationDate", "publicationdate"), Side.TEXT),
    "journal": {"": Side.OBJECT, "name": Side.TEXT},
    "publicationVenue": {"": Side.OBJECT, "name": Side.TEXT},
    "openAccessPdf": {"": Side.OBJECT, "url": Side.TEXT, "license": Side.TEXT},
}
SIDE: SideFields = {**_SIDE, "citingPaper": _SIDE, "citedPaper": _SIDE}
"""What a paper is known without."""


def is_paper(values: Fields) -> bool:
    """Return whether an object is a paper: what has its id is none other, be it without a title."""
    return "paperId" in values or ("corpusid" in values and "title" in values)


def read_paper(position: int, values: Fields) -> Row:
    """Map one paper to columns. Raises `Unreadable` for a wrong type."""
    # Answers about citations hold the paper beside its contexts.
    inner = values.get("citingPaper") or values.get("citedPaper")
    paper: Fields = inner if isinstance(inner, dict) else values
    names = get_object(paper, "externalIds") or get_object(paper, "externalids")
    journal, venue = get_object(paper, "journal"), get_object(paper, "publicationVenue")
    pdf = get_object(paper, "openAccessPdf")
    # Without a licence of its own a text is its publisher's.
    license_ = find_open_license(get_text(pdf, "license"))
    identifier = get_text(paper, "paperId") or get_text(paper, "corpusid")
    day = get_text(paper, "publicationDate") or get_text(paper, "publicationdate")
    named_venue = get_text(paper, "venue") or get_text(venue, "name") or get_text(journal, "name")
    return {
        "line": position,
        "source_id": identifier,
        "title": get_title(paper, "title"),
        "abstract": get_abstract(paper, "abstract") if license_ else None,
        "license": license_,
        "authors": [
            name for author in get_objects(paper, "authors") if (name := get_text(author, "name"))
        ],
        "arxiv_id": get_text(names, "ArXiv"),
        "doi": get_text(names, "DOI"),
        "acl_id": get_text(names, "ACL"),
        # A preprint's venue is no venue.
        "venue": None if named_venue in ("arXiv.org", "ArXiv") else named_venue,
        "published": day or _find_last_day(get_text(paper, "year")),
        "urls": [
            *wrap_url("url", get_text(paper, "url")),
            *wrap_url("openAccessPdf", get_text(pdf, "url")),
        ],
    }


def _find_last_day(year: str | None) -> str | None:
    """Return the last day of a year, by which a paper of the year had appeared."""
    return f"{year}-12-31" if year and year.isdecimal() else None
