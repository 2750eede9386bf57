"""Segments: stretches of ids whose rows are measured, compared and written together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from flows.parts import PART_ROWS, cut_at_ids
from flows.release.id_ranges import IdRange, RangedTable
from schemas.metrics import BY_PAPER

SEGMENT_IDS = PART_ROWS
"""Ids of a segment, on average. Steps cut their tables at the same ids, so that a part that did not
change is a segment that did not. It is no smaller, because users see a file for each."""

BLOCK_ROWS = 25_000
"""Rows that are in memory at a time, of each table: long segments are worked on in pieces."""


@dataclass(frozen=True)
class Segment:
    """A stretch of ids: all of them together are all ids there can be."""

    ids: IdRange
    """From its first row to that of the next segment; the first one has all ids before it."""
    blocks: tuple[IdRange, ...]
    """The same range in pieces of about `BLOCK_ROWS` rows."""
    first: str
    """The id of its first row; empty where it has none."""
    last: str


def cut_segments(ids: pl.Series, segment_ids: int = SEGMENT_IDS) -> list[Segment]:
    """Cut ids, in any order, where parts are cut: see `parts.cut_at_ids`.

    >>> [segment.last for segment in cut_segments(pl.Series(["b", "c", "a"]), segment_ids=1)]
    ['a', 'b', 'c']
    >>> cut_segments(pl.Series([], dtype=pl.String))[0].ids
    IdRange(start='', end=None)
    """
    rows = ids.sort()
    starts = rows.ne_missing(rows.shift()).arg_true()
    distinct = rows.gather(starts)
    bounds = cut_at_ids(distinct, segment_ids)
    # The piece that a row is in; an id with many rows is in one piece, however many they are.
    pieces = (starts // BLOCK_ROWS).to_list()
    segments = []
    for start, end in bounds:
        inner = [at for at in range(start + 1, end) if pieces[at] != pieces[at - 1]]
        edges = [distinct[at] if at else "" for at in (start, *inner)]
        following = distinct[end] if end < len(distinct) else None
        ranges = zip(edges, [*edges[1:], following], strict=True)
        segments.append(
            Segment(
                ids=IdRange(edges[0], following),
                blocks=tuple(IdRange(*edge) for edge in ranges),
                first=distinct[start] if end else "",
                last=distinct[end - 1] if end else "",
            )
        )
    return segments


def cut_tables(
    tables: Mapping[str, RangedTable], segment_ids: int = SEGMENT_IDS
) -> dict[str, Sequence[Segment]]:
    """Cut each table of a release, all that are about papers at the same ids."""
    papers = cut_segments(tables["papers"].read_ids(), segment_ids)
    return {
        name: papers
        if name in (*BY_PAPER, "changes")
        else cut_segments(table.read_ids(), segment_ids)
        for name, table in tables.items()
    }
