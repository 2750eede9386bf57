"""Phrase weights: what a phrase is worth for its topic, learned beside what all phrases are worth.

Two phrases of one strength are not worth the same: "LLM" tells less of a paper than "BERT", and
"images" less of vision than "pixels".
"""

from typing import cast

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import (
    list_codes,
    number_candidates,
    number_topics,
    sum_by_candidate,
)
from flows.enrich.topics.kept_tables import keep_results
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.runs_of_rows import find_runs
from flows.enrich.topics.text_words import Ints
from schemas.vocabulary import Facet

UNWEIGHED = Facet.LANGUAGE.value
"""The facet whose phrases have no weights of their own: each names its language."""


def list_phrase_marks(places: pl.DataFrame) -> pl.DataFrame:
    """List the phrases that candidates were mentioned by, one row each: `KEY`, ``feature``."""
    text = {name: pl.col(name).cast(pl.String) for name in ("topic", "key")}
    return (
        places.filter(pl.col("facet") != UNWEIGHED)
        .select(*KEY, "key")
        .unique()
        .select(*KEY, feature=pl.concat_str(pl.lit("phrase"), *text.values(), separator=":"))
        .sort("row", "feature")
    )


def sum_phrase_weights(
    candidates: pl.DataFrame, places: pl.DataFrame, weights: pl.DataFrame
) -> Array:
    """Sum the weights of the phrases that each candidate was mentioned by, each phrase once."""
    keys = cast("pl.Enum", places["key"].dtype)  # the lexicon codes its keys
    has_weight, known, values = _read_phrases(weights, *list_codes(candidates), keys)
    # The weights of a paper's own subject have none of these.
    if not len(known):
        return np.zeros(candidates.height)
    spoken = places["key"].to_physical().to_numpy().astype(np.int64)
    # Most phrases have no weight, and are not looked up.
    weighed = np.flatnonzero(has_weight[spoken])
    places = places.select(KEY)[weighed]
    numbers = number_topics(places) * len(has_weight) + spoken[weighed]
    at = np.searchsorted(known, numbers).clip(max=len(known) - 1)
    is_there = known[at] == numbers
    cells = np.sort(number_candidates(places)[is_there] * len(known) + at[is_there])
    # A phrase that is there twice says no more.
    owners, phrases = np.divmod(find_runs(cells).keys, len(known))
    return sum_by_candidate(number_candidates(candidates), owners, values[phrases])


@keep_results
def _read_phrases(
    weights: pl.DataFrame, facets: pl.Enum, topics: pl.Enum, keys: pl.Enum
) -> tuple[Flags, Ints, Array]:
    """Read which keys have weights, and by topic and key, as one number that rises, these."""
    parts = pl.col("feature").str.splitn(":", 3).struct
    coded = (
        weights.filter(pl.col("feature").str.starts_with("phrase:"))
        .select(
            pl.col("facet").cast(facets, strict=False),
            parts.field("field_1").cast(topics, strict=False).alias("topic"),
            parts.field("field_2").cast(keys, strict=False).alias("key"),
            "weight",
        )
        .drop_nulls()
    )
    phrases = coded["key"].to_physical().to_numpy().astype(np.int64)
    has_weight = np.zeros(len(keys.categories), np.bool_)
    has_weight[phrases] = True
    numbers = number_topics(coded) * len(has_weight) + phrases
    order = np.argsort(numbers)
    return has_weight, numbers[order], coded["weight"].to_numpy()[order]
