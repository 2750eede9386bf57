"""Start page: what this is, how much there is, and what is new."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from flows.site.markup import Content, Markup, element, path_of
from flows.site.overview import Overview
from schemas.vocabulary import ChangeKind

NEWEST = 12
"""Papers that the start page names."""

AUTHORS = 4
"""Authors that a list names before it says how many more there are."""

ABOUT = (
    "An open, versioned table of machine-learning papers with their code, identifiers and topics. "
    "Every row can be traced to the records it came from, every link and topic shows its evidence, "
    "and anyone can rebuild the table."
)


def show_start(overview: Overview, papers: pl.DataFrame) -> Content:
    """Show the start page of a release."""
    return [
        element("h1", "Open Papers"),
        element("p", ABOUT, class_="lead"),
        show_search_form(),
        _show_counts(overview),
        _show_news(overview),
        _show_newest(papers),
        _show_charts(overview),
    ]


def show_search_form() -> Markup:
    """Show the field that leads to the search page."""
    return element(
        "form",
        element("label", "Search titles, authors, ids and repositories", for_="q"),
        element(
            "div",
            element("input", id="q", name="q", type="search", autocomplete="off"),
            element("button", "Search", type="submit"),
            class_="field",
        ),
        action="papers.html",
        method="get",
        role="search",
        class_="search",
    )


def _show_counts(overview: Overview) -> Markup:
    counts = [
        element("div", element("dt", text), element("dd", number))
        for text, number in overview.counts.items()
    ]
    return element("dl", counts, class_="counts")


def _show_news(overview: Overview) -> Markup:
    meanings = {kind.value: kind.meaning for kind in ChangeKind}
    if overview.is_first:
        text: Content = "This is the first release: every paper is new."
    elif overview.changes:
        changes = (f"{n:,} {kind} ({meanings[kind]})" for kind, n in overview.changes.items())
        text = f"Since the release before: {', '.join(changes)}."
    else:
        text = "No paper was added, updated, merged or removed since the release before."
    return element(
        "section",
        element("h2", "In this release"),
        element("p", f"Made from snapshots up to {overview.newest}. ", text),
    )


def _show_newest(papers: pl.DataFrame) -> Markup:
    rows = papers.head(NEWEST).iter_rows(named=True)
    return element(
        "section",
        element("h2", "Newest papers"),
        element("ol", [element("li", _show_paper(row)) for row in rows], class_="papers"),
        element("p", element("a", "All papers, newest first", href="papers.html")),
    )


def _show_paper(row: dict[str, Any]) -> Markup:
    votes = row["upvotes"]
    facts: list[Content | None] = [
        str(row["published"] or "no date"),
        element("bdi", row["venue"]) if row["venue"] else None,
        f"{votes:,} {'upvote' if votes == 1 else 'upvotes'}" if votes else None,
    ]
    tag = "own code" if row["has_own_code"] else "code"
    return element(
        "article",
        element(
            "h3",
            element("a", row["title"], href=f"paper.html?id={path_of(row['paper_id'])}"),
        ),
        element("p", shorten_authors(row["authors"]), class_="authors"),
        element(
            "p",
            [[" · " if at else "", fact] for at, fact in enumerate(filter(None, facts))],
            element("span", tag, class_="tag") if row["has_code"] else None,
            class_="facts",
        ),
    )


def shorten_authors(authors: Iterable[str]) -> str:
    """Name the first authors and count the rest.

    >>> shorten_authors(["A", "B", "C", "D", "E", "F"])
    'A, B, C, D and 2 more'
    """
    names = list(authors)
    rest = len(names) - AUTHORS
    shown = ", ".join(names[:AUTHORS])
    return f"{shown} and {rest} more" if rest > 0 else shown


def _show_charts(overview: Overview) -> Markup | None:
    if not overview.charts:
        return None
    figures = [
        # Charts scroll on narrow screens, which the keyboard must be able to do as well.
        element("figure", element("img", src=f"assets/{path.name}", alt=text), tabindex="0")
        for text, path in overview.charts.items()
    ]
    return element("section", element("h2", "In pictures"), figures)
