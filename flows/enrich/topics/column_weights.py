"""Column weights: what the fields and axes of a paper's text add to its candidates."""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.field_features import (
    FIELD_FACETS,
    find_field_lines,
    lay_fields,
    spread_fields,
    sum_products,
)
from flows.enrich.topics.field_words import ARXIV_FIELDS
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.subject_axes import MAIN_AXES
from flows.enrich.topics.text_words import Ints

LEAST_PROBABILITY = 0.05
"""Probability of a field below which it says nothing of a candidate."""

FACET_WITHOUT_AXES = "language"
"""The facet that axes say nothing of: languages are stated in passing."""


def list_field_cells(candidates: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """List what fields say of candidates, one row each: `KEY`, ``feature``, ``value``."""
    field_candidates = candidates.select(KEY).filter(pl.col("facet").is_in(FIELD_FACETS))
    probabilities = pl.DataFrame(spread_fields(field_candidates, fields), schema=list(ARXIV_FIELDS))
    return (
        field_candidates.hstack(probabilities)
        .unpivot(list(ARXIV_FIELDS), index=KEY, variable_name="field", value_name="value")
        .filter(pl.col("value") >= LEAST_PROBABILITY)
        .with_columns(pl.col("facet", "topic").cast(pl.String))
        .select(
            *KEY,
            feature=pl.concat_str(pl.lit("field"), "topic", "field", separator=":"),
            value="value",
        )
    )


def list_axis_cells(candidates: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """List where the papers of candidates stand on each axis: `KEY`, ``feature``, ``value``.

    One row per candidate and axis; languages have none.
    """
    placed = candidates.select(KEY).filter(pl.col("facet") != FACET_WITHOUT_AXES)
    values = pl.DataFrame(spread_fields(placed, fields, MAIN_AXES), schema=MAIN_AXES)
    return (
        placed.hstack(values)
        .unpivot(MAIN_AXES, index=KEY, variable_name="axis", value_name="value")
        .with_columns(pl.col("facet", "topic").cast(pl.String))
        .select(
            *KEY,
            feature=pl.concat_str(pl.lit("axis"), "topic", "axis", separator=":"),
            value="value",
        )
    )


def sum_field_weights(
    candidates: pl.DataFrame, fields: pl.DataFrame, weights: pl.DataFrame
) -> Array:
    """Weigh the chances of fields by what each field says of a topic of `FIELD_FACETS`."""
    names = list(ARXIV_FIELDS)
    probabilities = lay_fields(fields, names)
    # Small chances are noise of many words; training never saw them.
    probabilities[probabilities < LEAST_PROBABILITY] = 0.0
    is_field_facet = candidates["facet"].is_in(FIELD_FACETS).to_numpy()
    table = _read_columns(weights, "field", tuple(names), *list_codes(candidates))
    return _weigh_columns(
        candidates, find_field_lines(candidates, fields), probabilities, table, is_field_facet
    )


def sum_axis_weights(
    candidates: pl.DataFrame, fields: pl.DataFrame, weights: pl.DataFrame
) -> Array:
    """Weigh where a paper stands on each axis by what that says of a topic."""
    is_placed = (candidates["facet"] != FACET_WITHOUT_AXES).to_numpy()
    table = _read_columns(weights, "axis", tuple(MAIN_AXES), *list_codes(candidates))
    lines = find_field_lines(candidates, fields)
    return _weigh_columns(candidates, lines, lay_fields(fields, MAIN_AXES), table, is_placed)


@cache_by_identity
def _read_columns(
    weights: pl.DataFrame, kind: str, names: tuple[str, ...], facets: pl.Enum, topics: pl.Enum
) -> Array:
    """Read the weights `<kind>:<topic>:<name>`: a line per topic, a column per name."""
    parts = pl.col("feature").str.splitn(":", 3).struct
    coded = (
        weights.filter(pl.col("feature").str.starts_with(f"{kind}:"))
        .select(
            pl.col("facet").cast(facets, strict=False),
            parts.field("field_1").cast(topics, strict=False).alias("topic"),
            parts.field("field_2").cast(pl.Enum(names)).alias("name"),
            "weight",
        )
        .drop_nulls(["facet", "topic"])
    )
    table = np.zeros((count_topics(coded), len(names)))
    table[number_topics(coded), coded["name"].to_physical().to_numpy()] = coded["weight"]
    return table


def _weigh_columns(
    candidates: pl.DataFrame,
    lines: Ints,
    columns: Array,
    table: Array,
    chosen: npt.NDArray[np.bool_],
) -> Array:
    """Sum for chosen candidates the weights of their topic, times the columns of their paper."""
    odds, numbers = np.zeros(candidates.height), number_topics(candidates)
    # Topics without any weight are many, and need not be multiplied.
    at = np.flatnonzero(chosen & (np.abs(table).sum(axis=1) > 0)[numbers])
    odds[at] = sum_products(columns, lines[at], table, numbers[at])
    return odds
