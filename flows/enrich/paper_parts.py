"""Papers in parts, each with the records that it was made of, as enrichment works on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import external_sort, tables
from flows.parts import PART_ROWS, cut_at_ids
from schemas.origin import Origin
from schemas.paper import Paper


@dataclass(frozen=True)
class PaperPart:
    """Some papers in the order of their ids, and all their records."""

    name: str
    """The id of the first paper, by which the part is found again in the next run."""
    papers: pl.DataFrame
    origins: pl.DataFrame


def read_paper_parts(papers: Path, origins: Path, scratch: Path) -> Iterator[PaperPart]:
    """Read the `Paper` and `Origin` tables of a run part by part, cut where the ids say so.

    Records may be in any order: they wait in files in ``scratch``, by the part of their paper.
    """
    ids = tables.load(Paper, papers, ["paper_id"])["paper_id"]
    ranges = cut_at_ids(ids, PART_ROWS)
    # Records of a paper come in any order, so each part takes what falls between two borders.
    borders = ids.gather([start for start, _ in ranges[1:]])
    records = (part.collect() for part in tables.scan_parts(Origin, origins))
    read_origins = external_sort.partition(records, "paper_id", borders, scratch)
    # Scanned, not read: only one part of the papers is in memory at a time.
    rows = pl.scan_parquet(papers, glob=False)
    for number, (start, end) in enumerate(ranges):
        found = read_origins(number)
        yield PaperPart(
            # Not by number: one more paper in front would rename every part behind it.
            name=ids[start] if end else "",
            papers=rows.slice(start, end - start).collect(),
            origins=Origin.empty() if found is None else found,
        )
