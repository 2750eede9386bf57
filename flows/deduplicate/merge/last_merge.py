"""Last merge: the papers and origins of the last run, found again by what they were made from.

Beside each part of the papers is a file of what is known of them without their texts, beside each
part of the origins one of what is known of their records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from flows import external_sort
from flows.deduplicate.find_rows import Hashes, Rows, find_equal_rows
from flows.deduplicate.merge.merge_clusters import HEAD, MEMBERS, WORDING
from flows.deduplicate.part_cache import PartCache, make_key
from flows.deduplicate.record_index import CONTENT
from flows.paths import StepFolder
from schemas.origin import Origin
from schemas.paper import Paper

HEADS = pl.Schema(
    [
        *((name, Paper.dtypes().get(name, pl.String())) for name in HEAD),
        *((name, pl.UInt64()) for name in (*MEMBERS, *WORDING)),
        ("last_id", pl.String()),
    ]
)
"""One row per paper, sorted by the ``last_id`` that it had in the end: `HEAD` as its cluster gave
it, and what it was made from."""

INDEX = pl.Schema({"paper_id": pl.String, **dict.fromkeys(CONTENT, pl.UInt64)})
"""One row per record of the origins, under the id that its paper had in the end."""

BESIDE = {"papers": "heads", "origins": "index"}
"""What the file beside each part of a table holds."""

PARTS = pl.Schema({"kind": pl.String, "key": pl.String, "first": pl.String})
"""One row per part: of which table, its key in the cache, and its first ``paper_id``."""

PARTS_KEY = make_key("parts", "")


def take_rows(frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Take rows of a frame, in their order: a slice of it where they follow each other.

    >>> take_rows(pl.DataFrame({"a": [1, 2, 3]}), np.array([1, 2]))["a"].to_list()
    [2, 3]
    """
    # Most papers of a run are those of the last one: few of their rows have to be picked out.
    is_slice = len(rows) > 0 and bool((np.diff(rows) == 1).all())
    return frame.slice(int(rows[0]), len(rows)) if is_slice else frame[rows]


def name_companion(kind: str, key: str) -> str:
    """Name the key of the file beside a part: it follows from the same."""
    return make_key(BESIDE[kind], key)


@dataclass(frozen=True)
class LastParts:
    """The parts of one table of the last run, in the order of their papers."""

    firsts: Sequence[str] = ()
    """The first ``paper_id`` of each."""
    files: Sequence[Path] = ()
    beside: Sequence[Path] = ()
    """The files of `HEADS`, or of `INDEX`."""

    def select_parts(self, numbers: Sequence[int]) -> Self:
        """Return some of the parts."""
        return type(self)(
            [self.firsts[number] for number in numbers],
            [self.files[number] for number in numbers],
            [self.beside[number] for number in numbers],
        )

    def find_file(self, key: str) -> Path | None:
        """Find the part of a key, which is the name of its file; None where there is none."""
        return next((file for file in self.files if file.name == key), None)

    def read_rows(self, paper_ids: pl.Series, schema: pl.Schema) -> pl.DataFrame:
        """Read the rows of some papers; others are absent."""
        paper_id = pl.col("paper_id")
        # The bounds let the reader leave out row groups.
        is_near = paper_id.is_between(pl.lit(paper_ids.min()), pl.lit(paper_ids.max()))
        is_sought = is_near & paper_id.is_in(paper_ids.implode())
        rows = [
            pl.scan_parquet(self.files[place], glob=False).filter(is_sought).collect()
            for place in self.find_places(paper_ids)
        ]
        return pl.concat([pl.DataFrame(schema=schema), *rows])

    def find_places(self, paper_ids: pl.Series) -> list[int]:
        """Find the parts in which some papers are, if they are in any."""
        firsts = pl.Series(self.firsts, dtype=pl.String)
        # Parts are sorted: an id is in the last one that does not begin behind it.
        places = firsts.search_sorted(paper_ids.unique(), side="right").unique().sort()
        return [place - 1 for place in places if place]

    def match_hashes(self, hashes: Hashes, names: Sequence[str]) -> Rows:
        """Find the row beside the parts that has the same two hashes; -1 where there is none.

        Rows are counted through all parts; ``names``: the columns of the two hashes.
        """
        columns = [external_sort.copy_columns(file, names) for file in self.beside]
        if not columns:
            return np.full(len(hashes[0]), -1, np.int64)
        return find_equal_rows(hashes, [column.to_numpy() for column in pl.concat(columns)])

    def gather_beside(self, rows: Rows, columns: Sequence[str]) -> pl.DataFrame:
        """Read some columns of rows that `match_hashes` found, in their order."""
        sizes = [external_sort.map_part(file, columns[:1]).height for file in self.beside]
        starts = np.cumsum([0, *sizes])
        # Each part is read once, for its rows in ascending order; `back` undoes the sorting.
        order = np.argsort(rows, kind="stable")
        cuts = np.searchsorted(rows[order], starts)
        frames = [
            external_sort.copy_rows(
                take_rows(external_sort.map_part(file, columns), rows[order[low:high]] - start)
            )
            for file, start, low, high in zip(
                self.beside, starts[:-1], cuts[:-1], cuts[1:], strict=True
            )
            if low < high
        ]
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return take_rows(pl.concat(frames, rechunk=True), back)


