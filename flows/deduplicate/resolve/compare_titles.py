"""Verification: how much two titles share, how likely that makes them one, what else is known."""

import polars as pl
from rapidfuzz import fuzz, process

from flows.deduplicate.match.author_names import AGREEING
from flows.deduplicate.match.sibling_names import has_other_symbol, has_sibling_name
from flows.deduplicate.match.title_series import comment_kind, name_before_colon
from flows.deduplicate.resolve.abstract_overlap import OTHER, SAME
from flows.deduplicate.resolve.candidates import find_candidates
from flows.deduplicate.resolve.title_index import TitleIndex
from flows.text.title_key import title_key

MIN_WORDS = 3
"""A title of fewer words names many papers ("Rejoinder", "Erratum"): only what else is known can
tell."""

SAME_ALONE = 0.75
"""Share of an abstract's long words that makes two papers one where nobody is named."""


def compare_candidates(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Return the best candidate of each title with its features and score.

    ``asked`` has ``query, title, key, authors``. Titles that share no word with any get no row.
    """
    pairs = find_candidates(queries, index)
    if pairs.is_empty():
        return pairs
    return (
        pairs.pipe(_add_shared_words, index)
        .pipe(_add_ratios)
        .pipe(_keep_best_with_margin)
        .with_columns(score=_title_probability())
        .pipe(add_sequels)
    )


def _add_shared_words(pairs: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Weigh the words that two titles share against all they have."""
    left_words = pl.col("key").str.split(" ").list.unique()
    right_words = pl.col("key_right").str.split(" ").list.unique()
    numbered = pairs.with_row_index("pair").with_columns(
        ours=left_words, theirs=right_words, both=left_words.list.set_intersection(right_words)
    )
    for side in ("ours", "theirs", "both"):
        numbered = numbered.join(
            _sum_weights(numbered, side, index), on="pair", how="left", validate="1:1",
            maintain_order="left",
        )  # fmt: skip
    common, left_sum, right_sum = pl.col("both_sum"), pl.col("ours_sum"), pl.col("theirs_sum")
    return numbered.with_columns(
        cosine=pl.col("both_squares") / (pl.col("ours_squares") * pl.col("theirs_squares")).sqrt(),
        jaccard=common / (left_sum + right_sum - common),
        contained=common / pl.min_horizontal(left_sum, right_sum),
        containing=common / pl.max_horizontal(left_sum, right_sum),
        shared=common,
        rarest=pl.col("both_top").list.get(0, null_on_oob=True).fill_null(0.0),
        second=pl.col("both_top").list.get(1, null_on_oob=True).fill_null(0.0),
        third=pl.col("both_top").list.get(2, null_on_oob=True).fill_null(0.0),
        count=pl.col("both").list.len().cast(pl.Float64),
        name=_has_same_name(index),
    ).drop("ours", "theirs", "both")


def _sum_weights(numbered: pl.DataFrame, side: str, index: TitleIndex) -> pl.DataFrame:
    """Sum the weights of a side's words; a word the reference lacks is as rare as can be."""
    weight = pl.col("weight").cast(pl.Float64).fill_null(1.0)
    weighed = (
        numbered.select("pair", word=pl.col(side))
        .explode("word", empty_as_null=False)
        .join(index.words.select("word", "weight"), on="word", how="left", validate="m:1")
        .sort("pair", "weight", "word", descending=[False, True, False])
    )
    return weighed.group_by("pair", maintain_order=True).agg(
        weight.sum().alias(f"{side}_sum"),
        weight.pow(2).sum().alias(f"{side}_squares"),
        weight.sort(descending=True).head(3).alias(f"{side}_top"),
    )


def _has_same_name(index: TitleIndex) -> pl.Expr:
    """Tell whether both titles open with one name before a colon, that at most three have."""
    pattern = r"^([^:]{2,40}):"
    left = title_key(pl.col("title").str.extract(pattern))
    right = title_key(pl.col("matched_title").str.extract(pattern))
    rare = index.words.filter(pl.col("frequency") <= 3)["word"]  # noqa: PLR2004  # see above
    is_rare = left.str.split(" ").list.eval(pl.element().is_in(rare.implode())).list.any()
    return (left.eq(right) & is_rare).fill_null(value=False).cast(pl.Float64)


def _add_ratios(pairs: pl.DataFrame) -> pl.DataFrame:
    left, right = pairs["key"].to_list(), pairs["key_right"].to_list()
    scorers = {"ratio": fuzz.ratio, "sorted": fuzz.token_sort_ratio, "partial": fuzz.partial_ratio}
    ratios = {
        name: process.cpdist(left, right, scorer=scorer, workers=2) / 100
        for name, scorer in scorers.items()
    }
    return pairs.with_columns(
        pl.Series(name, values, dtype=pl.Float64) for name, values in ratios.items()
    )


def _keep_best_with_margin(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the best candidate of each title and how far it is ahead of the runner-up."""
    rank = pl.col("cosine") + pl.col("sorted")
    ordered = pairs.with_columns(rank=rank).sort(
        "query", "rank", "paper", descending=[False, True, False]
    )
    # The runner-up is the row below of the same title; one that is alone is ahead of nothing.
    next_rank = pl.col("rank").shift(-1).over("query").fill_null(0.0)
    next_cosine = pl.col("cosine").shift(-1).over("query").fill_null(0.0)
    return ordered.with_columns(
        margin=pl.col("rank") - next_rank, cosine_margin=pl.col("cosine") - next_cosine
    ).unique("query", keep="first", maintain_order=True)


FEATURES = (
    "cosine", "jaccard", "contained", "containing", "ratio", "sorted", "partial", "name", "shared",
    "rarest", "second", "third", "count", "margin", "cosine_margin",
)  # fmt: skip
"""What is known of a title and its best candidate."""

COEFFICIENTS = {
    "cosine": -7.045,
    "jaccard": -4.018,
    "contained": 3.43,
    "containing": 4.564,
    "ratio": 0.701,
    "sorted": 2.353,
    "partial": 1.423,
    "name": 4.459,
    "shared": 1.561,
    "rarest": -0.694,
    "second": -0.36,
    "third": -0.583,
    "count": -0.132,
    "margin": 5.007,
    "cosine_margin": 4.453,
}

INTERCEPT = -6.47
"""A logistic regression on the development half (2,930 titles without an equal one, sequels left
out), made by ``tests/bench/fit_titles.py``. The features go together, so a sign alone says little:
the cosine is negative because its margin over the runner-up already holds the good of it."""


def _title_probability() -> pl.Expr:
    logit = pl.sum_horizontal(pl.col(name) * COEFFICIENTS[name] for name in FEATURES) + INTERCEPT
    return 1 / (1 + (-logit).exp())


_NUMBERS = r"\b(?:\d+|i{1,3}|iv|v|vi{1,3}|ix)\b"


def add_sequels(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add ``is_sequel``: titles of two works of one series, however alike they are.

    Parts I and II, editions 2019 and 2020, a paper and its addendum, names before the colon that
    differ in a letter or a version, titles that differ in one symbol.
    """
    numbers = [pl.col(name).str.extract_all(_NUMBERS).list.sort() for name in ("key", "key_right")]
    kinds = [comment_kind(pl.col(name)) for name in ("key", "key_right")]
    names = pairs.select(
        left=name_before_colon(pl.col("title")), right=name_before_colon(pl.col("matched_title"))
    )
    return pairs.with_columns(
        is_sequel=(numbers[0] != numbers[1])
        | kinds[0].ne_missing(kinds[1])
        | has_sibling_name(names["left"], names["right"])
        | has_other_symbol(pairs["key"], pairs["key_right"])
    )


def is_supported() -> pl.Expr:
    """Tell where authors or abstract speak for a match: ``agreement``, ``shared``; never null."""
    return ((pl.col("agreement") > 0).fill_null(value=False)) | (
        (pl.col("shared") >= SAME).fill_null(value=False)
    )


def is_opposed() -> pl.Expr:
    """Tell where they speak against it: no name in common, or another text by who knows whom."""
    is_other = pl.col("agreement").is_null() & (pl.col("shared") <= OTHER)
    return (pl.col("agreement") == 0).fill_null(value=False) | is_other.fill_null(value=False)


def is_same_text() -> pl.Expr:
    """Tell where the abstracts make two papers one, whatever their titles."""
    needed = pl.when(pl.col("agreement") >= AGREEING).then(SAME).otherwise(SAME_ALONE)
    return (pl.col("shared") >= needed).fill_null(value=False)
