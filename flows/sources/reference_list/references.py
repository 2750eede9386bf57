"""One reference as a row, from the fields of BibTeX."""

import re

from flows.raw.json_stream import KnownFields, Unreadable
from flows.sources.shared.author_strings import clean_name
from flows.sources.shared.dates import estimate_publication_day
from flows.sources.shared.json_fields import get_text, wrap_url
from flows.sources.shared.row_batches import Fields, Row
from schemas.vocabulary import Reason

LINKS = ("url", "ee", "pdf", "code", "website", "howpublished")
READ = (
    *("key", "type", "title", "author", "doi", "eprint", "eprinttype", "archiveprefix", "journal"),
    *("booktitle", "year", "month", "date", *LINKS, "journaltitle", "arxivid", "volume", "number"),
)
IGNORED = (
    *("abstract", "note", "annote", "keywords", "file", "editor", "pages"),
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
    *("eid", "adsurl", "adsnote", "pubstate", "collaboration", "reportnumber", "slaccitation"),
    *("ranking", "comment", "comments", "creationdate", "modificationdate", "printed", "review"),
    *("priority", "qualityassured", "relevance", "pmid", "pmcid", "mendeley-tags", "city", "type"),
    *(
        "country",
        "day",
        "translator",
        "titleaddon",
        "subtitle",
        "shortauthor",
        "lccn",
        "callnumber",
    ),
    *("pagetotal", "eissn", "articletype", "unique-id", "affiliation", "researcherid-numbers"),
    *("da", "web-of-science-categories", "citation", "paperhash", "note-to-self", "bdsk-url-1"),
    *("date-added", "date-modified", "bdsk-file-1", "bdsk-url-2", "local-url", "read", "uri"),
)
IGNORED_TAGS = (
    *("AB", "N1", "N2", "KW", "SP", "EP", "VL", "IS", "SN", "PB", "CY", "A2", "A3", "ED", "C1"),
    *("C2", "DB", "DP", "ET", "LA", "M1", "M3", "RN", "ST", "T3", "U1", "U2", "Y2", "AD", "C3"),
)
NOT_PAPERS = {"proceedings", "periodical", "collection"}
"""Types of entries that hold papers and are none."""

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
DOI_PAGE = re.compile(
    r"(?i)https?://[^\s{}\"<>]{1,500}?(?:/|\?id=)(?!10\.(?:5281|6084)/)10\.\d{4,9}/[^\s{}\"<>]+"
)
"""The address of a work by its DOI; those of Zenodo and figshare may be of the paper's data."""


BRACED_AND = re.compile(r"(?i)\{\s*+and\s*+\}")
AND_OR_BRACE = re.compile(r"[{}]|(?i:(?<=\s)and(?=\s))")


def read_reference_row(position: int, fields: Fields) -> Row:
    """Map one reference to columns. Raises `Unreadable` for a wrong type."""
    text = {name: get_text(fields, name) or "" for name in READ}
    if text["type"] in NOT_PAPERS:
        raise Unreadable(Reason.OTHER_KIND, f"is an entry of the type {text['type']}")
    links = " ".join(text[name] for name in LINKS)
    venue = text["booktitle"] or text["journal"] or text["journaltitle"]
    acl, forum = ACL_PAGE.search(links), FORUM_PAGE.search(links)
    return {
        "line": position,
        # Its key names a reference in one list only: two lists may give one key to two papers.
        "source_id": None,
        "title": strip_braces(text["title"]) or None,
        "authors": split_names(text["author"]),
        "arxiv_id": find_arxiv_id(text, links),
        "doi": text["doi"] or find_doi_page(text),
        "acl_id": acl[0] if acl else None,
        "openreview_id": forum[0] if forum else None,
        "venue": None if ARXIV_ONLY.match(venue) else strip_braces(venue) or None,
        "published": _find_day(text),
        "urls": [url for link in URL.findall(links) for url in wrap_url("url", link)],
    }


