"""Merge fields: the values that a paper takes from its records, as these wrote them."""

import polars as pl

from flows.deduplicate.merge.preference import (
    ET_AL,
    order_abstracts,
    order_authors,
    order_newest_first,
    order_titles,
    source_precedence,
)
from schemas.paper import VOTES
from schemas.vocabulary import STRONG_IDENTIFIERS, Source

TEXTS = ("title", "abstract", "authors", "unnamed_authors")
"""Fields whose best version is chosen; the last goes with the authors."""

RANKED = ("record_id", "source", "snapshot", "updated")
"""Columns that the choice looks at, beside the field itself."""

CHOSEN = (
    *(
        *TEXTS,
        *RANKED,
        *STRONG_IDENTIFIERS,
        "venue",
        "comments",
        "categories",
        "keywords",
        "published",
        "version_days",
        "upvotes",
        "license",
    ),
    *("is_withdrawn", "is_retracted"),
)
"""Columns of records that go into papers."""


NO_VOTES = pl.lit([], pl.List(VOTES))

IS_OF_AUTHORS = pl.col("source") == Source.OPENREVIEW.value
"""Whether the keywords of a record are its authors' own; other sources list what they found."""


def copy_single_records(records: pl.DataFrame) -> pl.DataFrame:
    """Return papers of one record each, as `merge_fields` does."""
    return records.select(
        "cluster",
        *(pl.col(name).alias(f"{name}_as_written") for name in ("title", "abstract")),
        _drop_et_al(),
        "unnamed_authors",
        *STRONG_IDENTIFIERS,
        "venue",
        "comments",
        pl.col("categories").fill_null([]),
        pl.when(IS_OF_AUTHORS)
        .then("keywords")
        .otherwise(pl.lit([], pl.List(pl.String)))
        .alias("keywords"),
        "published",
        "updated",
        "version_days",
        _list_own_votes(),
        "upvotes",
        "is_withdrawn",
        "is_retracted",
        "license",
        *(pl.col("snapshot").alias(name) for name in ("first_seen", "last_seen")),
        pl.col("record_id").alias("first_record_id"),
        pl.concat_list("source").alias("sources"),
    )


def merge_fields(joined: pl.DataFrame) -> pl.DataFrame:
    """Return one row per cluster with the chosen values as written, sorted by ``cluster``."""
    chosen = joined.select("cluster", "openness", *CHOSEN).filter(joined["is_contributing"])
    texts = chosen.select("cluster", "openness", *TEXTS, *RANKED).filter(
        pl.col("openness") == pl.col("openness").min().over("cluster")
    )
    return (
        _choose_best(texts, "title", order_titles())
        .join(_choose_best(texts, "abstract", order_abstracts()), on="cluster", validate="1:1")
        .join(
            # How many a list leaves out is said of that list alone.
            _choose_best(texts, "authors", order_authors(), "unnamed_authors"),
            on="cluster",
            validate="1:1",
        )
        .join(_aggregate_facts(chosen), on="cluster", validate="1:1")
        .join(_list_sources(joined), on="cluster", validate="1:1")
        .join(_list_votes(chosen), on="cluster", how="left", validate="1:1")
        .with_columns(_drop_et_al(), pl.col("votes").fill_null(NO_VOTES))
        .rename({"title": "title_as_written", "abstract": "abstract_as_written"})
        .sort("cluster")
    )


def _choose_best(
    chosen: pl.DataFrame, column: str, order: list[pl.Expr], *beside: str
) -> pl.DataFrame:
    """Return the best value of a column for each cluster, and what its record has ``beside`` it."""
    # The rest of a cluster may be under other licences: what is left alone needs no ranking.
    is_alone = chosen["cluster"].is_unique()
    columns = chosen.select("cluster", column, *beside)
    ranked = (
        chosen.select("cluster", column, *beside, *RANKED)
        .filter(~is_alone)
        .with_columns(rank.alias(f"rank_{place}") for place, rank in enumerate(order))
    )
    best = ranked.sort("cluster", pl.col(r"^rank_\d+$")).unique(
        "cluster", keep="first", maintain_order=True
    )
    return pl.concat([columns.filter(is_alone), best.select(columns.columns)])


def _aggregate_facts(chosen: pl.DataFrame) -> pl.DataFrame:
    """Return the values that need no reading: the first known one, an extreme, or any."""
    ranked = chosen.select(
        pl.all().exclude(TEXTS),
        *(rank.alias(f"rank_{place}") for place, rank in enumerate(order_newest_first())),
    ).sort("cluster", pl.col(r"^rank_\d+$"))
    return ranked.group_by("cluster", maintain_order=True).agg(
        pl.col(*STRONG_IDENTIFIERS, "venue", "comments").drop_nulls().first(),
        pl.col("categories")
        .filter(pl.col("categories").list.len() > 0)
        .first()
        .fill_null(pl.lit([], pl.List(pl.String))),
        pl.col("keywords")
        .filter(IS_OF_AUTHORS & (pl.col("keywords").list.len() > 0))
        .first()
        .fill_null(pl.lit([], pl.List(pl.String))),
        pl.col("published").min(),
        # The longest list of versions, of such the newest record's.
        pl.col("version_days").get(pl.col("version_days").list.len().arg_max()),
        pl.col("updated", "upvotes").max(),
        pl.col("is_withdrawn", "is_retracted").any(),
        pl.col("snapshot").min().alias("first_seen"),
        pl.col("snapshot").max().alias("last_seen"),
        pl.col("record_id").min().alias("first_record_id"),
        pl.col("license").sort_by("openness").first(),
    )


def _list_own_votes() -> pl.Expr:
    """List the votes that a record saw on the day of its snapshot."""
    vote = pl.concat_list(pl.struct(day="snapshot", upvotes=pl.col("upvotes").cast(pl.Int64)))
    return pl.when(pl.col("upvotes").is_null()).then(NO_VOTES).otherwise(vote).alias("votes")


def _list_votes(chosen: pl.DataFrame) -> pl.DataFrame:
    """List the votes of each cluster by day, the oldest first; those without any are absent."""
    seen = chosen.drop_nulls("upvotes").group_by("cluster", day="snapshot")
    days = seen.agg(pl.col("upvotes").max().cast(pl.Int64)).sort("cluster", "day")
    listed = days.group_by("cluster", maintain_order=True)
    return listed.agg(votes=pl.struct("day", "upvotes"))


def _list_sources(joined: pl.DataFrame) -> pl.DataFrame:
    """List the sources that hold each paper, best first, whatever their licence."""
    held = joined.select("cluster", "source", source_precedence().alias("place"))
    held = held.unique(["cluster", "source"], keep="first", maintain_order=True).sort(
        "cluster", "place", "source"
    )
    return held.group_by("cluster", maintain_order=True).agg(pl.col("source").alias("sources"))


def _drop_et_al() -> pl.Expr:
    names = pl.element().str.replace(ET_AL, "").str.strip_chars()
    return pl.col("authors").list.eval(names.filter(names != ""))
