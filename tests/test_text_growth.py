"""What `bench_growth` measures in minutes is tried here on functions that read every title."""

import polars as pl
import pytest

from flows.deduplicate.match.title_difference import compare_near_titles
from tests.bench.bench_growth import FAMILIES, Growth, measure_growth, write_text
from tests.bench.text_functions import FUNCTIONS


@pytest.mark.parametrize("family", ["backslashes", "blanks", "distinct words"])
@pytest.mark.parametrize(
    "name",
    [
        *("trim_titles", "drop_broken_signs", "series_part", "name_before_colon", "clean_cells"),
        *("strip_markup", "parse arxiv/announced.atom", "escape_text"),
    ],
)
def test_time_grows_with_the_length_of_a_title(name: str, family: str) -> None:
    assert not measure_growth(FUNCTIONS[name], family, 10**5).is_too_fast()


def test_a_title_longer_than_any_is_compared_with_none() -> None:
    words = write_text("distinct words", 10**5)
    assert FUNCTIONS["compare_candidates"](words).is_empty()  # type: ignore[attr-defined]  # a frame
    assert not FUNCTIONS["compare_candidates"]("in networks").is_empty()  # type: ignore[attr-defined]  # a frame


def test_titles_of_one_long_word_are_compared_as_a_whole() -> None:
    left, right, nobody = (pl.Series([text]) for text in ("ab" * 50_000, "ba" * 50_000, ""))
    row = compare_near_titles(left, right, nobody).row(0, named=True)
    assert (row["substituted"], row["is_modified"]) == (0, True)


def test_a_text_has_the_length_that_is_asked_for() -> None:
    assert {len(write_text(family, 1_000)) for family in FAMILIES} == {1_000}


@pytest.mark.parametrize(
    ("shorter", "longer", "is_too_fast"),
    [
        (0.1, 1.1, False),
        (0.1, 1.3, True),
        (0.0, 0.09, False),
        (0.001, 0.2, True),
        (0.7, None, True),
    ],
)
def test_a_growth_beyond_a_fifth_more_than_the_length_is_too_fast(
    shorter: float, longer: float | None, *, is_too_fast: bool
) -> None:
    assert Growth(shorter, longer).is_too_fast() == is_too_fast
    # What hardly any text takes is no more certain than that.
    assert Growth(shorter, longer, idle=2.0).is_too_fast() == (longer is None)
