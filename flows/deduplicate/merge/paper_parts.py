"""Paper parts: the `Paper` table in files sorted by id, of which unchanged ones are not made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, TypeAlias

import polars as pl

from flows import external_sort, tables
from flows.deduplicate.merge.last_merge import MEMBERS, LastMerge, MergeFolders
from flows.deduplicate.merge.merge_clusters import HEAD, WORDING, MergedTexts
from flows.deduplicate.part_cache import hash_frame, make_key
from flows.parts import empty_folder, link_file, map_in_order
from flows.text import drop_title_notes
from schemas.paper import Paper

Reader: TypeAlias = Callable[[pl.Expr], pl.Expr]
"""What makes written text readable."""

DECIDED = tuple(name for name in HEAD if name != "first_record_id")
"""Columns of a paper that are not those of its cluster alone."""

FOLLOWED = (*DECIDED, *MEMBERS)
"""Columns of heads that a row of the `Paper` table follows from."""

READABLE = ("title", "abstract", "authors")
"""Columns that readers make."""


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
class PaperParts:
    """Where the rows of papers come from: the last run, or what this run merged."""

    heads: pl.DataFrame
    """One row per paper, sorted by its id: `DECIDED` as they are in the end, `MEMBERS`, `WORDING`,
    ``last_id`` where the last run made the paper of the same records, else its ``place``."""
    parts: list[list[Piece]]
    """The pieces of each part."""
    last: LastMerge
    readers: PaperReaders

    def borders(self) -> pl.Series:
        """Return the first id of each piece but the first one."""
        starts = [piece.start for pieces in self.parts for piece in pieces]
        return self.heads["paper_id"].gather(starts[1:])


def write_papers(papers: PaperParts, texts: MergedTexts, folders: MergeFolders) -> list[str]:
    """Write the `Paper` table part by part; links and topics are empty.

    Returns the key of each part in the cache.
    """
    folder, cache = empty_folder(folders.written.papers), folders.cache
    merged = texts.read_with(papers.heads.filter(pl.col("place").is_not_null()))
    read_fresh = external_sort.partition(
        merged, "paper_id", papers.borders(), folders.room / "papers"
    )

    def write_part(number: int) -> str:
        pieces, target = papers.parts[number], folder / f"{number:05}.parquet"
        heads = papers.heads[pieces[0].start : pieces[-1].end]
        key = make_key("papers", hash_frame(heads.select(FOLLOWED)))
        if known := cache.find(key):
            link_file(known, target)
            cache.keep_found(key)
        else:
            rows = (_make_rows(papers, piece, read_fresh(piece.number)) for piece in pieces)
            cache.keep(key, tables.save_part(Paper, rows, target))
        return key

    return list(map_in_order(write_part, range(len(papers.parts))))


def _make_rows(papers: PaperParts, piece: Piece, fresh: pl.DataFrame | None) -> pl.DataFrame:
    """Return the rows of a piece: those of the last run, and those of the ``fresh`` texts."""
    heads = papers.heads[piece.start : piece.end]
    same = heads.filter(pl.col("last_id").is_not_null())
    ids = same["last_id"] if fresh is None else pl.concat([same["last_id"], fresh["paper_id"]])
    last = papers.last.read_papers(ids)
    unchanged = last.drop(name for name in DECIDED if name != "paper_id").join(
        same.select("last_id", *(pl.col(name).alias(f"new {name}") for name in DECIDED)),
        left_on="paper_id",
        right_on="last_id",
        validate="1:1",
    )
    if unchanged.height != same.height:
        raise ValueError(f"{same.height - unchanged.height} papers of the last run are not there")
    renamed = unchanged.drop("paper_id").rename({f"new {name}": name for name in DECIDED})
    made = [] if fresh is None else [finish_papers(papers, fresh, last)]
    names = Paper.dtypes().names()
    return pl.concat([renamed.select(names), *made]).sort("paper_id")


def finish_papers(papers: PaperParts, fresh: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Return `Paper` rows of merged texts, readable; the columns of later steps are empty.

    What reads as it did in the ``last`` run is not made readable again: a dump that lists all
    papers again changes ids of records and days, and hardly a text.
    """
    wordings = papers.last.heads.select(pl.col("last_id").alias("paper_id"), *WORDING)
    alike = fresh.select("paper_id", *WORDING).join(wordings, on=["paper_id", *WORDING], how="semi")
    before = last.join(alike, on="paper_id", how="semi").select("paper_id", *READABLE)
    known = fresh.drop("authors").join(before, on="paper_id", how="inner", validate="1:1")
    unknown = fresh.join(before, on="paper_id", how="anti")
    return pl.concat(
        [_complete_columns(known), _complete_columns(make_papers_readable(unknown, papers.readers))]
    )


def make_papers_readable(papers: pl.DataFrame, readers: PaperReaders) -> pl.DataFrame:
    """Add `READABLE` to papers as they were written."""
    return papers.with_columns(
        readers.text(drop_title_notes(pl.col("title_as_written"))).alias("title"),
        readers.text(pl.col("abstract_as_written")).alias("abstract"),
        pl.col("authors").list.eval(readers.name(pl.element())),
    ).with_columns(_fill_title())


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