@dataclass(frozen=True)
class LastMerge:
    """What the last run merged; empty where the cache is."""

    papers: LastParts = LastParts()
    origins: LastParts = LastParts()

    def select_parts(self, numbers: Sequence[int]) -> Self:
        """Return some of the parts, which both tables have of the same papers."""
        return type(self)(*(of.select_parts(numbers) for of in (self.papers, self.origins)))

    def read_papers(self, paper_ids: pl.Series) -> pl.DataFrame:
        """Read the `Paper` rows of some ids, as they were in the end; others are absent."""
        return self.papers.read_rows(paper_ids, pl.Schema(Paper.dtypes()))

    def read_origins(self, rows: pl.Series) -> pl.DataFrame:
        """Read the `Origin` rows of the papers that have some rows beside the parts."""
        if rows.is_empty():
            return pl.DataFrame(schema=Origin.dtypes())
        paper_ids = self.origins.gather_beside(rows.to_numpy(), ["paper_id"])["paper_id"]
        return self.origins.read_rows(paper_ids, pl.Schema(Origin.dtypes()))

    def read_wordings(self, paper_ids: pl.Series) -> pl.DataFrame:
        """Read ``paper_id`` and `WORDING` of the papers of some ids; others are absent."""
        none = pl.DataFrame(schema={"paper_id": pl.String, **dict.fromkeys(WORDING, pl.UInt64)})
        columns = ["last_id", *WORDING]
        heads = [
            external_sort.copy_columns(self.papers.beside[place], columns)
            for place in self.papers.find_places(paper_ids)
        ]
        return pl.concat([none, *(rows.rename({"last_id": "paper_id"}) for rows in heads)])


def read_last_merge(cache: PartCache) -> LastMerge:
    """Read what the last run left in a cache."""
    parts = cache.find_frame(PARTS_KEY)
    if parts is None:
        return LastMerge()
    tables = []
    for kind in BESIDE:
        rows = parts.filter(pl.col("kind") == kind)
        keys = [(key, name_companion(kind, key)) for key in rows["key"]]
        files = [(cache.find(key), cache.find(beside)) for key, beside in keys]
        whole = [(file, beside) for file, beside in files if file and beside]
        if len(whole) < len(files):
            return LastMerge()
        tables.append(
            LastParts(
                rows["first"].to_list(),
                [file for file, _ in whole],
                [beside for _, beside in whole],
            )
        )
    return LastMerge(*tables)


@dataclass(frozen=True)
class MergeFolders:
    """Where merging leaves what it makes."""

    written: StepFolder
    """For the next step."""
    cache: PartCache
    """For the next run."""
    room: Path
    """For the time of the step: texts wait there."""


@dataclass(frozen=True)
class WrittenPart:
    """A part of a table that was written, or taken over from the last run."""

    key: str
    first: str
    """Its first ``paper_id``."""
    file: Path
    beside: Path | None
    """What is known of its rows without their texts; None where the cache has it already."""
    records: int


def keep_merge(cache: PartCache, written: Mapping[str, Sequence[WrittenPart]]) -> None:
    """Keep the parts of the tables of `BESIDE` for the next run."""
    rows = []
    for kind, parts in written.items():
        for part in parts:
            beside = name_companion(kind, part.key)
            if part.beside is None:
                cache.keep_found(part.key)
                cache.keep_found(beside)
            else:
                cache.keep(part.key, part.file)
                cache.keep(beside, part.beside)
            rows.append((kind, part.key, part.first))
    cache.keep_frame(PARTS_KEY, pl.DataFrame(rows, schema=PARTS, orient="row"))
