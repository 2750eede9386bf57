"""Numbers in titles: places in a series keep two works apart, counts do not."""

import polars as pl
import pytest

from flows.deduplicate.resolve.other_numbers import has_other_numbers
from flows.text.title_key import make_title_keys


def compare(ours: str, theirs: str) -> bool:
    pair = pl.DataFrame({"title": [ours], "matched_title": [theirs]})
    keyed = pair.with_columns(
        key=make_title_keys(pair["title"]), key_right=make_title_keys(pair["matched_title"])
    )
    return bool(has_other_numbers(keyed).item())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Cuts in linear orders I", "Cuts in linear orders II"),
        ("Cuts in linear orders", "Cuts in linear orders, part 2: gaps"),
        ("Annual report 2019 of the tide gauges", "Annual report of the tide gauges"),
        ("Scaling to 300 tasks", "Scaling to 400 tasks"),
        ("Tides on grids of size 300", "Tides on grids of size"),
        ("Kelp 2.0: an end-to-end framework for grids", "Kelp: an end-to-end framework for grids"),
        ("Tide gauges: part 2", "Tide gauges"),
    ],
)
def test_parts_years_versions_and_other_counts_are_of_two_works(ours: str, theirs: str) -> None:
    assert compare(ours, theirs)
    assert compare(theirs, ours)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Scaling Kelpnet to 300+ tasks with routing", "Scaling Kelpnet with routing"),
        ("Team Kelp at TideEval-2025 Task 8: forecasts of four estuaries",
         "Forecasts of four estuaries"),
        ("Tides of 2 seas in 2019", "In 2019, tides of 2 seas"),
    ],
)  # fmt: skip
def test_a_count_and_a_number_before_the_whole_other_title_are_not(ours: str, theirs: str) -> None:
    assert not compare(ours, theirs)
    assert not compare(theirs, ours)
