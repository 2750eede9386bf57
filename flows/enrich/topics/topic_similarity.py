"""Topic similarity: how well the words of a whole text fit those of papers on a topic.

A text and a topic are vectors along the axes of `distilled_axes`; their product is the similarity.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.distilled_axes import DISTILLED_AXES
from flows.enrich.topics.field_features import find_field_lines, lay_fields, sum_products
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array

SIMILARITY_FEATURES = ["similarity", "has_no_embedding"]
"""Of a candidate: how well the words of its paper fit the topic, and whether that is unknown, since
too few papers have the topic."""

LEAST_SIMILARITY, MOST_SIMILARITY = -2.0, 6.0
"""Deviations between which a similarity counts: beyond, a text has more of the same words."""

UNIT = 3.0
"""Deviations that make one of the feature, which brings it to the size of the others."""


def empty_topic_embeddings() -> pl.DataFrame:
    """Make the table of a model that learned none: a row per topic, a column per axis.

    Keys are ``facet`` and ``topic``; the numbers are the topic's embedding along `DISTILLED_AXES`.
    """
    keys = {"facet": pl.String, "topic": pl.String}
    return pl.DataFrame(schema=keys | dict.fromkeys(DISTILLED_AXES, pl.Float64))


def add_similarity_features(
    candidates: pl.DataFrame, fields: pl.DataFrame, topic_embeddings: pl.DataFrame
) -> pl.DataFrame:
    """Add `SIMILARITY_FEATURES` to candidates, from the embeddings of their papers."""
    loadings, is_embedded = _read_loadings(topic_embeddings, *list_codes(candidates))
    numbers = number_topics(candidates)
    # Few topics of a paper have an embedding, and each is sixty products.
    embedded = np.flatnonzero(is_embedded[numbers])
    lines = find_field_lines(candidates, fields)[embedded]
    fits = np.zeros(len(numbers))
    fits[embedded] = sum_products(
        lay_fields(fields, DISTILLED_AXES), lines, loadings, numbers[embedded]
    )
    fits = fits.clip(LEAST_SIMILARITY, MOST_SIMILARITY) / UNIT
    return candidates.drop(SIMILARITY_FEATURES, strict=False).with_columns(
        # Rounded, since sums of floats differ between machines in their last digits.
        similarity=pl.Series(fits.round(4), dtype=pl.Float64),
        has_no_embedding=pl.Series(1.0 - is_embedded[numbers], dtype=pl.Float64),
    )


@cache_by_identity
def _read_loadings(
    topic_embeddings: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Read the embedding of each topic, a line each, and which topics have one."""
    coded = topic_embeddings.with_columns(
        pl.col("facet").cast(facets, strict=False), pl.col("topic").cast(topics, strict=False)
    ).drop_nulls(["facet", "topic"])
    loadings = np.zeros((count_topics(coded), len(DISTILLED_AXES)))
    loadings[number_topics(coded)] = coded.select(DISTILLED_AXES).to_numpy()
    return loadings, np.abs(loadings).sum(axis=1) > 0
