"""Numbers stand for candidates: they rise as keys do, and sums by number are sums by key."""

from itertools import product

import numpy as np
import polars as pl
import pytest

from flows.enrich.topics.candidate_numbers import (
    count_topics,
    number_candidates,
    number_topics,
    sum_by_candidate,
)
from flows.enrich.topics.mention_context import KEY

FACETS, TOPICS = ("area", "task"), ("ranking", "parsing", "vision")
SCHEMA = {"row": pl.UInt32, "facet": pl.Enum(FACETS), "topic": pl.Enum(TOPICS)}

LAST_ROW = 2**32 - 1
"""The highest row that a frame can name: its candidates need more than 32 bits."""

EVERY = pl.DataFrame([*product((0, 1, LAST_ROW), FACETS, TOPICS)], schema=SCHEMA, orient="row")


def test_numbers_rise_as_keys_do_and_no_two_keys_share_one() -> None:
    shuffled = EVERY.sample(fraction=1, shuffle=True, seed=3)
    numbered = shuffled.with_columns(number=number_candidates(shuffled))
    assert numbered.sort("number").drop("number").equals(numbered.sort(KEY).drop("number"))
    assert numbered["number"].is_unique().all()
    assert numbered["number"].min() == 0


def test_a_topic_of_two_facets_has_two_numbers() -> None:
    one_row = EVERY.filter(pl.col("row") == 0)
    assert sorted(number_topics(one_row).tolist()) == list(range(count_topics(EVERY)))


def test_topics_that_no_row_has_are_counted() -> None:
    # Numbers of two frames are compared: they must not depend on what is in either.
    assert count_topics(EVERY.clear()) == count_topics(EVERY) == 6
    assert number_topics(EVERY.clear()).tolist() == []


@pytest.mark.parametrize(
    ("keys", "numbers", "values", "expected"),
    [
        ([], [1, 2], [1.0, 1.0], []),
        ([3, 5], [], [], [0.0, 0.0]),
        ([3, 5, 9], [5, 3, 5], [1.0, 2.0, 0.5], [2.0, 1.5, 0.0]),
        # Below the first, between two and above the last: no candidate's.
        ([3, 5], [2, 4, 6], [1.0, 1.0, 1.0], [0.0, 0.0]),
        ([3], [3, 3, 2**60], [-1.0, 1.0, 7.0], [0.0]),
    ],
)
def test_values_are_summed_for_the_candidates_alone(
    keys: list[int], numbers: list[int], values: list[float], expected: list[float]
) -> None:
    found = sum_by_candidate(np.array(keys, int), np.array(numbers, int), np.array(values))
    assert found.tolist() == expected
    assert found.dtype == np.float64
