"""Candidates: papers whose titles share rare words with the one asked for, or by its authors."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from flows.deduplicate.resolve.author_candidates import find_author_candidates
from flows.deduplicate.resolve.title_index import TitleIndex

BUDGET = 10_000
"""Postings read per title: its rarest words until they hold so many titles. With it 10,000 titles
cost 100 million multiplications."""

CANDIDATES = 20
"""Titles compared in full per title asked for, best shared words first."""

CHUNK = 500
"""Titles asked for at a time, so that their table of shared words stays below 200 MB."""

WORKERS = 2
"""Chunks multiplied at the same time: scipy lets other threads run meanwhile."""


def find_candidates(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Pair each title with the papers that share its rarest words, at most `CANDIDATES`.

    Papers by the same people follow, see `find_author_candidates`: ``is_by_same`` tells them.
    """
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    by_words = _find_by_words(queries, index)
    by_authors = (
        find_author_candidates(queries, index)
        .join(queries.select("query", row=row), on="query", how="inner", validate="m:1")
        .select("row", "place", is_by_same=True)
    )
    pairs = (
        pl.concat([by_authors, by_words.with_columns(is_by_same=pl.lit(value=False))])
        .unique(["row", "place"], keep="first", maintain_order=True)
        .sort("row", maintain_order=True)
    )
    papers = index.papers[pairs["place"].to_numpy()].select(
        "paper", authors_right="authors", key_right="key", matched_title="title"
    )
    return queries[pairs["row"].to_numpy()].hstack(papers).hstack(pairs.drop("row"))


def _find_by_words(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Return ``row`` of each title and ``place`` of each paper that shares its rarest words."""
    words = _select_rare_words(queries, index)

    def chunk(start: int) -> list[npt.NDArray[np.int64]]:
        part = words.filter(pl.col("row").is_between(start, start + CHUNK, closed="left"))
        where = (part["row"].to_numpy() - start, part["column"].to_numpy())
        shape = (min(CHUNK, queries.height - start), index.words.height)
        # Titles times words, by words times papers: how much each title shares with each paper.
        shared = sparse.csr_matrix((part["weight"].to_numpy(), where), shape=shape) @ index.postings
        return [_choose_best_columns(shared, row).astype(np.int64) for row in range(shape[0])]

    with ThreadPoolExecutor(WORKERS) as pool:
        best = [
            columns for part in pool.map(chunk, range(0, queries.height, CHUNK)) for columns in part
        ]
    rows = np.repeat(np.arange(queries.height), [columns.size for columns in best])
    return pl.DataFrame(
        {"row": rows, "place": np.concatenate([np.empty(0, np.int64), *best])},
        schema={"row": pl.Int64, "place": pl.Int64},
    )


def _choose_best_columns(shared: sparse.csr_matrix, row: int) -> npt.NDArray[np.int32]:
    """Return the columns of a row's greatest values, ties by column, in one order always."""
    piece = slice(shared.indptr[row], shared.indptr[row + 1])
    values, places = shared.data[piece], shared.indices[piece]
    if values.size > CANDIDATES:
        # All with the value of the last are kept until they are sorted: which of equals came first
        # must not decide.
        least = np.partition(values, -CANDIDATES)[-CANDIDATES]
        keep = values >= least
        values, places = values[keep], places[keep]
    order = np.lexsort((places, -values))[:CANDIDATES]
    chosen: npt.NDArray[np.int32] = places[order]
    return chosen


def _select_rare_words(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Return each title's rarest words, as many as `BUDGET` postings allow, and one at least."""
    read = pl.col("frequency").cum_sum().over("row")
    return (
        queries.select(word=pl.col("key").str.split(" ").list.unique())
        .with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
        .explode("word", empty_as_null=False)
        .join(index.words, on="word", how="inner", validate="m:1")
        .sort("row", "frequency", "word")
        .filter((read <= BUDGET) | (read == pl.col("frequency")))
        .select("row", "column", weight=pl.col("weight").pow(2).cast(pl.Float32))
    )
