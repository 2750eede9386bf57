"""Touched parts: the parts of the last run with papers that a change may concern.

A part is touched where it holds a record or a paper that changed, would hold the id of one, or
holds a paper with an id or identifier that one of them claims. A part too many costs time only.
"""

from collections.abc import Set as AbstractSet
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


def widen_to_stretches(papers: LastParts, numbers: AbstractSet[int]) -> list[int]:
    """Add the parts that lie in one stretch of ids with one of some parts, up to a border.

    Chance may leave a long stretch without a border, which is cut where so many rows are: one id
    more moves all of these cuts.
    """
    # Of the first ids of parts all are borders but those of such cuts.
    stretches = cut_parts(pl.Series(papers.firsts, dtype=pl.String))
    return [
        number
        for start, end in stretches
        if not numbers.isdisjoint(range(start, end))
        for number in range(start, end)
    ]
