"""Intervals: how far a figure may be off because the set is small, by bootstrap."""

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]

DRAWS = 1_000
"""Sets of the same size that are drawn from the units, with replacement."""

OUTER = (2.5, 97.5)
"""Percentiles of the draws between which 95 % of them are."""

FIGURES = {
    "group": pl.String,
    "measure": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "size": pl.Int64,
}
"""``measure`` is `precision`, `recall` or `f1`; ``size`` is the number of units of the set."""


def measure_intervals(counts: pl.DataFrame) -> pl.DataFrame:
    """Measure precision, recall and F1 with 95 % intervals: one row per group and measure.

    ``counts`` is as in `unit_counts.COUNTS`. The same counts give the same figures.
    """
    rows = []
    # The draws pick units by place, so the same figures need the same order.
    for part in counts.sort("group", "unit").partition_by("group", maintain_order=True):
        numbers = part.select("right", "predicted", "hit", "expected").to_numpy().astype(np.float64)
        # A seed for each group: a new group must not move the intervals of the others.
        generator = np.random.default_rng(0)
        size = len(numbers)
        drawn = np.stack(
            [
                # Counting how often each unit is drawn spares the copies of a thousand sets.
                np.bincount(generator.integers(size, size=size), minlength=size) @ numbers
                for _ in range(DRAWS)
            ]
        )
        exact, spread = _compute_measures(numbers.sum(axis=0)), _compute_measures(drawn)
        for name, value in exact.items():
            low, high = np.percentile(spread[name], OUTER)
            rows.append((part["group"][0], name, float(value), float(low), float(high), size))
    return pl.DataFrame(rows, schema=FIGURES, orient="row")


def _compute_measures(sums: Array) -> dict[str, Array]:
    right, predicted, hit, expected = np.moveaxis(sums, -1, 0)
    # Who answers nothing makes no mistake; who is asked nothing misses nothing.
    precision = np.where(predicted > 0, right / np.maximum(predicted, 1), 1.0)
    recall = np.where(expected > 0, hit / np.maximum(expected, 1), 1.0)
    total = precision + recall
    f1 = np.where(total > 0, 2 * precision * recall / np.maximum(total, 1e-9), 0.0)
    return {"precision": precision, "recall": recall, "f1": f1}
