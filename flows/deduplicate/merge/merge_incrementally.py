"""Merge incrementally: what the last run merged from the same records is taken over as it is.

A paper follows from its records and from the ids it had. So clusters of the same records keep their
rows, parts of the same rows keep their files, and texts that did not change are not read again.

Every step is a map over files but one: ids are settled among all papers, see `settle_ids`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from flows.deduplicate.match.steps import MapSteps, map_on_threads
from flows.deduplicate.merge.last_merge import (
    BESIDE,
    LastMerge,
    MergeFolders,
    WrittenPart,
    keep_merge,
)
from flows.deduplicate.merge.members import Members
from flows.deduplicate.merge.merge_clusters import merge_member_files
from flows.deduplicate.merge.origin_parts import OriginSources, write_origins
from flows.deduplicate.merge.paper_parts import (
    PaperReaders,
    PaperSources,
    cut_papers,
    write_papers,
)
from flows.deduplicate.merge.settle_ids import (
    Released,
    Settlement,
    list_known_heads,
    settle_ids,
)
from flows.parts import cut_at_ids, empty_folder, link_file
from flows.tables import read_file_footer


def merge_incrementally(
    members: Members,
    released: Released,
    readers: PaperReaders,
    folders: MergeFolders,
    map_steps: MapSteps = map_on_threads,
) -> pl.DataFrame:
    """Write the papers of all clusters and their origins; return the aliases."""
    settled = settle_members(members, released, folders.room, map_steps)
    return write_settled(settled, members.last, readers, folders, map_steps=map_steps)


def settle_members(
    members: Members, released: Released, room: Path, map_steps: MapSteps
) -> Settlement:
    """Merge the clusters that the last run has not made, and settle the ids of all papers."""
    merged = merge_member_files(members.files, room, map_steps)
    merged += list_known_heads(members, room)
    return settle_ids(merged, members, released, room)


@dataclass(frozen=True)
class Untouched:
    """The parts of the last run that no settled paper concerns: they are taken over."""

    parts: LastMerge
    ranges: Sequence[tuple[int, int]]
    """The rows of the settled papers that are parts between them."""
    room: Path
    """Where the settled papers wait."""


def write_settled(  # noqa: PLR0913, PLR0917  # papers come from two places, each with its files
    settled: Settlement,
    last: LastMerge,
    readers: PaperReaders,
    folders: MergeFolders,
    beside: Untouched | None = None,
    map_steps: MapSteps = map_on_threads,
) -> pl.DataFrame:
    """Write papers whose ids are settled and their origins; return the aliases.

    ``last``: the parts of the last run that they may be in; ``beside``: its other parts, if any.
    """
    beside = beside or Untouched(LastMerge(), cut_parts(settled.paper_ids), folders.room)
    room, untouched = beside.room, beside.parts
    ranges = cut_papers(settled.paper_ids, beside.ranges)
    firsts = [settled.paper_ids[part[0].start] for part in ranges.parts]
    # All ids are held no longer than where they are cut takes.
    settled = replace(settled, paper_ids=settled.paper_ids.clear())
    # Parts of both kinds follow each other in the order of their ids.
    every = sorted([*firsts, *untouched.papers.firsts])
    targets, untouched_targets = (
        [f"{every.index(first):05}.parquet" for first in some]
        for some in (firsts, untouched.papers.firsts)
    )
    tables = {name: empty_folder(folders.written.table(name)) for name in BESIDE}
    paper_targets, origin_targets = (
        [tables[name] / target for target in targets] for name in ("papers", "origins")
    )
    sources = PaperSources(room / "papers", last, readers)
    papers = write_papers(settled.papers, ranges, sources, paper_targets, map_steps)
    origin_sources = OriginSources(room / "origins", last, ranges)
    origins = write_origins(settled.records, origin_sources, origin_targets, map_steps)
    written = {}
    for name, parts in (("papers", papers), ("origins", origins)):
        places = [tables[name] / file for file in untouched_targets]
        written[name] = sort_parts([*parts, *take_over_parts(untouched, name, places)])
    keep_merge(folders.cache, written)
    return settled.aliases


def take_over_merge(last: LastMerge, folders: MergeFolders) -> None:
    """Leave the papers and origins that the last run left."""
    written = {}
    for name in BESIDE:
        folder = empty_folder(folders.written.table(name))
        targets = [folder / f"{number:05}.parquet" for number in range(len(last.papers.files))]
        written[name] = take_over_parts(last, name, targets)
    keep_merge(folders.cache, written)


def take_over_parts(last: LastMerge, name: str, targets: Sequence[Path]) -> list[WrittenPart]:
    """Link parts of a table of the last run into the folder of this one."""
    parts = last.papers if name == "papers" else last.origins
    rows = zip(parts.firsts, parts.files, targets, strict=True)
    return [
        WrittenPart(file.name, first, link_file(file, target), None, read_file_footer(file).rows)
        for first, file, target in rows
    ]


def sort_parts(parts: Sequence[WrittenPart]) -> list[WrittenPart]:
    """Sort parts by their first ids."""
    return sorted(parts, key=lambda part: part.first)


def cut_parts(paper_ids: pl.Series) -> list[tuple[int, int]]:
    """Cut sorted ids of papers into parts: see `cut_at_ids`."""
    return cut_at_ids(paper_ids)
