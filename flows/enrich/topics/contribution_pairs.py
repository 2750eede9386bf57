"""Contribution pairs: what the contributions that a paper puts forward say of its other ones.

A framework beside a benchmark is often a part of it; a survey seldom proposes a model.
"""

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.grouped_rows import pair_within_rows
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints

PAIRED = "contribution"
"""The facet whose candidates are weighed against each other one by one."""

CLAIMED = 0.6
"""Weight of mentions (of three) in own sentences that puts a contribution forward."""

PLACES = ["title", "own"]
"""Where a paper puts a contribution forward: in its title, and in its own claims."""


def pair_contributions(frame: pl.DataFrame) -> pl.DataFrame:
    """Pair each candidate contribution with those its paper puts forward: `KEY`, ``other``, ``at``.

    ``at`` is one of `PLACES`.
    """
    here = frame.filter(pl.col("facet") == PAIRED)
    put_forward = pl.concat(
        here.filter(pl.Series(is_forward)).select("row", other="topic", at=pl.lit(at))
        for at, is_forward in zip(PLACES, _find_forward(here), strict=True)
    )
    return here.select(KEY).join(put_forward, on="row", how="inner", validate="m:m")


def _find_forward(candidates: pl.DataFrame) -> list[Flags]:
    """Find what each of `PLACES` puts forward."""
    in_title, named_own, in_own = (
        candidates[name].to_numpy() for name in ("in_title", "named_own", "in_own")
    )
    return [in_title > 0, (named_own > 0) | (in_own >= CLAIMED)]


def sum_pair_weights(candidates: pl.DataFrame, weights: pl.DataFrame) -> Array:
    """Sum the weights of what is put forward beside each candidate of `PAIRED`."""
    odds = np.zeros(candidates.height)
    lines, columns, table = _read_pair_weights(weights, *list_codes(candidates))
    if not table.size:
        return odds
    numbers, rows = number_topics(candidates), candidates["row"].to_numpy().astype(np.int64)
    weighed = np.flatnonzero(lines[numbers] >= 0)
    forward = np.flatnonzero(columns[numbers] >= 0)
    for of_place, is_forward in zip(table, _find_forward(candidates), strict=True):
        at, beside = pair_within_rows(rows, weighed, forward[is_forward[forward]])
        values = of_place[lines[numbers[weighed]][at], columns[numbers[beside]]]
        odds[weighed] += np.bincount(at, values, len(weighed))
    return odds


@cache_by_identity
def _read_pair_weights(
    weights: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[Ints, Ints, Array]:
    """Read the line and the column of each topic, -1 where it has none, and a table per place."""
    parts = pl.col("feature").str.splitn(":", 4).struct
    coded = (
        weights.filter(pl.col("feature").str.starts_with("beside:"))
        .select(
            pl.lit(PAIRED, facets).alias("facet"),
            parts.field("field_1").cast(topics, strict=False).alias("topic"),
            parts.field("field_2").cast(topics, strict=False).alias("other"),
            parts.field("field_3").cast(pl.Enum(PLACES)).alias("at"),
            "weight",
        )
        .drop_nulls()
    )
    placed = number_topics(coded)
    named = number_topics(coded.select("facet", topic="other"))
    lines, columns = (np.full(count_topics(coded), -1) for _ in range(2))
    for places, numbers in ((lines, placed), (columns, named)):
        distinct = np.unique(numbers)
        places[distinct] = np.arange(len(distinct))
    table = np.zeros((len(PLACES), lines.max(initial=-1) + 1, columns.max(initial=-1) + 1))
    at = coded["at"].to_physical().to_numpy()
    table[at, lines[placed], columns[named]] = coded["weight"].to_numpy()
    return lines, columns, table
