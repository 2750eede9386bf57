"""Features of a candidate: what is known about one topic in one paper, as numbers."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import (
    count_in_facet,
    count_topics,
    decode_candidates,
    list_codes,
    number_topics,
)
from flows.enrich.topics.contribution_scores import CONTRIBUTION_FEATURES
from flows.enrich.topics.field_features import FIELD_FEATURES
from flows.enrich.topics.first_years import Dates
from flows.enrich.topics.grouped_rows import RowsByKey, group_equal_keys, index_rows
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_features import MENTION_FEATURES, measure_mentions
from flows.enrich.topics.subject_scores import SUBJECT_FEATURES
from flows.enrich.topics.text_words import Ints
from flows.enrich.topics.topic_similarity import SIMILARITY_FEATURES

MOST_COMPETITORS, MOST_TITLED = 15, 5
"""Competitors, and those of them in the title, beyond which more say nothing more."""

MOST_IMPLIED, MOST_KINDS = 3, 5
"""What tasks and methods can say for an area, and how many of them count."""

COMPETITION_FEATURES = ["share", "lead", "rank", "competitors", "title_competitors", "untitled"]
"""Of a candidate: how it compares with the others of its paper and facet."""

HIERARCHY_FEATURES = ["child", "above"]
"""Of a candidate: how strong its children and its parent are in the same paper."""

IMPLIED_FEATURES = [
    "implied_most",
    "implied_sum",
    "implied_amount",
    "implied_lead",
    "implied_kinds",
]
"""Of a candidate area: what the tasks and methods of the paper say for it; zero for others."""

FEATURES = [
    *MENTION_FEATURES,
    *COMPETITION_FEATURES,
    *HIERARCHY_FEATURES,
    *IMPLIED_FEATURES,
    *FIELD_FEATURES,
    *SIMILARITY_FEATURES,
    *CONTRIBUTION_FEATURES,
    *SUBJECT_FEATURES,
]
"""The columns of a candidate that the model weighs, in order."""


def describe_candidates(
    places: pl.DataFrame,
    topics: pl.DataFrame,
    implications: pl.DataFrame,
    suggested: Ints,
    dates: Dates | None = None,
) -> pl.DataFrame:
    """Describe every topic that a paper mentions, implies or is suggested: a row each, key `KEY`.

    Takes mentions in context, the taxonomy, what belongs to which area, and the numbers
    (`number_candidates`) of topics that the field of a paper suggests. An area that is implied but
    not mentioned is a candidate too; what is younger than its paper, by ``dates``, is none, though
    it was there when competitors were compared. All features are numbers of about unit size; those
    that follow from all words of the text are not among them yet.
    """
    numbers, described = measure_mentions(places)
    described |= _compare_competitors(numbers // count_in_facet(places), described)
    described |= _find_neighbours(
        numbers, described["amount"], _number_parents(topics, *list_codes(places))
    )
    areas, implied = _imply_areas(numbers, described, places, implications)
    # Mostly rising runs, which a stable sort merges.
    together = np.concatenate([numbers, areas, suggested])
    everything = group_equal_keys(np.sort(together, kind="stable")).keys
    if dates:
        everything = everything[~dates.find_anachronisms(everything)]
    columns = _align_features(
        everything,
        (numbers, [*MENTION_FEATURES, *COMPETITION_FEATURES, *HIERARCHY_FEATURES], described),
        (areas, IMPLIED_FEATURES, implied),
    )
    return decode_candidates(everything, places).hstack(columns)


def _align_features(
    candidates: Ints, *parts: tuple[Ints, Sequence[str], dict[str, Array]]
) -> list[pl.Series]:
    """Make a column of each feature with a value for each candidate, zero where it has none.

    A part is candidates in rising order, the names of their features, and the values by name; one
    that is not among ``candidates`` is left out.
    """
    # All in one piece of memory, which the system hands out in larger pages.
    lines = iter(np.zeros((sum(len(names) for _, names, _ in parts), len(candidates))))
    columns = list[pl.Series]()
    for part, names, values in parts:
        at = np.searchsorted(candidates, part)
        is_there = np.append(candidates, -1)[at] == part
        chosen = slice(None) if is_there.all() else np.flatnonzero(is_there)
        at = at[chosen]
        for name, line in zip(names, lines, strict=False):
            line[at] = values[name][chosen]
            columns.append(pl.Series(name, line))
    return columns


def _compare_competitors(facets: Ints, described: dict[str, Array]) -> dict[str, Array]:
    """Compare a candidate with the others of its paper and facet, which are numbered."""
    in_title = described["in_title"]
    # A title and own claims outweigh a mention elsewhere, which ``amount`` counts too.
    weight = described["amount"] + in_title + 0.5 * described["in_own"]
    grouped = group_equal_keys(facets)
    titled = (grouped.count_rows(in_title > 0).clip(0, MOST_TITLED) * (1 / MOST_TITLED))[
        grouped.groups
    ]
    return {
        "share": weight / grouped.sum_rows(weight)[grouped.groups],
        "lead": weight / grouped.find_max(weight)[grouped.groups],
        "rank": 1 / _rank_weights(weight, grouped.groups),
        "competitors": (grouped.sizes.clip(0, MOST_COMPETITORS) * (1 / MOST_COMPETITORS))[
            grouped.groups
        ],
        "title_competitors": titled,
        "untitled": ((in_title == 0) & (titled > 0)).astype(np.float64),
    }


def _rank_weights(weights: Array, owners: Ints) -> Ints:
    """Rank weights among those of their owner, which are side by side: 1 is the largest."""
    ranks = np.ones(len(weights), np.int64)
    left, step = np.arange(len(weights)), 0
    # Facets have few candidates: each is compared with the one behind it, then the next one.
    while len(left):
        step += 1
        left = left[left + step < len(weights)]
        left = left[owners[left] == owners[left + step]]
        right = left + step
        ranks[left] += weights[right] > weights[left]
        ranks[right] += weights[left] > weights[right]
    return ranks


@cache_by_identity
def _number_parents(topics_with_parents: pl.DataFrame, facets: pl.Enum, topics: pl.Enum) -> Ints:
    """Return the parent of each topic, both by `number_topics`; -1 where it has none."""
    coded = topics_with_parents.filter(pl.col("parent").is_not_null()).select(
        pl.col("facet").cast(facets), pl.col("topic", "parent").cast(topics)
    )
    parents = np.full(count_topics(coded), -1)
    parents[number_topics(coded)] = number_topics(coded.select("facet", topic="parent"))
    return parents


def _find_neighbours(numbers: Ints, amount: Array, parents: Ints) -> dict[str, Array]:
    """Find how strong the children and the parent of candidates are in the same paper."""
    own = numbers % len(parents)
    parent = numbers - own + parents[own]
    at = np.searchsorted(numbers, parent).clip(max=max(len(numbers) - 1, 0))
    is_there = (parents[own] >= 0) & (numbers[at] == parent)
    child = np.zeros(len(numbers))
    np.maximum.at(child, at[is_there], amount[is_there])
    return {"child": child, "above": np.where(is_there, amount[at], 0.0)}


def _imply_areas(
    numbers: Ints, described: dict[str, Array], coded: pl.DataFrame, implications: pl.DataFrame
) -> tuple[Ints, dict[str, Array]]:
    """Find the areas that tasks and methods of papers belong to: numbers, `IMPLIED_FEATURES`."""
    lists, areas = number_implications(implications, *list_codes(coded))
    count = count_topics(coded)
    at, rows = lists.look_up_rows(numbers % count)
    implied = numbers[at] - numbers[at] % count + areas[rows]
    order = np.argsort(implied, kind="stable")
    at, grouped = at[order], group_equal_keys(implied[order])
    presence = described["in_title"] + described["in_own"] + described["in_body"] / 2
    return grouped.keys, {
        "implied_most": grouped.find_max(presence[at]),
        "implied_sum": grouped.sum_rows(presence[at]).clip(0, MOST_IMPLIED),
        "implied_amount": grouped.find_max(described["amount"][at]),
        "implied_lead": grouped.find_max(described["lead"][at]),
        "implied_kinds": grouped.sizes.clip(0, MOST_KINDS) * (1 / MOST_KINDS),
    }


@cache_by_identity
def number_implications(
    implications: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[RowsByKey, Ints]:
    """Read what belongs to which area: the lines of each topic, and the area of each line."""
    coded = implications.select(pl.col("facet").cast(facets), pl.col("topic", "area").cast(topics))
    areas = coded.select(pl.lit("area", facets).alias("facet"), topic="area")
    lists = index_rows(number_topics(coded), count_topics(coded))
    return lists, number_topics(areas)
