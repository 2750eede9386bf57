"""Origin parts: every record and why it is in its paper, in files cut where those of papers are.

What is known of the records is spread over the parts first. It shows which parts the last run wrote
with the same rows; only for the others are records read, spread and written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort, tables
from flows.deduplicate.match.steps import MapSteps
from flows.deduplicate.merge.last_merge import INDEX, LastMerge, WrittenPart
from flows.deduplicate.merge.members import list_evidence
from flows.deduplicate.merge.merge_clusters import EVIDENCE
from flows.deduplicate.merge.paper_parts import PaperRanges
from flows.deduplicate.merge.settle_ids import OwnedFile
from flows.deduplicate.part_cache import hash_frame, make_key
from flows.deduplicate.record_index import CONTENT
from flows.errors import count_noun
from flows.parts import link_file
from flows.release.final_files import save_final_file
from schemas.origin import Origin
from schemas.record import Record

FOLLOWED = (*EVIDENCE, *CONTENT)
"""Columns of the evidence that a row of the `Origin` table follows from."""


@dataclass(frozen=True)
class OriginSources:
    """Where the rows of a part of the origins come from."""

    room: Path
    """The folder in which evidence and records wait, by part and piece."""
    last: LastMerge
    ranges: PaperRanges


@dataclass(frozen=True)
class OriginPart:
    """A part of the origins of which the evidence is there."""

    number: int
    key: str
    first: str
    """Its first ``paper_id``."""
    evidence: Path
    """`FOLLOWED` and ``last_row``, sorted by paper and record."""
    records: int


def write_origins(
    owned: Sequence[OwnedFile],
    sources: OriginSources,
    targets: Sequence[Path],
    map_steps: MapSteps,
) -> list[WrittenPart]:
    """Write the `Origin` table, sorted by paper and record, in as many parts as that of papers.

    It is each record as its source wrote it, and why it is in its paper. Each part has its target.
    """
    map_steps(spread_evidence, owned, "Evidence by part", sources=sources)
    every = range(len(sources.ranges.parts))
    parts = map_steps(arrange_evidence, every, "Parts of evidence", room=sources.room)
    fresh = [part.number for part in parts if not sources.last.origins.find_file(part.key)]
    map_steps(spread_records, owned, "Records by part", sources=sources, numbers=fresh)
    return map_steps(
        write_origin_part, parts, "Parts of origins", sources=sources, targets=list(targets)
    )


def spread_evidence(owned: OwnedFile, sources: OriginSources) -> int:
    """Spread why records are in their papers over the parts; return how many there are."""
    rows = list_evidence(owned.file).hstack(external_sort.read_part(owned.owners))
    rows, borders = rows.select(*FOLLOWED, "last_row"), sources.ranges.part_borders
    folder = sources.room / "evidence"
    external_sort.spread_rows(rows, "paper_id", borders, folder, owned.file.number)
    return rows.height


def arrange_evidence(number: int, room: Path) -> OriginPart:
    """Sort the evidence of a part, and name what its origins follow from."""
    rows = external_sort.read_range(room / "evidence", number)
    if rows is None:
        raise ValueError(f"part {number} has papers without records")
    rows = rows.sort("paper_id", "record_id")
    target = external_sort.write_part(rows, room / f"evidence-{number:05}.arrow")
    key = make_key("origins", hash_frame(rows.select(FOLLOWED)))
    return OriginPart(number, key, rows["paper_id"][0], target, rows.height)


def spread_records(owned: OwnedFile, sources: OriginSources, numbers: Sequence[int]) -> int:
    """Spread the records that the last run did not write over the pieces of some parts."""
    ranges, file = sources.ranges, owned.file
    owners = external_sort.read_part(owned.owners)
    places = ranges.part_borders.search_sorted(owners["paper_id"], side="right").to_numpy()
    is_needed = np.isin(places, numbers) & (owners["last_row"].to_numpy() < 0)
    if not is_needed.any():
        return 0
    members = external_sort.copy_columns(file.members, ["record_id", "part"])
    rows = members.hstack(owners.select("paper_id")).filter(pl.Series(is_needed))
    by_part = rows.partition_by("part", as_dict=True, include_key=False)
    read = [
        tables.load(Record, [file.records[int(number) - file.first]]).join(
            some, on="record_id", how="inner", validate="1:1"
        )
        for (number,), some in sorted(by_part.items())
    ]
    external_sort.spread_rows(
        pl.concat(read), "paper_id", ranges.piece_borders, sources.room / "records", file.number
    )
    return rows.height


def write_origin_part(
    part: OriginPart, sources: OriginSources, targets: Sequence[Path]
) -> WrittenPart:
    """Write a part of the `Origin` table, or link it where the last run wrote the same."""
    target = targets[part.number]
    if known := sources.last.origins.find_file(part.key):
        link_file(known, target)
        return WrittenPart(part.key, part.first, target, None, part.records)
    evidence = external_sort.read_part(part.evidence)
    save_final_file("origins", _list_pieces(evidence, part.number, sources), target)
    beside = external_sort.write_part(
        evidence.select(INDEX.names()), sources.room / f"beside-{part.number:05}.arrow"
    )
    return WrittenPart(part.key, part.first, target, beside, part.records)


def _list_pieces(
    evidence: pl.DataFrame, number: int, sources: OriginSources
) -> Iterator[pl.DataFrame]:
    """Yield the rows of a part, piece by piece, as papers are cut."""
    borders = sources.ranges.list_inner_borders(number)
    starts = evidence["paper_id"].search_sorted(borders, side="left").to_list()
    edges = zip([0, *starts], [*starts, evidence.height], strict=True)
    for piece, (start, end) in zip(sources.ranges.parts[number], edges, strict=True):
        fresh = external_sort.read_range(sources.room / "records", piece.number)
        yield _make_rows(evidence[start:end], fresh, sources.last)


def _make_rows(evidence: pl.DataFrame, fresh: pl.DataFrame | None, last: LastMerge) -> pl.DataFrame:
    """Put the evidence beside its records: those of the last run, and ``fresh`` ones."""
    names = Record.dtypes().names()
    known = evidence.filter(pl.col("last_row") >= 0)
    before = last.read_origins(known["last_row"])
    before = before.join(known, on="record_id", how="semi").select(names)
    records = before if fresh is None else pl.concat([before, fresh.select(names)])
    rows = evidence.select(EVIDENCE).join(
        records, on="record_id", how="inner", validate="1:1", maintain_order="left"
    )
    if rows.height != evidence.height:
        raise ValueError(f"{count_noun(evidence.height - rows.height, 'record', 'is/are')} missing")
    return rows.select(Origin.dtypes().names())
