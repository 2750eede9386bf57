"""Papers show their best links to code and their assigned topics; evidence keeps its licence."""

import polars as pl

from flows.enrich.paper_columns import (
    add_arxiv_columns,
    add_code_columns,
    add_license_of_paper,
    add_topic_columns,
)
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.topic import TopicLabel
from tests.builders import frame, link, origin, paper, topic

SHARE_ALIKE = "CC-BY-SA-4.0"


def bare(n: int = 1, **given: object) -> pl.DataFrame:
    """Give one paper as deduplication leaves it: without links and topics."""
    empty = {"code_url": None, "code_urls": [], "code_availability": None, "areas": []}
    return frame(Paper, [paper(n, **{**empty, **given})])


def test_paper_shows_the_link_to_its_code() -> None:
    found = add_code_columns(bare(), frame(Link, [link(1)]))
    assert found["code_url"].to_list() == ["https://github.com/lab/sparse-1"]
    assert found["code_urls"].to_list() == [["https://github.com/lab/sparse-1"]]


def test_paper_without_links_has_none() -> None:
    found = add_code_columns(bare(), frame(Link, []))
    assert found["code_url"].to_list() == [None]
    assert found["code_urls"].to_list() == [[]]


def test_share_alike_link_never_reaches_an_open_paper() -> None:
    found = add_code_columns(bare(), frame(Link, [link(1, license=SHARE_ALIKE)]))
    assert found["code_urls"].to_list() == [[]]


def test_share_alike_paper_shows_the_links_of_its_own_layer() -> None:
    found = add_code_columns(bare(license=SHARE_ALIKE), frame(Link, [link(1, license=SHARE_ALIKE)]))
    assert found["code_urls"].to_list() == [["https://github.com/lab/sparse-1"]]


def test_paper_shows_what_follows_from_its_arxiv_id() -> None:
    given = [
        origin(1, arxiv_id="2603.00001v2"),
        origin(2, paper_id="arxiv:2603.00001", arxiv_id="2603.00001v3"),
        origin(3, paper_id="arxiv:2603.00001", arxiv_id="2603.00001v9", license=SHARE_ALIKE),
    ]
    row = add_arxiv_columns(bare(), frame(Origin, given)).row(0, named=True)
    assert (row["arxiv_version"], row["arxiv_url"], row["arxiv_doi"], row["hf_paper_url"]) == (
        3,
        "https://arxiv.org/abs/2603.00001",
        "10.48550/arxiv.2603.00001",
        "https://huggingface.co/papers/2603.00001",
    )


def test_paper_without_an_arxiv_id_has_nothing_that_follows_from_one() -> None:
    row = add_arxiv_columns(bare(arxiv_id=None), frame(Origin, [origin(1)])).row(0, named=True)
    assert [row[name] for name in ("arxiv_version", "arxiv_url", "hf_paper_url")] == [None] * 3


def test_topics_are_shown_per_facet_the_likeliest_first() -> None:
    labels = frame(
        TopicLabel,
        [
            topic(1, topic="computer-vision", score=0.7),
            topic(1, topic="natural-language-processing", score=0.9),
            topic(1, facet="task", topic="captioning", score=0.8),
        ],
    )
    found = add_topic_columns(bare(), labels)
    assert found["areas"].to_list() == [["natural-language-processing", "computer-vision"]]
    assert found["tasks"].to_list() == [["captioning"]]
    assert found["methods"].to_list() == [[]]


def test_topic_below_the_threshold_is_not_shown() -> None:
    assert add_topic_columns(bare(), frame(TopicLabel, [topic(1, is_assigned=False)]))[
        "areas"
    ].to_list() == [[]]


def test_label_has_the_licence_of_the_text_it_quotes() -> None:
    labels = frame(TopicLabel, [topic(1)])
    assert add_license_of_paper(labels, bare(license=SHARE_ALIKE))["license"].to_list() == [
        SHARE_ALIKE
    ]


def test_filled_papers_are_valid() -> None:
    filled = (
        bare()
        .pipe(add_code_columns, frame(Link, [link(1)]))
        .pipe(add_topic_columns, frame(TopicLabel, [topic(1)]))
    )
    Paper.validate(filled)
