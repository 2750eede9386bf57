"""Rows are found by two hashes, also where the first bits of many are the same."""

import numpy as np
import pytest

from flows.deduplicate.find_rows import find_equal_rows


@pytest.mark.parametrize("bits", [2, 8, 64])
def test_each_row_is_found_and_no_other_is_taken_for_one(bits: int) -> None:
    random = np.random.default_rng(bits)
    first = np.unique(random.integers(0, 2**63, 500, np.uint64)) << np.uint64(64 - bits)
    among = [first, random.permutation(len(first)).astype(np.uint64)]
    order = random.permutation(len(first))
    # The last but one is the first row; its second hash is another one in the last.
    sought = [of[[*order, 0, 0]] for of in among]
    sought[1][-1] = len(first)
    rows = find_equal_rows(sought, among)
    is_sure = rows >= 0
    assert all(
        (of[rows[is_sure]] == of_sought[is_sure]).all()
        for of, of_sought in zip(among, sought, strict=True)
    )
    assert rows[-1] == -1
    # Where the first hashes are all different, every row is found.
    assert bits < 64 or rows[:-1].tolist() == [*order, 0]


def test_among_none_nothing_is_found_and_nothing_is_sought() -> None:
    none, some = np.zeros(0, np.uint64), np.ones(2, np.uint64)
    assert find_equal_rows([some, some], [none, none]).tolist() == [-1, -1]
    assert find_equal_rows([none, none], [some, some]).tolist() == []
