"""Names in titles: before the colon, moved behind it, and abbreviated."""

import pytest

from flows.deduplicate.resolve.title_names import (
    compare_opening_names,
    find_acronyms,
    read_opening,
    weigh_moved_name,
)


def test_a_name_that_moved_weighs_what_its_word_weighs() -> None:
    pair = ("Kelpnet: Tides on Grids", "A Study of Grids with Kelpnet")
    assert weigh_moved_name(*pair, {"kelpnet": 0.4}) == 0.4
    assert weigh_moved_name(*pair[::-1], {"kelpnet": 0.4}) == 0.4


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Kelpnet: Tides on Grids", "Kelpnet: A Study of Grids"),
        ("AI: Tides on Grids", "Maintaining Grids"),
        ("Tides on Native Grids: A Study", "A Study of Tides on Native Grids"),
    ],
)
def test_a_name_in_its_place_a_short_one_and_a_phrase_have_not_moved(
    ours: str, theirs: str
) -> None:
    assert weigh_moved_name(ours, theirs, {}) == 0


def test_more_than_three_words_before_a_colon_are_no_opening() -> None:
    assert read_opening("Tides on Grids: A Study") == ("tides", "on", "grids")
    assert read_opening("Tides on Native Grids: A Study") == ()
    assert read_opening("Tides on Grids") == ()


def test_acronyms_stand_for_words_that_follow_each_other() -> None:
    other = ["chains", "of", "thoughts", "from", "traces"]
    assert find_acronyms(["cots", "traces"], other) == ({"cots"}, {"chains", "of", "thoughts"})
    assert find_acronyms(["tcf"], other) == (set(), set())


def test_names_with_and_without_a_plus_sign_are_two() -> None:
    assert compare_opening_names("Kelpnet: a", "Kelpnet: b") == (1.0, 0.0)
    assert compare_opening_names("Kelpnet++: a", "Kelpnet: b")[0] == 0
