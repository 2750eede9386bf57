"""The dump of papers with their abstracts, tasks and methods: one 2.2 GB JSON array.

Answers of the site's API have the same fields, but for the page of a paper and its date.
"""

import re
from collections.abc import Mapping

from flows.raw.json_stream import KnownFields
from flows.sources.papers_with_code.spam import PLACEHOLDER
from flows.sources.shared.author_strings import join_split_names, split_authors
from flows.sources.shared.json_fields import (
    get_abstract,
    get_objects,
    get_text,
    get_texts,
    get_title,
    wrap_url,
)
from flows.sources.shared.row_batches import Row

URLS = ("url_abs", "url_pdf", "conference_url_abs", "conference_url_pdf")
READ = (
    *("paper_url", "arxiv_id", "openreview_id", "title", "abstract"),
    *("authors", "proceeding", "tasks", "date", "published", "id", *URLS),
)
IGNORED = ("nips_id", "short_abstract", "conference", "reproduces_paper")
"""A number without a register, a cut of the abstract, a key of the site, and its task for
students."""

METHOD_FIELDS = (
    *("name", "full_name", "description", "introduced_year", "source_url", "source_title"),
    *("code_snippet_url", "main_collection"),
)
KNOWN: KnownFields = {**dict.fromkeys((*READ, *IGNORED)), "methods": dict.fromkeys(METHOD_FIELDS)}


def read_paper_row(position: int, values: Mapping[str, object]) -> Row:
    """Map one row of the dump to columns of `Record`. Raises `Unreadable` for a wrong type."""
    return {
        "line": position,
        "source_id": get_text(values, "paper_url") or _make_page(get_text(values, "id")),
        "title": get_title(values, "title"),
        "abstract": get_abstract(values, "abstract"),
        "arxiv_id": get_text(values, "arxiv_id"),
        "openreview_id": get_text(values, "openreview_id"),
        "venue": get_text(values, "proceeding"),
        "published": get_text(values, "date") or get_text(values, "published"),
        "authors": _list_authors(values),
        "keywords": get_texts(values, "tasks") + _methods(values),
        "urls": [link for name in URLS for link in wrap_url(name, get_text(values, name))],
    }


def _make_page(name: str | None) -> str | None:
    """Make the address of a paper's page of its name, by which the API knows it."""
    return f"https://paperswithcode.com/paper/{name}" if name else None


def _list_authors(values: Mapping[str, object]) -> list[str]:
    # Copies that went through a table hold the list as text.
    written = values.get("authors")
    names = split_authors(written) if isinstance(written, str) else get_texts(values, "authors")
    return join_split_names(names)


def _methods(values: Mapping[str, object]) -> list[str]:
    """Return the names of methods that somebody described: spam is entered without."""
    return [
        name
        for method in get_objects(values, "methods")
        if (name := get_text(method, "name"))
        and not re.search(PLACEHOLDER, str(method.get("description") or ""))
    ]
