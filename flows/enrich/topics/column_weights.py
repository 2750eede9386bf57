"""Column weights: what the fields and axes of a paper's text add to its candidates."""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, number_topics
from flows.enrich.topics.field_features import SPOKEN, spread_fields
from flows.enrich.topics.field_words import ARXIV_FIELDS
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.subject_axes import AXES

LEAST_CHANCE = 0.05
"""Probability of a field below which it says nothing of a candidate."""

UNPLACED = "language"
"""The facet that axes say nothing of: languages are stated in passing."""


def encode_topics(weights: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Encode ``facet`` and ``topic`` of weights as the candidates are, without unknown topics."""
    return weights.with_columns(
        pl.col(name).cast(described.schema[name], strict=False) for name in ("facet", "topic")
    ).drop_nulls(["facet", "topic"])


def list_field_cells(candidates: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """List what fields say of candidates, one row each: `KEY`, ``feature``, ``value``."""
    spoken = candidates.select(KEY).filter(pl.col("facet").is_in(SPOKEN))
    chances = pl.DataFrame(spread_fields(spoken, fields), schema=list(ARXIV_FIELDS))
    return (
        spoken.hstack(chances)
        .unpivot(list(ARXIV_FIELDS), index=KEY, variable_name="field", value_name="value")
        .filter(pl.col("value") >= LEAST_CHANCE)
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
    placed = candidates.select(KEY).filter(pl.col("facet") != UNPLACED)
    values = pl.DataFrame(spread_fields(placed, fields, AXES), schema=AXES)
    return (
        placed.hstack(values)
        .unpivot(AXES, index=KEY, variable_name="axis", value_name="value")
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
    """Weigh the chances of fields by what each field says of a topic of `SPOKEN`."""
    is_spoken = candidates["facet"].is_in(SPOKEN).to_numpy()
    # Small chances are noise of many words; training never saw them.
    likely = fields.with_columns(
        pl.when(pl.col(name) >= LEAST_CHANCE).then(name).otherwise(0.0).alias(name)
        for name in ARXIV_FIELDS
    )
    of_fields = weights.filter(pl.col("feature").str.starts_with("field:"))
    return _weigh_columns(candidates, likely, of_fields, list(ARXIV_FIELDS), is_spoken)


def sum_axis_weights(
    candidates: pl.DataFrame, fields: pl.DataFrame, weights: pl.DataFrame
) -> Array:
    """Weigh where a paper stands on each axis by what that says of a topic."""
    is_placed = (candidates["facet"] != UNPLACED).to_numpy()
    of_axes = weights.filter(pl.col("feature").str.starts_with("axis:"))
    return _weigh_columns(candidates, fields, of_axes, AXES, is_placed)


def _weigh_columns(
    candidates: pl.DataFrame,
    fields: pl.DataFrame,
    weighed: pl.DataFrame,
    names: list[str],
    chosen: npt.NDArray[np.bool_],
) -> Array:
    """Sum the weights `<kind>:<topic>:<name>` of chosen candidates, times the columns by name."""
    odds, parts = np.zeros(candidates.height), pl.col("feature").str.splitn(":", 3).struct
    # The weights of a paper's own subject have none of these.
    if weighed.is_empty():
        return odds
    coded = weighed.with_columns(
        topic=parts.field("field_1"), name=parts.field("field_2").cast(pl.Enum(names))
    ).pipe(encode_topics, candidates)
    table = np.zeros((count_topics(candidates), len(names)))
    table[number_topics(coded), coded["name"].to_physical().to_numpy()] = coded["weight"]
    # Topics without any weight are many, and need not be multiplied.
    numbers = number_topics(candidates)
    is_weighed = np.abs(table).sum(axis=1) > 0
    chosen = chosen & is_weighed[numbers]
    values = spread_fields(candidates.select(KEY).filter(chosen), fields, names)
    odds[chosen] = (values * table[numbers[chosen]]).sum(axis=1)
    return odds
