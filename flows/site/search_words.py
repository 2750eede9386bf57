"""Search words: what a paper is found by, as terms that lead to lists of papers."""

import polars as pl

from flows.site.papers import FACETS, IDENTIFIERS

TITLE_WORDS = 10
"""Words of a title that its key holds: enough to complete a title while it is typed."""

FREQUENT_VENUE = 5
"""Papers a venue must have to be a list of its own: journal references name volume and page, so
that most venues as written have one paper."""


def fold(text: pl.Expr) -> pl.Expr:
    """Fold text as `search.js` folds what is typed: no accents, no case.

    >>> pl.select(fold(pl.lit("Naïve BAYES"))).item()
    'naive bayes'
    """
    # NFKD parts letters from their accents, without which none could be removed.
    return text.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()


def split_words(text: pl.Expr) -> pl.Expr:
    """Split text into its folded words: runs of letters and digits.

    >>> pl.select(split_words(pl.lit("GPT-4's naïve use"))).item().to_list()
    ['gpt', '4', 's', 'naive', 'use']
    """
    # JavaScript compares UTF-16 and sorts characters beyond the basic plane otherwise.
    return fold(text).str.extract_all(r"[\p{L}\p{N}&&[\u{0}-\u{FFFF}]]+")


def key_of_title(title: pl.Expr) -> pl.Expr:
    """Return the key by which a title is completed; ``=`` keeps it apart from words."""
    return pl.concat_str(pl.lit("="), split_words(title).list.head(TITLE_WORDS).list.join(" "))


def collect_terms(papers: pl.DataFrame, frequent_venues: pl.Series) -> pl.DataFrame:
    """Collect every term that leads to papers: one row per ``term`` and ``number``.

    A word is itself, a title ``=`` and its words, an identifier ``id:``, a topic
    ``topic:facet/topic``, a venue ``venue:`` and its folded name, a property ``has:``.
    """
    number = pl.col("number")
    words = [
        _explode(papers, split_words(pl.col("title"))),
        _explode(papers, split_words(pl.col("authors").list.join(" "))),
        _explode(papers, split_words(pl.col("repositories").list.join(" "))),
        papers.select(term=key_of_title(pl.col("title")), number=number),
    ]
    identifiers = [
        papers.select(term=pl.lit("id:") + pl.col(name).str.to_lowercase(), number=number)
        for name in ("paper_id", *IDENTIFIERS)
    ]
    repositories = _explode(papers, pl.col("repositories").list.eval("id:" + pl.element()))
    topics = [
        _explode(papers, pl.col(column).list.eval(f"topic:{facet}/" + pl.element()))
        for facet, column in FACETS.items()
    ]
    venues = papers.filter(pl.col("venue").is_in(frequent_venues.implode())).select(
        term="venue:" + pl.col("venue"), number=number
    )
    properties = [
        papers.filter(name).select(term=pl.lit(f"has:{name[4:]}"), number=number)
        for name in ("has_code", "has_own_code")
    ]
    lower = repositories.with_columns(pl.col("term").str.to_lowercase())
    everything = [*words, *identifiers, lower, *topics, venues, *properties]
    # A title without letters and digits has a key that is nothing but its mark.
    return pl.concat(everything).drop_nulls().filter(pl.col("term") != "=")


def count_venues(papers: pl.DataFrame) -> pl.DataFrame:
    """Count the papers of each venue that is frequent enough, the largest first."""
    return (
        papers.drop_nulls("venue")
        .group_by("venue")
        .len("papers")
        .filter(pl.col("papers") >= FREQUENT_VENUE)
        .sort(["papers", "venue"], descending=[True, False])
    )


def _explode(papers: pl.DataFrame, terms: pl.Expr) -> pl.DataFrame:
    return papers.select(term=terms.list.unique(), number="number").explode("term").drop_nulls()
