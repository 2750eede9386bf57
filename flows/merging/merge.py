"""Merge: one paper from the records of a cluster, and the evidence that says so."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import polars as pl

from flows.matching.nodes import IDENTIFIERS, Records, parts_of
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
from flows.merging.minting import claimed, distinct
from schemas.origin import Origin
from schemas.paper import Paper

Reader: TypeAlias = Callable[[pl.Expr], pl.Expr]
"""What makes written text readable."""


TEXTS = ("title", "abstract", "authors")
"""Fields whose best version is chosen."""

EVIDENCE = ("record_id", "paper_id", "rule", "score", "matched_record_id")
"""Why a record is in its paper."""

ROWS_AT_ONCE = 100_000
"""Records merged in one go: what this takes beside the tables themselves is some 300 MB."""

RANKED = ("record_id", "source", "snapshot", "updated")
"""Columns that the choice looks at, beside the field itself."""

CHOSEN = (
    *(*TEXTS, *RANKED, *IDENTIFIERS, "venue", "categories", "published", "upvotes", "license"),
    *("is_withdrawn", "is_retracted"),
)
"""Columns of records that go into papers."""


def merge(
    records: Records, clusters: pl.DataFrame, *, readable: Reader, readable_name: Reader
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Merge the records of each cluster into a paper, some after others.

    ``records``: the `Record` table, its identifiers canonical or null, of which `CHOSEN` is read.
    ``clusters``: one row per record with ``record_id``, ``cluster``, ``rule``, ``score``,
    ``matched_record_id``. ``readable`` makes a text readable, ``readable_name`` a name. Gives the
    `Paper` table, whose columns of links and topics are empty and whose identifiers may stand at
    several papers until `inherit_ids`, and the evidence: one row per record, sorted by it, with its
    ``paper_id`` and the columns of ``clusters``; `with_evidence` makes `Origin` of it. Raises
    `ValueError` when a record has no cluster or a cluster no record.
    """
    parts = [_merged(some, readable, readable_name) for some in _whole_clusters(records, clusters)]
    papers = pl.concat(parts)
    del parts  # here and below: a second copy of three million papers is a gigabyte
    papers = papers.with_columns(distinct(papers.select("paper_id", "first_record_id")))
    ids = papers.select("cluster", "paper_id")
    evidence = clusters.join(ids, on="cluster", how="left", validate="m:1").select(EVIDENCE)
    return _finished(papers), evidence.sort("record_id")


def with_evidence(records: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Give the `Origin` table: each record as its source wrote it, and why it is in its paper."""
    return records.join(
        evidence, on="record_id", how="inner", validate="1:1", maintain_order="right"
    ).select(Origin.dtypes().names())


def _whole_clusters(records: Records, clusters: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give the records some at a time, with their ``cluster``, and no cluster in two parts.

    Most records are alone, and come as they are read; the others are put aside until the end.
    """
    parts, aside, start = parts_of(records), [], 0
    places = _clusters_of([part.select("record_id").collect() for part in parts], clusters)
    for part in parts:
        rows = part.select(CHOSEN).collect()
        rows = rows.with_columns(places.slice(start, len(rows)))
        start += len(rows)
        yield rows.filter("is_alone").drop("is_alone")
        aside.append(rows.filter(~pl.col("is_alone")).drop("is_alone"))
    shared = pl.concat(aside)
    del aside
    for some in _rows_at_once(shared["cluster"]):
        yield shared[some]


def _clusters_of(ids: list[pl.DataFrame], clusters: pl.DataFrame) -> pl.DataFrame:
    """Give the ``cluster`` of each record, and whether it ``is_alone`` in it."""
    whole = pl.concat(ids)
    named = clusters.select("record_id", "cluster", is_alone=pl.col("cluster").is_unique())
    joined = whole.join(named, on="record_id", how="inner", validate="1:1", maintain_order="left")
    if not len(joined) == len(whole) == len(clusters):
        raise ValueError(
            f"{len(whole)} records and {len(clusters)} rows of clusters have {len(joined)} "
            "records in common: match exactly the records that are merged"
        )
    return joined.select("cluster", "is_alone")


def _rows_at_once(cluster: pl.Series) -> Iterator[pl.Series]:
    """Give the rows of whole clusters, about `ROWS_AT_ONCE` at a time."""
    rows = cluster.arg_sort()
    ordered = cluster.gather(rows)
    first = (ordered != ordered.shift()).fill_null(value=True).arg_true().to_numpy()
    borders = first[np.searchsorted(first, np.arange(ROWS_AT_ONCE, len(rows), ROWS_AT_ONCE)) - 1]
    starts = np.unique(np.append(borders, 0)).tolist()
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield rows.slice(start, end - start)


def _merged(records: pl.DataFrame, readable: Reader, readable_name: Reader) -> pl.DataFrame:
    """Merge whole clusters: papers under the ids that they claim, readable."""
    rated = records.with_columns(openness(), is_contributing().alias("is_contributing"))
    papers = resolved(rated)
    return papers.with_columns(
        claimed(papers),
        readable(pl.col("title_as_written")).alias("title"),
        readable(pl.col("abstract_as_written")).alias("abstract"),
        pl.col("authors").list.eval(readable_name(pl.element())),
    ).with_columns(_filled_title())


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
