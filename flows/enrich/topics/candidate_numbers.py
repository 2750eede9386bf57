"""Candidate numbers: a whole number for each `KEY`, in its order, so that arrays stand for joins.

A join of three columns writes every key out before it compares; a number is looked up by halving.
"""

from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.logistic_regression import Array

Ints = npt.NDArray[np.int64]


def list_codes(frame: pl.DataFrame) -> tuple[pl.Enum, pl.Enum]:
    """Return how facets and topics are coded in a frame."""
    facet, topic = (cast("pl.Enum", frame[name].dtype) for name in ("facet", "topic"))
    return facet, topic


def count_topics(frame: pl.DataFrame) -> int:
    """Count the numbers that `number_topics` may give: every facet with every topic."""
    return len(_list_codes(frame, "facet")) * len(_list_codes(frame, "topic"))


def count_in_facet(frame: pl.DataFrame) -> int:
    """Count the numbers that `number_topics` may give to the topics of one facet."""
    return len(_list_codes(frame, "topic"))


def number_topics(frame: pl.DataFrame) -> Ints:
    """Return a number for the facet and topic (both coded) of each row."""
    return _read_codes(frame, "facet") * len(_list_codes(frame, "topic")) + _read_codes(
        frame, "topic"
    )


def number_candidates(frame: pl.DataFrame) -> Ints:
    """Return a number for the `KEY` of each row: the order of numbers is that of keys."""
    rows = frame["row"].to_numpy().astype(np.int64)
    return rows * count_topics(frame) + number_topics(frame)


def decode_candidates(numbers: Ints, coded: pl.DataFrame) -> pl.DataFrame:
    """Return the `KEY` of each number, coded as in the frame that numbers were made from."""
    rows, topics = np.divmod(numbers, count_topics(coded))
    facet, topic = np.divmod(topics, len(_list_codes(coded, "topic")))
    codes = {"facet": facet, "topic": topic}
    return pl.DataFrame(
        {"row": pl.Series(rows, dtype=coded.schema["row"])}
        | {
            name: pl.Series(_list_codes(coded, name), dtype=coded.schema[name]).gather(places)
            for name, places in codes.items()
        }
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


def _list_codes(frame: pl.DataFrame, column: str) -> pl.Series:
    return cast("pl.Enum", frame[column].dtype).categories
