"""Intervals say how far a figure may be off because its set is small."""

import polars as pl
import pytest

from flows.evaluate.intervals import measure_intervals


def count(units: int, right: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "group": ["g"] * units,
            "unit": [str(number) for number in range(units)],
            "right": [int(number < right) for number in range(units)],
            "predicted": [1] * units,
            "hit": [int(number < right) for number in range(units)],
            "expected": [1] * units,
        }
    )


def measure(counts: pl.DataFrame, name: str) -> dict[str, float]:
    return measure_intervals(counts).filter(pl.col("measure") == name).row(0, named=True)


def test_the_value_is_exact_and_lies_within_its_interval() -> None:
    figure = measure(count(100, 80), "precision")
    assert figure["value"] == pytest.approx(0.8)
    assert figure["low"] < 0.8 < figure["high"]
    assert figure["size"] == 100


def test_the_interval_is_about_that_of_a_binomial() -> None:
    figure = measure(count(400, 320), "recall")
    assert figure["low"] == pytest.approx(0.8 - 1.96 * 0.02, abs=0.01)
    assert figure["high"] == pytest.approx(0.8 + 1.96 * 0.02, abs=0.01)


def test_a_larger_set_has_a_narrower_interval() -> None:
    small, large = measure(count(50, 40), "f1"), measure(count(5000, 4000), "f1")
    assert large["high"] - large["low"] < (small["high"] - small["low"]) / 5


def test_the_same_counts_in_another_order_give_the_same_figures() -> None:
    counts = count(60, 41)
    assert measure_intervals(counts.reverse()).equals(measure_intervals(counts))


def test_nothing_given_and_nothing_wanted_is_no_mistake() -> None:
    empty = count(3, 0).with_columns(predicted=0, expected=0)
    assert measure(empty, "f1")["value"] == 1.0
