"""Two near titles are compared by their words, in whatever order a process has these."""

import polars as pl
import pytest

from flows.deduplicate.match import title_difference
from flows.deduplicate.match.title_difference import compare_near_titles


def test_weights_of_words_add_up_to_the_same_in_every_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    large = {"galaxies": 1e16, "kernels": -1e16}
    monkeypatch.setattr(title_difference, "weigh_title_word", lambda word: large.get(word, 1.0))
    title = pl.Series(["galaxies lattices monoids kernels quivers bundles sheaves"])
    # One after the other, the small weights are lost unless both large ones come first.
    assert compare_near_titles(title, title, pl.Series([""]))["specific"].item() == 5.0
