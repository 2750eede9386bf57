"""Merge, of which what the last run made alike is taken over: to the same bytes.

A paper follows from its records and from the ids it had. So clusters of the same records keep their
rows, parts of the same rows keep their files, and texts that did not change are not read again.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from flows.deduplicate.merge.inherit_ids import InheritedTables, PreviousIds, inherit_ids
from flows.deduplicate.merge.last_merge import (
    MEMBERS,
    LastMerge,
    MergeFolders,
    hash_clusters,
    keep_merge,
)
from flows.deduplicate.merge.merge_clusters import EVIDENCE, MergedTexts, merge_clusters
from flows.deduplicate.merge.origin_parts import write_origins
from flows.deduplicate.merge.paper_ids import make_ids_distinct
from flows.deduplicate.merge.paper_parts import PaperParts, PaperReaders, cut_pieces, write_papers
from flows.deduplicate.record_index import RecordParts
from flows.parts import cut_at_ids


@dataclass(frozen=True)
class Released:
    """What the previous release says of the papers."""

    ids: PreviousIds
    newest: date
    """The day of the newest snapshot, from which lost ids are aliases."""


def merge_incrementally(
    records: RecordParts,
    clusters: pl.DataFrame,
    released: Released,
    readers: PaperReaders,
    folders: MergeFolders,
) -> pl.DataFrame:
    """Write the papers of all clusters and their origins; return the aliases.

    ``clusters``: one row per record with ``record_id``, ``cluster``, ``rule``, ``score``,
    ``matched_record_id``.
    """
    members = _join_clusters(records.index, clusters)
    last = LastMerge(folders.cache)
    heads, texts = _find_heads(replace(records, index=members), last, folders.room)
    inherited = _settle_ids(heads, members, released)
    final = inherited.papers.pipe(keep_first_seen, released.ids.papers, inherited.aliases)
    parts = cut_pieces(cut_at_ids(final["paper_id"]))
    papers = PaperParts(final, parts, last, readers)
    paper_keys = write_papers(papers, texts, folders)
    evidence = members.drop("cluster", "rule", "score", "matched_record_id").join(
        inherited.origins, on="record_id", validate="1:1"
    )
    origin_keys = write_origins(records, evidence, papers, folders)
    first = final["paper_id"].gather([pieces[0].start for pieces in parts])
    kept = [
        pl.DataFrame({"key": keys, "first": first}).with_columns(kind=pl.lit(kind))
        for kind, keys in (("papers", paper_keys), ("origins", origin_keys))
    ]
    last_ids = final.select("cluster", last_id="paper_id")
    made = heads.drop("last_id").join(last_ids, on="cluster", validate="1:1")
    keep_merge(folders.cache, made, evidence, pl.concat(kept))
    return inherited.aliases


def _join_clusters(index: pl.DataFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    members = index.join(clusters, on="record_id", how="inner", validate="1:1")
    if not len(members) == len(index) == len(clusters):
        raise ValueError(
            f"{len(index)} records and {len(clusters)} rows of clusters have {len(members)} "
            "records in common: match exactly the records that are merged"
        )
    return members


def _find_heads(
    records: RecordParts, last: LastMerge, room: Path
) -> tuple[pl.DataFrame, MergedTexts]:
    """Return the head of each cluster, and the texts of those that the last run has not made.

    Heads have a ``place`` in the texts, or the ``last_id`` of a paper of the last run.
    """
    hashed = hash_clusters(records.index)
    known = hashed.join(last.heads, on=MEMBERS, how="inner", validate="1:1", maintain_order="left")
    changed = records.index.join(known, on="cluster", how="anti", maintain_order="left")
    texts = merge_clusters(records.scan(changed), changed.select("record_id", "cluster"), room)
    fresh = texts.heads.join(hashed, on="cluster", validate="1:1", maintain_order="left")
    return pl.concat([known, fresh], how="diagonal"), texts


def _settle_ids(heads: pl.DataFrame, members: pl.DataFrame, released: Released) -> InheritedTables:
    """Give each paper the id that it keeps, and each record its paper and why it is there."""
    settled = heads.with_columns(make_ids_distinct(heads.select("paper_id", "first_record_id")))
    ids = settled.select("cluster", "paper_id")
    evidence = members.join(ids, on="cluster", how="left", validate="m:1").select(EVIDENCE)
    return inherit_ids(settled, evidence.sort("record_id"), released.ids, released.newest)


def keep_first_seen(
    papers: pl.DataFrame, previous: pl.DataFrame, aliases: pl.DataFrame
) -> pl.DataFrame:
    """Keep the day on which a paper was first seen, under whichever of its ids that was."""
    earlier = (
        previous.select("paper_id", "first_seen")
        .join(aliases, left_on="paper_id", right_on="alias_id", how="left", validate="1:1")
        .group_by(pl.coalesce("paper_id_right", "paper_id").alias("paper_id"))
        .agg(earlier=pl.col("first_seen").min())
    )
    return (
        papers.join(earlier, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.min_horizontal("first_seen", "earlier").alias("first_seen"))
        .drop("earlier")
    )
