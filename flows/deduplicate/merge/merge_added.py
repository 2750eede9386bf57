"""Merge added records: only the papers that these may concern, all others are taken over.

Where a run has the records of the last one and others besides, and follows its release, a paper
stays the same unless its records or their evidence changed, or a changed paper claims its id or has
one of its identifiers. So only the papers of touched parts are merged, and their ids settled.
These may touch further parts, or move where those beside them are cut: then all of them are done
again, until no other part is concerned.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows import external_sort
from flows.deduplicate.find_rows import Hashes, Rows, find_equal_rows
from flows.deduplicate.match.steps import MapSteps, map_on_threads
from flows.deduplicate.merge.changed_evidence import find_changed_records, hash_evidence
from flows.deduplicate.merge.inherit_ids import PreviousIds, write_previous_ids
from flows.deduplicate.merge.last_merge import LastMerge, LastParts, MergeFolders
from flows.deduplicate.merge.members import ClusteredRecords, Members, write_members
from flows.deduplicate.merge.merge_incrementally import (
    Untouched,
    settle_members,
    take_over_merge,
    write_settled,
)
from flows.deduplicate.merge.paper_parts import PaperReaders
from flows.deduplicate.merge.settle_ids import DECIDED, OWNERS, Released, Settlement
from flows.deduplicate.merge.touched_parts import (
    CLAIMABLE,
    cut_beside,
    find_parts_of_claims,
    find_parts_of_ids,
    find_parts_of_records,
)
from flows.deduplicate.record_index import CONTENT
from schemas.paper import Paper

Chosen = npt.NDArray[np.bool_]
"""Of each row whether it is one of some."""


@dataclass(frozen=True)
class AddedRecords:
    """What a run has besides the records of the last one, whose release it follows."""

    last: LastMerge
    evidence: pl.DataFrame
    """What `hash_evidence` returned in the last run."""
    files: frozenset[int]
    """The numbers of the parts of records that the last run had not."""
    successors: pl.DataFrame
    """``record_id`` of new records, and ``paper_id`` of the paper of the predecessor of each."""
    aliases: pl.DataFrame
    """`Alias` of the previous release."""
    newest: date
    """The day of the newest snapshot."""


def merge_added(
    clustered: ClusteredRecords,
    added: AddedRecords,
    readers: PaperReaders,
    folders: MergeFolders,
    map_steps: MapSteps = map_on_threads,
) -> pl.DataFrame:
    """Write the papers of all clusters and their origins; return the aliases."""
    contents, rows = clustered.read_contents(), np.concatenate(clustered.rows)
    changed = find_changed_records(hash_evidence(clustered, contents), added.evidence)
    concerned = _find_concerned(clustered, contents, changed, added.files)
    last, papers = added.last, added.last.papers
    if not concerned.any():
        take_over_merge(last, folders)
        return added.aliases
    touched = find_parts_of_records(last.origins, [of[concerned[rows]] for of in contents])
    touched |= find_parts_of_ids(papers, added.successors["paper_id"])
    # Ends: each attempt has more parts than the one before, in the end all.
    attempts = count()
    while True:
        numbers, attempt = sorted(touched), next(attempts)
        some, room = last.select_parts(numbers), folders.room / f"attempt-{attempt}"
        chosen = concerned | _find_records(rows, contents, some)
        members = write_members(clustered, some, room / "members", chosen)
        released = Released(_write_ids(some, added, room), added.newest, is_of_some_parts=True)
        settled = settle_members(members, released, room, map_steps)
        claimed = pl.concat([settled.claimed, _list_given_up(members)])
        touched = find_touched(replace(settled, claimed=claimed), last)
        if touched <= set(numbers):
            others = [number for number in range(len(papers.files)) if number not in set(numbers)]
            ranges, touched = cut_beside(papers, others, settled.paper_ids)
            if not touched:
                beside = Untouched(last.select_parts(others), ranges, room)
                return write_settled(settled, some, readers, folders, beside, map_steps)
        touched |= set(numbers)


def _find_concerned(
    clustered: ClusteredRecords, contents: Hashes, changed: Hashes, files: AbstractSet[int]
) -> Chosen:
    """Find the rows of new records, of those that ``changed``, and of all in their clusters."""
    roots, is_concerned = clustered.roots, np.zeros(len(clustered.roots), np.bool_)
    for number in files:
        is_concerned[clustered.rows[number]] = True
    places = find_equal_rows(changed, contents)
    is_concerned[np.concatenate(clustered.rows)[places[places >= 0]]] = True
    is_root = np.zeros(len(roots), np.bool_)
    is_root[roots[is_concerned]] = True
    return np.asarray(is_root[roots], np.bool_)


def _find_records(rows: Rows, contents: Hashes, last: LastMerge) -> Chosen:
    """Find the rows of the records of some parts of the last run."""
    none = pl.DataFrame(schema=dict.fromkeys(CONTENT, pl.UInt64))
    among = pl.concat(
        [none, *(external_sort.copy_columns(file, CONTENT) for file in last.origins.beside)]
    )
    places = find_equal_rows(contents, [among[name].to_numpy() for name in CONTENT])
    is_there = np.zeros(len(rows), np.bool_)
    is_there[rows[places >= 0]] = True
    return is_there


def _write_ids(some: LastMerge, added: AddedRecords, room: Path) -> Path:
    """Write what the previous release says of the ids of some parts, which the last run left."""
    papers, origins = (
        pl.concat([pl.DataFrame(schema=schema), *_read_columns(parts, list(schema))])
        for schema, parts in (
            (pl.Schema({name: Paper.dtypes()[name] for name in DECIDED}), some.papers),
            (OWNERS, some.origins),
        )
    )
    owners = pl.concat([origins, added.successors.select(OWNERS.names())])
    return write_previous_ids(PreviousIds(papers, owners, added.aliases), room / "previous")


def _read_columns(parts: LastParts, columns: Sequence[str]) -> list[pl.DataFrame]:
    return [pl.scan_parquet(file, glob=False).select(columns).collect() for file in parts.files]


def _list_given_up(members: Members) -> pl.Series:
    """List ids and identifiers of the papers of the last run whose clusters have changed."""
    papers = members.last.papers
    sizes = [external_sort.map_part(heads, CLAIMABLE[:1]).height for heads in papers.beside]
    is_gone = np.ones(sum(sizes), np.bool_)
    is_gone[members.known["row"].to_numpy()] = False
    none = pl.Series("claimed", [], pl.String)
    if not is_gone.any():
        return none
    heads = papers.gather_beside(np.flatnonzero(is_gone), CLAIMABLE)
    return pl.concat([none, *(column.rename("claimed") for column in heads)]).drop_nulls()


def find_touched(settled: Settlement, last: LastMerge) -> set[int]:
    """Find the parts whose papers those of some settled parts may concern.

    Others than these may be among them: then all of them have to be settled.
    """
    papers, ids = last.papers, settled.paper_ids
    touched = find_parts_of_ids(papers, ids) | find_parts_of_claims(papers, settled.claimed)
    aliases = settled.aliases
    led = aliases.filter(pl.col("alias_id").is_in(settled.claimed.implode()))["paper_id"]
    return touched | find_parts_of_ids(papers, led)
