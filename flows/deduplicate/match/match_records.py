"""Match records: from records to clusters of records, each with the evidence that put it there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.blocking import list_distinct_overflows
from flows.deduplicate.match.canonical_ids import pair_listed_records
from flows.deduplicate.match.clustering import EDGES, cluster_pairs
from flows.deduplicate.match.compare_pairs import PairDecisions, compare_pairs
from flows.deduplicate.match.described_records import (
    DESCRIBED,
    DescribedRecords,
    gather_concerned,
    list_distinct_rows,
    list_sides,
)
from flows.deduplicate.match.diagnostics import report_cautions, report_contradicted
from flows.deduplicate.match.evidence import spread_over_all, trace_evidence
from flows.deduplicate.match.judgements import COLUMNS, find_judged_rows
from flows.deduplicate.match.near_misses import collect_near_misses, keep_misses_between_papers
from flows.deduplicate.match.record_features import KINDS, block_records, describe_records
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

    evidence: pl.DataFrame
    """What is known of some records; all others are alone, and no pair concerns them. One row per
    record, sorted by it: ``row``, its place in the order of ``record_id``; ``root``, the smallest
    row of its cluster; and the columns of `clusters`."""
    count: int
    """How many records there are."""
    read_ids: Callable[[], pl.Series]
    """Reads ``record_id`` of all records, row by row."""
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
    rows: npt.NDArray[np.uint32] | None = None
    """Of each record, in the order of the parts that were matched, its row; None where records were
    matched in memory."""

    @property
    def clusters(self) -> pl.DataFrame:
        """One row per record, all in memory, sorted by it.

        ``record_id``, ``cluster`` (the smallest record id of the cluster), ``rule``, ``score``,
        ``matched_record_id`` (null for the cluster's first record).
        """
        return spread_over_all(self.evidence, self.read_ids())


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
    rows = _list_described(records, features.records)
    described = DescribedRecords(
        rows.height,
        lambda: records,
        lambda columns: [rows.select("row", *columns)],
        lambda some: rows.drop("row")[some],
        lambda some: features.records.select("title", "is_bare")[some],
    )
    overflows = list_distinct_overflows(blocks.overflows, KINDS)
    return cluster_decisions(described, decisions, overflows, judgements)


def _list_described(records: Records, described: pl.DataFrame) -> pl.DataFrame:
    """Return `DESCRIBED` of records in memory, which were ``described``, and their ``row``."""
    rows, parts = described.drop("title", "is_bare"), split_records(records)
    if "source_id" in parts[0].collect_schema():
        ids = pl.concat(part.select("record_id", "source_id").collect() for part in parts)
        rows = rows.join(ids, on="record_id", how="left", validate="1:1", maintain_order="left")
    else:
        rows = rows.with_columns(source_id=pl.lit(""))
    return rows.select(DESCRIBED).with_row_index("row")


def cluster_decisions(
    described: DescribedRecords,
    decisions: PairDecisions,
    overflows: pl.DataFrame,
    judgements: pl.DataFrame | None,
) -> Matching:
    """Group records by verified pairs, by what their sources list as one, and as people judged.

    ``overflows``: what `list_distinct_overflows` returned.
    """
    listing = pair_listed_records(described.scan_columns)
    verified = _add_listed_pairs(decisions.verified, listing.pairs)
    judged, unknown = find_judged_rows(
        _fill_judgements(judgements), described.scan(), described.number_ids
    )
    same = judged.filter(pl.col("verdict") == "same").select("left", "right").unique()
    joined = [side for pairs in (same, verified) for side in list_sides(pairs)]
    titled = list_distinct_rows([*joined, list_doubted_rows(described, verified)])
    # Of millions of records those are read that a pair or a report concerns.
    frames = (verified, judged, decisions.near, overflows, listing.disputed)
    concerned = gather_concerned(described, titled, frames)
    known = _Known(*map(concerned.number, frames))
    grouped = _group_concerned(concerned.records, known, unknown)
    rows = concerned.rows
    evidence = grouped.evidence.with_columns(
        row=pl.Series(rows), root=pl.Series(rows[grouped.roots])
    )
    return Matching(
        evidence,
        described.count,
        described.read_ids,
        grouped.pairs,
        grouped.near,
        grouped.reports,
    )


@dataclass(frozen=True)
class _Known:
    """What is known of pairs and rows before they are grouped."""

    verified: pl.DataFrame
    judged: pl.DataFrame
    near: pl.DataFrame
    overflows: pl.DataFrame
    disputed: pl.DataFrame


@dataclass(frozen=True)
class _Grouped:
    """What is found of the records that are concerned, which are counted among themselves."""

    roots: npt.NDArray[np.int64]
    evidence: pl.DataFrame
    pairs: pl.DataFrame
    near: pl.DataFrame
    reports: pl.DataFrame


def _group_concerned(records: pl.DataFrame, known: _Known, unknown: pl.DataFrame) -> _Grouped:
    judged, verified = known.judged, known.verified
    ids, contradicted = records["record_id"], find_contradicted(records, known.near)
    apart = judged.filter(pl.col("verdict") == "different").select("left", "right")
    same = judged.filter(pl.col("verdict") == "same").select("left", "right").unique()
    undecided = _leave_out_judged(drop_unsupported_ids(records, verified), judged)
    clustering = cluster_pairs(
        records,
        pl.concat([_make_judgement_edges(same), undecided]),
        _list_two_papers(apart, contradicted),
    )
    misses = collect_near_misses(known.near, verified, apart, clustering.cut)
    between = keep_misses_between_papers(misses, clustering)
    reports = pl.concat(
        [
            report_cautions(ids, known.overflows, clustering, known.disputed, unknown),
            report_contradicted(ids, contradicted),
        ]
    )
    pairs = clustering.edges.select("left", "right", "rule", "score")
    return _Grouped(
        clustering.roots,
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
