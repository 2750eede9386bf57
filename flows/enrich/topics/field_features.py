"""Field features: what the guessed field of a text says for and against its candidates."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, number_topics
from flows.enrich.topics.field_words import ARXIV_FIELDS, OUTSIDE
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.runs_of_rows import list_by_key
from flows.enrich.topics.text_words import Ints

LIKELY = 0.3
"""Probability of a field from which its topics become candidates without being mentioned."""

SPOKEN = ["area", "domain", "contribution"]
"""Facets whose topics follow from the field of a text, so that no word has to name them."""

FIELD_FEATURES = ["home", "homeless", "outside"]
"""Of a candidate: the probability of the fields it is at home in, whether it has none, and the
probability that the text is of no computing."""


def suggest_candidates(fields: pl.DataFrame, homes: pl.DataFrame, coded: pl.DataFrame) -> Ints:
    """Suggest the topics of `SPOKEN` that are at home in the field of a paper.

    Returns numbers of `number_candidates`, coded like a frame; some may be there twice.
    """
    spoken = homes.filter(pl.col("facet").is_in(SPOKEN)).select(
        *(pl.col(name).cast(coded.schema[name]) for name in ("facet", "topic")),
        pl.col("field").cast(pl.Enum(list(ARXIV_FIELDS))),
    )
    by_field = list_by_key(
        spoken["field"].to_physical().to_numpy().astype(np.int64), len(ARXIV_FIELDS)
    )
    lines, likely = np.nonzero(fields.select(ARXIV_FIELDS.keys()).to_numpy() >= LIKELY)
    at, rows = by_field.list_rows(likely)
    papers = fields["row"].to_numpy().astype(np.int64)[lines[at]]
    return papers * count_topics(coded) + number_topics(spoken)[rows]


def add_field_features(
    candidates: pl.DataFrame, fields: pl.DataFrame, homes: pl.DataFrame
) -> pl.DataFrame:
    """Add `FIELD_FEATURES` to candidates."""
    chances = spread_fields(candidates, fields)
    at_home = _mark_homes(candidates, homes)
    outside = 1 - np.prod(
        1 - chances[:, [list(ARXIV_FIELDS).index(name) for name in OUTSIDE]], axis=1
    )
    return candidates.drop(FIELD_FEATURES, strict=False).with_columns(
        home=pl.Series((chances * at_home).max(axis=1, initial=0.0)),
        homeless=pl.Series(1.0 - at_home.max(axis=1, initial=0.0)),
        outside=pl.Series(outside),
    )


def spread_fields(
    candidates: pl.DataFrame, fields: pl.DataFrame, names: Sequence[str] = tuple(ARXIV_FIELDS)
) -> Array:
    """Lay the fields of their papers beside candidates: a line for each and a column per name.

    The rows of ``fields`` rise; a candidate whose row is not there has zeros.
    """
    numbers, rows = fields["row"].to_numpy(), candidates["row"].to_numpy()
    lines = np.searchsorted(numbers, rows)
    is_there = np.append(numbers.astype(np.int64), -1)[lines] == rows
    if is_there.all():
        return fields.select(names).to_numpy(order="c")[lines]
    spread = np.zeros((len(rows), len(names)))
    spread[is_there] = fields.select(names).to_numpy()[lines[is_there]]
    return spread


def _mark_homes(candidates: pl.DataFrame, homes: pl.DataFrame) -> Array:
    """Mark the fields that candidates are at home in, laid out like `spread_fields`."""
    coded = homes.select(
        *(pl.col(name).cast(candidates.schema[name]) for name in ("facet", "topic")),
        pl.col("field").cast(pl.Enum(list(ARXIV_FIELDS))),
    )
    table = np.zeros((count_topics(candidates), len(ARXIV_FIELDS)))
    table[number_topics(coded), coded["field"].to_physical().to_numpy()] = 1.0
    return table[number_topics(candidates)]
