"""Deletions: what a source reports as deleted is withdrawn there, in the records it gave before."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows import identifiers, tables
from schemas.rejection import Rejection
from schemas.vocabulary import Reason, Source


def read_deletions(paths: Sequence[Path]) -> pl.DataFrame:
    """Read which arXiv papers were reported as deleted: ``arxiv_id``, and ``deleted``, the day.

    ``paths``: the parts of the inputs' rejections. One row per paper, with the newest report.
    """
    rows = tables.load(Rejection, paths, ["source", "reason", "excerpt", "snapshot"])
    is_deletion = (pl.col("source") == Source.ARXIV.value) & (
        pl.col("reason") == Reason.REMOVED.value
    )
    return (
        rows.filter(is_deletion)
        .select(identifiers.arxiv_id(pl.col("excerpt")).alias("arxiv_id"), deleted="snapshot")
        .drop_nulls()
        .group_by("arxiv_id")
        .agg(pl.col("deleted").max())
        .sort("arxiv_id")
    )


def mark_deleted_records(records: pl.DataFrame, deletions: pl.DataFrame) -> pl.DataFrame:
    """Mark arXiv's records as withdrawn where arXiv reported, on their day or later, a deletion.

    A record that is newer than the report stays as it is: the paper came back.
    """
    if deletions.is_empty():
        return records
    canonical = pl.when(pl.col("source") == Source.ARXIV.value).then(
        identifiers.arxiv_id(pl.col("arxiv_id"))
    )
    is_deleted = (pl.col("snapshot") <= pl.col("deleted")).fill_null(value=False)
    return (
        records.with_columns(canonical_id=canonical)
        .join(
            deletions,
            left_on="canonical_id",
            right_on="arxiv_id",
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(pl.col("is_withdrawn") | is_deleted)
        .select(records.columns)
    )
