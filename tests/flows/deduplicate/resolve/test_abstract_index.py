"""Codes of long words: each once, whatever two words have the same."""

import numpy as np
import polars as pl

from flows.deduplicate.resolve.abstract_index import code_long_words


def test_two_words_of_the_same_code_are_listed_once() -> None:
    random = np.random.default_rng(3)
    letters = random.integers(ord("a"), ord("z") + 1, (12_000, 10)).astype(np.uint8)
    words = [bytes(row).decode() for row in letters]
    codes = code_long_words(pl.Series(["", " ".join(words), None, " ".join(words[:20])]))
    sizes = codes.list.len().to_list()
    assert len(words) - 20 < sizes[1] < len(words), "no two words share a code"
    assert [sizes[0], sizes[2], sizes[3]] == [0, 0, 20]
    assert codes.list.n_unique().to_list() == sizes
    assert all(texts == sorted(texts) for texts in codes.to_list())
