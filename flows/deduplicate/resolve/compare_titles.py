"""Compare titles: how much two titles share, how likely that makes them one, what else is known."""

import operator
from functools import reduce

import polars as pl
from rapidfuzz import fuzz, process

from flows.deduplicate.match.compare_authors import AGREEING, measure_author_lists
from flows.deduplicate.match.sibling_names import has_other_symbol, has_sibling_name
from flows.deduplicate.match.title_series import comment_kind, name_before_colon, series_part
from flows.deduplicate.resolve.abstract_index import code_long_words
from flows.deduplicate.resolve.abstract_overlap import (
    LEAST,
    OTHER,
    SAME,
    compare_long_words,
    measure_overlaps,
)
from flows.deduplicate.resolve.candidates import find_candidates
from flows.deduplicate.resolve.other_numbers import (
    has_numbers_on_both_sides,
    has_other_numbers,
)
from flows.deduplicate.resolve.title_index import LONGEST_TITLE, TitleIndex
from flows.deduplicate.resolve.title_wording import compare_wording

MIN_WORDS = 3
"""A title of fewer words names many papers ("Rejoinder", "Erratum"): only what else is known can
tell."""

SAME_WITH_AUTHORS = 0.65
"""Share that makes two papers of the same authors one whatever their titles; between `SAME` and
this nearly a quarter of those that share it are siblings, and the titles are weighed as well."""

SAME_ALONE = 0.75
"""Share of an abstract's long words that makes two papers one where nobody is named."""

COPIED = 0.95
"""The same for a paper and what is called a later part of it."""

COMPARED = 5
"""Candidates whose wording is compared, the nearest first: the right one is behind them in one
title of a hundred."""


