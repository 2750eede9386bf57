"""One work of OpenAlex as a row."""

import re
from collections.abc import Iterator, Mapping

from flows.raw.json_stream import KnownFields, Unreadable
from flows.sources.shared.json_fields import (
    get_flag,
    get_object,
    get_objects,
    get_text,
    get_title,
    wrap_url,
)
from flows.sources.shared.open_texts import find_open_license
from flows.sources.shared.row_batches import Fields, Row
from flows.sources.shared.side_fields import Side, SideFields
from schemas.vocabulary import Reason

READ = (
    *("id", "doi", "title", "display_name", "ids", "publication_date", "authorships"),
    *("primary_location", "best_oa_location", "locations", "abstract_inverted_index"),
    *("is_retracted", "type", "host_venue", "alternate_host_venues"),
)
IGNORED = (
    *("keywords", "publication_year", "relevance_score", "language", "type_crossref", "indexed_in"),
    *("open_access", "institution_assertions", "countries_distinct_count", "has_content"),
    *("institutions_distinct_count", "corresponding_author_ids", "content_urls", "institutions"),
    *("corresponding_institution_ids", "apc_list", "apc_paid", "fwci", "has_fulltext"),
    *("fulltext_origin", "fulltext", "cited_by_count", "citation_normalized_percentile"),
    *("cited_by_percentile_year", "biblio", "is_paratext", "primary_topic", "topics", "concepts"),
    *("mesh", "locations_count", "sustainable_development_goals", "grants", "datasets", "awards"),
    *("versions", "referenced_works_count", "referenced_works", "related_works", "funders"),
    *("abstract_inverted_index_v3", "cited_by_api_url", "counts_by_year", "updated_date"),
    *("created_date", "is_authors_truncated", "is_xpac", "content_url"),
)
KNOWN: KnownFields = dict.fromkeys((*READ, *IGNORED))

ARXIV_PAGE = re.compile(r"https?://arxiv\.org/(?:abs|pdf)/(\S+?)(?:\.pdf)?$")
ARXIV_DOI = re.compile(r"(?i)10\.48550/arxiv\.(\S+)$")

NOT_PAPERS = {"paratext", "grant", "peer-review", "libguides", "supplementary-materials"}
"""Types of works that are no papers."""

MOST_WORDS = 20_000
"""Positions in the index of an abstract: the longest real abstract has some 3,000 words."""

_VENUE: SideFields = dict.fromkeys(("url", "display_name", "type"), Side.TEXT)
_PLACE: SideFields = {
    **dict.fromkeys(("landing_page_url", "pdf_url", "license"), Side.TEXT),
    "source": {"": Side.OBJECT, **_VENUE},
}
SIDE: SideFields = {
    "publication_date": Side.TEXT,
    "abstract_inverted_index": Side.OBJECT,
    "primary_location": {"": Side.OBJECT, **_PLACE},
    "best_oa_location": {"": Side.OBJECT, **_PLACE},
    "locations": _PLACE,
    "host_venue": {"": Side.OBJECT, **_VENUE},
    "alternate_host_venues": _VENUE,
}
"""What a work is known without."""


def is_work(values: Fields) -> bool:
    """Return whether an object is a work, by the letter of its id."""
    return str(values.get("id")).startswith("https://openalex.org/W")


def read_work(position: int, work: Fields) -> Row:
    """Map one work to columns. Raises `Unreadable` for a wrong type and for what is no paper."""
    if (kind := get_text(work, "type")) in NOT_PAPERS:
        raise Unreadable(Reason.OTHER_KIND, f"is a work of the type {kind}")
    places = [get_object(work, "primary_location"), *get_objects(work, "locations")]
    # Dumps from before 2023 have the place of publication itself in the place of a location.
    hosts = [get_object(work, "host_venue"), *get_objects(work, "alternate_host_venues")]
    places += [{"landing_page_url": host.get("url"), "source": host} for host in hosts if host]
    pages = [url for place in places for url in _list_urls(place)]
    sources = [get_object(place, "source") for place in places]
    venues = [get_text(source, "display_name") for source in sources if _is_venue(source)]
    license_ = find_open_license(get_text(get_object(work, "best_oa_location"), "license"))
    index = get_object(work, "abstract_inverted_index")
    # A preprint's DOI is made of its arXiv id, and is no DOI of a publication.
    doi = get_text(work, "doi")
    found = ARXIV_DOI.search(doi or "")
    arxiv = found or next(filter(None, map(ARXIV_PAGE.match, pages)), None)
    return {
        "line": position,
        "source_id": get_text(work, "id"),
        "title": get_title(work, "title") or get_title(work, "display_name"),
        "abstract": join_index(index) if license_ else None,
        "license": license_ if index else None,
        "authors": list(_list_authors(work)),
        "arxiv_id": arxiv[1] if arxiv else None,
        "doi": None if found else doi,
        "venue": next(filter(None, venues), None),
        "published": get_text(work, "publication_date"),
        "urls": [url for page in dict.fromkeys(pages) for url in wrap_url("locations", page)],
        "is_retracted": get_flag(work, "is_retracted"),
    }


def join_index(index: Mapping[str, object]) -> str | None:
    """Join an abstract from the places of its words; None where there is no index.

    >>> join_index({"rungs": [1, 3], "We": [0], "on": [2]})
    'We rungs on rungs'

    Raises `Unreadable` for places that are no numbers, or too many.
    """
    words: dict[int, str] = {}
    for word, places in index.items():
        if not isinstance(places, list) or not all(isinstance(place, int) for place in places):
            raise Unreadable(Reason.MALFORMED, "the index of the abstract holds no places of words")
        words.update(dict.fromkeys(places, word))
        if len(words) > MOST_WORDS:
            raise Unreadable(Reason.TOO_LARGE, f"an abstract of more than {MOST_WORDS:,} words")
    return " ".join(words[place] for place in sorted(words)) or None


def _list_authors(work: Fields) -> Iterator[str]:
    for authorship in get_objects(work, "authorships"):
        written = get_text(authorship, "raw_author_name")
        if name := written or get_text(get_object(authorship, "author"), "display_name"):
            yield name


def _list_urls(place: Fields) -> list[str]:
    urls = (get_text(place, name) for name in ("landing_page_url", "pdf_url"))
    return [url for url in urls if url]


def _is_venue(source: Fields) -> bool:
    """Return whether a source is a journal or a conference: repositories are no venues."""
    return get_text(source, "type") in {"journal", "conference", "book series"}
