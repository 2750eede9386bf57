"""Members: every record with the cluster that it is part of, in files of some parts each.

Clusters are numbers here: the place of their first record in the order of ``record_id``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows import external_sort
from flows.deduplicate.find_rows import Hashes, Rows
from flows.deduplicate.match.match_records import Matching
from flows.deduplicate.merge.last_merge import LastMerge
from flows.deduplicate.merge.merge_clusters import EVIDENCE, MEMBERS, MemberFile
from flows.deduplicate.part_cache import SEEDS
from flows.deduplicate.record_index import CONTENT, RecordParts
from flows.errors import count_noun
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule

INDEXED = ("record_id", *STRONG_IDENTIFIERS, *CONTENT)
"""Columns of the index of records that members have."""

WHY = ("rule", "score", "matched_record_id")
"""Columns of evidence that say why a record is in a cluster."""

Clusters = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Members:
    """The records of a run in files, and which of their clusters the last run has made."""

    files: list[MemberFile]
    known: pl.DataFrame
    """One row per cluster that consists of the same records as a paper of the last run:
    ``cluster``, and the ``row`` of that paper beside the parts of the `LastMerge`."""
    count: int
    """How many records there are; clusters have smaller numbers."""
    last: LastMerge


def write_members(
    records: RecordParts, matching: Matching, last: LastMerge, folder: Path
) -> Members:
    """Write the records of a run with their clusters into files in a folder.

    Raises `ValueError` where other records were matched.
    """
    order, evidence = _order_records(records, matching.count), matching.evidence
    roots = np.arange(len(order), dtype=np.uint32)
    roots[evidence["row"].to_numpy()] = evidence["root"].to_numpy()
    groups = list(_group_parts(records))
    hashes = _hash_members(groups, order, roots)
    row = last.papers.match_hashes(hashes, MEMBERS)
    is_shared = np.zeros(len(roots), np.bool_)
    later = np.flatnonzero(roots != np.arange(len(roots)))
    is_shared[later] = is_shared[roots[later]] = True
    files, start = [], 0
    for number, group in enumerate(groups):
        index = _read_indexes(group.indexes, group.first)
        places = order[start : start + index.height]
        start += index.height
        cluster = roots[places]
        rows = index.hstack(_list_why(evidence, places)).with_columns(
            pl.Series("cluster", cluster),
            pl.Series("is_alone", ~is_shared[places]),
            pl.Series("is_known", row[cluster] >= 0),
            *(pl.Series(name, of[cluster]) for name, of in zip(MEMBERS, hashes, strict=True)),
        )
        target = external_sort.write_part(rows, folder / f"{number:05}.arrow")
        fresh = int((row[cluster] < 0).sum())
        files.append(MemberFile(number, target, group.first, group.files, fresh))
    is_made = (roots == np.arange(len(roots))) & (row >= 0)
    made = np.flatnonzero(is_made).astype(np.uint32)
    return Members(files, pl.DataFrame({"cluster": made, "row": row[made]}), len(roots), last)


def _order_records(records: RecordParts, count: int) -> Rows:
    """Return for each record of the index its place in the order of ``record_id``."""
    order = records.read_index(["record_id"])["record_id"].arg_sort().to_numpy()
    if len(order) != count:
        raise ValueError(
            f"{count_noun(len(order), 'record', 'is/are')} merged and {count:,} matched: match "
            "exactly the records that are merged"
        )
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place


def _list_why(evidence: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Return `WHY` of some rows: most are in no evidence, which are alone."""
    number, known = len(rows), evidence["row"].to_numpy()
    at = np.searchsorted(known, rows)
    has_evidence = np.flatnonzero(np.append(known, -1)[at] == rows)
    chosen = evidence.select(WHY)[at[has_evidence]]
    alone = (
        pl.repeat(MatchRule.SINGLE.value, number, eager=True),
        pl.repeat(1.0, number, eager=True),
        pl.repeat(None, number, dtype=pl.String, eager=True),
    )
    return pl.DataFrame(
        {
            name: column.scatter(has_evidence, chosen[name])
            for name, column in zip(WHY, alone, strict=True)
        }
    )


@dataclass(frozen=True)
class _Group:
    """Consecutive parts of the records that are worked on in one go."""

    first: int
    files: Sequence[Path]
    indexes: Sequence[Path]


def _group_parts(records: RecordParts) -> Iterator[_Group]:
    """Join small parts to `external_sort.JOINED_ROWS` rows: each makes a file in every range."""
    first, rows = 0, 0
    for number, index in enumerate(records.indexes, 1):
        rows += external_sort.map_part(index, ["record_id"]).height
        if rows >= external_sort.JOINED_ROWS or number == len(records.indexes):
            yield _Group(first, records.files[first:number], records.indexes[first:number])
            first, rows = number, 0


def _read_indexes(indexes: Sequence[Path], first: int) -> pl.DataFrame:
    parts = [external_sort.map_part(path, INDEXED) for path in indexes]
    return pl.concat(
        part.with_columns(part=pl.lit(number, pl.UInt32))
        for number, part in enumerate(parts, first)
    )


def _hash_members(groups: Sequence[_Group], order: Rows, roots: Clusters) -> Hashes:
    """Hash the records of each cluster, twice: what stands at the row of its first record."""
    hashes = [np.empty(len(roots), np.uint64) for _ in SEEDS]
    member, start = pl.struct("record_id", *STRONG_IDENTIFIERS, *CONTENT), 0
    for group in groups:
        index = _read_indexes(group.indexes, group.first)
        places = order[start : start + index.height]
        start += index.height
        for seed, of_row in zip(SEEDS, hashes, strict=True):
            of_row[places] = index.select(member.hash(seed)).to_series().to_numpy()
    later = np.flatnonzero(roots != np.arange(len(roots)))
    for of_row in hashes:
        # No record comes twice, so that no two hashes cancel each other out, in whatever order.
        np.bitwise_xor.at(of_row, roots[later], of_row[later])
    return hashes


def list_evidence(file: MemberFile) -> pl.DataFrame:
    """Read what origins need of members: `EVIDENCE`, but for the id of the paper, and `CONTENT`."""
    columns = [*(name for name in EVIDENCE if name != "paper_id"), *CONTENT]
    return external_sort.copy_columns(file.members, columns)