def compare_candidates(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Return the best candidate of each title with its features, its support and its score.

    ``queries`` has ``query, title, key, authors, codes``; see `add_support`. What authors and
    abstracts say helps to choose among the candidates. Titles that share no word with any, or are
    longer than any title, get no row.
    """
    # Words of two titles are compared each with each: a text of a million has to stay out.
    is_title = pl.col("title").str.len_chars() <= LONGEST_TITLE
    pairs = find_candidates(queries.filter(is_title), index)
    if pairs.is_empty():
        return pairs
    return (
        pairs.pipe(_add_shared_words, index)
        .pipe(_add_ratios)
        .pipe(_keep_nearest)
        .pipe(compare_wording, index)
        .pipe(add_support, index)
        .pipe(_keep_best_with_margin)
        .with_columns(score=_title_probability())
        .pipe(add_text_support, index)
        .pipe(add_sequels)
    )


def _add_shared_words(pairs: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Weigh the words that two titles share against all they have."""
    left_words = pl.col("key").str.split(" ").list.unique()
    right_words = pl.col("key_right").str.split(" ").list.unique()
    numbered = pairs.with_row_index("pair").with_columns(
        ours=left_words, theirs=right_words, both=left_words.list.set_intersection(right_words)
    )
    # A title is in many pairs and is weighed once.
    for side, number in (("ours", "query"), ("theirs", "place"), ("both", "pair")):
        numbered = numbered.join(
            _sum_weights(numbered.unique(number).sort(number), number, side, index),
            on=number, how="left", validate="m:1", maintain_order="left",
        )  # fmt: skip
    top = pl.col("both_top").list
    return numbered.with_columns(
        cosine=pl.col("both_squares").fill_null(0.0)
        / (pl.col("ours_squares") * pl.col("theirs_squares")).sqrt(),
        same_words=pl.col("both_sum").fill_null(0.0),
        rarest=top.get(0, null_on_oob=True).fill_null(0.0),
        third=top.get(2, null_on_oob=True).fill_null(0.0),
    ).drop("ours", "theirs", "both")


def _sum_weights(titles: pl.DataFrame, number: str, side: str, index: TitleIndex) -> pl.DataFrame:
    """Sum the weights of a side's words; a word the reference lacks is as rare as can be."""
    weight = pl.col("weight").cast(pl.Float64).fill_null(1.0)
    weighed = (
        titles.select(number, word=pl.col(side))
        .explode("word", empty_as_null=False)
        .join(index.words.select("word", "weight"), on="word", how="left", validate="m:1")
        .sort(number, "weight", "word", descending=[False, True, False])
    )
    return weighed.group_by(number, maintain_order=True).agg(
        weight.sum().alias(f"{side}_sum"),
        weight.pow(2).sum().alias(f"{side}_squares"),
        weight.sort(descending=True).head(3).alias(f"{side}_top"),
    )


def _add_ratios(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add ``sorted``: similarity letter by letter of the words in the order of the alphabet."""
    left, right = pairs["key"].to_list(), pairs["key_right"].to_list()
    ratios = process.cpdist(left, right, scorer=fuzz.token_sort_ratio, workers=2) / 100
    return pairs.with_columns(pl.Series("sorted", ratios, dtype=pl.Float64))


def _keep_nearest(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the nearest candidates of each title, and those by the same people."""
    near = pl.col("cosine") + pl.col("sorted")
    order = near.rank("ordinal", descending=True).over("query")
    return pairs.filter((order <= COMPARED) | pl.col("is_by_same"))


def add_support(pairs: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Add what authors and abstracts say, each null where a side is not known.

    ``agreement, balance, common_authors`` of `measure_author_lists`, and ``shared``, that of the
    abstracts' long words.
    """
    codes = index.texts.sets(pairs["place"].to_numpy())
    return pairs.with_columns(
        *measure_author_lists(pairs["authors"], pairs["authors_right"]),
        shared=compare_long_words(pairs["codes"], codes),
    )


def add_text_support(pairs: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Add what the candidate's abstract says: ``overlap, in_text, is_described``.

    ``overlap``: the long words that both abstracts have, of those that either has, 0 where one is
    unknown; ``in_text``: share of the long words of the title asked for that the candidate's
    abstract has; ``is_described``: whether there is one.
    """
    texts = index.texts.sets(pairs["place"].to_numpy())
    is_described = texts.list.len().fill_null(0) >= LEAST
    in_text = measure_overlaps(code_long_words(pairs["title"]), texts).contained(1)
    return pairs.with_columns(
        overlap=measure_overlaps(pairs["codes"], texts).jaccard(LEAST).fill_null(0.0),
        in_text=pl.select(pl.when(is_described).then(in_text).fill_null(0.0)).to_series(),
        is_described=is_described.cast(pl.Float64),
    )


def _keep_best_with_margin(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the best candidate of each title and how far it is ahead of the others."""
    rank = (
        pl.col("cosine")
        + pl.col("sorted")
        + pl.col("ours_covered")
        + SAME_NAME * pl.col("same_name")
        + SAME_PART * pl.col("part")
        + SAME_AUTHORS * pl.col("agreement").fill_null(0.0)
        + SAME_ABSTRACT * pl.col("shared").fill_null(0.0)
    )
    ordered = pairs.with_columns(rank=rank).sort(
        "query", "rank", "paper", descending=[False, True, False]
    )
    is_best = pl.col("query").is_first_distinct()
    # The greatest of the others, whichever it is: the runner-up may share less of a rare phrase.
    others = ordered.filter(~is_best).group_by("query").agg(pl.col(*AHEAD).max().name.suffix("_of"))
    best = ordered.filter(is_best).join(
        others, on="query", how="left", validate="1:1", maintain_order="left"
    )
    margins = {
        # One that is alone is ahead of nothing.
        f"{name}_margin": pl.col(name) - pl.col(f"{name}_of").fill_null(0.0)
        for name in AHEAD
    }
    # A margin of a tenth tells much more than none, one of nine tenths little more than eight.
    ahead = (pl.col("rank_margin").clip(lower_bound=0) + LEAST_MARGIN).log()
    return best.with_columns(**margins).with_columns(log_margin=ahead)


AHEAD = ("rank", "cosine", "ours_covered", "stems", "run")
"""Measures by which the best candidate may be ahead of all others."""

SAME_NAME, SAME_PART, SAME_AUTHORS, SAME_ABSTRACT = 0.3, 0.2, 0.5, 1.0
"""What a name in common, the rarity of a part in common, and the shares of common authors and of
the abstracts' common words add to the rank of a candidate."""

LEAST_MARGIN = 0.05
"""Margin under which a runner-up is as good as the best."""


COEFFICIENTS = {
    "rarest": -1.307,
    "third": -0.574,
    "same_words": 1.046,
    "common": -0.076,
    "cosine": -3.798,
    "ours_covered": 2.719,
    "theirs_covered": 4.408,
    "part": 0.774,
    "whole_part": 0.723,
    "run": -0.658,
    "neighbours": 0.496,
    "same_name": 2.726,
    "near_name": 1.708,
    "moved_name": 2.337,
    "one_opening": 0.767,
    "unique_first": 1.679,
    "cosine_margin": 1.505,
    "ours_covered_margin": 0.191,
    "stems_margin": 0.694,
    "run_margin": 0.812,
    "log_margin": 1.173,
}
"""What each measure of a title and its best candidate adds to the logit: see `WORDING` and the
columns made here."""

INTERCEPT = -2.735
"""A logistic regression on titles without an equal one, sequels left out, made by
``tests/bench/fit_titles.py``: 2,900 of the development half and, counted a third, 7,200 of other
fields and years. The measures go together, so a sign alone says little: the cosine counts against
a candidate because what each title has of the other already holds the good of it."""

FEATURES = tuple(COEFFICIENTS)
"""What is known of a title and its best candidate."""


def _title_probability() -> pl.Expr:
    # One after the other: `sum_horizontal` adds in an order that the number of threads decides.
    terms = (pl.col(name) * COEFFICIENTS[name] for name in FEATURES)
    logit = reduce(operator.add, terms, pl.lit(INTERCEPT))
    return 1 / (1 + (-logit).exp())


def add_sequels(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add ``is_sequel``: titles of two works of one series, however alike they are.

    Parts I and II, editions 2019 and 2020, a paper and its addendum, names before the colon that
    differ in a letter or a version, titles that differ in one symbol. A number that only one title
    has makes no other work where ``agreement`` and ``shared`` say that the text is the same.
    """
    kinds = [comment_kind(pl.col(name)) for name in ("key", "key_right")]
    names = pairs.select(
        left=name_before_colon(pl.col("title")), right=name_before_colon(pl.col("matched_title"))
    )
    return pairs.with_columns(
        is_sequel=kinds[0].ne_missing(kinds[1])
        | _has_numbers_of_two_works(pairs)
        | has_sibling_name(names["left"], names["right"])
        | has_other_symbol(pairs["key"], pairs["key_right"])
    )


def _has_numbers_of_two_works(pairs: pl.DataFrame) -> pl.Series:
    """Tell which pairs differ in their numbers, unless one text by the same people has both titles.

    ``... (v3.1.0)``, ``... in 3000 counties``, ``Part I`` come and go with versions of a text.
    """
    differ = has_other_numbers(pairs)
    # A later part takes over much of what the first one says.
    is_later = pl.any_horizontal(
        (series_part(pl.col(name)) != "i").fill_null(value=False) for name in ("key", "key_right")
    )
    needed = pl.when(is_later).then(COPIED).otherwise(SAME_ALONE)
    is_one_text = (pl.col("shared") >= needed) & (pl.col("agreement") >= AGREEING)
    rows = pairs.select(
        (pl.lit(differ) & is_one_text).fill_null(value=False).arg_true()
    ).to_series()
    return differ.scatter(rows, has_numbers_on_both_sides(pairs[rows])) if len(rows) else differ


def is_supported() -> pl.Expr:
    """Tell where authors or abstract speak for a match: ``agreement``, ``shared``; never null."""
    return ((pl.col("agreement") > 0).fill_null(value=False)) | (
        (pl.col("shared") >= SAME).fill_null(value=False)
    )


def is_opposed() -> pl.Expr:
    """Tell where they speak against it: no name in common, or another text and nobody named."""
    is_other = pl.col("agreement").is_null() & (pl.col("shared") <= OTHER)
    return (pl.col("agreement") == 0).fill_null(value=False) | is_other.fill_null(value=False)


def is_same_text() -> pl.Expr:
    """Tell where the abstracts make two papers one, whatever their titles."""
    needed = pl.when(pl.col("agreement") >= AGREEING).then(SAME_WITH_AUTHORS).otherwise(SAME_ALONE)
    return (pl.col("shared") >= needed).fill_null(value=False)
