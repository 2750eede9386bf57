"""Services that are asked for a title: how each is asked, and how its answer is read.

An answer is hostile until proven otherwise: what has not the documented shape is passed over, an
id that cannot be one is dropped, and the service's own order and score are never believed.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import polars as pl

from flows.identifiers import arxiv_id, doi
from flows.raw.json_stream import Unreadable
from flows.raw.json_stream import parse_value as parse_json
from flows.raw.raw_file import RefusedInput
from flows.raw.xml_stream import collect_text, read_events
from flows.sources.arxiv.atom import ATOM
from flows.text.title_key import title_key
from schemas.vocabulary import Resolver

ANSWERS = 20
"""Papers read of one answer."""


@dataclass(frozen=True)
class Offer:
    """A paper that a service offers for a title."""

    title: str
    authors: tuple[str, ...] = ()
    arxiv_id: str | None = None
    doi: str | None = None
    abstract: str | None = None


class NotAnAnswer(Exception):
    """Something else than the documented answer: an error page, cut-off or foreign data."""


@dataclass(frozen=True)
class Service:
    """A service that finds papers by title."""

    name: Resolver
    endpoint: str
    path: Callable[[str], str]
    """From a title to what follows the endpoint; all of the title is quoted."""
    read: Callable[[bytes], Iterator[Offer]]
    interval: float
    """Least seconds from one request to the next."""
    absent: frozenset[int] = field(default_factory=frozenset)
    """Statuses that say "no such paper"."""


def read_offers(service: Service, body: bytes) -> list[Offer]:
    """Read an answer: at most `ANSWERS` offers with a title and a possible id."""
    try:
        offered = [offer for _, offer in zip(range(ANSWERS), service.read(body), strict=False)]
    except Unreadable as error:
        raise NotAnAnswer(f"cannot be read: {error.detail}") from None
    except RefusedInput:
        raise NotAnAnswer("is of another format") from None
    if not offered:
        return []
    ids = pl.DataFrame(
        [(offer.arxiv_id, offer.doi) for offer in offered],
        schema={"arxiv_id": pl.String, "doi": pl.String},
        orient="row",
    ).select(arxiv_id(pl.col("arxiv_id")).alias("arxiv_id"), doi(pl.col("doi")).alias("doi"))
    shaped = [
        replace(offer, arxiv_id=arxiv, doi=published)
        for offer, (arxiv, published) in zip(offered, ids.iter_rows(), strict=True)
    ]
    return [offer for offer in shaped if offer.arxiv_id or offer.doi]


def _search_words(title: str) -> str:
    """Return a title's words alone: no operator of a query language is left in it."""
    return str(pl.select(title_key(pl.lit(title))).item() or "")[:300]


def _as_mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _as_text(value: object, longest: int = 2_000) -> str | None:
    """Return a text; null for another thing, and for one longer than any title."""
    return value if isinstance(value, str) and 0 < len(value) <= longest else None


def _as_abstract(value: object) -> str | None:
    return _as_text(value, longest=20_000)


def _list_names(values: object) -> tuple[str, ...]:
    return tuple(
        name
        for author in _as_list(values)[:500]
        if (name := _as_text(_as_mapping(author).get("name")))
    )


def _read_hugging_face(body: bytes) -> Iterator[Offer]:
    answer = parse_json(body)
    if not isinstance(answer, list):
        raise NotAnAnswer("is no list of papers")
    for item in answer:
        paper = _as_mapping(_as_mapping(item).get("paper"))
        if title := _as_text(paper.get("title")):
            yield Offer(
                title,
                _list_names(paper.get("authors")),
                _as_text(paper.get("id")),
                abstract=_as_abstract(paper.get("summary")),
            )


