"""Papers asked of arXiv's query API by their ids, and words for answers that cannot be used."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import polars as pl

from flows import identifiers
from flows.errors import UserError
from flows.http.errors import LayoutChanged, SiteError, TransientError
from flows.http.site_client import Web
from flows.raw.json_stream import Unreadable
from flows.raw.outcome import Outcome, fetch_each
from flows.raw.raw_file import RefusedInput
from flows.raw.store import Store, StoredFile
from flows.raw.xml_stream import collect_text, free_element, read_events
from flows.redact import blank_unprintable
from flows.sources.arxiv.atom import ATOM

IDS_PER_QUERY = 100
"""Ids in one query: its URL stays below 2,000 characters."""


def fetch_by_ids(ids: Sequence[str], store: Store, web: Web) -> Iterator[Outcome]:
    """Fetch papers by their ids, a hundred a query. Raises `UserError` for what is no id."""
    papers = _normalize_ids(ids)
    batches = [
        papers[start : start + IDS_PER_QUERY] for start in range(0, len(papers), IDS_PER_QUERY)
    ]
    yield from fetch_each(batches, lambda some: _fetch_feed(some, store, web))


def _normalize_ids(ids: Sequence[str]) -> list[str]:
    written = pl.DataFrame({"given": list(ids)}, schema={"given": pl.String})
    normalized = written.with_columns(arxiv_id=identifiers.arxiv_id(pl.col("given")))
    if bad := normalized.filter(pl.col("arxiv_id").is_null())["given"].to_list():
        raise UserError(f"No arXiv ids: {', '.join(map(repr, bad[:5]))}. Write 2301.00001.")
    return normalized["arxiv_id"].unique().sort().to_list()


def _fetch_feed(ids: Sequence[str], store: Store, web: Web) -> Iterator[StoredFile | SiteError]:
    """Fetch the feed of some papers; yield it, and the trouble that it lacks some of them."""
    name = f"query.{hashlib.sha256(' '.join(ids).encode()).hexdigest()[:16]}.xml"
    query = urlencode({"id_list": ",".join(ids), "max_results": len(ids)})
    url = f"{web.site.endpoints['query']}?{query}"
    answer = web.get(url, store.partial_path(name), _check_feed, store.find_conditions(name, url))
    stored = store.save_answer(name, answer)
    yield stored
    # The API leaves out what it does not know, without a word.
    if absent := sorted(set(ids) - set(_read_feed_ids(stored.path))):
        yield SiteError(f"arXiv: has no {', '.join(absent)}.")


def _check_feed(body: Path) -> None:
    """Raise `SiteError` for a feed that is an error: one whose only entry says so."""
    for identifier in _read_feed_ids(body):
        if identifier.startswith("error:"):
            raise SiteError(f"arXiv: refuses the query: {identifier.removeprefix('error:')}")


def _read_feed_ids(body: Path) -> list[str]:
    """Return the ids in a feed, without versions; that of an error is what it says."""
    feed_ids, root = [], ""
    try:
        with body.open("rb") as stream:
            for event, element in read_events(stream, "arXiv's answer"):
                root = root or str(element.tag)
                if event == "end" and element.tag == f"{ATOM}entry":
                    written = collect_text(element.find(f"{ATOM}id")) or ""
                    message = clean_message(collect_text(element.find(f"{ATOM}summary")))
                    feed_ids.append(f"error:{message}" if "api/errors" in written else written)
                    free_element(element)
    except (Unreadable, RefusedInput):
        raise TransientError("arXiv: answers with something that is no whole XML.") from None
    if root != f"{ATOM}feed":
        raise describe_changed_layout(f"<{root[:80]}> in the place of <feed>")
    written_ids = pl.Series("id", feed_ids, dtype=pl.String)
    ids = written_ids.to_frame().select(identifiers.arxiv_id(pl.col("id")))["id"]
    return [short or written for short, written in zip(ids, feed_ids, strict=True)]


def describe_changed_layout(what: str) -> LayoutChanged:
    """Return the error that says how an answer differs from what is known."""
    return LayoutChanged(
        f"arXiv: the layout has changed: {what}. Nothing of it was kept, the last good snapshot "
        "stands. See flows/sources/arxiv/."
    )


def clean_message(message: str | None) -> str:
    """Return the first words of a server without unprintable characters."""
    return blank_unprintable(message or "")[:200].strip()
