"""Identities: the strong identifiers of records, each in its one canonical form."""

import polars as pl

from flows.identifiers import ARXIV_DOI, acl_id, arxiv_id, doi, openreview_id


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
