"""One reference as a row, from the fields of BibTeX."""

import re

from flows.raw.json_stream import KnownFields
from flows.sources.shared.author_strings import clean_name
from flows.sources.shared.dates import estimate_publication_day
from flows.sources.shared.json_fields import get_text, wrap_url
from flows.sources.shared.row_batches import Fields, Row

LINKS = ("url", "ee", "pdf", "code", "website", "howpublished")
READ = (
    *("key", "type", "title", "author", "doi", "eprint", "eprinttype", "archiveprefix", "journal"),
    *("booktitle", "year", "month", "date", *LINKS, "journaltitle"),
)
IGNORED = (
    *("abstract", "note", "annote", "keywords", "file", "editor", "pages", "volume", "number"),
    *("publisher", "address", "series", "edition", "organization", "institution", "school"),
    *("isbn", "issn", "urldate", "language", "primaryclass", "eprintclass", "bibsource"),
    *("biburl", "timestamp", "location", "crossref", "chapter", "copyright", "day", "shorttitle"),
    *("archive", "keyword", "langid", "issue", "eventtitle", "numpages", "articleno", "issue_date"),
    *(
        "mendeley-groups",
        "groups",
        "owner",
        "rating",
        "readstatus",
        "shortjournal",
        "internal-note",
    ),
)
IGNORED_TAGS = (
    *("AB", "N1", "N2", "KW", "SP", "EP", "VL", "IS", "SN", "PB", "CY", "A2", "A3", "ED", "C1"),
    *("C2", "DB", "DP", "ET", "LA", "M1", "M3", "RN", "ST", "T3", "U1", "U2", "Y2", "AD", "C3"),
)
KNOWN: KnownFields = dict.fromkeys((*READ, *IGNORED, *IGNORED_TAGS))

ARXIV = re.compile(
    r"(?i)(?:arxiv\s*[:.]\s*|arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv\.)"
    r"(?P<id>\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[a-z]{2})?/\d{7}(?:v\d+)?)"
)
ARXIV_ONLY = re.compile(r"(?i)^(?:arxiv\b|corr\b|arxiv\.org|preprint)")
ACL_PAGE = re.compile(
    r"(?i)https?://(?:www\.)?(?:aclanthology\.org|aclweb\.org/anthology)/[^\s{}]+"
)
FORUM_PAGE = re.compile(r"(?i)https?://openreview\.net/[^\s{}]+")
URL = re.compile(r"(?i)https?://[^\s{}\\\"<>]+")


def read_reference(position: int, fields: Fields) -> Row:
    """Map one reference to columns. Raises `Unreadable` for a wrong type."""
    text = {name: get_text(fields, name) or "" for name in READ}
    links = " ".join(text[name] for name in LINKS)
    venue = text["booktitle"] or text["journal"] or text["journaltitle"]
    acl, forum = ACL_PAGE.search(links), FORUM_PAGE.search(links)
    return {
        "line": position,
        # Its key names a reference in one list only: two lists may give one key to two papers.
        "source_id": None,
        "title": text["title"] or None,
        "authors": split_names(text["author"]),
        "arxiv_id": find_arxiv_id(text, links),
        "doi": text["doi"] or None,
        "acl_id": acl[0] if acl else None,
        "openreview_id": forum[0] if forum else None,
        "venue": None if ARXIV_ONLY.match(venue) else venue or None,
        "published": _find_day(text),
        "urls": [url for link in URL.findall(links) for url in wrap_url("url", link)],
    }


def find_arxiv_id(text: dict[str, str], links: str) -> str | None:
    """Find the arXiv id: in the field for preprints, the venue, the DOI or the links.

    >>> find_arxiv_id({"eprint": "2401.00001", "archiveprefix": "arXiv"}, "")
    '2401.00001'
    >>> find_arxiv_id({"journal": "arXiv preprint arXiv:1706.03762"}, "")
    '1706.03762'
    >>> find_arxiv_id({"eprint": "PMC1234"}, "") is None
    True
    """
    # Both BibTeX and BibLaTeX have a name for the field that says whose id it is.
    kind = f"{text.get('archiveprefix', '')} {text.get('eprinttype', '')}".lower()
    eprint = text.get("eprint", "")
    places = [text.get(name, "") for name in ("journal", "booktitle", "doi", "type")]
    lead = f"arXiv:{eprint}" if "arxiv" in kind or re.match(r"\d{4}\.\d", eprint) else eprint
    found = ARXIV.search(" ".join([lead, *places, links]))
    return found["id"] if found else None


def split_names(written: str) -> list[str]:
    """Split the names of a BibTeX entry: ``and`` is between them, unless it is in braces.

    >>> split_names("Berg, Anna and {Barnes and Noble} and Bo Dahl and others")
    ['Berg, Anna', '{Barnes and Noble}', 'Bo Dahl']
    """
    names, depth, start = [], 0, 0
    for token in re.finditer(r"[{}]|(?<=\s)and(?=\s)", written):
        if token[0] != "and":
            depth += 1 if token[0] == "{" else -1
        elif depth <= 0:
            names.append(written[start : token.start()])
            start = token.end()
    names.append(written[start:])
    cleaned = (clean_name(" ".join(name.split())) for name in names)
    return [name for name in cleaned if name and name != "others"]


def _find_day(text: dict[str, str]) -> str | None:
    """Find the day, or the last of the month or year, that a reference names."""
    parts = re.split(r"[-/]", text["date"].strip("/ "))
    if re.fullmatch(r"\d{4}[-/]\d{2}[-/]\d{2}", text["date"].strip("/ ")):
        return "-".join(parts)
    year = text["year"] or parts[0]
    month = text["month"] or (parts[1] if len(parts) > 1 else "")
    day = estimate_publication_day(year.strip('{}" '), month)
    return day.isoformat() if day else None
