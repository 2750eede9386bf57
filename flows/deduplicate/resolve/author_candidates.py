"""Candidates by authors: papers of exactly the people who wrote the one asked for.

A paper that was renamed may share no rare word with its former title. Its authors are the same, and
hardly anybody writes many papers with exactly the same people.
"""

import polars as pl

from flows.deduplicate.match.author_names import list_surnames
from flows.deduplicate.resolve.abstract_overlap import compare_long_words
from flows.deduplicate.resolve.title_index import TitleIndex

MOST_PAPERS = 10
"""Papers of one set of surnames from which it names nobody: ``wang`` alone has hundreds."""

NEAREST = 3
"""Papers compared in full per title asked for, those with the nearest abstracts first."""


def find_author_candidates(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Pair each query with papers by the same surnames: ``query, place``, at most `NEAREST` each.

    ``queries``: ``query, authors, codes``. Queries without authors, and those whose surnames more
    than `MOST_PAPERS` have, are absent.
    """
    named = queries.select("query", "codes", surnames=list_surnames(queries["authors"]))
    named = named.filter(pl.col("surnames") != "")
    papers = index.papers.select("surnames", place=pl.int_range(pl.len(), dtype=pl.Int64))
    same = papers.filter(pl.col("surnames").is_in(named["surnames"].unique().implode()))
    pairs = named.join(
        same.filter(pl.len().over("surnames") <= MOST_PAPERS), on="surnames", how="inner"
    )
    texts = index.texts.sets(pairs["place"].to_numpy())
    return (
        pairs.with_columns(shared=compare_long_words(pairs["codes"], texts).fill_null(0.0))
        .sort("query", "shared", "place", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("query") < NEAREST)
        .select("query", "place")
    )
