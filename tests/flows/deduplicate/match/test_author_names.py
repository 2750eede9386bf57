import time
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.deduplicate.match.author_names import (
    collect_names,
    list_surnames,
    read_names,
)
from flows.deduplicate.match.compare_authors import (
    AuthorAgreement,
    compare_names,
    measure_author_lists,
)


def compared(left: Sequence[str | None], right: Sequence[str | None]) -> AuthorAgreement:
    names = collect_names(read_names(pl.Series([left, right], dtype=pl.List(pl.String))))
    return compare_names(names, np.array([[0, 1]]))


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
        ["J. Smith, B. Müller, J.-P. O'Neil"],
        ["Smith J, Müller B, O'Neil JP"],
        ["Smith, John, Müller, Bärbel, O'Neil, Jean-Pierre"],
        ["Smith, John and Müller, Bärbel & O'Neil, Jean-Pierre"],
        ["Dr. John SMITH", "Prof. Bärbel MÜLLER", "Jean Pierre ONEIL"],
        ["John Smith", "Bärbel Müller", r"Jean{-}Pierre O{\textquoteright}Neil"],
        ["John Smith", "Bärbel Müller", "Jean-Pierre O'Neil", None, ""],
    ],
)
def test_every_form_of_the_same_names_agrees(other: list[str | None]) -> None:
    result = compared(FULL, other)
    assert (result.share[0], result.balance[0], result.strangers[0]) == (1, 1, False)


@pytest.mark.parametrize(
    "other",
    [
        *(["John Smith", "et al."], ["J. Smith et al."], ["Smith, John"], ["Smith, J., et al"]),
        *(["John Smith and others"], ["John Smith", "and others"], ["John Smith, et. al."]),
    ],
)
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


@pytest.mark.parametrize(
    ("latex", "unicode"),
    [
        (r"Erd\H{o}s, P\'al", "Pál Erdős"),
        (r"{\L}ukasz Wa{\l}\k{e}sa", "Łukasz Wałęsa"),
        (r"Fran\c{c}ois Gra\c cas", "François Graças"),
        (r"S\o ren \AA ngstr\"om", "Søren Ångström"),
        (r"\v{S}\'{\i}ma", "Šíma"),
        (r"Nikola \v Simi\'c", "Nikola Šimić"),
        (r"Novak \DJ okovi\'c", "Novak Đoković"),
        (r"Mart{\'\i}nez", "Martínez"),
        (r"Ho\`ang T\d{u}", "Hoàng Tụ"),
    ],
)
def test_accents_of_latex_and_of_unicode_are_the_same(latex: str, unicode: str) -> None:
    assert compared([latex], [unicode]).balance[0] == 1


def test_a_double_name_agrees_with_either_way_to_write_it() -> None:
    result = compared(["Gabriel García-Márquez"], ["Gabriel García Márquez"])
    assert (result.share[0], result.strangers[0]) == (1, False)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["CMS Collaboration"], ["ATLAS Collaboration"]),
        (["Gemini Team"], ["Qwen Team"]),
        (["Ann Lee and others"], ["Bob Ray and others"]),
        (["Ann Lee et al."], ["Bob Ray et al."]),
    ],
)
def test_what_every_group_calls_itself_is_no_common_name(left: list[str], right: list[str]) -> None:
    assert compared(left, right).strangers[0]


def test_a_group_is_known_by_its_own_name() -> None:
    assert compared(["The CMS Collaboration"], ["A. Doe for the CMS Collaboration"]).share[0] == 1


def test_a_name_of_initials_only_is_unknown() -> None:
    assert not compared(["O. E"], ["O. E"]).known[0]


LETTERS = "abcdefghij"
MANY = [f"A. {''.join(LETTERS[int(d)] for d in f'{n:04}')}" for n in range(3000)]


@pytest.mark.parametrize(
    "other",
    [
        MANY,
        [", ".join(MANY)],
        ["; ".join(f"{name[3:]}, A." for name in MANY)],
        [", ".join(f"{name[3:]}, A." for name in MANY)],
    ],
)
def test_three_thousand_names_are_compared_at_once(other: list[str]) -> None:
    begun = time.process_time()
    assert compared(MANY, other).balance[0] == 1
    assert compared(MANY[:1500], other).balance[0] == pytest.approx(0.5)
    assert time.process_time() - begun < 5  # one string of them took 17 s


def test_endless_authors_are_read_in_bounded_time() -> None:
    piece = "Smith, J., Doe, A., & Roe, B. (2001). A title, Journal 12(3), 4-5. "
    short, long = (pl.Series([[piece * (size // len(piece))]]) for size in (400_000, 4_000_000))
    assert read_names(long).drop("bag").equals(read_names(short).drop("bag"))


def test_initials_are_the_first_letters_of_the_first_and_last_word() -> None:
    lists = [["Jiawei Han"], ["Han, Jiawei"], ["H. Jiawei"], ["J Han"], ["Plato"], [None]]
    texts = read_names(pl.Series(lists, dtype=pl.List(pl.String)))
    assert texts["initials"].to_list() == ["jh", "hj", "hj", "jh", "", ""]


@pytest.mark.parametrize("unit", ["(", "[a](", "(a(b)"])
def test_brackets_that_stay_open_are_looked_at_once(unit: str) -> None:
    # By the square they take half a minute.
    assert list_surnames(pl.Series([[unit * 40_000]])).len() == 1


def test_an_affiliation_with_brackets_of_its_own_is_no_name() -> None:
    written = pl.Series([["Ada Lovelace (University (UK)), Kurt Gödel [1]"]])
    assert list_surnames(written).to_list() == ["godel lovelace"]


def test_lists_of_authors_are_measured_row_by_row() -> None:
    left = pl.Series([["Ann Lee", "Bo Xu"], ["Ann Lee"], None], dtype=pl.List(pl.String))
    right = pl.Series([["Lee, Ann"], ["Cy Day"], ["Ann Lee"]])
    rows = measure_author_lists(left, right).rows()
    assert rows == [(1.0, 0.5, 1.0), (0.0, 0.0, 0.0), (None, None, None)]


@given(st.lists(st.from_regex(r"[a-z]{1,3}, [a-z]{1,2}\.?( [a-z]{1,2}\.?)?", fullmatch=True)))
@settings(max_examples=30, deadline=None)
def test_plain_names_are_read_as_those_are_that_have_to_be_searched(entries: list[str]) -> None:
    # Two spaces behind the comma are not plain, and say the same.
    searched = [entry.replace(", ", ",  ") for entry in entries]
    mixed = [pair[place % 2] for place, pair in enumerate(zip(entries, searched, strict=True))]
    lists = pl.Series([entries, searched, mixed], dtype=pl.List(pl.String))
    texts = read_names(lists)
    names = collect_names(texts)
    assert texts.drop("bag").unique().height == 1
    for sets in (names.surnames, names.bags):
        assert len({tuple(sets.slice(row, row + 1).values) for row in range(3)}) == 1
