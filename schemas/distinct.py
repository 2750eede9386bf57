"""Distinct: whether values occur once each, by sorted hashes: a tenth of what texts take."""

import numpy as np
import polars as pl


def are_distinct(*columns: pl.Series) -> bool:
    """Return whether no two values of some columns are equal: False where only their hashes are.

    >>> are_distinct(pl.Series(["a", "b"])), are_distinct(pl.Series(["a"]), pl.Series(["a"]))
    (True, False)
    """
    hashes = [column.hash().to_numpy() for column in columns]
    hashes_sorted = np.sort(np.concatenate([np.empty(0, np.uint64), *hashes]))
    return not bool((hashes_sorted[1:] == hashes_sorted[:-1]).any())


def are_same_values(values: pl.Series, others: pl.Series) -> bool:
    """Return whether two columns hold the same values, each once, in whatever order.

    False where it is not certain, since two hashes are equal.

    >>> are_same_values(pl.Series(["a", "b"]), pl.Series(["b", "a"]))
    True
    >>> are_same_values(pl.Series(["a", "a"]), pl.Series(["a", "a"]))
    False
    """
    if len(values) != len(others) or not are_distinct(others):
        return False
    # Two hashes of each: with one, two of three million texts might meet.
    (first, second), (other_first, other_second) = (
        [side.hash(seed).to_numpy() for seed in (0, 1)] for side in (values, others)
    )
    has_same_sum = (first * second).sum() == (other_first * other_second).sum()
    return bool(has_same_sum) and np.array_equal(np.sort(first), np.sort(other_first))
