"""Field features: what the guessed field of a text says for and against its candidates."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.field_words import ARXIV_FIELDS, OUTSIDE
from flows.enrich.topics.grouped_rows import RowsByKey, index_rows
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.text_words import Ints, find_rows

LIKELY = 0.3
"""Probability of a field from which its topics become candidates without being mentioned."""

FIELD_FACETS = ["area", "domain", "contribution"]
"""Facets whose topics follow from the field of a text, so that no word has to name them."""

PAIRS = 1_000
"""Lines that are multiplied at a time."""

FIELD_FEATURES = ["home", "homeless", "outside"]
"""Of a candidate: the probability of the fields it is at home in, whether it has none, and the
probability that the text is of no computing."""


def suggest_candidates(
    fields: pl.DataFrame, topic_fields: pl.DataFrame, coded: pl.DataFrame
) -> Ints:
    """Suggest the topics of `FIELD_FACETS` that are at home in the field of a paper.

    Returns numbers of `number_candidates`, coded like a frame; some may be there twice.
    """
    by_field, topics = _list_field_topics(topic_fields, *list_codes(coded))
    lines, likely = np.nonzero(fields.select(ARXIV_FIELDS.keys()).to_numpy() >= LIKELY)
    at, rows = by_field.look_up_rows(likely)
    papers = fields["row"].to_numpy().astype(np.int64)[lines[at]]
    return papers * count_topics(coded) + topics[rows]


@cache_by_identity
def _list_field_topics(
    topic_fields: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[RowsByKey, Ints]:
    """List the topics of `FIELD_FACETS` by the number of their field, and their own numbers."""
    chosen_topics = topic_fields.filter(pl.col("facet").is_in(FIELD_FACETS)).select(
        pl.col("facet").cast(facets),
        pl.col("topic").cast(topics),
        pl.col("field").cast(pl.Enum(list(ARXIV_FIELDS))),
    )
    fields = chosen_topics["field"].to_physical().to_numpy().astype(np.int64)
    return index_rows(fields, len(ARXIV_FIELDS)), number_topics(chosen_topics)


def add_field_features(
    candidates: pl.DataFrame, fields: pl.DataFrame, topic_fields: pl.DataFrame
) -> pl.DataFrame:
    """Add `FIELD_FEATURES` to candidates, whose papers are all among those of ``fields``."""
    probabilities = {name: fields[name].to_numpy() for name in ARXIV_FIELDS}
    lines = find_field_lines(candidates, fields)
    groups, group = _group_by_fields(topic_fields, *list_codes(candidates))
    kinds = group[number_topics(candidates)]
    home = np.stack(
        [
            np.max([probabilities[name] for name in names], axis=0)
            if names
            else np.zeros(fields.height)
            for names in groups
        ]
    )
    outside = 1 - np.prod([1 - probabilities[name] for name in OUTSIDE], axis=0)
    return candidates.drop(FIELD_FEATURES, strict=False).with_columns(
        home=pl.Series(home[kinds, lines]),
        homeless=pl.Series(np.array([0.0 if names else 1.0 for names in groups])[kinds]),
        outside=pl.Series(outside[lines]),
    )


@cache_by_identity
def _group_by_fields(
    topic_fields: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[list[tuple[str, ...]], Ints]:
    """Group topics that are at home in the same fields: these, and the group of each topic.

    A few dozen groups have all topics; the first one is at home nowhere.
    """
    coded = topic_fields.select(pl.col("facet").cast(facets), pl.col("topic").cast(topics), "field")
    fields: dict[int, list[str]] = {}
    for number, field in zip(number_topics(coded).tolist(), coded["field"], strict=True):
        fields.setdefault(number, []).append(field)
    groups: dict[tuple[str, ...], int] = {(): 0}
    table = np.zeros(count_topics(coded), np.int64)
    for number, names in fields.items():
        table[number] = groups.setdefault(tuple(sorted(names)), len(groups))
    return list(groups), table


def spread_fields(
    candidates: pl.DataFrame, fields: pl.DataFrame, names: Sequence[str] = tuple(ARXIV_FIELDS)
) -> Array:
    """Lay the fields of their papers beside candidates: a line for each and a column per name.

    The rows of ``fields`` rise; a candidate whose row is not there has zeros.
    """
    return lay_fields(fields, names)[find_field_lines(candidates, fields)]


def lay_fields(fields: pl.DataFrame, names: Sequence[str]) -> Array:
    """Lay columns side by side: a line per paper, and one of zeros for papers without fields."""
    laid = np.zeros((fields.height + 1, len(names)))
    laid[:-1] = fields.select(names).to_numpy()
    return laid


def find_field_lines(candidates: pl.DataFrame, fields: pl.DataFrame) -> Ints:
    """Find the line of `lay_fields` for each candidate."""
    return find_rows(fields["row"].to_numpy(), candidates["row"].to_numpy())


def sum_products(left: Array, lines: Ints, right: Array, numbers: Ints) -> Array:
    """Sum the products of a line of one table with a line of another, for each pair of lines."""
    sums = np.zeros(len(lines))
    # Some at a time, in the same memory: arrays of tens of megabytes cost more than what is
    # reckoned in them. The mode only spares numpy a copy, since all lines are there.
    lefts, rights = (np.empty((min(PAIRS, len(lines)), left.shape[1])) for _ in range(2))
    for first in range(0, len(lines), PAIRS):
        here = slice(first, first + PAIRS)
        products, factors = (part[: len(lines[here])] for part in (lefts, rights))
        left.take(lines[here], axis=0, out=products, mode="clip")
        right.take(numbers[here], axis=0, out=factors, mode="clip")
        np.multiply(products, factors, out=products).sum(axis=1, out=sums[here])
    return sums
