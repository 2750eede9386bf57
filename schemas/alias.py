"""Alias: an id that a paper once had, and the paper that it leads to for ever."""

import pandera.polars as pa
import polars as pl

from schemas.paper import PAPER_ID_PATTERN
from schemas.table import Table


class Alias(Table):
    """One row per id that a paper once had. Key: ``alias_id``. Rows are never removed."""

    alias_id: str = pa.Field(
        unique=True, str_matches=PAPER_ID_PATTERN, description="an id that an earlier release used"
    )
    paper_id: str = pa.Field(str_matches=PAPER_ID_PATTERN, description="the paper's id now")
    since: pl.Date = pa.Field(description="newest snapshot of the release that made the alias")

    @pa.dataframe_check(name="leads_to_another_id")
    @classmethod
    def _leads_elsewhere(cls, aliases: pa.PolarsData) -> pl.LazyFrame:
        # An id that leads to itself would send whoever follows it round in circles.
        return aliases.lazyframe.select(pl.col("alias_id") != pl.col("paper_id"))
