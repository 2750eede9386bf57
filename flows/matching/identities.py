"""Identities: the strong identifiers of records, each in its one canonical form."""

import polars as pl

from flows.identifiers import ARXIV_DOI, acl_id, arxiv_id, doi, openreview_id
from flows.matching.clusters import EDGES
from flows.matching.nodes import IDENTIFIERS
from schemas.vocabulary import MatchRule


def identified(records: pl.DataFrame) -> pl.DataFrame:
    """Give the records with their identifiers canonical, or null where they are none.

    A DOI that DataCite or the Anthology derived from an id of their own is that id: DataCite's is
    kept as an arXiv id only, because papers have another DOI once a journal prints them.
    """
    registered = doi(pl.col("doi"))
    return records.with_columns(
        pl.coalesce(arxiv_id(pl.col("arxiv_id")), arxiv_id(registered)).alias("arxiv_id"),
        pl.when(~registered.str.starts_with(ARXIV_DOI)).then(registered).alias("doi"),
        pl.coalesce(acl_id(pl.col("acl_id")), acl_id(registered)).alias("acl_id"),
        openreview_id(pl.col("openreview_id")).alias("openreview_id"),
    )


def listed(records: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs of records that one source lists under one id of its own, as `EDGES`.

    Only pairs of which strong identifiers say nothing: rows of Papers with Code name a paper by
    its page there, and often by nothing else. Without a column ``source_id`` there are none. Rows
    are places in the order of ``record_id``; each record is paired with the first of its id.
    """
    if "source_id" not in records.columns:
        return EDGES.to_frame()
    key = ["source", "source_id"]
    rows = records.select("record_id", *key, *IDENTIFIERS).sort("record_id").with_row_index("row")
    rows = rows.filter(pl.col("source_id") != "")
    nameless = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in IDENTIFIERS))
    return (
        rows.join(nameless.select(key).unique(), on=key, how="semi", maintain_order="left")
        .select(pl.col("row").min().over(key).cast(pl.Int64).alias("left"), right="row")
        .filter(pl.col("left") != pl.col("right"))
        .with_columns(
            pl.lit(MatchRule.LISTED.value).alias("rule"),
            pl.lit(1.0).alias("score"),
            pl.lit(len(IDENTIFIERS) + 1).alias("strength"),
        )
        .cast(EDGES)
    )
