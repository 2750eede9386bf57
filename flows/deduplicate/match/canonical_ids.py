"""Canonical ids: the strong identifiers of records, each in its one canonical form."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from flows.deduplicate.match.clustering import EDGES
from flows.identifiers import ARXIV_DOI, acl_id, arxiv_id, doi, openreview_id
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule

DISPUTED = pl.Schema({"row": pl.Int64, "count": pl.Int64})
"""Ids of sources that stand for several papers: see `SourceListings`."""


def canonicalize_ids(records: pl.DataFrame) -> pl.DataFrame:
    """Return the records with their identifiers canonical, or null where they are none.

    A DOI that DataCite or the Anthology derived from an id of their own is that id: DataCite's is
    kept as an arXiv id only, because papers have another DOI once a journal prints them. One whose
    arXiv id cannot be stays a DOI.
    """
    registered = read_identifiers(records["doi"], doi)
    derived = read_identifiers(registered, arxiv_id)
    is_journals = derived.is_null() | ~registered.str.starts_with(ARXIV_DOI)
    written = {
        "arxiv_id": (read_identifiers(records["arxiv_id"], arxiv_id), derived),
        "doi": (registered.set(~is_journals.fill_null(value=True), None),),
        "acl_id": (
            read_identifiers(records["acl_id"], acl_id),
            read_identifiers(registered, acl_id),
        ),
        "openreview_id": (read_identifiers(records["openreview_id"], openreview_id),),
    }
    return records.with_columns(
        pl.select(pl.coalesce(columns)).to_series().alias(name) for name, columns in written.items()
    )


def read_identifiers(column: pl.Series, read: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Return what an expression reads of each value of a column; null stays null.

    Most records have no identifier of most kinds, and to look for a pattern in nothing takes time.
    """
    column = column.cast(pl.String)
    rows = column.is_not_null().arg_true()
    if not len(rows):
        return column
    # Of a lazy frame what expressions have in common is computed once.
    written = column.gather(rows).alias("written").to_frame().lazy()
    values = written.select(read(pl.col("written"))).collect().to_series()
    return values if len(rows) == len(column) else column.clone().scatter(rows, values)


@dataclass(frozen=True)
class SourceListings:
    """What the ids say that sources give to papers of their own."""

    pairs: pl.DataFrame
    """The pairs of records that such an id joins, as `EDGES`."""
    disputed: pl.DataFrame
    """One row per id that joins none because its records have different identifiers: ``row`` of
    the first record of which none is known, ``count`` of the records."""


def pair_listed_records(
    scan_columns: Callable[[Sequence[str]], Iterable[pl.DataFrame]],
) -> SourceListings:
    """Find the records that one source lists under one id of its own.

    ``scan_columns`` as in `DescribedRecords`.
    Only pairs of which one record at least has no strong identifier: rows of Papers with Code name
    a paper by its page there, and often by nothing else. Which of several papers such a record
    belongs to is not said where identifiers tell the others of its id apart. Rows are places in
    the order of ``record_id``.
    """
    key = ["source", "source_id"]
    # A record with an identifier of its own needs no help from its source's id, which may be wrong.
    is_nameless = pl.all_horizontal(pl.col(name).is_null() for name in STRONG_IDENTIFIERS)
    has_id, columns = pl.col("source_id") != "", [*key, *STRONG_IDENTIFIERS]
    nameless = [part.filter(has_id & is_nameless) for part in scan_columns(columns)]
    first = pl.concat(nameless).group_by(key).agg(first=pl.col("row").min())
    if first.is_empty():
        return SourceListings(EDGES.to_frame(), DISPUTED.to_frame())
    # Of millions of records those stay that have the id of one without an identifier.
    alike = [part.join(first, on=key, how="inner") for part in scan_columns(columns)]
    rows = pl.concat(alike).sort("row")
    values = [pl.col(name).drop_nulls().n_unique().over(key) for name in STRONG_IDENTIFIERS]
    paired = rows.with_columns(is_disputed=pl.max_horizontal(values) > 1).cast(
        {"row": pl.Int64, "first": pl.Int64}
    )
    disputed = paired.filter("is_disputed").group_by("first").agg(count=pl.len()).sort("first")
    return SourceListings(
        _make_listed_edges(paired.filter(~pl.col("is_disputed"))),
        disputed.rename({"first": "row"}).cast(DISPUTED),
    )


def _make_listed_edges(paired: pl.DataFrame) -> pl.DataFrame:
    """Pair each ``row`` with the ``first`` one without an identifier."""
    return (
        paired.filter(pl.col("row") != pl.col("first"))
        .select(
            pl.min_horizontal("row", "first").alias("left"),
            pl.max_horizontal("row", "first").alias("right"),
            pl.lit(MatchRule.LISTED.value).alias("rule"),
            pl.lit(1.0).alias("score"),
            pl.lit(len(STRONG_IDENTIFIERS) + 1).alias("priority"),
        )
        .cast(EDGES)
    )
