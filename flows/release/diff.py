"""Diff: what changed from one release to the next."""

from collections.abc import Mapping

import polars as pl

from flows.release.layout import TABLES
from schemas.change import Change
from schemas.paper import Paper
from schemas.vocabulary import ChangeKind

BOOKKEEPING = ("last_seen",)
"""Columns of papers that every new snapshot changes: a paper is not updated by being seen again."""

Tables = Mapping[str, pl.DataFrame | pl.LazyFrame]

GONE = "gone"
"""What a paper is that only the release before holds: whether it was merged is not known yet."""

MOVES: Mapping[str, pl.DataType] = {
    "paper_id": pl.String(),
    "change": pl.String(),
    "columns": pl.List(pl.String),
}
"""Columns of what `compare_papers` returns."""


def list_changes(previous: Tables, current: Tables) -> pl.DataFrame:
    """Return the `Change` of every paper between two releases, sorted by ``paper_id``.

    Both are tables by name, frames or scans; a table that is missing counts as empty. See
    `explain_changes`.
    """
    old_papers, new_papers = (
        select_table(release, "papers").lazy().collect() for release in (previous, current)
    )
    return explain_changes(compare_papers(old_papers, new_papers), previous, current)


def compare_papers(old_papers: pl.DataFrame, new_papers: pl.DataFrame) -> pl.DataFrame:
    """Say of each paper whether it was added, updated, or is gone: `MOVES`, in no order.

    Both are papers of the same range of ids: those of others decide nothing.
    """
    # Ids alone: a join copies all columns of the rows that stay.
    old_ids, new_ids = (papers.select("paper_id") for papers in (old_papers, new_papers))
    added, gone = (
        ids.join(other_ids, on="paper_id", how="anti")
        for ids, other_ids in ((new_ids, old_ids), (old_ids, new_ids))
    )
    updated = find_updated(old_papers, new_papers)
    kinds = ((added, ChangeKind.ADDED.value), (updated, ChangeKind.UPDATED.value), (gone, GONE))
    nothing = pl.lit([], pl.List(pl.String))
    return pl.concat(
        frame.select(
            "paper_id",
            change=pl.lit(kind),
            columns="columns" if "columns" in frame.columns else nothing,
        )
        for frame, kind in kinds
    )


def explain_changes(moves: pl.DataFrame, previous: Tables, current: Tables) -> pl.DataFrame:
    """Return the `Change` of every paper that `compare_papers` found, sorted by ``paper_id``.

    A paper is merged when its id became an alias, and removed when it is gone without one. An added
    one that was split from another says so. Of the tables only ids and reasons are read.
    """
    added, updated, gone = (
        moves.filter(pl.col("change") == kind).drop("change")
        for kind in (ChangeKind.ADDED.value, ChangeKind.UPDATED.value, GONE)
    )
    aliases = _read_columns(current, "aliases", into="paper_id", paper_id="alias_id")
    merged = gone.join(aliases, on="paper_id", validate="1:1")
    removed = gone.join(merged, on="paper_id", how="anti").pipe(_with_reason, previous, current)
    split = added.pipe(_with_former, previous, current)
    return pl.concat(
        [
            _as_changes(split, ChangeKind.ADDED),
            _as_changes(updated, ChangeKind.UPDATED),
            _as_changes(merged, ChangeKind.MERGED),
            _as_changes(removed, ChangeKind.REMOVED),
        ]
    ).sort("paper_id")


def select_table(tables: Tables, name: str) -> pl.DataFrame | pl.LazyFrame:
    """Return a table by name, empty if it is missing."""
    return tables.get(name, pl.DataFrame(schema=TABLES[name].model.dtypes()))


def _read_columns(tables: Tables, name: str, **columns: str) -> pl.DataFrame:
    return select_table(tables, name).lazy().select(**columns).collect()


