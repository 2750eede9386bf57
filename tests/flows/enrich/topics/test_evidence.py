"""Every assigned label says why: by words of the paper, or by what its source says of it."""

from datetime import date

import polars as pl

from flows.enrich.topics import label_papers

PHYSICS = (
    "Collective modes of bosonic mixtures in optical lattices",
    "The superfluid response of ultracold bosons is computed with quantum Monte Carlo.",
)


def label(
    title: str,
    abstract: str | None,
    published: date | None = None,
    categories: tuple[str, ...] = (),
) -> pl.DataFrame:
    paper = {
        "paper_id": ["x:1"],
        "title": [title],
        "abstract": [abstract],
        "categories": [list(categories)],
        "venue": [None],
        "published": [published],
    }
    overrides = {
        "abstract": pl.String,
        "categories": pl.List(pl.String),
        "venue": pl.String,
        "published": pl.Date,
    }
    return label_papers(pl.DataFrame(paper, schema_overrides=overrides))


def test_a_domain_that_no_phrase_names_is_shown_by_the_words_of_its_field() -> None:
    labels = label(*PHYSICS).filter(pl.col("topic") == "physical-sciences")
    assert labels["is_assigned"].to_list() == [True]
    pieces = labels.explode("evidence").unnest("evidence")
    texts = dict(zip(("title", "abstract"), PHYSICS, strict=True))
    for field, start, end, phrase in pieces.select("field", "start", "end", "phrase").iter_rows():
        assert texts[field][start:end] == phrase


def test_no_paper_has_a_domain_without_evidence() -> None:
    labels = label("A new method", "We propose a new method and show that it is better.")
    assert labels.filter(pl.col("facet") == "domain").is_empty()
    assert "none" not in labels["topic"].to_list()


def test_every_assigned_label_has_evidence() -> None:
    papers = [
        PHYSICS,
        ("Deep residual learning for image recognition", None),
        ("We prove bounds", "We prove a lower bound on the regret of bandits."),
        ("A survey of graph neural networks", "Graph neural networks are reviewed."),
    ]
    for title, abstract in papers:
        assigned = label(title, abstract, categories=("cs.LG",)).filter("is_assigned")
        assert (assigned["evidence"].list.len() > 0).all()


def test_an_area_is_shown_by_the_tasks_that_it_follows_from() -> None:
    labels = label("Faster summarization", "We propose a faster way of abstractive summarization.")
    row = labels.filter(pl.col("topic") == "natural-language-processing").row(0, named=True)
    assert any("summarization" in piece["phrase"].lower() for piece in row["evidence"])


def test_a_phrase_of_two_topics_of_an_area_counts_by_the_weightier_one() -> None:
    # Of one paper as of thousands, which are joined in another order.
    labels = label("Improving a small language model", "It translates.")
    pieces = labels.filter(pl.col("topic") == "natural-language-processing").explode("evidence")
    weights = dict(pieces.unnest("evidence").select("phrase", "weight").iter_rows())
    # As a method of its own, and as a language model, which says less.
    assert weights["small language model"] == 0.5


def test_a_title_alone_needs_more_than_one_word_of_many_senses() -> None:
    for title in ("Trajectories of language change", "Video game level repair"):
        areas = label(title, None).filter((pl.col("facet") == "area") & pl.col("is_assigned"))
        assert "robotics" not in areas["topic"].to_list()
        assert "computer-vision" not in areas["topic"].to_list()


def test_a_topic_is_not_given_to_a_paper_that_is_older() -> None:
    text = ("Large language models in machine translation", "We study large language models.")
    method = pl.col("topic") == "large-language-models"
    assert label(*text, published=date(2007, 6, 1)).filter(method).is_empty()
    assert not label(*text, published=date(2024, 6, 1)).filter(method).is_empty()
    assert not label(*text).filter(method).is_empty()
