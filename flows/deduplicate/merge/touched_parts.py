"""Touched parts: the parts of the last run with papers that a change may concern.

A part is touched where it holds a record or a paper that changed, would hold the id of one, or
holds a paper with an id or identifier that one of them claims. A part too many costs time only.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort
from flows.deduplicate.find_rows import Hashes
from flows.deduplicate.merge.last_merge import LastParts
from flows.deduplicate.merge.merge_incrementally import cut_parts
from flows.deduplicate.record_index import CONTENT
from schemas.vocabulary import STRONG_IDENTIFIERS

CLAIMABLE = ("paper_id", "last_id", *STRONG_IDENTIFIERS)
"""Columns of heads in which another paper may have a claim."""


def find_parts_of_records(origins: LastParts, contents: Hashes) -> set[int]:
    """Find the parts that hold one of some records, by hashes of what these say."""
    sought = np.sort(contents[0])
    return {
        number
        for number, index in enumerate(origins.beside)
        if len(sought)
        and np.isin(external_sort.map_part(index, CONTENT[:1])[CONTENT[0]].to_numpy(), sought).any()
    }


def find_parts_of_ids(papers: LastParts, paper_ids: pl.Series) -> set[int]:
    """Find the parts in which papers of some ids are or would be."""
    firsts = pl.Series(papers.firsts, dtype=pl.String)
    if paper_ids.is_empty() or firsts.is_empty():
        return set()
    places = firsts.search_sorted(paper_ids.unique(), side="right").unique()
    # What comes before all of them goes into the first one.
    return {max(place - 1, 0) for place in places}


def find_parts_of_claims(papers: LastParts, claimed: pl.Series) -> set[int]:
    """Find the parts with a paper that has or claims one of some ids, or bears an identifier."""
    return {number for number, heads in enumerate(papers.beside) if _has_any(heads, claimed)}


def _has_any(heads: Path, claimed: pl.Series) -> bool:
    if claimed.is_empty():
        return False
    columns = external_sort.map_part(heads, CLAIMABLE)
    sought = claimed.implode()
    return any(column.is_in(sought).any() for column in columns)


def cut_beside(
    papers: LastParts, others: Sequence[int], paper_ids: pl.Series
) -> tuple[list[tuple[int, int]], set[int]]:
    """Cut the sorted ids of the papers of some parts where they are cut among those of all parts.

    ``others``: the numbers of all other parts, whose papers are what they were. Returns the rows of
    each part of the ids, and which of the others begin or end elsewhere now.
    """
    kept = [external_sort.map_part(papers.beside[number], ["last_id"]) for number in others]
    none = pl.DataFrame(schema={"last_id": pl.String})
    every = pl.concat([none, *kept]).merge_sorted(paper_ids.to_frame("last_id"), "last_id")
    ids = every["last_id"]
    cut = {(ids[start], ids[end - 1]): None for start, end in cut_parts(ids)}
    edges = [(part["last_id"][0], part["last_id"][-1]) for part in kept]
    moved = {number for number, edge in zip(others, edges, strict=True) if edge not in cut}
    if moved:
        return [], moved
    taken = set(edges)
    own = pl.DataFrame(
        [edge for edge in cut if edge not in taken], schema=["first", "last"], orient="row"
    ).cast(pl.String)
    starts = paper_ids.search_sorted(own["first"])
    ends = paper_ids.search_sorted(own["last"], side="right")
    return list(zip(starts, ends, strict=True)), moved
