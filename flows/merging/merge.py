"""Merge: one paper from the records of a cluster, and the origins that say so."""

from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from flows.matching.nodes import IDENTIFIERS
from flows.merging.choice import (
    ET_AL,
    abstract_order,
    authors_order,
    is_contributing,
    newest_first,
    openness,
    precedence,
    title_order,
)
from flows.merging.minting import minted
from schemas.origin import Origin
from schemas.paper import Paper

Reader: TypeAlias = Callable[[pl.Expr], pl.Expr]
"""What makes written text readable."""


TEXTS = ("title", "abstract", "authors")
"""Fields whose best version is chosen."""

RANKED = ("record_id", "source", "snapshot", "updated")
"""Columns that the choice looks at, beside the field itself."""

CHOSEN = (
    *(*TEXTS, *RANKED, *IDENTIFIERS, "venue", "categories", "published", "upvotes", "license"),
    *("is_withdrawn", "is_retracted"),
)
"""Columns of records that go into papers."""


def merge(
    records: pl.DataFrame, clusters: pl.DataFrame, *, readable: Reader, readable_name: Reader
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Merge the records of each cluster into a paper.

    ``records``: the `Record` table, its identifiers canonical or null. ``clusters``: one row per
    record with ``record_id``, ``cluster``, ``rule``, ``score``, ``matched_record_id``.
    ``readable`` makes a text readable, ``readable_name`` a name. Gives the `Paper` table, whose
    columns of links and topics are empty, and the `Origin` table. Raises `ValueError` when a
    record has no cluster or a cluster no record.
    """
    joined = records.join(clusters, on="record_id", how="inner", validate="1:1")
    if not len(joined) == len(records) == len(clusters):
        raise ValueError(
            f"{len(records)} records and {len(clusters)} rows of clusters have {len(joined)} "
            "records in common: match exactly the records that are merged"
        )
    joined = joined.with_columns(openness(), is_contributing().alias("is_contributing"))
    papers = resolved(joined)
    papers = papers.with_columns(minted(papers))
    origins = _origins(joined, papers)
    del joined  # three million records are merged in the memory of a laptop
    papers = papers.with_columns(
        readable(pl.col("title_as_written")).alias("title"),
        readable(pl.col("abstract_as_written")).alias("abstract"),
        pl.col("authors").list.eval(readable_name(pl.element())),
    )
    papers = papers.with_columns(_filled_title()).pipe(_unshared)
    return _finished(papers), origins


def resolved(joined: pl.DataFrame) -> pl.DataFrame:
    """Give one row per cluster with the chosen values as written, sorted by ``cluster``."""
    chosen = joined.select("cluster", "openness", *CHOSEN).filter(joined["is_contributing"])
    texts = chosen.select("cluster", "openness", *TEXTS, *RANKED).filter(
        pl.col("openness") == pl.col("openness").min().over("cluster")
    )
    return (
        _first(texts, "title", title_order())
        .join(_first(texts, "abstract", abstract_order()), on="cluster", validate="1:1")
        .join(_first(texts, "authors", authors_order()), on="cluster", validate="1:1")
        .join(_agreed(chosen), on="cluster", validate="1:1")
        .join(_sources(joined), on="cluster", validate="1:1")
        .with_columns(_without_et_al())
        .rename({"title": "title_as_written", "abstract": "abstract_as_written"})
        .sort("cluster")
    )


def _first(chosen: pl.DataFrame, column: str, order: list[pl.Expr]) -> pl.DataFrame:
    """Give the best value of a column for each cluster."""
    is_alone = chosen["cluster"].is_unique()
    columns = chosen.select("cluster", column)
    ranked = (
        chosen.select("cluster", column, *RANKED)
        .filter(~is_alone)
        .with_columns(rank.alias(f"rank_{place}") for place, rank in enumerate(order))
    )
    best = ranked.sort("cluster", pl.col(r"^rank_\d+$")).unique(
        "cluster", keep="first", maintain_order=True
    )
    return pl.concat([columns.filter(is_alone), best.select(columns.columns)])


def _agreed(chosen: pl.DataFrame) -> pl.DataFrame:
    """Give the values that need no reading: the first known one, an extreme, or any."""
    ranked = chosen.select(
        pl.all().exclude("title", "abstract", "authors"),
        *(rank.alias(f"rank_{place}") for place, rank in enumerate(newest_first())),
    ).sort("cluster", pl.col(r"^rank_\d+$"))
    return ranked.group_by("cluster", maintain_order=True).agg(
        pl.col(*IDENTIFIERS, "venue").drop_nulls().first(),
        pl.col("categories")
        .filter(pl.col("categories").list.len() > 0)
        .first()
        .fill_null(pl.lit([], pl.List(pl.String))),
        pl.col("published").min(),
        pl.col("updated", "upvotes").max(),
        pl.col("is_withdrawn", "is_retracted").any(),
        pl.col("snapshot").min().alias("first_seen"),
        pl.col("snapshot").max().alias("last_seen"),
        pl.col("record_id").min().alias("first_record_id"),
        pl.col("license").sort_by("openness").first(),
    )


def _sources(joined: pl.DataFrame) -> pl.DataFrame:
    """List the sources that hold each paper, best first, whatever their licence."""
    held = joined.select("cluster", "source", precedence().alias("place"))
    held = held.unique(["cluster", "source"], keep="first", maintain_order=True).sort(
        "cluster", "place", "source"
    )
    return held.group_by("cluster", maintain_order=True).agg(pl.col("source").alias("sources"))


def _without_et_al() -> pl.Expr:
    names = pl.element().str.replace(ET_AL, "").str.strip_chars()
    return pl.col("authors").list.eval(names.filter(names != ""))


def _filled_title() -> pl.Expr:
    """Keep the written title where nothing readable is left of it."""
    title = pl.col("title")
    return (
        pl.when(title.fill_null("") != "").then(title).otherwise("title_as_written").alias("title")
    )


def _unshared(papers: pl.DataFrame) -> pl.DataFrame:
    """Leave an identifier to one paper where people or a stronger identifier keep two apart.

    A DOI may stand at several papers: a journal prints two preprints as one article.
    """
    return papers.with_columns(
        pl.when(pl.col("paper_id").rank("ordinal").over(name) == 1).then(name).alias(name)
        for name in IDENTIFIERS
        if name != "doi"
    )


def _finished(papers: pl.DataFrame) -> pl.DataFrame:
    """Give the `Paper` table: its columns in order, those of later steps empty, sorted."""
    dtypes = Paper.dtypes()
    columns = [
        pl.col(name) if name in papers.columns else _empty(dtype).alias(name)
        for name, dtype in dtypes.items()
    ]
    return papers.sort("paper_id").select(columns).cast(dtypes)


def _empty(dtype: pl.DataType) -> pl.Expr:
    return pl.lit([] if isinstance(dtype, pl.List) else None, dtype)


def _origins(joined: pl.DataFrame, papers: pl.DataFrame) -> pl.DataFrame:
    """Give the `Origin` table: each record, and why it is part of its paper."""
    named = papers.select("cluster", "paper_id")
    ids = joined.select("cluster").join(
        named, on="cluster", how="left", validate="m:1", maintain_order="left"
    )
    dtypes = Origin.dtypes()
    return (
        joined.with_columns(ids["paper_id"]).select(dtypes.names()).cast(dtypes).sort("record_id")
    )