def _read_records(tables: Tables, papers: pl.DataFrame) -> pl.DataFrame:
    """Read which records some papers are made of: ``paper_id``, ``record_id``."""
    origins = select_table(tables, "origins").lazy().select("paper_id", "record_id")
    return origins.join(papers.lazy().select("paper_id"), on="paper_id", how="semi").collect()


def _read_papers_of(tables: Tables, records: pl.DataFrame) -> pl.DataFrame:
    """Read which paper some records are part of: ``paper_id``, ``record_id``."""
    origins = select_table(tables, "origins").lazy().select("paper_id", "record_id")
    return origins.join(records.lazy().select("record_id"), on="record_id", how="semi").collect()


def find_updated(old_papers: pl.DataFrame, new_papers: pl.DataFrame) -> pl.DataFrame:
    """Return the papers that both hold with other values, and the ``columns`` that differ."""
    compared = [name for name in Paper.dtypes().names() if name not in ("paper_id", *BOOKKEEPING)]
    differing = [
        # Not `!=`, for which a value that became null, or was null, differs from nothing.
        pl.when(pl.col(name).ne_missing(pl.col(f"{name}_before"))).then(pl.lit(name)).alias(name)
        for name in compared
    ]
    return (
        pair_papers(old_papers, new_papers)
        .select("paper_id", columns=pl.concat_list(differing).list.drop_nulls())
        .filter(pl.col("columns").list.len() > 0)
    )


def pair_papers(old_papers: pl.DataFrame, new_papers: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each paper that both hold: its new columns, and the old ones as `X_before`.

    There is one ``paper_id``, which is the same in both.
    """
    # Mostly both hold the same papers in the same order: then no text has to be copied.
    if new_papers["paper_id"].equals(old_papers["paper_id"]):
        old_columns = old_papers.drop("paper_id").rename(lambda name: f"{name}_before")
        return new_papers.hstack(old_columns)
    return new_papers.join(old_papers, on="paper_id", suffix="_before", validate="1:1")


def _as_changes(papers: pl.DataFrame, kind: ChangeKind) -> pl.DataFrame:
    absent = {name: None for name in ("into", "reason") if name not in papers.columns}
    return (
        papers.with_columns(change=pl.lit(kind.value), **absent)
        .select(Change.dtypes().names())
        .cast(Change.dtypes())
    )


def _with_former(added: pl.DataFrame, previous: Tables, current: Tables) -> pl.DataFrame:
    """Say of each new paper whose records were part of others that it was split from these."""
    if added.is_empty() or "origins" not in previous:
        return added
    records = _read_records(current, added)
    former = _read_papers_of(previous, records).rename({"paper_id": "former"})
    splits = (
        records.join(former, on="record_id", validate="1:1")
        .group_by("paper_id")
        # unique() promises no order, and the same release must give the same words.
        .agg(pl.col("former").unique().sort().str.join(", "))
        .select("paper_id", reason=pl.format("split from {}", "former"))
    )
    return added.join(splits, on="paper_id", how="left", validate="1:1")


def _with_reason(removed: pl.DataFrame, previous: Tables, current: Tables) -> pl.DataFrame:
    """Say what became of the records of each removed paper."""
    if removed.is_empty():
        return removed
    records = _read_records(previous, removed)
    refused = (
        select_table(current, "rejections")
        .lazy()
        .drop_nulls("record_id")
        .select("record_id", fate=pl.format("its record was refused: {}", "reason"))
        .join(records.lazy(), on="record_id", how="semi")
        .collect()
    )
    moved = _read_papers_of(current, records).select(
        "record_id", fate=pl.format("its record is now part of {}", "paper_id")
    )
    fates = (
        records.join(pl.concat([refused, moved]), on="record_id")
        .group_by("paper_id")
        .agg(pl.col("fate").unique().sort().str.join("; ").alias("reason"))
    )
    return removed.join(fates, on="paper_id", how="left", validate="1:1").with_columns(
        pl.col("reason").fill_null("no input holds it any more")
    )
