"""Title pairs: what the topics that a title names say of the other candidates of its paper.

A title on images says of "text" that it is a prompt; one on robots says of "images" that they are
what the robot sees. A topic that the title names is paired with itself as well: for some topics
that says much, for others, as for language models, little.
"""

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.grouped_rows import pair_within_rows
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.text_words import Ints

WEIGHED_FACETS = ["area", "task", "method"]
"""Facets whose candidates are weighed by what is in the title."""

TITLE_FACETS = [*WEIGHED_FACETS, "domain"]
"""Facets whose topics count where a title names them: a contribution tells nothing of a subject."""


def list_title_pairs(candidates: pl.DataFrame) -> pl.DataFrame:
    """List what titles name beside `WEIGHED_FACETS`, one row each: `KEY`, ``feature``."""
    is_titled = pl.col("facet").is_in(TITLE_FACETS) & (pl.col("in_title") > 0)
    text = [pl.col(name).cast(pl.String) for name in ("facet", "topic")]
    titled = candidates.filter(is_titled).select("row", other=pl.concat_str(*text, separator="/"))
    return (
        candidates.filter(pl.col("facet").is_in(WEIGHED_FACETS))
        .select(KEY)
        .join(titled, on="row", how="inner", validate="m:m")
        .select(*KEY, feature=pl.concat_str(pl.lit("titled"), text[1], "other", separator=":"))
    )


def sum_title_weights(candidates: pl.DataFrame, weights: pl.DataFrame) -> Array:
    """Sum for each candidate of `WEIGHED_FACETS` the weights of what its title names."""
    lines, columns, table = _read_title_weights(weights, *list_codes(candidates))
    if table.size == 1:
        return np.zeros(candidates.height)
    numbers, rows = number_topics(candidates), candidates["row"].to_numpy().astype(np.int64)
    is_titled = (columns[numbers] > 0) & (candidates["in_title"].to_numpy() > 0)
    weighed, titled = np.flatnonzero(lines[numbers] > 0), np.flatnonzero(is_titled)
    at, beside = pair_within_rows(rows, weighed, titled)
    values = table[lines[numbers[weighed]][at], columns[numbers[beside]]]
    odds = np.zeros(candidates.height)
    odds[weighed] = np.bincount(at, values, len(weighed))
    return odds


@cache_by_identity
def _read_title_weights(
    weights: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[Ints, Ints, Array]:
    """Read the line and the column of each topic in a table of weights, zero where it has none."""
    parts = pl.col("feature").str.splitn(":", 3).struct
    other = parts.field("field_2").str.splitn("/", 2).struct
    coded = (
        weights.filter(pl.col("feature").str.starts_with("titled:"))
        .select(
            pl.col("facet").cast(facets, strict=False),
            parts.field("field_1").cast(topics, strict=False).alias("topic"),
            other.field("field_0").cast(facets, strict=False).alias("of"),
            other.field("field_1").cast(topics, strict=False).alias("other"),
            "weight",
        )
        .drop_nulls()
    )
    placed = number_topics(coded)
    named = number_topics(coded.select(facet="of", topic="other"))
    lines, columns = (np.zeros(count_topics(coded), np.int64) for _ in range(2))
    for places, numbers in ((lines, placed), (columns, named)):
        distinct = np.unique(numbers)
        places[distinct] = 1 + np.arange(len(distinct))
    # The first line and column stay zero: they are those of all topics without a weight.
    table = np.zeros((lines.max(initial=0) + 1, columns.max(initial=0) + 1))
    table[lines[placed], columns[named]] = coded["weight"].to_numpy()
    return lines, columns, table
