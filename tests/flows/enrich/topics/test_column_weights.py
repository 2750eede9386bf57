"""What a paper's fields and axes add to a candidate is the sum of its topic's weights."""

import polars as pl
import pytest

from flows.enrich.topics.column_weights import sum_axis_weights, sum_field_weights
from flows.enrich.topics.field_words import WEIGHED
from schemas.vocabulary import Facet

CANDIDATES = pl.DataFrame(
    {
        "row": [0, 0, 1],
        "facet": ["area", "language", "area"],
        "topic": ["vision", "english", "vision"],
    },
    schema_overrides={"facet": pl.Enum(Facet.values()), "topic": pl.Enum(["english", "vision"])},
)

FIELDS = pl.DataFrame({"row": [0, 1]}).with_columns(
    pl.lit(pl.Series([0.5, 0.01]) if name in {"language", "axis_000"} else 0.0).alias(name)
    for name in WEIGHED
)


def weights(feature: str, facet: str = "area") -> pl.DataFrame:
    return pl.DataFrame({"facet": [facet], "feature": [feature], "weight": [2.0]})


def test_an_axis_counts_however_little_and_a_field_only_where_it_is_likely() -> None:
    along = sum_axis_weights(CANDIDATES, FIELDS, weights("axis:vision:axis_000"))
    assert along.tolist() == pytest.approx([1.0, 0.0, 0.02])
    filed = sum_field_weights(CANDIDATES, FIELDS, weights("field:vision:language"))
    assert filed.tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_axes_say_nothing_of_languages_and_of_topics_without_weights() -> None:
    field_candidates = sum_axis_weights(
        CANDIDATES, FIELDS, weights("axis:english:axis_000", "language")
    )
    assert field_candidates.tolist() == [0, 0, 0]
    assert sum_axis_weights(CANDIDATES, FIELDS, weights("axis:vision:axis_001")).any() == 0
