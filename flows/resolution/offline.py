"""Find a paper's id by its title, offline, against an index.

Three steps, each only for what the one before left open: the same title, the same letters, and a
changed title. A changed title is looked up by its rare words and answered only where what the two
titles share is more than what look-alikes share, and clearly more than any other title offers.
"""

import polars as pl

from flows.identifiers import title_key
from flows.resolution.index import Index, readable
from flows.resolution.verification import agreement, compare

RESOLUTIONS = pl.Schema(
    {
        "query": pl.Int64,
        "title": pl.String,
        "paper": pl.String,
        "score": pl.Float64,
        "rule": pl.String,
        "matched_title": pl.String,
    }
)
"""One row per title asked for, in order. ``paper`` is the id found, null where nothing is sure
enough; ``rule`` says how it was found (``title``, ``letters``, ``near``) or why not (``absent``,
``ambiguous``, ``look-alike``); ``matched_title`` is the evidence, also of what was refused."""

MIN_WORDS = 3
"""A title of fewer words names many papers ("Rejoinder", "Erratum"): only authors can tell."""


def resolve(queries: pl.DataFrame, index: Index) -> pl.DataFrame:
    """Find the paper of each title: ``title`` and, where known, ``authors`` (a list of names).

    Gives `RESOLUTIONS`, one row per query in order. A title that several papers share is answered
    only where the authors single one out; authors that have no name in common refuse any match.
    """
    asked = asked_of(queries)
    exact = _by_key(asked, index.papers, "key", "title")
    letters = _by_key(_open(asked, exact), index.papers, "letters", "letters")
    near = _by_words(_open(_open(asked, exact), letters), index)
    answers = pl.concat([exact, letters, near])
    return (
        asked.select("query", "title")
        .join(answers, on="query", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("rule").fill_null("absent"), pl.col("score").fill_null(0.0))
        .select(RESOLUTIONS.names())
        .cast(RESOLUTIONS)
    )


def asked_of(queries: pl.DataFrame) -> pl.DataFrame:
    """Give each title its number and its keys: ``query, title, authors, key, letters``."""
    authors = pl.col("authors") if "authors" in queries.columns else pl.lit(None)
    return queries.select(
        "title",
        authors=authors.cast(pl.List(pl.String)),
        key=title_key(readable(pl.col("title"))),
    ).with_columns(
        query=pl.int_range(pl.len(), dtype=pl.Int64),
        letters=pl.col("key").str.replace_all(" ", "", literal=True),
    )


def _open(asked: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
    return asked.join(answered, on="query", how="anti", maintain_order="left")


def _by_key(asked: pl.DataFrame, papers: pl.DataFrame, on: str, rule: str) -> pl.DataFrame:
    """Answer the titles that are in the reference; refuse those that authors leave open."""
    wanted = papers.filter(pl.col(on).is_in(asked[on].implode()))
    same = asked.filter(pl.col(on) != "").join(
        wanted.select(on, "paper", "authors", matched_title="title"), on=on, how="inner"
    )
    judged = same.with_columns(agreement=agreement()).with_columns(
        _words=pl.col("key").str.count_matches(" ") + 1,
        _alike=pl.len().over("query"),
        _agreeing=(pl.col("agreement") > 0).sum().over("query"),
    )
    is_only = (pl.col("_alike") == 1) & (pl.col("_words") >= MIN_WORDS)
    is_chosen = (pl.col("agreement") > 0) & (pl.col("_agreeing") == 1)
    is_right = (is_only & pl.col("agreement").is_null()) | is_chosen
    return (
        judged.with_columns(_right=is_right)
        .sort("query", ~pl.col("_right"), "paper")
        .unique("query", keep="first", maintain_order=True)
        .select(
            "query",
            paper=pl.when("_right").then("paper"),
            score=pl.when("_right").then(1.0).otherwise(0.0),
            rule=pl.when("_right").then(pl.lit(rule)).otherwise(pl.lit("ambiguous")),
            matched_title="matched_title",
        )
    )


_ANSWER = ("query", "paper", "score", "rule", "matched_title")

THRESHOLD = 0.965
"""Probability from which a changed title is answered by title alone. Ten-fold cross-validation on
the development half's 2,930 queries without an equal title: 8 wrong answers, 6 of them for absent
papers, recall 0.475."""

THRESHOLD_WITH_AUTHORS = 0.30
"""The same where `AGREEING` of the authors agree: two papers of one group on one subject remain."""

AGREEING = 0.5
"""Share of the shorter author list that must be in the other, by surname."""


def _by_words(asked: pl.DataFrame, index: Index) -> pl.DataFrame:
    """Answer changed titles: the candidate of the highest probability, if that is high enough."""
    judged = compare(asked, index)
    if judged.is_empty():
        return pl.DataFrame(schema={name: RESOLUTIONS[name] for name in _ANSWER})
    needed = pl.when(pl.col("agreement").fill_null(0) >= AGREEING).then(THRESHOLD_WITH_AUTHORS)
    is_right = (pl.col("score") >= needed.otherwise(THRESHOLD)) & ~pl.col("is_sequel")
    is_right = is_right & (pl.col("agreement").is_null() | (pl.col("agreement") > 0))
    return judged.with_columns(_right=is_right).select(
        "query",
        paper=pl.when("_right").then("paper"),
        score="score",
        rule=pl.when("_right").then(pl.lit("near")).otherwise(pl.lit("look-alike")),
        matched_title="matched_title",
    )