def find_arxiv_id(text: dict[str, str], links: str) -> str | None:
    """Find the arXiv id: in the field for preprints, the venue, the DOI or the links.

    >>> find_arxiv_id({"eprint": "2401.00001", "archiveprefix": "arXiv"}, "")
    '2401.00001'
    >>> find_arxiv_id({"journal": "arXiv preprint arXiv:1706.03762"}, "")
    '1706.03762'
    >>> find_arxiv_id({"journal": "ArXiv", "volume": "abs/2001.00001"}, "")
    '2001.00001'
    >>> find_arxiv_id({"eprint": "PMC1234"}, "") is None
    True
    """
    # DBLP and Semantic Scholar put the id into the volume; Mendeley has a field of its own.
    volume, own = text.get("volume", ""), text.get("arxivid", "")
    named = [f"arXiv:{volume[4:]}"] if volume.startswith("abs/") else []
    named += [f"arXiv:{own}"] if own else []
    # Both BibTeX and BibLaTeX have a name for the field that says whose id it is.
    kind = f"{text.get('archiveprefix', '')} {text.get('eprinttype', '')}".lower()
    eprint = text.get("eprint", "")
    places = [text.get(name, "") for name in ("journal", "booktitle", "doi", "type", "number")]
    lead = f"arXiv:{eprint}" if "arxiv" in kind or re.match(r"\d{4}\.\d", eprint) else eprint
    found = ARXIV.search(" ".join([lead, *named, *places, links]))
    return found["id"] if found else None


def find_doi_page(text: dict[str, str]) -> str | None:
    """Find the address of a reference that has no DOI besides it.

    >>> find_doi_page({"url": "https://dl.acm.org/doi/10.1145/3292500.3330701"})
    'https://dl.acm.org/doi/10.1145/3292500.3330701'
    >>> find_doi_page({"ee": "https://doi.org/10.5281/zenodo.1"}) is None
    True
    """
    page = DOI_PAGE.search(" ".join(text.get(name, "") for name in ("url", "ee")))
    return page[0] if page else None


def strip_braces(written: str) -> str:
    r"""Take off the braces that keep capitals; those of macros and formulas stay.

    >>> strip_braces("{{QLoRA}}: {Efficient} tuning of {LLM}s"), strip_braces(r"G{\"o}del {\em x}")
    ('QLoRA: Efficient tuning of LLMs', 'G{\\"o}del {\\em x}')
    >>> strip_braces(r"On {{G{\"o}del}}'s \emph{{Trees}} of ${n}$, \{0,1\}")
    'On G{\\"o}del\'s \\emph{Trees} of ${n}$, \\{0,1\\}'
    """
    pieces: list[str] = []
    is_kept: list[bool] = []
    in_maths = False
    for token in re.finditer(r"\\[A-Za-z]+\s*|\\.|[{}$]|[^{}$\\]+", written, re.DOTALL):
        text, follows = token[0], written[token.end() : token.end() + 1]
        in_maths ^= text == "$"
        if text == "{":
            is_argument = (
                bool(pieces) and pieces[-1].startswith("\\") and pieces[-1][1:2] not in "{}"
            )
            is_kept.append(in_maths or follows == "\\" or is_argument)
        # A brace too many stays.
        if text not in "{}" or (is_kept[-1] if is_kept else True):
            pieces.append(text)
        if text == "}" and is_kept:
            is_kept.pop()
    return "".join(pieces)


def split_names(written: str) -> list[str]:
    """Split the names of a BibTeX entry: ``and`` is between them, unless it is in braces of a name.

    >>> split_names("Berg, Anna and {Barnes and Noble} and Bo Dahl and others")
    ['Berg, Anna', '{Barnes and Noble}', 'Bo Dahl']
    >>> split_names("Berg, Anna; Dahl, Bo"), split_names("M&uuml;ller, Eva")
    (['Berg, Anna', 'Dahl, Bo'], ['M&uuml;ller, Eva'])
    >>> split_names("Anna Berg{ and }Bo Dahl {and} {The CMS Collaboration} AND Metin And")
    ['Anna Berg', 'Bo Dahl', '{The CMS Collaboration}', 'Metin And']
    """
    # Some programs put braces around the word itself, which is then no part of a name.
    written = BRACED_AND.sub(" and ", written)
    names, depth, start = [], 0, 0
    for token in AND_OR_BRACE.finditer(written):
        if token[0] in "{}":
            depth += 1 if token[0] == "{" else -1
        elif depth <= 0:
            names.append(written[start : token.start()])
            start = token.end()
    names.append(written[start:])
    # Some databases have semicolons, which no name has but for those of HTML's letters.
    if len(names) == 1 and "{" not in written:
        names = re.findall(r"(?:&#?\w+;|[^;])+", written)
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
