"""Merge a few records through the files of the step, for tests that look at what comes of them."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort, parts
from flows.deduplicate.match.match_records import Matching
from flows.deduplicate.match.steps import map_on_threads
from flows.deduplicate.merge.last_merge import LastMerge
from flows.deduplicate.merge.members import place_records_in_clusters, write_members
from flows.deduplicate.merge.merge_clusters import (
    EVIDENCE,
    HEAD,
    WORDING,
    MergedFile,
    merge_member_files,
)
from flows.deduplicate.merge.paper_ids import make_ids_distinct
from flows.deduplicate.merge.paper_parts import PaperReaders, Reader, finish_papers
from schemas.origin import Origin
from schemas.paper import Paper
from tests.matched_records import in_parts


def as_written(text: pl.Expr) -> pl.Expr:
    """Leave texts as they are."""
    return text


def merge_in_files(records: pl.DataFrame, clusters: pl.DataFrame, folder: Path) -> list[MergedFile]:
    """Merge records in a folder, in parts of `parts.PART_ROWS`; clusters as in `Matching`."""
    slices = [*records.iter_slices(parts.PART_ROWS)] or [records]
    indexed = in_parts(slices, folder / "records")
    clustered = place_records_in_clusters(indexed, as_matching(clusters))
    members = write_members(clustered, LastMerge(), folder / "members")
    return merge_member_files(members.files, folder / "room", map_on_threads)


def as_matching(clusters: pl.DataFrame) -> Matching:
    """Take clusters of all records, as in `Matching`, for what matching found."""
    rows = np.arange(clusters.height)
    evidence = clusters.with_columns(row=pl.Series(rows), root=number_clusters(clusters))
    none = pl.DataFrame()
    return Matching(evidence, clusters.height, lambda: clusters["record_id"], none, none, none)


def number_clusters(clusters: pl.DataFrame) -> pl.Series:
    """Number each cluster by the row of its first record."""
    firsts = clusters["record_id"].search_sorted(clusters["cluster"])
    return firsts.cast(pl.UInt32).alias("cluster")


def merged(
    records: pl.DataFrame,
    clusters: pl.DataFrame,
    *,
    readable: Reader = as_written,
    readable_name: Reader = as_written,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the `Paper` and the `Origin` table of records, under the ids that papers claim."""
    readers = PaperReaders(readable, readable_name)
    with tempfile.TemporaryDirectory() as made:
        files = merge_in_files(records, clusters, Path(made))
        rows = pl.concat(read_whole(file) for file in files)
        rows = rows.with_columns(make_ids_distinct(rows.select("paper_id", "first_record_id")))
        papers = finished(rows, readers)
    numbered = clusters.with_columns(cluster=number_clusters(clusters))
    ids = rows.select("cluster", "paper_id")
    evidence = numbered.join(ids, on="cluster", validate="m:1").select(EVIDENCE)
    origins = evidence.join(records, on="record_id", validate="1:1").sort("record_id")
    return papers, origins.select(Origin.dtypes().names())


def read_whole(file: MergedFile) -> pl.DataFrame:
    """Read the heads of merged papers and their texts, side by side."""
    heads = external_sort.read_part(file.heads).select("cluster", *HEAD, *WORDING)
    return heads if file.texts is None else heads.hstack(external_sort.read_part(file.texts))


def finished(rows: pl.DataFrame, readers: PaperReaders) -> pl.DataFrame:
    """Give the `Paper` table of merged papers, sorted by its id."""
    wordings = LastMerge().read_wordings(rows["paper_id"])
    return finish_papers(rows, pl.DataFrame(schema=Paper.dtypes()), wordings, readers).sort(
        "paper_id"
    )
