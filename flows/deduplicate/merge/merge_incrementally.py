"""Merge, of which what the last run made alike is taken over: to the same bytes.

A paper follows from its records and from the ids it had. So clusters of the same records keep their
rows, parts of the same rows keep their files, and texts that did not change are not read again.

Every step is a map over files but one: ids are settled among all papers, see `settle_ids`.
"""

from dataclasses import replace

import polars as pl

from flows.deduplicate.match.steps import MapSteps, map_on_threads
from flows.deduplicate.merge.last_merge import MergeFolders, keep_merge
from flows.deduplicate.merge.members import Members
from flows.deduplicate.merge.merge_clusters import merge_member_files
from flows.deduplicate.merge.origin_parts import OriginSources, write_origins
from flows.deduplicate.merge.paper_parts import (
    PaperReaders,
    PaperSources,
    cut_papers,
    write_papers,
)
from flows.deduplicate.merge.settle_ids import Released, list_known_heads, settle_ids
from flows.parts import cut_at_ids


def merge_incrementally(
    members: Members,
    released: Released,
    readers: PaperReaders,
    folders: MergeFolders,
    map_steps: MapSteps = map_on_threads,
) -> pl.DataFrame:
    """Write the papers of all clusters and their origins; return the aliases."""
    room, written = folders.room, folders.written
    merged = merge_member_files(members.files, room, map_steps)
    merged += list_known_heads(members, room)
    settled = settle_ids(merged, members, released, room)
    ranges = cut_papers(settled.paper_ids, cut_at_ids(settled.paper_ids))
    # All ids are held no longer than where they are cut takes.
    settled = replace(settled, paper_ids=settled.paper_ids.clear())
    sources = PaperSources(room / "papers", members.last, readers)
    papers = write_papers(settled.papers, ranges, sources, written.papers, map_steps)
    origin_sources = OriginSources(room / "origins", members.last, ranges)
    origins = write_origins(settled.records, origin_sources, written.origins, map_steps)
    keep_merge(folders.cache, {"papers": papers, "origins": origins})
    return settled.aliases
