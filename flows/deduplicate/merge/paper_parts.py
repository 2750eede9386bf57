"""Paper parts: the `Paper` table in files sorted by id; those that did not change are linked.

Papers are spread over the parts that their ids are in, and each part is written from what came to
it: both are maps, of which a worker holds one part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeAlias

import polars as pl

from flows import external_sort, tables
from flows.deduplicate.match.steps import MapSteps
from flows.deduplicate.merge.last_merge import HEADS, LastMerge, WrittenPart
from flows.deduplicate.merge.merge_clusters import MEMBERS, WORDING
from flows.deduplicate.merge.settle_ids import DECIDED, SettledFile
from flows.deduplicate.part_cache import hash_frame, make_key
from flows.errors import count_noun
from flows.parts import link_file
from flows.text import drop_title_notes
from flows.text.cleaning import clean_texts
from schemas.paper import Paper

Reader: TypeAlias = Callable[[pl.Expr], pl.Expr]
"""What makes written text readable."""

FOLLOWED = (*DECIDED, *MEMBERS)
"""Columns of heads that a row of the `Paper` table follows from."""

READABLE = ("title", "abstract", "authors")
"""Columns that readers make."""

CLAIMED = {f"claimed {name}": name for name in HEADS.names() if name != "last_id"}
"""Columns of heads as clusters gave them, beside those that were decided."""


@dataclass(frozen=True)
class PaperReaders:
    """What makes texts readable, and names."""

    text: Reader
    name: Reader


PIECE_ROWS = 10_000
"""Papers that are made at a time, on each of the threads: 15 MB of texts, and some copies."""


class Piece(NamedTuple):
    """Papers of a part that are made at a time."""

    number: int
    """Its place among the pieces of all parts."""
    start: int
    end: int
    """The first of its rows among all papers, and the last + 1."""


def cut_pieces(ranges: Sequence[tuple[int, int]]) -> list[list[Piece]]:
    """Cut the parts, each a range of rows, into pieces of `PIECE_ROWS`, counted from its start.

    >>> cut_pieces([(0, 10_001), (10_001, 10_002)])[1]
    [Piece(number=2, start=10001, end=10002)]
    """
    numbers = count()
    return [
        [
            Piece(next(numbers), at, min(at + PIECE_ROWS, end))
            for at in range(start, max(end, start + 1), PIECE_ROWS)
        ]
        for start, end in ranges
    ]


@dataclass(frozen=True)
class PaperRanges:
    """Where the parts are cut, and the pieces in which their texts are read."""

    parts: Sequence[Sequence[Piece]]
    part_borders: pl.Series
    """The first id of each part but the first one."""
    piece_borders: pl.Series
    """The same of pieces."""

    def list_inner_borders(self, part: int) -> pl.Series:
        """Return the first id of each piece of a part but its first one."""
        pieces = self.parts[part]
        return self.piece_borders[pieces[0].number : pieces[-1].number]


def cut_papers(paper_ids: pl.Series, parts: Sequence[tuple[int, int]]) -> PaperRanges:
    """Cut sorted ids into parts, each a range of them, and these into pieces."""
    pieces = cut_pieces(parts)
    starts = [piece.start for part in pieces for piece in part]
    borders = [[start for start, _ in parts[1:]], starts[1:]]
    # Texts of their own: those taken from a column are views that keep all of it in memory.
    of_parts, of_pieces = (
        pl.Series(paper_ids.name, paper_ids.gather(rows).to_list(), pl.String) for rows in borders
    )
    return PaperRanges(pieces, of_parts, of_pieces)


@dataclass(frozen=True)
class PaperSources:
    """Where the rows of a part of the papers come from."""

    room: Path
    """The folder in which heads and texts wait, by part and piece."""
    last: LastMerge
    readers: PaperReaders


@dataclass(frozen=True)
class PaperPart:
    """A part of the papers that is to be written."""

    number: int
    pieces: Sequence[Piece]
    target: Path


def write_papers(
    papers: Sequence[SettledFile],
    ranges: PaperRanges,
    sources: PaperSources,
    targets: Sequence[Path],
    map_steps: MapSteps,
) -> list[WrittenPart]:
    """Write the `Paper` table part by part, each to its target; links and topics are empty."""
    map_steps(spread_papers, papers, "Papers by part", ranges=ranges, room=sources.room)
    jobs = [
        PaperPart(number, pieces, target)
        for number, (pieces, target) in enumerate(zip(ranges.parts, targets, strict=True))
    ]
    return map_steps(write_paper_part, jobs, "Parts of papers", sources=sources)


def spread_papers(papers: SettledFile, ranges: PaperRanges, room: Path) -> int:
    """Spread papers over the parts, and their texts over the pieces; return how many they are."""
    heads = external_sort.read_part(papers.merged.heads)
    settled = external_sort.read_part(papers.settled)
    if "last_id" not in heads.columns:
        heads = heads.with_columns(last_id=pl.lit(None, pl.String))
    claimed = heads.select(pl.col(name).alias(claim) for claim, name in CLAIMED.items())
    rows = settled.hstack(claimed).hstack(heads.select(*MEMBERS, *WORDING, "last_id"))
    external_sort.spread_rows(rows, "paper_id", ranges.part_borders, room / "heads", papers.number)
    if papers.merged.texts:
        texts = external_sort.read_part(papers.merged.texts)
        fresh = texts.hstack(rows.select(*DECIDED, *WORDING))
        external_sort.spread_rows(
            fresh, "paper_id", ranges.piece_borders, room / "texts", papers.number
        )
    return rows.height


def write_paper_part(part: PaperPart, sources: PaperSources) -> WrittenPart:
    """Write a part of the `Paper` table, or link it where the last run wrote the same."""
    heads = external_sort.read_range(sources.room / "heads", part.number)
    if heads is None:
        raise ValueError(f"part {part.number} has no papers")
    heads = heads.sort("paper_id")
    key = make_key("papers", hash_frame(heads.select(FOLLOWED)))
    first = heads["paper_id"][0]
    if known := sources.last.papers.find_file(key):
        link_file(known, part.target)
        return WrittenPart(key, first, part.target, None, heads.height)
    start = part.pieces[0].start
    rows = (
        _make_rows(heads[piece.start - start : piece.end - start], piece.number, sources)
        for piece in part.pieces
    )
    tables.save_part(Paper, rows, part.target)
    claimed = [pl.col(claim).alias(name) for claim, name in CLAIMED.items()]
    beside = external_sort.write_part(
        heads.select(*claimed, last_id="paper_id").select(HEADS.names()),
        sources.room / f"beside-{part.number:05}.arrow",
    )
    return WrittenPart(key, first, part.target, beside, heads.height)


def _make_rows(heads: pl.DataFrame, number: int, sources: PaperSources) -> pl.DataFrame:
    """Return the rows of a piece: those of the last run, and those of the fresh texts."""
    fresh = external_sort.read_range(sources.room / "texts", number)
    same = heads.filter(pl.col("last_id").is_not_null())
    ids = same["last_id"] if fresh is None else pl.concat([same["last_id"], fresh["paper_id"]])
    last = sources.last.read_papers(ids)
    unchanged = last.drop(name for name in DECIDED if name != "paper_id").join(
        same.select("last_id", *(pl.col(name).alias(f"new {name}") for name in DECIDED)),
        left_on="paper_id",
        right_on="last_id",
        validate="1:1",
    )
    if unchanged.height != same.height:
        raise ValueError(f"{count_noun(same.height - unchanged.height, 'paper', 'is/are')} missing")
    renamed = unchanged.drop("paper_id").rename({f"new {name}": name for name in DECIDED})
    made = []
    if fresh is not None:
        wordings = sources.last.read_wordings(fresh["paper_id"])
        made.append(finish_papers(fresh, last, wordings, sources.readers))
    names = Paper.dtypes().names()
    return pl.concat([renamed.select(names), *made]).sort("paper_id")


def finish_papers(
    fresh: pl.DataFrame, last: pl.DataFrame, wordings: pl.DataFrame, readers: PaperReaders
) -> pl.DataFrame:
    """Return `Paper` rows of merged texts, readable; the columns of later steps are empty.

    What reads as it did in the ``last`` run, by its ``wordings``, is not made readable again: a
    dump that lists all papers again changes ids of records and days, and hardly a text.
    """
    # On one line, and without what terminals and readers act on: origins have them as they came.
    fresh = fresh.with_columns(clean_texts(pl.col("venue", "comments")).replace("", None))
    alike = fresh.select("paper_id", *WORDING).join(wordings, on=["paper_id", *WORDING], how="semi")
    before = last.join(alike, on="paper_id", how="semi").select("paper_id", *READABLE)
    known = fresh.drop("authors").join(before, on="paper_id", how="inner", validate="1:1")
    unknown = fresh.join(before, on="paper_id", how="anti")
    return pl.concat(
        [_complete_columns(known), _complete_columns(make_papers_readable(unknown, readers))]
    )


def make_papers_readable(papers: pl.DataFrame, readers: PaperReaders) -> pl.DataFrame:
    """Add `READABLE` to papers as they were written."""
    # Of a lazy frame what expressions have in common is computed once.
    readable = papers.lazy().with_columns(
        readers.text(drop_title_notes(pl.col("title_as_written"))).alias("title"),
        readers.text(pl.col("abstract_as_written")).alias("abstract"),
        pl.col("authors").list.eval(readers.name(pl.element())),
    )
    return readable.with_columns(_fill_title()).collect()


def _fill_title() -> pl.Expr:
    """Keep the written title where nothing readable is left of it."""
    title = pl.col("title")
    return (
        pl.when(title.fill_null("") != "").then(title).otherwise("title_as_written").alias("title")
    )


def _complete_columns(papers: pl.DataFrame) -> pl.DataFrame:
    dtypes = Paper.dtypes()
    columns = [
        pl.col(name) if name in papers.columns else _empty_column(dtype).alias(name)
        for name, dtype in dtypes.items()
    ]
    return papers.select(columns).cast(dtypes)


def _empty_column(dtype: pl.DataType) -> pl.Expr:
    return pl.lit([] if isinstance(dtype, pl.List) else None, dtype)
