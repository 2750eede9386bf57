"""Find a paper's id by its title, offline, against an index.

Four steps, each only for what the one before left open: the same title, the same letters, the
same abstract under another title, and a changed title. A changed title is looked up by its rare
words and answered only where what the two titles share is more than what look-alikes share, and
clearly more than any other title offers.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.compare_authors import AGREEING
from flows.deduplicate.resolve.abstract_index import CODES, code_long_words
from flows.deduplicate.resolve.abstract_overlap import SAME
from flows.deduplicate.resolve.compare_titles import (
    MIN_WORDS,
    add_sequels,
    add_support,
    compare_candidates,
    is_opposed,
    is_same_text,
    is_supported,
)
from flows.deduplicate.resolve.title_index import TitleIndex
from flows.text.title_key import title_key

RESOLUTIONS = pl.Schema(
    {
        "query": pl.Int64,
        "title": pl.String,
        "paper": pl.String,
        "score": pl.Float64,
        "rule": pl.String,
        "matched_title": pl.String,
        "agreement": pl.Float64,
        "shared": pl.Float64,
    }
)
"""One row per title asked for, in order. ``paper`` is the id found, null where nothing is sure
enough; ``rule`` says how it was found (``title``, ``letters``, ``abstract``, ``near``) or why not
(``absent``, ``ambiguous``, ``look-alike``); ``matched_title`` is the evidence, also of what was
refused, ``agreement`` the share of common authors, ``shared`` that of the abstracts' long words."""


