"""Members: every record with the cluster that it is part of, in files of some parts each.

Clusters are numbers here: the place of their first record in the order of ``record_id``.
"""

from collections.abc import Sequence
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
class ClusteredRecords:
    """The records of a run, and in which cluster each of them is."""

    records: RecordParts
    rows: Sequence[Rows]
    """Of each part, record by record as in its index: the row, which is the place in the order of
    ``record_id``."""
    evidence: pl.DataFrame
    """As in `Matching`."""
    roots: Clusters
    """Per row the first row of its cluster."""

    def read_contents(self) -> Hashes:
        """Read the hashes of what each record says, one part after the other."""
        parts = [external_sort.map_part(index, CONTENT) for index in self.records.indexes]
        return [pl.concat(part[name] for part in parts).to_numpy() for name in CONTENT]


def place_records_in_clusters(records: RecordParts, matching: Matching) -> ClusteredRecords:
    """Find the row and the cluster of each record.

    Raises `ValueError` where other records were matched.
    """
    sizes = [external_sort.map_part(index, ["record_id"]).height for index in records.indexes]
    count = sum(sizes)
    if count != matching.count:
        raise ValueError(
            f"{count_noun(count, 'record', 'is/are')} merged and {matching.count:,} matched: match "
            "exactly the records that are merged"
        )
    rows = matching.rows
    if rows is None:
        order = records.read_index(["record_id"])["record_id"].arg_sort().to_numpy()
        rows = np.empty(count, np.uint32)
        rows[order] = np.arange(count, dtype=np.uint32)
    roots, evidence = np.arange(count, dtype=np.uint32), matching.evidence
    roots[evidence["row"].to_numpy()] = evidence["root"].to_numpy()
    return ClusteredRecords(records, np.split(rows, np.cumsum(sizes)[:-1]), evidence, roots)


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
    clustered: ClusteredRecords,
    last: LastMerge,
    folder: Path,
    chosen: npt.NDArray[np.bool_] | None = None,
) -> Members:
    """Write the records of a run with their clusters into files in a folder.

    ``chosen``: of each row whether it is written, all of a cluster or none; None for all.
    """
    roots = clustered.roots
    groups = _choose_records(clustered, chosen)
    hashes = _hash_members(groups, roots)
    firsts = np.flatnonzero(_are_first(roots, chosen))
    row = np.full(len(roots), -1, np.int64)
    row[firsts] = last.papers.match_hashes([of_row[firsts] for of_row in hashes], MEMBERS)
    # A record after the first of its cluster shares the cluster, and so does that first one.
    is_shared = np.zeros(len(roots), np.bool_)
    later = np.flatnonzero(roots != np.arange(len(roots)))
    is_shared[later] = is_shared[roots[later]] = True
    files = []
    for number, group in enumerate(groups):
        index, places = group.read_indexes(), group.rows
        cluster = roots[places]
        rows = index.hstack(_list_why(clustered.evidence, places)).with_columns(
            pl.Series("cluster", cluster),
            pl.Series("is_alone", ~is_shared[places]),
            pl.Series("is_known", row[cluster] >= 0),
            *(pl.Series(name, of[cluster]) for name, of in zip(MEMBERS, hashes, strict=True)),
        )
        target = external_sort.write_part(rows, folder / f"{number:05}.arrow")
        fresh = int((row[cluster] < 0).sum())
        files.append(MemberFile(number, target, group.first, group.files, fresh))
    known = firsts[row[firsts] >= 0].astype(np.uint32)
    return Members(files, pl.DataFrame({"cluster": known, "row": row[known]}), len(roots), last)


def _are_first(roots: Clusters, chosen: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    """Tell which rows are the first of a cluster that is written."""
    is_first = roots == np.arange(len(roots))
    return np.asarray(is_first if chosen is None else is_first & chosen, np.bool_)


def _list_why(evidence: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Return `WHY` of some rows: their evidence, else rule `single`, as of single records."""
    number, known = len(rows), evidence["row"].to_numpy()
    at = np.searchsorted(known, rows)
    # A row behind all that are known is looked up in the -1 at the end, and equals nothing.
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
    """Records of consecutive parts that are worked on in one go."""

    first: int
    files: Sequence[Path]
    indexes: Sequence[Path]
    places: Sequence[Rows | None]
    """Of each part the places of the records in its index; None for all."""
    rows: Rows
    """The rows of the records, one part after the other."""

    def read_indexes(self) -> pl.DataFrame:
        """Read `INDEXED` of the records, and ``part``."""
        parts: list[pl.DataFrame] = []
        for number, (index, places) in enumerate(
            zip(self.indexes, self.places, strict=True), self.first
        ):
            # Of the parts without any one is read nevertheless where all are: for the columns.
            if places is not None and not len(places) and (len(self.rows) or parts):
                continue
            part = external_sort.map_part(index, INDEXED)
            some = part if places is None else external_sort.copy_rows(part[places])
            parts.append(some.with_columns(part=pl.lit(number, pl.UInt32)))
        return pl.concat(parts)


def _choose_records(
    clustered: ClusteredRecords, chosen: npt.NDArray[np.bool_] | None
) -> list[_Group]:
    """Join the chosen records of small parts to `external_sort.JOINED_ROWS` rows.

    Each group makes a file in every range. Without records there is one group, of no rows.
    """
    records, groups, first, joined = clustered.records, [], 0, 0
    places = [None if chosen is None else np.flatnonzero(chosen[rows]) for rows in clustered.rows]
    rows = [
        some if at is None else some[at] for some, at in zip(clustered.rows, places, strict=True)
    ]
    for end, some in enumerate(rows, 1):
        joined += len(some)
        if joined >= external_sort.JOINED_ROWS or end == len(rows):
            span = slice(first, end)
            groups.append(
                _Group(
                    *(first, records.files[span], records.indexes[span], places[span]),
                    np.concatenate(rows[span]).astype(np.int64),
                )
            )
            first, joined = end, 0
    return groups


def _hash_members(groups: Sequence[_Group], roots: Clusters) -> Hashes:
    """Hash the records of each cluster, twice; its hashes are at the row of its first record."""
    hashes = [np.zeros(len(roots), np.uint64) for _ in SEEDS]
    member = pl.struct("record_id", *STRONG_IDENTIFIERS, *CONTENT)
    for group in groups:
        index = group.read_indexes()
        for seed, of_row in zip(SEEDS, hashes, strict=True):
            of_row[group.rows] = index.select(member.hash(seed)).to_series().to_numpy()
    later = np.flatnonzero(roots != np.arange(len(roots)))
    for of_row in hashes:
        # No record comes twice, so that no two hashes cancel each other out, in whatever order.
        np.bitwise_xor.at(of_row, roots[later], of_row[later])
    return hashes


def list_evidence(file: MemberFile) -> pl.DataFrame:
    """Read what origins need of members: `EVIDENCE`, but for the id of the paper, and `CONTENT`."""
    columns = [*(name for name in EVIDENCE if name != "paper_id"), *CONTENT]
    return external_sort.copy_columns(file.members, columns)
