"""Candidate numbers: a whole number for each `KEY`, in its order, so that arrays stand for joins.

A join of three columns writes every key out before it compares; a number is looked up by halving.
"""

from typing import cast

import numpy as np
import polars as pl

from flows.enrich.topics.identity_cache import cache_with_frame
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.text_words import Ints


@cache_with_frame
def list_codes(frame: pl.DataFrame) -> tuple[pl.Enum, pl.Enum]:
    """Return how facets and topics are coded in a frame."""
    facet, topic = (cast("pl.Enum", frame[name].dtype) for name in ("facet", "topic"))
    return facet, topic


def count_topics(frame: pl.DataFrame) -> int:
    """Count the numbers that `number_topics` may give: every facet with every topic."""
    return _count_facets(frame) * count_in_facet(frame)


def count_in_facet(frame: pl.DataFrame) -> int:
    """Count the numbers that `number_topics` may give to the topics of one facet."""
    return len(list_codes(frame)[1].categories)


def _count_facets(frame: pl.DataFrame) -> int:
    return len(list_codes(frame)[0].categories)


@cache_with_frame
def number_topics(frame: pl.DataFrame) -> Ints:
    """Return a number for the facet and topic (both coded) of each row."""
    return _read_codes(frame, "facet") * count_in_facet(frame) + _read_codes(frame, "topic")


def number_candidates(frame: pl.DataFrame) -> Ints:
    """Return a number for the `KEY` of each row: the order of numbers is that of keys."""
    rows = frame["row"].to_numpy().astype(np.int64)
    return rows * count_topics(frame) + number_topics(frame)


def decode_candidates(numbers: Ints, coded: pl.DataFrame) -> pl.DataFrame:
    """Return the `KEY` of each number, coded as in the frame that numbers were made from."""
    rows, topics = np.divmod(numbers, count_topics(coded))
    places = np.divmod(topics, count_in_facet(coded))
    codes = zip(("facet", "topic"), list_codes(coded), places, strict=True)
    return pl.DataFrame(
        {"row": pl.Series(rows, dtype=coded["row"].dtype)}
        | {name: pl.Series(code.categories, dtype=code).gather(at) for name, code, at in codes}
    )


def sum_by_candidate(candidates: Ints, numbers: Ints, values: Array) -> Array:
    """Sum the values of each candidate, zero where it has none; others' are left out.

    ``candidates`` rise, and none is there twice.
    """
    if not len(candidates):
        return np.zeros(0)
    lines = np.searchsorted(candidates, numbers).clip(max=len(candidates) - 1)
    is_there = candidates[lines] == numbers
    return np.bincount(lines[is_there], values[is_there], len(candidates)).astype(np.float64)


def _read_codes(frame: pl.DataFrame, column: str) -> Ints:
    return frame[column].to_physical().to_numpy().astype(np.int64)
