"""Change: what became of a paper since the previous release."""

import pandera.polars as pa
import polars as pl

from schemas.paper import PAPER_ID_PATTERN
from schemas.table import Table, are_entries_filled, coded, list_of
from schemas.vocabulary import ChangeKind


class Change(Table):
    """One row per paper that differs from the previous release. Key: ``paper_id``."""

    paper_id: str = pa.Field(
        unique=True, str_matches=PAPER_ID_PATTERN, description="the paper, by the id it has or had"
    )
    change: str = coded(ChangeKind, "what happened to it")
    columns: pl.List = list_of(pl.String, "columns of `papers` whose value changed")
    into: str = pa.Field(
        nullable=True, description="the paper it was merged into; null unless merged"
    )
    reason: str = pa.Field(
        nullable=True,
        description="why it was removed, or which papers one that was added was split from; null "
        "where neither",
    )

    @pa.check("columns", name="entries_are_filled")
    @classmethod
    def _are_columns_filled(cls, column: pa.PolarsData) -> pl.LazyFrame:
        return are_entries_filled(column)

    @pa.dataframe_check(name="into_is_filled_where_merged")
    @classmethod
    def _leads_where_merged(cls, changes: pa.PolarsData) -> pl.LazyFrame:
        # Both ways: no other change leads anywhere.
        is_merged = pl.col("change") == ChangeKind.MERGED.value
        return changes.lazyframe.select(is_merged == pl.col("into").is_not_null())
