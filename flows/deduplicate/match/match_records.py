"""Match: from records to clusters of records, each with the evidence that put it there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.canonical_ids import pair_listed_records
from flows.deduplicate.match.clustering import EDGES, cluster_pairs
from flows.deduplicate.match.compare_pairs import PairDecisions, compare_pairs
from flows.deduplicate.match.diagnostics import report_cautions, report_contradicted
from flows.deduplicate.match.evidence import trace_evidence
from flows.deduplicate.match.judgements import COLUMNS, find_judged_rows
from flows.deduplicate.match.near_misses import collect_near_misses, keep_misses_between_papers
from flows.deduplicate.match.record_features import block_records, describe_records
from flows.deduplicate.match.wrong_identifiers import (
    drop_unsupported_ids,
    find_contradicted,
    list_doubted_rows,
)
from flows.parts import Records, split_records
from schemas.vocabulary import MatchRule, Objection


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


@dataclass(frozen=True)
class DescribedRecords:
    """What clusters are made from, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """``record_id``, ``source``, the identifiers, and ``source_id`` unless the records lack it."""
    scan: Callable[[], Records]
    """Returns the records as they were written, each part read when it is looked at."""
    read_titles: Callable[[npt.NDArray[np.int64]], pl.DataFrame]
    """Reads ``title``, its key, and ``is_bare`` of some rows."""

    def fill_titles(self, rows: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Return the records with ``title`` and ``is_bare`` of some rows; null for the others."""
        titles, number = self.read_titles(rows), self.records.height
        return self.records.with_columns(
            pl.repeat(None, number, dtype=column.dtype, eager=True)
            .scatter(pl.Series(rows), column)
            .alias(column.name)
            for column in titles
        )


def match_records(records: Records, judgements: pl.DataFrame | None = None) -> Matching:
    """Find the records that are one paper.

    ``records``: one row per record with ``record_id``, ``source``, ``title``, ``abstract``,
    ``authors`` (as written) and ``arxiv_id``, ``doi``, ``acl_id``, ``openreview_id`` (canonical
    or null); ``source_id`` is read where there is such a column. ``judgements``: rows of
    ``data/curation/judgements.csv``. The result depends on the records alone, not on their order.
    Raises `RepeatedRecords` when a record id occurs twice.
    """
    features = describe_records(records)
    blocks = block_records(features)
    decisions = compare_pairs(features, blocks.pairs)
    described = DescribedRecords(
        _list_described(records, features.records),
        lambda: records,
        lambda rows: features.records.select("title", "is_bare")[rows],
    )
    return cluster_decisions(described, decisions, blocks.overflows, judgements)


def _list_described(records: Records, described: pl.DataFrame) -> pl.DataFrame:
    """Return what `DescribedRecords` has of records in memory, which were ``described``."""
    rows, parts = described.drop("title", "is_bare"), split_records(records)
    if "source_id" not in parts[0].collect_schema():
        return rows
    ids = pl.concat(part.select("record_id", "source_id").collect() for part in parts)
    return rows.join(ids, on="record_id", how="left", validate="1:1", maintain_order="left")


def cluster_decisions(
    described: DescribedRecords,
    decisions: PairDecisions,
    overflows: pl.DataFrame,
    judgements: pl.DataFrame | None,
) -> Matching:
    """Group records by verified pairs, by what their sources list as one, and as people judged.

    ``overflows`` as in `Blocks`.
    """
    ids, listing = described.records["record_id"], pair_listed_records(described.records)
    verified = _add_listed_pairs(decisions.verified, listing.pairs)
    judged, unknown = find_judged_rows(_fill_judgements(judgements), described.scan(), ids)
    apart = judged.filter(pl.col("verdict") == "different").select("left", "right")
    same = judged.filter(pl.col("verdict") == "same").select("left", "right").unique()
    contradicted = find_contradicted(described.records, decisions.near)
    joined = [side for pairs in (same, verified) for side in pairs.select("left", "right")]
    doubted = list_doubted_rows(described.records, verified)
    # Of millions of titles those are read on which clusters depend.
    titled = described.fill_titles(pl.concat([*joined, doubted]).unique().sort().to_numpy())
    undecided = _leave_out_judged(drop_unsupported_ids(titled, verified), judged)
    clustering = cluster_pairs(
        titled,
        pl.concat([_make_judgement_edges(same), undecided]),
        _list_two_papers(apart, contradicted),
    )
    misses = collect_near_misses(decisions.near, verified, apart, clustering.cut)
    between = keep_misses_between_papers(misses, clustering)
    reports = pl.concat(
        [
            report_cautions(ids, overflows, clustering, listing.disputed, unknown),
            report_contradicted(ids, contradicted),
        ]
    )
    pairs = clustering.edges.select("left", "right", "rule", "score")
    return Matching(
        trace_evidence(ids, clustering),
        _name_rows(ids, pairs).sort("left", "right"),
        _name_rows(ids, between).sort(-pl.col("probability"), "left", "right"),
        reports.sort("kind", "record_id", "detail", "count"),
    )


def _leave_out_judged(verified: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """Leave out pairs that people judged: their word goes before rules, for and against."""
    return verified.join(judged, on=["left", "right"], how="anti", maintain_order="left")


def _add_listed_pairs(verified: pl.DataFrame, by_source: pl.DataFrame) -> pl.DataFrame:
    """Add the pairs that a source's own ids join, in the place of what texts say of them."""
    by_text = verified.join(by_source, on=["left", "right"], how="anti", maintain_order="left")
    return pl.concat([by_text, by_source])


def _list_two_papers(apart: pl.DataFrame, contradicted: pl.DataFrame) -> pl.DataFrame:
    """List the pairs that are two papers, and ``why``: by a person, or by all but an identifier."""
    judged = apart.with_columns(pl.lit(Objection.JUDGEMENT.value).alias("why"))
    found_out = contradicted.select(
        "left", "right", pl.lit(Objection.CONTRADICTED.value).alias("why")
    )
    return pl.concat([judged, found_out])


def _fill_judgements(judgements: pl.DataFrame | None) -> pl.DataFrame:
    empty = pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return empty if judgements is None else judgements


def _make_judgement_edges(same: pl.DataFrame) -> pl.DataFrame:
    rule = pl.lit(MatchRule.JUDGEMENT.value).alias("rule")
    return same.select(
        "left", "right", rule, pl.lit(1.0).alias("score"), pl.lit(0, pl.Int64).alias("priority")
    ).cast(EDGES)


def _name_rows(ids: pl.Series, rows: pl.DataFrame) -> pl.DataFrame:
    """Put record ids in the place of rows."""
    return rows.with_columns(ids[rows["left"]].alias("left"), ids[rows["right"]].alias("right"))
