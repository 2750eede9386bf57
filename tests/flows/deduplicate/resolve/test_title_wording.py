"""Wording: what of a title survives in a changed one, and what does not."""

import polars as pl
import pytest

from flows.deduplicate.resolve import build_index
from flows.deduplicate.resolve.title_wording import WORDING, compare_wording
from flows.text.title_key import make_title_keys

TITLES = [
    "Kelpnet: Optimizing tidal forecasts with large language models",
    "Kelpnet++: Tides on native grids",
    "Tidal forecasts of estuaries",
]


def measure(ours: str, theirs: str) -> dict[str, float]:
    reference = pl.DataFrame({"paper": ["1", "2", "3"], "title": TITLES}).with_columns(
        authors=pl.lit(None, pl.List(pl.String))
    )
    pair = pl.DataFrame({"title": [ours], "matched_title": [theirs]})
    keyed = pair.with_columns(
        key=make_title_keys(pair["title"]), key_right=make_title_keys(pair["matched_title"])
    )
    return compare_wording(keyed, build_index(reference)).select(WORDING.names()).row(0, named=True)


@pytest.mark.parametrize(
    "ours",
    [
        "Kelpnet: Optimization of tidal forecasting with LLMs",
        "Kelpnet: optimising tidalforecasts with a large language model",
        "With large language models optimized: tidal forecast, Kelpnet",
    ],
)
def test_endings_abbreviations_and_order_are_no_other_words(ours: str) -> None:
    measures = measure(ours, TITLES[0])
    assert measures["ours_covered"] > 0.8
    assert measures["theirs_covered"] > 0.8


def test_a_word_of_its_own_is_not_covered() -> None:
    assert measure("Tidal forecasts of lagoons", TITLES[2])["ours_covered"] < 0.7


def test_a_dropped_subtitle_is_a_part_and_all_of_one_title() -> None:
    measures = measure("Tidal forecasts of estuaries: a survey of twenty gauges", TITLES[2])
    assert measures["whole_part"] == 1
    assert measures["part"] > 0


def test_names_that_differ_in_plus_signs_are_two() -> None:
    same = measure("Kelpnet: tides with models", TITLES[0])
    other = measure(TITLES[1], TITLES[0])
    assert (same["same_name"], other["same_name"]) == (1, 0)
    assert 0.5 < other["near_name"] < 1


def test_words_written_out_in_one_title_are_covered_by_their_first_letters() -> None:
    measures = measure("Collapse of group relative tidal forecasts", "Collapse of GRTF")
    assert measures["ours_covered"] == measures["theirs_covered"] == 1


def test_a_name_before_the_colon_of_one_title_only_is_seen() -> None:
    assert measure("Otter: Tidal forecasts of estuaries", TITLES[2])["one_opening"] == 1
    assert measure("Tidal: forecasts of estuaries", TITLES[2])["one_opening"] == 0
    assert measure(TITLES[1], "Otter: Tides on native grids")["one_opening"] == 0


def test_neighbours_are_the_share_of_pairs_that_stay_together() -> None:
    assert measure("Tidal forecasts of estuaries today", TITLES[2])["neighbours"] == 1
    assert measure("Estuaries of forecasts tidal", TITLES[2])["neighbours"] == 0


def test_titles_without_words_have_nothing_in_common() -> None:
    assert measure("", TITLES[0])["common"] == 0
