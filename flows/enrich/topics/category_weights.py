"""Category weights: what arXiv's categories of a paper say of its areas, learned from records."""

import polars as pl

from flows.enrich.topics.competing_topics import calibrate_odds, find_best_competitors
from flows.enrich.topics.curated import Knowledge
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import Model, compute_log_odds, extract_features

CATEGORY_TRUST = 0.25
"""Share of a category's log odds that is believed: the words of the text repeat most of it."""

CATEGORY_PAPERS = 30
"""Papers of a category that are needed to learn what it says."""

RECORDS = 20_000
"""Records that are enough to learn what categories say; they are taken at even distances."""


def learn_category_weights(
    records: pl.DataFrame, model: Model, knowledge: Knowledge
) -> pl.DataFrame:
    """Learn what a category says of an area, from records whose areas their texts tell.

    Log of how often the category stands on papers of the area against all others, each paper
    counted by its probability, times `CATEGORY_TRUST`.
    """
    # Not the first ones: arXiv's snapshot is in the order of ids, so these would all be old.
    papers = records.gather_every(max(1, records.height // RECORDS)).with_row_index("row")
    areas = _estimate_areas(papers, model, knowledge)
    stands = papers.select("row", category="categories").explode("category", empty_as_null=True)
    # A record may list a category twice, and would count twice.
    stands = stands.drop_nulls().unique(maintain_order=True)
    common = stands.group_by("category").len().filter(pl.col("len") >= CATEGORY_PAPERS)
    within = (
        stands.join(areas, on="row", how="inner", validate="m:m")
        .group_by("category", "topic")
        .agg(both=pl.col("probability").sum())
    )
    total = areas.group_by("topic").agg(of_area=pl.col("probability").sum())
    # Smoothing by the root of the sample keeps a category of few papers from shouting.
    spread = papers.height**0.5
    share_in = (pl.col("both") + 1) / (pl.col("of_area") + spread)
    share_out = (pl.col("len") - pl.col("both") + 1) / (papers.height - pl.col("of_area") + spread)
    return (
        common.join(total, how="cross")
        .join(within, on=["category", "topic"], how="left", validate="1:1")
        .with_columns(pl.col("both").fill_null(0))
        .select(
            "category",
            area="topic",
            weight=((share_in / share_out).log() * CATEGORY_TRUST).round(2),
        )
        .filter(pl.col("weight").abs() >= CATEGORY_TRUST)
        .sort("category", "area")
    )


def _estimate_areas(papers: pl.DataFrame, model: Model, knowledge: Knowledge) -> pl.DataFrame:
    """Estimate areas from texts, a row per paper and area: ``row``, ``topic``, ``probability``."""
    texts = papers.select("row", "title", "abstract")
    text_features = extract_features(texts, knowledge, model.text_model)
    limits = model.thresholds.filter(pl.col("facet") == "area").row(0, named=True)
    scored = text_features.candidates.select(KEY).with_columns(
        odds=compute_log_odds(text_features, model, "right")
    )
    return (
        scored.with_columns(
            pl.lit(limits[name]).alias(name) for name in ("slope", "offset", "competitor_weight")
        )
        .with_columns(competitor=pl.Series(find_best_competitors(scored)))
        .with_columns(pl.col("facet", "topic").cast(pl.String))
        .filter(pl.col("facet") == "area")
        .select("row", "topic", probability=1 / (1 + (-calibrate_odds()).exp()))
    )
