"""NearMiss: two records that nearly were one paper; what people review first."""

import pandera.polars as pa
import polars as pl

from schemas.record import RECORD_ID_PATTERN
from schemas.table import Table, coded
from schemas.vocabulary import Objection


class NearMiss(Table):
    """One row per pair of records of different papers, the nearest first. Not published."""

    left: str = pa.Field(str_matches=RECORD_ID_PATTERN, description="the smaller record id")
    right: str = pa.Field(str_matches=RECORD_ID_PATTERN, description="the larger record id")
    probability: float = pa.Field(ge=0, le=1, description="how probable it is that both are one")
    why: str = coded(
        Objection, "what kept them apart; null where it was only not sure enough", nullable=True
    )
    title: float = pa.Field(nullable=True, description="similarity of the titles")
    abstract: float = pa.Field(nullable=True, description="share of abstract words in common")
    contained: float = pa.Field(
        nullable=True, description="share of the shorter abstract's words that the longer one has"
    )
    share: float = pa.Field(nullable=True, description="share of the authors in common")
    balance: float = pa.Field(nullable=True, description="how alike in number the authors are")

    class Config:
        """People are shown a pair once."""

        unique = ["left", "right"]  # noqa: RUF012  # pandera reads a plain list

    @pa.dataframe_check(name="left_is_smaller_than_right")
    @classmethod
    def _is_in_order(cls, pairs: pa.PolarsData) -> pl.LazyFrame:
        # A pair has one row, whichever of the two was met first.
        return pairs.lazyframe.select(pl.col("left") < pl.col("right"))
