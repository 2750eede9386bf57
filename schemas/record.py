"""Record: what a source says about one paper, as the source wrote it."""

import pandera.polars as pa
import polars as pl

from schemas.table import Table, are_entries_filled, coded, list_of
from schemas.vocabulary import License, Source

RECORD_ID_PATTERN = r"^[a-z_]+:[0-9a-f]{12}:(?:\d+\.)?\d+$"
"""``source:sha256 of the file, 12 digits:[member.]position``. Positions are 1-based."""

FIELD_URL = pl.Struct({"field": pl.String, "url": pl.String})
"""A URL that a source keeps in a field of its own: the field's name, and the URL as written."""


class Record(Table):
    """One row per record of a source. Key: ``record_id``. Nothing is cleaned here.

    Null means that the source does not say; an empty list, that it names none.
    """

    record_id: str = pa.Field(
        unique=True,
        str_matches=RECORD_ID_PATTERN,
        description="`source:file:position`: the source, the first 12 hex digits of the file's "
        "sha256, and where in the file the record starts",
    )
    source: str = coded(Source, "the source")
    snapshot: pl.Date = pa.Field(description="the day on which the file was taken from the source")
    file: str = pa.Field(description="name of the file, without its folder")
    member: str = pa.Field(
        nullable=True, description="name of the member of the archive; null where the file is none"
    )
    line: int = pa.Field(
        ge=1,
        description="1-based place of the record in the file: line of its first character in "
        "texts, ordinal of the element in JSON arrays and XML",
    )
    source_id: str = pa.Field(
        nullable=True, description="the record's id in its source, as written; null where none"
    )
    title: str = pa.Field(description="title as written")
    abstract: str = pa.Field(nullable=True, description="abstract as written")
    authors: pl.List = list_of(pl.String, "authors as written, in order, one name per entry")
    unnamed_authors: int = pa.Field(
        nullable=True,
        ge=1,
        description="how many more authors the source counts without naming them, as in `and 200 "
        "additional authors not shown`; null where it says nothing of the kind",
    )
    arxiv_id: str = pa.Field(nullable=True, description="arXiv id as written, version included")
    doi: str = pa.Field(nullable=True, description="DOI as written")
    acl_id: str = pa.Field(nullable=True, description="ACL Anthology id as written")
    openreview_id: str = pa.Field(nullable=True, description="OpenReview id as written")
    comments: str = pa.Field(nullable=True, description="authors' comments as written")
    venue: str = pa.Field(
        nullable=True, description="journal reference, proceedings or conference as written"
    )
    categories: pl.List = list_of(pl.String, "arXiv categories, the primary one first")
    classes: pl.List = list_of(pl.String, "ACM and MSC classes found among the categories")
    keywords: pl.List = list_of(pl.String, "keywords, tasks and methods given by people")
    published: pl.Date = pa.Field(
        nullable=True, description="day on which the paper first appeared, if the source says"
    )
    updated: pl.Date = pa.Field(
        nullable=True, description="day of the newest version, if the source says"
    )
    version_days: pl.List = list_of(
        pl.Date, "day of each arXiv version, v1 first; empty where the source does not list them"
    )
    listed: pl.Date = pa.Field(
        nullable=True, description="day on which the source's page listed the paper"
    )
    urls: pl.List = list_of(FIELD_URL, "URLs from the source's own fields: field name and text")
    upvotes: int = pa.Field(nullable=True, ge=0, description="upvotes on the source's page")
    is_withdrawn: bool = pa.Field(description="whether the source says the paper was withdrawn")
    is_retracted: bool = pa.Field(description="whether the source says the paper was retracted")
    license: str = coded(License, "licence of the record")

    # Named after the check: pandera loses a given name where a table is derived from this one.
    @pa.check("authors", "categories", "classes", "keywords")
    @classmethod
    def entries_are_filled(cls, column: pa.PolarsData) -> pl.LazyFrame:
        """No name is null or blank: the reader of a source leaves such entries out."""
        return are_entries_filled(column)
