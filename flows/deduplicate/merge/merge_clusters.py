"""Merge clusters: one paper from the records of a cluster, as its sources wrote it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort
from flows.deduplicate.match.steps import MapSteps
from flows.deduplicate.merge.merge_fields import CHOSEN, copy_single_records, merge_fields
from flows.deduplicate.merge.paper_ids import claim_ids
from flows.deduplicate.merge.preference import is_contributing, licence_openness
from flows.deduplicate.part_cache import SEEDS
from flows.deduplicate.record_index import scan_identified
from flows.parts import DamagedStep
from schemas.record import Record
from schemas.vocabulary import STRONG_IDENTIFIERS

EVIDENCE = ("record_id", "paper_id", "rule", "score", "matched_record_id")
"""Why a record is in its paper."""

HEAD = ("paper_id", "first_record_id", "first_seen", *STRONG_IDENTIFIERS)
"""Columns of a paper that ids depend on, and what ids decide."""

WRITTEN = ("title_as_written", "abstract_as_written", "authors")
"""Columns of a paper as its sources wrote them that readers have yet to make readable."""

WORDING = tuple(f"wording{seed}" for seed in SEEDS)
"""Hashes of what is `WRITTEN`: papers that have both in common read alike."""


MEMBERS = tuple(f"members{seed}" for seed in SEEDS)
"""Hashes of the records of a cluster: papers that have both in common were made alike."""

LABELS = pl.Schema(
    {"cluster": pl.UInt32, "is_alone": pl.Boolean, **dict.fromkeys(MEMBERS, pl.UInt64)}
)
"""Columns beside what is read of a record to be merged."""

READ = pl.Schema([*((name, Record.dtypes()[name]) for name in CHOSEN), *LABELS.items()])
"""What is read of a record to be merged, and beside it."""


@dataclass(frozen=True)
class MemberFile:
    """Records of consecutive parts, and their clusters."""

    number: int
    members: Path
    """One row per record, in the order of the parts: ``record_id``, ``part``, the identifiers,
    hashes of its content, `LABELS`, ``is_known`` (the last run has made the paper), and why it is
    in its cluster."""
    first: int
    """The number of the first part."""
    records: Sequence[Path]
    """The files of the parts."""
    fresh: int
    """How many of the records are in clusters that the last run has not made."""

    def scan(self, part: int, identified: pl.DataFrame) -> pl.LazyFrame:
        """Read the records of a part that have a row, with its identifiers in place of theirs."""
        return scan_identified(self.records[part - self.first], identified.lazy())


@dataclass(frozen=True)
class MergedFile:
    """Papers whose ids are not settled yet."""

    heads: Path
    """One row per paper: its ``cluster``, `HEAD`, `MEMBERS`, `WORDING`. Ids and identifiers may be
    those of several papers."""
    texts: Path | None
    """All else of the papers, as written, in the same order; None where the last run made them."""
    records: int


@dataclass(frozen=True)
class ClusterBucket:
    """Clusters from ``low`` to before ``high`` that have several records."""

    number: int
    low: int
    high: int


def merge_member_files(
    files: Sequence[MemberFile], room: Path, map_steps: MapSteps
) -> list[MergedFile]:
    """Merge the records of each cluster that the last run did not make into a paper.

    Most records are alone, and merged as they are read. The others wait in files until all are
    read, and are merged bucket by bucket. All goes through files in the folder ``room``.
    """
    fresh = [file for file in files if file.fresh]
    merged = map_steps(merge_member_file, fresh, "Parts that are merged", room=room)
    shared = sorted((room / "shared").glob("*.arrow"))
    clusters = [external_sort.copy_columns(file, ["cluster"])["cluster"] for file in shared]
    several = pl.concat(clusters).sort().to_numpy() if clusters else np.zeros(0, np.uint32)
    # Every so many records a bucket ends, and never within a cluster.
    borders = np.unique(several[:: external_sort.ROWS]).tolist()
    ends = [*borders, int(several[-1]) + 1] if borders else []
    buckets = [ClusterBucket(number, *ends) for number, ends in enumerate(pairwise(ends))]
    return merged + map_steps(
        merge_cluster_bucket, buckets, "Buckets of clusters", files=shared, room=room
    )


def merge_member_file(file: MemberFile, room: Path) -> MergedFile:
    """Merge the single records of a file; sort the others by cluster, for the buckets to merge."""
    members = external_sort.read_part(file.members).filter(~pl.col("is_known"))
    rows = _read_records(file, members)
    together = rows.filter(~pl.col("is_alone")).sort("cluster")
    if together.height:
        external_sort.write_part(together, room / "shared" / f"{file.number:05}.arrow")
    return _write_papers(rows.filter("is_alone"), room / "alone", file.number)


def merge_cluster_bucket(bucket: ClusterBucket, files: Sequence[Path], room: Path) -> MergedFile:
    """Merge the clusters of a bucket, whose records are in several files sorted by cluster."""
    is_inside = pl.col("cluster").is_between(bucket.low, bucket.high, closed="left")
    slices = [
        external_sort.copy_rows(external_sort.map_part(file, READ.names()).filter(is_inside))
        for file in files
    ]
    return _write_papers(pl.concat(slices, rechunk=True), room / "together", bucket.number)


def _read_records(file: MemberFile, members: pl.DataFrame) -> pl.DataFrame:
    """Read `CHOSEN` of some members, and put `LABELS` beside it."""
    frames = [READ.to_frame()]
    by_part = members.partition_by("part", maintain_order=True, as_dict=True)
    for (part,), some in by_part.items():
        records = file.scan(int(part), some).select(CHOSEN).collect()
        if not records["record_id"].equals(some["record_id"]):
            raise DamagedStep.of_records(file.records[int(part) - file.first], some.height)
        frames.append(records.hstack(some.select(LABELS.names())))
    return pl.concat(frames)


def _write_papers(records: pl.DataFrame, folder: Path, number: int) -> MergedFile:
    """Merge whole clusters, and write heads and texts apart: ids are settled among all heads."""
    papers = merge_whole_clusters(records)
    wording = (pl.struct(WRITTEN).hash(seed).alias(f"wording{seed}") for seed in SEEDS)
    hashes = records.select("cluster", *MEMBERS).unique("cluster")
    heads = papers.select("cluster", *HEAD, *wording).join(
        hashes, on="cluster", how="left", validate="1:1", maintain_order="left"
    )
    texts = papers.drop("cluster", *HEAD)
    return MergedFile(
        external_sort.write_part(heads, folder / f"heads-{number:05}.arrow"),
        external_sort.write_part(texts, folder / f"texts-{number:05}.arrow"),
        records.height,
    )


def merge_whole_clusters(records: pl.DataFrame) -> pl.DataFrame:
    """Merge whole clusters: papers as written, under the ids that they claim.

    Records that are alone have nothing to choose from, which is most of the work.
    """
    several = records.filter(~pl.col("is_alone"))
    rated = several.with_columns(licence_openness(), is_contributing().alias("is_contributing"))
    alone = records.filter("is_alone").pipe(copy_single_records)
    papers = pl.concat([alone, merge_fields(rated).select(alone.columns)])
    return papers.with_columns(claim_ids(papers))
