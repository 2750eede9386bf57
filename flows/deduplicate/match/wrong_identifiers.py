"""Wrong identifiers: mistyped, copied from a neighbour, or those of a whole proceedings."""

import polars as pl

from flows.deduplicate.match.clustering import TEXT_PRIORITY
from flows.deduplicate.match.described_records import DescribedRecords
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule, Objection

MANY_TITLES = 5
"""Titles from which an identifier is no identity: of 85,372 papers that changed their titles none
had more than four."""


def find_contradicted(described: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """Find the pairs that an identifier would join and everything else contradicts.

    ``described``: the records row by row; ``near``: the near misses. One row per pair: ``left``,
    ``right`` and the ``identifier`` that both have, such as ``doi 10.1000/x``.
    """
    pairs = near.filter(pl.col("why") == Objection.CONTRADICTED.value).select("left", "right")
    sides = [described.select(STRONG_IDENTIFIERS)[pairs[side]] for side in ("left", "right")]
    side_by_side = sides[0].hstack(sides[1].rename(lambda name: f"{name}_right"))
    shared = [
        pl.when(pl.col(name) == pl.col(f"{name}_right")).then(pl.format(f"{name} {{}}", name))
        for name in STRONG_IDENTIFIERS
    ]
    return pairs.hstack(side_by_side.select(pl.coalesce(shared).alias("identifier")))


def drop_unsupported_ids(described: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Drop pairs that are joined only by an identifier which records of many titles share."""
    doubtful = edges.filter(_is_doubtful())
    if doubtful.is_empty():
        return edges
    dropped = [
        _find_pairs_by_common_id(described, doubtful.filter(pl.col("priority") == priority), name)
        for priority, name in enumerate(STRONG_IDENTIFIERS, TEXT_PRIORITY + 1)
    ]
    return edges.join(pl.concat(dropped), on=["left", "right"], how="anti", maintain_order="left")


def list_doubted_rows(described: DescribedRecords, edges: pl.DataFrame) -> pl.Series:
    """List the rows that have an identifier by which alone some pairs are joined."""
    doubtful = edges.filter(_is_doubtful())
    if doubtful.is_empty():
        return pl.Series([], dtype=pl.Int64)
    ends = described.read(doubtful["left"].to_numpy())
    has_one = [
        pl.col(name).is_in(ends[name].drop_nulls().unique().implode())
        for name in STRONG_IDENTIFIERS
    ]
    is_doubted = pl.any_horizontal(has_one).fill_null(value=False)
    parts = described.scan_columns(STRONG_IDENTIFIERS)
    rows = [part.filter(is_doubted)["row"].cast(pl.Int64) for part in parts]
    return pl.concat(rows)


def _is_doubtful() -> pl.Expr:
    by_identifier = pl.col("rule") == MatchRule.IDENTIFIER.value
    return by_identifier & (pl.col("priority") > TEXT_PRIORITY)


def _find_pairs_by_common_id(
    described: pl.DataFrame, pairs: pl.DataFrame, name: str
) -> pl.DataFrame:
    titles = described.select(name, "title").drop_nulls().group_by(name)
    common = titles.agg(pl.col("title").n_unique()).filter(pl.col("title") >= MANY_TITLES)
    values = described[name][pairs["left"]]
    return pairs.filter(values.is_in(common[name].implode())).select("left", "right")
