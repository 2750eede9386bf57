"""Match: from records to clusters of records, each with the evidence that put it there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse as sp
from scipy.sparse import csgraph

from flows.deduplicate.match.canonical_ids import listed
from flows.deduplicate.match.clustering import EDGES, Clusters, clusters
from flows.deduplicate.match.compare_pairs import compared, judged
from flows.deduplicate.match.diagnostics import reported
from flows.deduplicate.match.judgements import COLUMNS, resolved
from flows.deduplicate.match.record_features import Nodes, nodes, pairs
from flows.deduplicate.match.rules import DOUBTFUL
from flows.parts import Records, map_in_order
from schemas.vocabulary import MatchRule, Objection

PAIRS_AT_ONCE = 50_000
"""Candidate pairs compared in one go, on each of two threads: some 100 MB."""

NEAR_COLUMNS = ("title", "abstract", "contained", "share", "balance")
"""The similarities shown for a near miss."""


@dataclass(frozen=True)
class Matching:
    """Which records are one paper, and what else people should know."""

    clusters: pl.DataFrame
    """One row per record, sorted by it: ``record_id``, ``cluster`` (the smallest record id of the
    cluster), ``rule``, ``score``, ``matched_record_id`` (null for the cluster's first record)."""
    pairs: pl.DataFrame
    """The verified pairs that hold the clusters together: ``left``, ``right`` (record ids),
    ``rule``, ``score``, sorted by the two ids."""
    near: pl.DataFrame
    """Pairs that nearly joined two papers, the nearest first: ``left``, ``right`` (record ids),
    ``probability``, ``why`` (the `Objection` that kept them apart; null where they were only not
    sure enough), and the similarities ``title``, ``abstract``, ``contained``, ``share``,
    ``balance``, null where a rule had joined what was cut afterwards."""
    reports: pl.DataFrame
    """What a maintainer should look at: ``kind`` (a `Caution`), ``record_id`` of one record
    concerned, ``count``, ``detail``, sorted."""


def match(records: Records, judgements: pl.DataFrame | None = None) -> Matching:
    """Find the records that are one paper.

    ``records``: one row per record with ``record_id``, ``source``, ``title``, ``abstract``,
    ``authors`` (as written) and ``arxiv_id``, ``doi``, ``acl_id``, ``openreview_id`` (canonical
    or null); ``source_id`` is looked at if it is there. ``judgements``: rows of
    ``data/curation/judgements.csv``. The result hangs on the records alone, not on their order.
    Raises `ValueError` when a record id occurs twice.
    """
    given = nodes(records)
    found = pairs(given)
    same, near = verified(given, found.pairs)
    return concluded(records, Verdicts(given.records, found.overflows, same, near), judgements)


@dataclass(frozen=True)
class Verdicts:
    """What comparing records gave."""

    records: pl.DataFrame
    """The records, row by row, as `Nodes` holds them."""
    overflows: pl.DataFrame
    """The blocks that were too large, as in `Candidates`."""
    verified: pl.DataFrame
    """The pairs that a rule joins, as `verified` gives them."""
    near: pl.DataFrame
    """The near misses, as `verified` gives them."""


def concluded(records: Records, found: Verdicts, judgements: pl.DataFrame | None) -> Matching:
    """Group records by what is verified, by what their sources list as one, and as judged."""
    ids, listing = found.records["record_id"], listed(records)
    verified = _with_listed(found.verified, listing.pairs)
    judged_rows, unknown = resolved(_or_none(judgements), records, ids)
    apart = judged_rows.filter(pl.col("verdict") == "different").select("left", "right")
    same = judged_rows.filter(pl.col("verdict") == "same").select("left", "right").unique()
    edges = pl.concat(
        [
            _judgement_edges(same),
            verified.join(same, on=["left", "right"], how="anti", maintain_order="left").join(
                apart, on=["left", "right"], how="anti", maintain_order="left"
            ),
        ]
    )
    grouped = clusters(found.records, edges, apart)
    missed = _missed(found.near, verified, apart, grouped.cut)
    return Matching(
        _evidence(ids, grouped),
        _named(ids, grouped.edges).select("left", "right", "rule", "score").sort("left", "right"),
        _near(ids, grouped, missed),
        reported(ids, found.overflows, grouped, listing.disputed, unknown),
    )


def _with_listed(verified: pl.DataFrame, by_source: pl.DataFrame) -> pl.DataFrame:
    """Add the pairs that a source's own ids join, in the place of what texts say of them."""
    others = verified.join(by_source, on=["left", "right"], how="anti", maintain_order="left")
    return pl.concat([others, by_source])


def _missed(
    near: pl.DataFrame, verified: pl.DataFrame, apart: pl.DataFrame, cut: pl.DataFrame
) -> pl.DataFrame:
    """Give the near misses and the verified pairs that were not followed, each pair once.

    What a person decided is told before what a rule found.
    """
    decided = apart.unique().with_columns(pl.lit(Objection.JUDGEMENT.value).alias("decided"))
    parted = pl.concat(
        [verified.join(decided, on=["left", "right"], how="semi"), cut], how="diagonal"
    )
    unknown = [pl.lit(None, pl.Float64).alias(name) for name in NEAR_COLUMNS]
    both = pl.concat(
        [
            parted.select("left", "right", pl.col("score").alias("probability"), "why", *unknown),
            near.select("left", "right", "probability", "why", *NEAR_COLUMNS),
        ]
    )
    first = pl.col("why", *NEAR_COLUMNS).drop_nulls().first()
    return (
        both.group_by("left", "right")
        .agg(pl.col("probability").first(), first)
        .join(decided, on=["left", "right"], how="left", validate="1:1")
        .with_columns(pl.coalesce("decided", "why").alias("why"))
        .drop("decided")
    )


def _or_none(judgements: pl.DataFrame | None) -> pl.DataFrame:
    empty = pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return empty if judgements is None else judgements


def _judgement_edges(same: pl.DataFrame) -> pl.DataFrame:
    rule = pl.lit(MatchRule.JUDGEMENT.value).alias("rule")
    return same.select(
        "left", "right", rule, pl.lit(1.0).alias("score"), pl.lit(0, pl.Int64).alias("strength")
    ).cast(EDGES)


def verified(given: Nodes, found: npt.NDArray[np.int64]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Compare the candidates part by part; keep the verified pairs and the near misses."""
    parts = np.array_split(found, max(1, -(-len(found) // PAIRS_AT_ONCE)))
    same, near = zip(*map_in_order(lambda part: _verdicts(given, part), parts), strict=True)
    return pl.concat(same), pl.concat(near)


def _verdicts(given: Nodes, part: npt.NDArray[np.int64]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = judged(compared(given, part))
    is_match = pl.col("rule").is_not_null()
    is_near = (pl.col("probability") >= DOUBTFUL) | (pl.col("why") == Objection.TITLE_ALONE)
    near = rows.filter(~is_match & is_near.fill_null(value=False))
    return (
        rows.filter(is_match).select(EDGES.names()).cast(EDGES),
        near.select("left", "right", "probability", "why", *NEAR_COLUMNS),
    )


def _evidence(ids: pl.Series, grouped: Clusters) -> pl.DataFrame:
    """Say for each record by which pair it joined, along the strongest pairs of its cluster."""
    parent = _parents(grouped)
    rows = np.arange(len(ids))
    left, right = np.minimum(rows, parent), np.maximum(rows, parent)
    joined = pl.DataFrame({"left": left, "right": right, "row": rows}).join(
        grouped.edges.select("left", "right", "rule", "score"),
        on=["left", "right"],
        how="left",
        maintain_order="left",
        validate="m:1",
    )
    return pl.DataFrame(
        {
            "record_id": ids,
            "cluster": ids[grouped.roots],
            "rule": joined["rule"].fill_null(MatchRule.SINGLE.value),
            "score": joined["score"].fill_null(1.0),
        }
    ).with_columns(pl.when(pl.Series(parent != rows)).then(ids[parent]).alias("matched_record_id"))


def _parents(grouped: Clusters) -> npt.NDArray[np.int64]:
    """Give for each row the row it joined by, itself for the first of a cluster."""
    rows = len(grouped.roots)
    edges = grouped.edges.sort(
        "strength", "score", "left", "right", descending=[False, True, False, False]
    )
    first = np.flatnonzero(grouped.roots == np.arange(rows))
    ends = (
        np.concatenate([edges["left"].to_numpy(), np.full(len(first), rows)]),
        np.concatenate([edges["right"].to_numpy(), first]),
    )
    rank = np.arange(1, len(ends[0]) + 1, dtype=np.float64)
    graph = sp.coo_matrix((rank, ends), shape=(rows + 1, rows + 1)).tocsr()
    tree = csgraph.minimum_spanning_tree(graph)
    _, before = csgraph.breadth_first_order(tree, rows, directed=False)
    return np.where(before[:rows] == rows, np.arange(rows), before[:rows]).astype(np.int64)


def _named(ids: pl.Series, rows: pl.DataFrame) -> pl.DataFrame:
    """Put record ids in the place of rows."""
    return rows.with_columns(ids[rows["left"]].alias("left"), ids[rows["right"]].alias("right"))


def _near(ids: pl.Series, grouped: Clusters, near: pl.DataFrame) -> pl.DataFrame:
    """Keep the near misses between different papers."""
    apart = grouped.roots[near["left"].to_numpy()] != grouped.roots[near["right"].to_numpy()]
    named = _named(ids, near.filter(pl.Series(apart, dtype=pl.Boolean)))
    return named.sort("probability", "left", "right", descending=[True, False, False])
