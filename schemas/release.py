"""Alias, Change, Rejection: old ids, what changed, and what was refused."""

from collections.abc import Mapping

import pandera.polars as pa
import polars as pl

from schemas.paper import PAPER_ID_PATTERN
from schemas.table import Table, are_entries_filled, coded, list_of
from schemas.vocabulary import ChangeKind, Reason, Source

SCHEMA_VERSION = 3
"""Raised when a column of a published table is added, removed or means something else."""

ADDED_COLUMNS: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    2: {
        "papers": ("pdf_url", "acl_url", "year", "month", "venue_short", "comments"),
        "links": ("role", "role_words"),
    },
    3: {
        "papers": ("unnamed_authors", "version_days", "keywords", "votes"),
        "origins": ("unnamed_authors", "version_days"),
    },
}
"""Columns that a version added, by table. A release of an older version is read as if they held
nothing, so that its ids live on; one that lost columns or changed their meaning is refused."""

EXCERPT_LENGTH = 200
"""Characters of the refused text that are kept: enough to find it, too few to carry an attack."""


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


class Rejection(Table):
    """One row per piece of input that is not in the papers. Key: source, file, member, line."""

    source: str = coded(Source, "the source")
    snapshot: pl.Date = pa.Field(description="the day on which the file was taken from the source")
    file: str = pa.Field(description="name of the file")
    member: str = pa.Field(nullable=True, description="member of the archive; null where none")
    line: int = pa.Field(ge=1, description="1-based place in the file, as in `origins`")
    record_id: str = pa.Field(
        nullable=True, description="the record; null where the piece never became one"
    )
    reason: str = coded(Reason, "why it was refused")
    detail: str = pa.Field(description="what exactly is wrong, in a sentence")
    excerpt: str = pa.Field(
        str_length={"max_value": EXCERPT_LENGTH},
        description=f"the first characters of what was refused, at most {EXCERPT_LENGTH}",
    )
