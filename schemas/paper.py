"""Paper: one row per paper, with the resolved value of everything its records say."""

import pandera.polars as pa
import polars as pl

from schemas.table import (
    READABLE,
    URL,
    Table,
    are_entries_filled,
    are_entries_urls,
    coded,
    is_lower_case,
    list_of,
)
from schemas.vocabulary import YEARS, Availability, License, Source

PAPER_ID_PATTERN = r"^(?:arxiv|doi|acl|openreview|title):\S+$"
"""An id names the strongest identifier the paper had when it was first seen."""


VOTES = pl.Struct({"day": pl.Date, "upvotes": pl.Int64})
"""The day on which a listing was taken, and the upvotes that it showed."""


class Paper(Table):
    """One row per paper. Key: ``paper_id``. Sorted by it.

    Null means that no record says; an empty list, that there is none.
    """

    paper_id: str = pa.Field(
        unique=True,
        str_matches=PAPER_ID_PATTERN,
        description="stable id: `arxiv:`, `doi:`, `acl:` or `openreview:` and the identifier, "
        "else `title:` and a hash of the title key; it never changes once released",
    )
    title: str = pa.Field(str_matches=READABLE, description="title, made readable")
    title_as_written: str = pa.Field(description="the same title as its source wrote it")
    abstract: str = pa.Field(nullable=True, description="abstract, made readable")
    abstract_as_written: str = pa.Field(
        nullable=True, description="the same abstract as its source wrote it"
    )
    authors: pl.List = list_of(pl.String, "authors in order, `First Last`, accents decoded")
    unnamed_authors: int = pa.Field(
        nullable=True,
        ge=1,
        description="how many more authors there are, where the record of `authors` counts some "
        "without naming them; null where all are named",
    )
    arxiv_id: str = pa.Field(
        nullable=True,
        # Four digits to the end of 2014, then five; to March 2007 an archive and seven digits.
        str_matches=r"^(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})$",
        description="arXiv id without version",
    )
    arxiv_version: int = pa.Field(
        nullable=True, ge=1, description="newest version of it that a record names"
    )
    arxiv_url: str = pa.Field(nullable=True, description="arXiv's page, derived from the id")
    arxiv_doi: str = pa.Field(
        nullable=True, description="DOI that DataCite gives to the arXiv id, derived from it"
    )
    hf_paper_url: str = pa.Field(
        nullable=True, description="Hugging Face's page of the paper, derived from the arXiv id"
    )
    pdf_url: str = pa.Field(
        nullable=True,
        str_matches=URL,
        description="its PDF at arXiv, else in the ACL Anthology, else at OpenReview; derived",
    )
    doi: str = pa.Field(
        nullable=True,
        # The registrant has at least four digits; after the slash nearly anything is allowed.
        str_matches=r"^10\.\d{4,9}/\S+$",
        description="DOI in lower case",
    )
    acl_id: str = pa.Field(nullable=True, description="ACL Anthology id")
    acl_url: str = pa.Field(
        nullable=True, str_matches=URL, description="its page in the ACL Anthology, derived"
    )
    openreview_id: str = pa.Field(nullable=True, description="OpenReview forum id")
    published: pl.Date = pa.Field(
        nullable=True, description="first day on which a record says it appeared"
    )
    year: int = pa.Field(
        nullable=True,
        ge=YEARS[0],
        le=YEARS[1],
        description="year of `published`; without a date, of the arXiv or ACL Anthology id",
    )
    month: int = pa.Field(
        nullable=True,
        ge=1,
        le=12,
        description="month of `published`; without a date, of the arXiv id",
    )
    updated: pl.Date = pa.Field(nullable=True, description="day of the newest version")
    version_days: pl.List = list_of(
        pl.Date, "day of each arXiv version, v1 first; empty where no record lists them"
    )
    venue: str = pa.Field(nullable=True, description="journal or proceedings")
    venue_short: str = pa.Field(
        nullable=True,
        str_matches=r"^[A-Z][A-Za-z&. ]* \d{4}$",
        description="its short name and year, as in `ACL 2022`; null where it is not known",
    )
    comments: str = pa.Field(
        nullable=True, description="the authors' comments in the newest record that has any"
    )
    categories: pl.List = list_of(pl.String, "arXiv categories, the primary one first")
    keywords: pl.List = list_of(
        pl.String, "the authors' own keywords, as OpenReview has them; empty where none are known"
    )
    sources: pl.List = list_of(pl.String, "sources that hold the paper, by merge precedence")
    code_url: str = pa.Field(
        nullable=True,
        str_matches=URL,
        description="the best of the authors' own links to code; null where they give none",
    )
    code_urls: pl.List = list_of(
        pl.String,
        "the authors' own links to code, the best one first, then those that a source lists",
    )
    code_availability: str = coded(
        Availability,
        "availability of `code_url`, else what the abstract promises without a link; null: nothing",
        nullable=True,
    )
    areas: pl.List = list_of(pl.String, "assigned topics of the facet area, best first")
    tasks: pl.List = list_of(pl.String, "assigned topics of the facet task, best first")
    methods: pl.List = list_of(pl.String, "assigned topics of the facet method, best first")
    domains: pl.List = list_of(pl.String, "assigned topics of the facet domain, best first")
    contributions: pl.List = list_of(
        pl.String, "assigned topics of the facet contribution, best first"
    )
    languages: pl.List = list_of(pl.String, "assigned topics of the facet language, best first")
    upvotes: int = pa.Field(nullable=True, ge=0, description="most upvotes seen on a listing")
    votes: pl.List = list_of(
        VOTES, "most upvotes seen on each day of which the release has a record, oldest first"
    )
    is_withdrawn: bool = pa.Field(description="whether a record says the paper was withdrawn")
    is_retracted: bool = pa.Field(description="whether a record says the paper was retracted")
    first_seen: pl.Date = pa.Field(description="first snapshot that holds the paper")
    last_seen: pl.Date = pa.Field(description="last snapshot that holds the paper")
    license: str = coded(License, "licence of the row")

    @pa.check("arxiv_id", "acl_id", "openreview_id", name="unique_where_known")
    @classmethod
    def _is_unique_where_known(cls, column: pa.PolarsData) -> pl.LazyFrame:
        """No two papers share one; pandera's own check takes nulls for equal."""
        # Pandera hands over the column's name, which its types allow to be missing.
        value = pl.col(column.key or "*")
        return column.lazyframe.select(value.is_null() | value.is_unique())

    @pa.check(
        *("authors", "categories", "sources", "code_urls", "areas", "tasks", "methods"),
        *("domains", "contributions", "languages"),
        name="entries_are_filled",
    )
    @classmethod
    def _are_entries_filled(cls, column: pa.PolarsData) -> pl.LazyFrame:
        return are_entries_filled(column)

    @pa.check("code_urls", name="entries_are_urls")
    @classmethod
    def _are_code_urls(cls, column: pa.PolarsData) -> pl.LazyFrame:
        return are_entries_urls(column)

    @pa.check("sources", name="sources_are_known")
    @classmethod
    def _are_sources_known(cls, column: pa.PolarsData) -> pl.LazyFrame:
        # No set operation: polars can panic on one over a single row cut from a list column.
        is_known = pl.element().is_in(Source.values())
        return column.lazyframe.select(pl.col("sources").list.eval(is_known).list.all())

    @pa.check("doi", "arxiv_doi", name="is_lower_case")
    @classmethod
    def _is_doi_lower_case(cls, column: pa.PolarsData) -> pl.LazyFrame:
        return is_lower_case(column)

    @pa.dataframe_check(name="code_url_is_one_of_code_urls")
    @classmethod
    def _is_code_url_listed(cls, papers: pa.PolarsData) -> pl.LazyFrame:
        is_listed = pl.col("code_urls").list.contains(pl.col("code_url"))
        return papers.lazyframe.select(pl.col("code_url").is_null() | is_listed)

    @pa.dataframe_check(name="first_seen_is_not_after_last_seen")
    @classmethod
    def _is_seen_in_order(cls, papers: pa.PolarsData) -> pl.LazyFrame:
        return papers.lazyframe.select(pl.col("first_seen") <= pl.col("last_seen"))
