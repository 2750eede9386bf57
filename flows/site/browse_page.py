"""Browse page: every topic of every facet with its papers, and its feed."""

import polars as pl

from flows.site.markup import Content, Markup, element, path_of
from flows.site.papers import FACETS
from schemas.vocabulary import Facet


def count_facet_topics(papers: pl.DataFrame, column: str) -> pl.DataFrame:
    """Count the papers of each topic of a facet, the largest first."""
    topics = papers.select(topic=pl.col(column)).explode("topic").drop_nulls()
    return (
        # Names decide ties: polars gives groups in any order, and pages must not differ by it.
        topics.group_by("topic").len("papers").sort(["papers", "topic"], descending=[True, False])
    )


def show_topic_lists(papers: pl.DataFrame) -> Content:
    """Show every topic that papers have, by facet."""
    counts = {facet: count_facet_topics(papers, column) for facet, column in FACETS.items()}
    contents = [
        element("li", element("a", facet.value.capitalize(), href=f"#{facet}"))
        for facet in Facet
        if counts[facet].height
    ]
    return [
        element("h1", "Topics"),
        element(
            "p",
            "Papers are labelled from the words of their titles and abstracts, and from their "
            "arXiv categories. The page of a paper shows which words earned a label.",
            class_="lead",
        ),
        element("nav", element("ul", contents, class_="row"), aria_label="Facets"),
        [_show_facet(facet, counts[facet]) for facet in Facet if counts[facet].height],
    ]


def _show_facet(facet: Facet, topics: pl.DataFrame) -> Markup:
    rows = [
        element(
            "li",
            element("a", name_topic(topic), href=f"papers.html?topic={facet}/{path_of(topic)}"),
            " ",
            element("span", _show_count(facet, topic, number), class_="together"),
        )
        for topic, number in topics.iter_rows()
    ]
    return element(
        "section",
        element("h2", facet.value.capitalize(), id=facet.value),
        element("p", f"{facet.meaning[0].upper()}{facet.meaning[1:]}."),
        element("ul", rows, class_="topics"),
    )


def _show_count(facet: Facet, topic: str, number: int) -> Content:
    address = f"feeds/{facet}/{path_of(topic)}.xml"
    label = f"Feed of {name_topic(topic)}"
    return [
        element("span", number, class_="count"),
        element("a", "feed", href=address, class_="feed", aria_label=label),
    ]


def name_topic(topic: str) -> str:
    """Write a topic for people.

    >>> name_topic("question-answering")
    'question answering'
    """
    return topic.replace("-", " ")
