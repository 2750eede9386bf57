"""First years: a topic that came up after a paper is none of its candidates."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints, find_rows

LAST_YEAR = 9999
"""The year of a paper whose date is unknown: no topic is younger."""


@dataclass(frozen=True)
class Dates:
    """The years of papers and of topics."""

    rows: Ints
    """The ``row`` of each paper: they rise."""
    years: Ints
    """The year of each of them."""
    begun: Ints
    """The year in which each topic came up, by `number_topics`; zero where none is known."""

    def find_anachronisms(self, candidates: Ints) -> Flags:
        """Find the candidates (`number_candidates`) whose topic is younger than their paper."""
        rows, topics = np.divmod(candidates, len(self.begun))
        begun = self.begun[topics]
        # Few topics have a year: only their papers are looked up.
        later = np.flatnonzero(begun)
        is_early = np.zeros(len(candidates), np.bool_)
        is_early[later] = self.years[find_rows(self.rows, rows[later])] < begun[later]
        return is_early


def read_dates(texts: pl.DataFrame, since: pl.DataFrame, coded: pl.DataFrame) -> Dates:
    """Read the years of papers: ``row``, which rise, and ``published`` (null where unknown).

    ``since`` is `Knowledge.since`; topics are numbered as in a frame where they are ``coded``.
    """
    year = pl.col("published").cast(pl.Date).dt.year().fill_null(LAST_YEAR).cast(pl.Int64)
    years = texts.select(pl.col("row").cast(pl.Int64), year=year)
    begun = _list_first_years(since, *list_codes(coded))
    return Dates(years["row"].to_numpy(), years["year"].to_numpy(), begun)


@cache_by_identity
def _list_first_years(since: pl.DataFrame, facets: pl.Enum, topics: pl.Enum) -> Ints:
    later = since.select(pl.col("facet").cast(facets), pl.col("topic").cast(topics), "since")
    begun = np.zeros(count_topics(later), np.int64)
    begun[number_topics(later)] = later["since"].to_numpy()
    return begun
