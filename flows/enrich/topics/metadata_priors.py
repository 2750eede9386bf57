"""Metadata priors: what categories and the venue say of a paper before its text is read."""

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import number_candidates
from flows.enrich.topics.curated import Knowledge
from flows.enrich.topics.grouped_rows import group_equal_keys
from flows.enrich.topics.model import Model
from flows.enrich.topics.out_of_domain import CATEGORY_SEPARATOR, find_filed_elsewhere
from flows.enrich.topics.text_words import Ints

CROSS_LISTED = 0.5
"""Share of what an archive says of a paper that is filed under computing too."""

CATEGORY_CANDIDATE = 1.5
"""Log odds from which a category or venue makes an area a candidate that no word mentions."""


def compute_metadata_priors(
    texts: pl.DataFrame, knowledge: Knowledge, model: Model
) -> pl.DataFrame:
    """Compute what categories and venue add: `KEY`, ``weight``, ``field``, ``phrase``.

    ``weight`` is in log odds.

    Learned areas that the taxonomy has no more say nothing until the model is trained again.
    """
    # Thousands of papers share some hundreds of lists of categories.
    joined = texts.select(
        "row", joined=pl.col("categories").list.join(CATEGORY_SEPARATOR, ignore_nulls=True)
    )
    lists = (
        joined.select("joined")
        .drop_nulls()
        .unique(maintain_order=True)
        .with_row_index("list")
        .with_columns(categories=pl.col("joined").str.split(CATEGORY_SEPARATOR))
    )
    filed = lists.rename({"list": "row"})
    of_lists = pl.concat(
        [_weigh_categories(filed, model.categories), _weigh_archives(filed, knowledge.archives)]
    ).pipe(_code_topics, knowledge)
    owners = joined.join(lists.select("joined", "list"), on="joined", how="inner", validate="m:1")
    of_categories = owners.select("row", "list").join(
        of_lists.rename({"row": "list"}), on="list", how="inner", validate="m:m"
    )
    of_venues = _weigh_venues(texts, knowledge.venues).pipe(_code_topics, knowledge)
    return pl.concat([of_categories.select(of_venues.columns), of_venues])


def _code_topics(priors: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    coded = knowledge.lexicon.schema
    codes = (pl.col(name).cast(coded[name], strict=False) for name in ("facet", "topic"))
    return priors.with_columns(codes).drop_nulls("topic")


def find_prior_candidates(priors: pl.DataFrame) -> Ints:
    """Find the candidates that metadata speak for, whatever the words say: their numbers, rising.

    ``priors`` are those of `compute_metadata_priors`.
    """
    numbers = number_candidates(priors)
    order = np.argsort(numbers, kind="stable")
    grouped = group_equal_keys(numbers[order])
    weights = grouped.sum_rows(priors["weight"].to_numpy()[order])
    return grouped.keys[weights >= CATEGORY_CANDIDATE]


def _weigh_categories(texts: pl.DataFrame, learned: pl.DataFrame) -> pl.DataFrame:
    """Weigh areas by arXiv categories, as `category_weights` learned them."""
    return (
        _list_categories(texts)
        .join(learned, left_on="phrase", right_on="category", how="inner", validate="m:m")
        .pipe(_format_area_priors, "categories")
    )


def _weigh_venues(texts: pl.DataFrame, venues: pl.DataFrame) -> pl.DataFrame:
    """Weigh areas by the words in a venue's name."""
    # Blanks around both, so that a keyword matches whole words without a pattern.
    words = " " + pl.col("venue").str.replace_all(r"[^\pL\pN]", " ") + " "
    return (
        texts.select("row", "venue")
        .drop_nulls("venue")
        .join(venues, how="cross")
        .filter(words.str.contains(" " + pl.col("keyword") + " ", literal=True))
        .rename({"keyword": "phrase"})
        .pipe(_format_area_priors, "venue")
    )


def _format_area_priors(entries: pl.DataFrame, field: str) -> pl.DataFrame:
    return entries.select(
        "row", "weight", "phrase", field=pl.lit(field), facet=pl.lit("area"), topic="area"
    )


def _weigh_archives(texts: pl.DataFrame, archives: pl.DataFrame) -> pl.DataFrame:
    """Weigh domains by the archives of arXiv: the strongest one speaks for all."""
    # A paper of computing that is cross-listed in physics is only half about physics.
    share = pl.when("is_elsewhere").then(1.0).otherwise(CROSS_LISTED)
    whole = pl.concat_list("phrase", pl.col("phrase").str.split(".").list.first())
    return (
        _list_categories(texts)
        .with_columns(part=whole.list.unique(maintain_order=True))
        .explode("part")
        .join(archives, left_on="part", right_on="archive", how="inner", validate="m:m")
        .join(find_filed_elsewhere(texts), on="row", how="left", validate="m:1")
        .sort("row", "facet", "topic", "weight", "phrase", descending=[False] * 3 + [True, False])
        .unique(["row", "facet", "topic"], keep="first", maintain_order=True)
        .select(
            "row",
            pl.col("weight") * share,
            "phrase",
            field=pl.lit("categories"),
            facet="facet",
            topic="topic",
        )
    )


def _list_categories(texts: pl.DataFrame) -> pl.DataFrame:
    """List the categories of papers as ``phrase``, one row each."""
    stands = texts.select("row", phrase="categories").explode("phrase", empty_as_null=True)
    return stands.drop_nulls("phrase").unique(maintain_order=True)
