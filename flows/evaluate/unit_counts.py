"""Counts per unit: what each paper, text or title adds to precision and recall.

A unit is what is drawn again and again for intervals: what belongs together is drawn together.
All functions give one row per unit and group, `COUNTS`.
"""

from pathlib import Path

import polars as pl

from flows.evaluate.gold_tables import read_gold_table
from flows.evaluate.links import match_gold_links, read_gold_links
from flows.evaluate.topic_gold import Gold
from flows.evaluate.topic_scores import judge_predictions

COUNTS = {
    "group": pl.String,
    "unit": pl.String,
    "right": pl.Int64,
    "predicted": pl.Int64,
    "hit": pl.Int64,
    "expected": pl.Int64,
}
"""One row per group and unit: ``right`` of its ``predicted`` answers are right, ``hit`` of its
``expected`` ones were predicted. Precision is right over predicted, recall is hit over expected."""


def count_dedup(predictions: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Count pairs of records, by true cluster, or by pair where the truth is in pairs."""
    if not (folder / "truth.parquet").exists():
        return _count_judged_pairs(predictions, read_gold_table(folder, "pairs.parquet"))
    truth = read_gold_table(folder, "truth.parquet")
    joined = truth.join(predictions, on="record_id", how="inner", suffix="_predicted")
    sizes = joined.with_columns(
        shared=pl.len().over("cluster", "cluster_predicted") - 1,
        predicted=pl.len().over("cluster_predicted") - 1,
        true=pl.len().over("cluster") - 1,
    )
    return (
        sizes.group_by("cluster")
        .agg(
            # Each record of a pair counts half, but halves cancel out in every ratio.
            right=pl.col("shared").sum(),
            predicted=pl.col("predicted").sum(),
            hit=pl.col("shared").sum(),
            expected=pl.col("true").sum(),
        )
        .select(
            pl.lit("pairs").alias("group"),
            pl.col("cluster").cast(pl.String).alias("unit"),
            *_NUMBERS,
        )
    )


def _count_judged_pairs(predictions: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    clusters = predictions.select("record_id", "cluster")
    joined = pairs.join(
        clusters.rename({"record_id": "left", "cluster": "of_left"}), on="left", validate="m:1"
    ).join(
        clusters.rename({"record_id": "right", "cluster": "of_right"}), on="right", validate="m:1"
    )
    joins, same = pl.col("of_left") == pl.col("of_right"), pl.col("same").cast(pl.Boolean)
    return joined.select(
        pl.lit("pairs").alias("group"),
        pl.concat_str("left", "right", separator=" ").alias("unit"),
        (joins & same).cast(pl.Int64).alias("both"),
        joins.cast(pl.Int64).alias("predicted"),
        same.cast(pl.Int64).alias("expected"),
    ).select(
        "group",
        "unit",
        pl.col("both").alias("right"),
        "predicted",
        pl.col("both").alias("hit"),
        "expected",
    )


def count_titles(predictions: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Count answers to titles: group `all`, and `changed` where the title was changed since."""
    queries = read_gold_table(folder, "queries.parquet")
    same = pl.col("same_norm") if "same_norm" in queries.columns else pl.lit(None)
    queries = queries.with_columns(same_norm=same.cast(pl.Boolean))
    answers = predictions.select(answer="arxiv_id").hstack(queries.select("arxiv_id", "same_norm"))
    right = (pl.col("answer") == pl.col("arxiv_id")).fill_null(value=False)
    counted = answers.with_row_index("unit").select(
        pl.col("unit").cast(pl.String),
        "same_norm",
        right=right.cast(pl.Int64),
        predicted=pl.col("answer").is_not_null().cast(pl.Int64),
        hit=right.cast(pl.Int64),
        expected=pl.col("arxiv_id").is_not_null().cast(pl.Int64),
    )
    # A title that nobody compared counts as unchanged.
    changed = counted.filter(~pl.col("same_norm").fill_null(value=True) & (pl.col("expected") > 0))
    return pl.concat(
        frame.select(pl.lit(group).alias("group"), "unit", *_NUMBERS)
        for group, frame in (("all", counted), ("changed", changed))
    )


def count_link_answers(predictions: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Count links per text: group `url` for the finding, `kind` for the kinds of those found."""
    gold = read_gold_links(folder)
    matched = match_gold_links(predictions, gold)
    # From the file, not from the links: a text without any is a unit, too.
    units = pl.read_ndjson(folder / "gold.jsonl", schema={"i": pl.Int64}).unique(
        maintain_order=True
    )
    optional = pl.col("optional")
    parts = [
        gold.filter(~optional).group_by("i").agg(expected=pl.len()),
        matched.group_by("i").agg(right=pl.len(), hit=(~optional).sum()),
        predictions.group_by("i").agg(predicted=pl.len()),
        matched.group_by("i").agg(kinds_right=pl.col("kind").is_in("kinds").sum()),
    ]
    for part in parts:
        units = units.join(part, on="i", how="left", validate="1:1", maintain_order="left")
    # A text that has no row in one of the counts has none of that, which is zero.
    units = units.with_columns(pl.exclude("i").fill_null(0).cast(pl.Int64))
    unit = pl.col("i").cast(pl.String).alias("unit")
    found = units.select(pl.lit("url").alias("group"), unit, *_NUMBERS)
    kinds = units.select(
        pl.lit("kind").alias("group"),
        unit,
        pl.col("kinds_right").alias("right"),
        pl.col("right").alias("predicted"),
        hit=pl.lit(0, pl.Int64),
        expected=pl.lit(0, pl.Int64),
    )
    return pl.concat([found, kinds])


def count_topic_answers(predictions: pl.DataFrame, gold: Gold) -> pl.DataFrame:
    """Count topics per paper, a group for each facet, as `topic_scores.score` judges them."""
    truth = gold.require_truth()
    judged = (
        judge_predictions(predictions, gold)
        .group_by("facet", "i")
        .agg(right=pl.col("is_right").sum(), predicted=pl.len(), hit=pl.col("is_primary").sum())
    )
    primary = (
        truth.filter(pl.col("role") == "primary").group_by("facet", "i").agg(expected=pl.len())
    )
    units = gold.texts.select("i").join(truth.select("facet").unique(), how="cross")
    for part in (judged, primary):
        units = units.join(part, on=["facet", "i"], how="left", validate="1:1")
    return (
        units.with_columns(pl.exclude("i", "facet").fill_null(0).cast(pl.Int64))
        .select(*_NUMBERS, group="facet", unit=pl.col("i").cast(pl.String))
        .select(list(COUNTS))
        .sort("group", "unit")
    )


_NUMBERS = [pl.col(name).cast(pl.Int64) for name in ("right", "predicted", "hit", "expected")]
