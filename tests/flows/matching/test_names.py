import numpy as np
import polars as pl
import pytest

from flows.matching.names import Agreement, agreement, names_of


def compared(left: list[str], right: list[str]) -> Agreement:
    names = names_of(pl.Series([left, right], dtype=pl.List(pl.String)))
    return agreement(names, np.array([[0, 1]]))


FULL = ["John Smith", "Bärbel Müller", "Jean-Pierre O'Neil"]


@pytest.mark.parametrize(
    "other",
    [
        ["Smith, John", "Müller, Bärbel", "O'Neil, Jean-Pierre"],
        ["J. Smith", "B. Müller", "J.-P. O'Neil"],
        ["Smith J", "Müller B", "O'Neil JP"],
        [r"John Smith", r"B\"arbel M{\"u}ller", "Jean-Pierre O'Neil"],
        ["John Smith", "Barbel Muller", "Jean-Pierre O’Neil"],  # noqa: RUF001  # as pages write it
        ["John Smith, Bärbel Müller, Jean-Pierre O'Neil"],
        ["John Smith, Bärbel Müller and Jean-Pierre O'Neil"],
        ["Smith, John; Müller, Bärbel; O'Neil, Jean-Pierre"],
        ["Smith, J., Müller, B., O'Neil, J.-P."],
        ["John Smith (MIT)", "Bärbel Müller [2]", "Jean-Pierre O'Neil Jr."],
    ],
)
def test_every_form_of_the_same_names_agrees(other: list[str]) -> None:
    result = compared(FULL, other)
    assert (result.share[0], result.balance[0], result.strangers[0]) == (1, 1, False)


@pytest.mark.parametrize("other", [["John Smith", "et al."], ["J. Smith et al."], ["Smith, John"]])
def test_a_shortened_list_agrees_but_is_not_balanced(other: list[str]) -> None:
    result = compared(FULL, other)
    assert result.share[0] == 1
    assert result.balance[0] == pytest.approx(1 / 3)


def test_a_family_name_written_first_agrees() -> None:
    assert compared(["Zhang Wei", "Li Na"], ["Wei Zhang", "Na Li"]).share[0] == 1


def test_other_people_are_strangers() -> None:
    result = compared(FULL, ["Emmy Noether"])
    assert (result.share[0], result.strangers[0]) == (0, True)


def test_missing_names_are_unknown_not_strangers() -> None:
    result = compared(FULL, [])
    assert (result.known[0], result.strangers[0]) == (False, False)


def test_three_thousand_names_are_compared() -> None:
    letters = "abcdefghij"
    many = [f"Ada {''.join(letters[int(d)] for d in f'{n:04}')}" for n in range(3000)]
    assert compared(many, many[:1500]).balance[0] == pytest.approx(0.5)