def _read_arxiv(body: bytes) -> Iterator[Offer]:
    for event, entry in read_events(io.BytesIO(body), "arXiv's answer"):
        if event == "start" or entry.tag != f"{ATOM}entry":
            continue
        identifier = collect_text(entry.find(f"{ATOM}id")) or ""
        if "api/errors" in identifier:
            raise NotAnAnswer("is an error posing as a paper")
        title = _as_text(collect_text(entry.find(f"{ATOM}title")))
        names = (collect_text(name) for name in entry.iterfind(f"{ATOM}author/{ATOM}name"))
        if title:
            yield Offer(
                title,
                tuple(name for name in names if name),
                identifier.partition("/abs/")[2],
                abstract=_as_abstract(collect_text(entry.find(f"{ATOM}summary"))),
            )


def _read_semantic_scholar(body: bytes) -> Iterator[Offer]:
    answer = _as_mapping(parse_json(body))
    if "data" not in answer:
        raise NotAnAnswer("has no field `data`")
    for item in map(_as_mapping, _as_list(answer["data"])):
        ids = _as_mapping(item.get("externalIds"))
        if title := _as_text(item.get("title")):
            yield Offer(
                title,
                _list_names(item.get("authors")),
                _as_text(ids.get("ArXiv")),
                _as_text(ids.get("DOI")),
                _as_abstract(item.get("abstract")),
            )


def _read_crossref(body: bytes) -> Iterator[Offer]:
    message = _as_mapping(parse_json(body)).get("message")
    if not isinstance(message, dict):
        raise NotAnAnswer("has no field `message`")
    for item in map(_as_mapping, _as_list(message.get("items"))):
        title = next((t for t in map(_as_text, _as_list(item.get("title"))) if t), None)
        people = [_as_mapping(person) for person in _as_list(item.get("author"))[:500]]
        names = tuple(
            f"{person.get('given') or ''} {family}".strip()
            for person in people
            if (family := _as_text(person.get("family")))
        )
        if title:
            yield Offer(
                title,
                names,
                _find_preprint(item),
                _as_text(item.get("DOI")),
                _as_abstract(item.get("abstract")),
            )


def _find_preprint(item: dict[str, Any]) -> str | None:
    """Return the arXiv id that Crossref relates to a publication, from ``10.48550/arXiv.<id>``."""
    for relation in map(
        _as_mapping, _as_list(_as_mapping(item.get("relation")).get("has-preprint"))
    ):
        written = _as_text(relation.get("id")) or ""
        start, _, identifier = written.lower().rpartition("10.48550/arxiv.")
        if identifier and written.lower() != start:
            return identifier
    return None


HUGGING_FACE = Service(
    Resolver.HUGGING_FACE,
    "https://huggingface.co",
    lambda title: f"/api/papers/search?q={quote(_search_words(title), safe='')}",
    _read_hugging_face,
    0.7,
)
"""500 anonymous calls in 300 seconds."""

ARXIV = Service(
    Resolver.ARXIV,
    "https://export.arxiv.org",
    lambda title: (
        "/api/query?max_results=5&search_query=" + quote(f'ti:"{_search_words(title)}"', safe="")
    ),
    _read_arxiv,
    3.0,
)
"""One request in 3 seconds, over one connection."""

SEMANTIC_SCHOLAR = Service(
    Resolver.SEMANTIC_SCHOLAR,
    "https://api.semanticscholar.org",
    lambda title: (
        "/graph/v1/paper/search/match?fields=title,abstract,authors,externalIds&query="
        + quote(_search_words(title), safe="")
    ),
    _read_semantic_scholar,
    1.1,
    frozenset({404}),
)
"""One request a second; 404 where no title matches."""

CROSSREF = Service(
    Resolver.CROSSREF,
    "https://api.crossref.org",
    lambda title: (
        "/works?rows=5&select=DOI,title,author,abstract,relation&query.bibliographic="
        + quote(_search_words(title), safe="")
    ),
    _read_crossref,
    0.2,
)
"""Five requests a second without a name."""

SERVICES = (HUGGING_FACE, ARXIV, SEMANTIC_SCHOLAR, CROSSREF)
"""In the order in which they are asked."""