def resolve_titles(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Find the paper of each title: ``title`` and, where known, ``authors`` and ``abstract``.

    Returns `RESOLUTIONS`, one row per query in order. A title that several papers share is answered
    only where authors or abstract single one out; authors that have no name in common refuse any
    match.
    """
    prepared = prepare_queries(queries)
    exact = _answer_by_key(prepared, index, "key", "title")
    letters = _answer_by_key(left := drop_answered(prepared, exact), index, "letters", "letters")
    same = answer_by_abstract(left := drop_answered(left, letters), index)
    near = _answer_by_words(drop_answered(left, same), index)
    answers = pl.concat([exact, letters, same, near])
    return (
        prepared.select("query", "title")
        .join(answers, on="query", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("rule").fill_null("absent"), pl.col("score").fill_null(0.0))
        .select(RESOLUTIONS.names())
        .cast(RESOLUTIONS)
    )


def prepare_queries(queries: pl.DataFrame) -> pl.DataFrame:
    """Return each title its number and keys: ``query, title, authors, codes, key, letters``."""
    authors = pl.col("authors") if "authors" in queries.columns else pl.lit(None)
    if "abstract" in queries.columns:
        queries = queries.with_columns(codes=code_long_words(queries["abstract"]))
    codes = pl.col("codes") if "abstract" in queries.columns else pl.lit(None)
    return queries.select(
        "title",
        authors=authors.cast(pl.List(pl.String)),
        codes=codes.cast(CODES),
        key=title_key(pl.col("title")),
    ).with_columns(
        query=pl.int_range(pl.len(), dtype=pl.Int64),
        letters=pl.col("key").str.replace_all(" ", "", literal=True),
    )


def drop_answered(queries: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
    """Return the queries that no row of ``answered`` is about."""
    return queries.join(answered, on="query", how="anti", maintain_order="left")


def _answer_by_key(queries: pl.DataFrame, index: TitleIndex, on: str, rule: str) -> pl.DataFrame:
    """Answer the titles that are in the reference; refuse those that all else leaves open."""
    papers = index.papers.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    concerned = papers.filter(pl.col(on).is_in(queries[on].implode()))
    same = queries.filter(pl.col(on) != "").join(
        concerned.select(on, "paper", "place", authors_right="authors", matched_title="title"),
        on=on,
        how="inner",
    )
    strong = (pl.col("shared") >= SAME).fill_null(value=False)
    judged = add_support(same, index).with_columns(
        _words=pl.col("key").str.count_matches(" ") + 1,
        _alike=pl.len().over("query"),
        _supported=is_supported().sum().over("query"),
        _strong=strong.sum().over("query"),
    )
    is_only = (pl.col("_alike") == 1) & (pl.col("_words") >= MIN_WORDS)
    is_chosen = (is_supported() & (pl.col("_supported") == 1)) | (strong & (pl.col("_strong") == 1))
    return _choose_answers(
        judged, (is_only | is_chosen) & ~is_opposed(), rule, "ambiguous", pl.lit(1.0)
    )


def _choose_answers(
    judged: pl.DataFrame, is_right: pl.Expr, rule: str, refusal: str, score: pl.Expr
) -> pl.DataFrame:
    """Return one answer per query: the right candidate if there is one, else the refused best."""
    right = pl.col("_right")
    return (
        judged.with_columns(_right=is_right.fill_null(value=False), score=score)
        .sort("query", ~right, -pl.col("shared").fill_null(0.0), "paper")
        .unique("query", keep="first", maintain_order=True)
        .select(
            "query",
            paper=pl.when(right).then("paper"),
            score=pl.when(right | (pl.lit(rule) == "near")).then("score").otherwise(0.0),
            rule=pl.when(right).then(pl.lit(rule)).otherwise(pl.lit(refusal)),
            matched_title="matched_title",
            agreement="agreement",
            shared="shared",
        )
    )


def answer_by_abstract(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Answer papers that changed their title by their abstract; say nothing about the others."""
    places = [index.texts.alike(codes) for codes in _split_codes(queries["codes"])]
    query_rows = np.repeat(np.arange(len(places)), [len(rows) for rows in places])
    papers_found = np.concatenate([np.empty(0, np.int64), *places]).astype(np.int64)
    papers = index.papers[papers_found].select(
        "paper", authors_right="authors", key_right="key", matched_title="title"
    )
    pairs = (
        queries[query_rows]
        .hstack(papers)
        .with_columns(place=pl.Series(papers_found, dtype=pl.Int64))
    )
    judged = add_sequels(add_support(pairs, index))
    judged = judged.filter(is_same_text() & ~is_opposed() & ~pl.col("is_sequel"))
    # Two versions of one text, or two parts, fit equally: then the abstract does not single one
    # out.
    is_best = pl.col("shared").rank("min", descending=True).over("query") == 1
    is_alone = (pl.len().over("query") == 1) | (
        is_best & (is_best.cast(pl.Int64).sum().over("query") == 1)
    )
    return _choose_answers(judged, is_alone, "abstract", "ambiguous", pl.col("shared"))


def _split_codes(codes: pl.Series) -> list[npt.NDArray[np.int32]]:
    flat = codes.explode(empty_as_null=False).drop_nulls().to_numpy()
    return np.split(flat, np.cumsum(codes.list.len().fill_null(0).to_numpy())[:-1])


THRESHOLD = 0.8
"""Probability from which a changed title is answered by title alone. In folds by paper on four
fifths of the development half's queries without an equal title: nine wrong answers, recall 0.609
(before, eight and 0.600)."""

SUPPORT = {
    "title": 0.442,
    "known": -2.242,
    "shared": -2.062,
    "overlap": 10.401,
    "in_text": 1.333,
    "is_described": -0.78,
    "agreement": 4.415,
    "balance": 5.085,
    "authors": 1.065,
    "offset": -9.18,
}
"""What decides where `AGREEING` of the authors agree: the logit of the title's probability, whether
both abstracts are known, what they share and what the candidate's says of the title, the share of
common authors of the shorter list and of the longer, and how many they are. Fitted by
``tests/bench/fit_titles.py`` on the changed titles of ``eval/dedup`` and on 6,000 papers that are
missing from the reference: each with authors alone, beside abstracts of the reference, and with
both. The two shares of abstracts go together, so that the sign of one alone says little."""

SURE_OF_AUTHORS, SURE_OF_ABSTRACTS = 0.7, 0.6
"""Probability from which such a title is answered, without and with both abstracts. In folds by
paper: by titles and authors 74 % of the changed titles found and 98.9 % of the missing papers
refused, beside abstracts of the reference 77 % and 98.9 %, by abstracts too 89 % and 98.9 %."""

LEAST_PROBABILITY = 1e-4
"""Probability of a title from which less says no more."""


FEWEST = 1_000
"""Titles that an index must hold for a changed title to be answered by itself: among fewer, neither
how rare a word is nor how far ahead the best candidate is tells much."""


def _answer_by_words(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Answer changed titles: the candidate of the highest probability, if that is high enough."""
    judged = compare_candidates(queries, index)
    if judged.is_empty():
        return pl.DataFrame(schema={n: RESOLUTIONS[n] for n in RESOLUTIONS if n != "title"})
    is_agreed = (pl.col("agreement") >= AGREEING).fill_null(value=False)
    sure = pl.when(pl.col("shared").is_null()).then(SURE_OF_AUTHORS).otherwise(SURE_OF_ABSTRACTS)
    # A margin over the runner-up means little in a reference of a hundred titles.
    is_known = pl.lit(index.papers.height >= FEWEST) | is_agreed
    needed = pl.when(is_agreed).then(sure).otherwise(THRESHOLD)
    judged = judged.with_columns(
        pl.when(is_agreed).then(_supported_probability()).otherwise("score").alias("score")
    )
    is_right = (pl.col("score") >= needed) & is_known & ~pl.col("is_sequel") & ~is_opposed()
    return _choose_answers(judged, is_right, "near", "look-alike", pl.col("score"))


def measure_support() -> dict[str, pl.Expr]:
    """Return what `SUPPORT` weighs of a candidate: its ``score`` and what `add_support` adds."""
    likely = pl.col("score").clip(LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return {
        "title": (likely / (1 - likely)).log(),
        "known": pl.col("shared").is_not_null().cast(pl.Float64),
        "shared": pl.col("shared").fill_null(0.0),
        "overlap": pl.col("overlap"),
        "in_text": pl.col("in_text"),
        "is_described": pl.col("is_described"),
        "agreement": pl.col("agreement"),
        "balance": pl.col("balance"),
        "authors": pl.col("common_authors").log1p(),
    }


def _supported_probability() -> pl.Expr:
    terms = [SUPPORT[name] * measure for name, measure in measure_support().items()]
    return 1 / (1 + (-sum(terms, start=pl.lit(SUPPORT["offset"]))).exp())
