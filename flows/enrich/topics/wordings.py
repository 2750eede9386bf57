"""Wordings: how well the words of a whole text fit those of papers on a topic."""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.field_features import find_field_lines, lay_fields, sum_products
from flows.enrich.topics.kept_tables import keep_results
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.taught_axes import TAUGHT

WORDING_FEATURES = ["wording", "unworded"]
"""Of a candidate: how well the words of its paper fit the topic, and whether that is unknown, since
too few papers have the topic."""

LEAST_WORDING, MOST_WORDING = -2.0, 6.0
"""Deviations between which a wording counts: beyond them a text only has more of the same words."""

UNIT = 3.0
"""Deviations that make one of the feature, which brings it to the size of the others."""


def empty_wordings() -> pl.DataFrame:
    """Make the table of wordings of a model that learned none: a row per topic, a column per axis.

    Keys are ``facet`` and ``topic``; the numbers say what the axes of `TAUGHT` say of the topic.
    """
    keys = {"facet": pl.String, "topic": pl.String}
    return pl.DataFrame(schema=keys | dict.fromkeys(TAUGHT, pl.Float64))


def add_wording_features(
    candidates: pl.DataFrame, fields: pl.DataFrame, wordings: pl.DataFrame
) -> pl.DataFrame:
    """Add `WORDING_FEATURES` to candidates, from where their papers stand on the taught axes."""
    loadings, is_worded = _read_loadings(wordings, *list_codes(candidates))
    numbers = number_topics(candidates)
    # Few topics of a paper have a wording, and each is sixty products.
    worded = np.flatnonzero(is_worded[numbers])
    lines = find_field_lines(candidates, fields)[worded]
    fits = np.zeros(len(numbers))
    fits[worded] = sum_products(lay_fields(fields, TAUGHT), lines, loadings, numbers[worded])
    fits = fits.clip(LEAST_WORDING, MOST_WORDING) / UNIT
    return candidates.drop(WORDING_FEATURES, strict=False).with_columns(
        # Rounded, since sums of floats differ between machines in their last digits.
        wording=pl.Series(fits.round(4), dtype=pl.Float64),
        unworded=pl.Series(1.0 - is_worded[numbers], dtype=pl.Float64),
    )


@keep_results
def _read_loadings(
    wordings: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Read what axes say of each topic, a line each, and which topics they say anything of."""
    coded = wordings.with_columns(
        pl.col("facet").cast(facets, strict=False), pl.col("topic").cast(topics, strict=False)
    ).drop_nulls(["facet", "topic"])
    loadings = np.zeros((count_topics(coded), len(TAUGHT)))
    loadings[number_topics(coded)] = coded.select(TAUGHT).to_numpy()
    return loadings, np.abs(loadings).sum(axis=1) > 0
