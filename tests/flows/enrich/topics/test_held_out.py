"""Labelled papers are judged by a teacher that never saw their labels."""

from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import Examples, read_examples
from flows.enrich.topics.held_out import (
    HeldOut,
    hold_out_examples,
    load_held_out,
    use_held_out,
    write_held_out,
)
from flows.enrich.topics.model import examine_texts, load_model
from flows.enrich.topics.offers import empty_offers


@pytest.fixture(scope="module")
def few() -> Examples:
    return read_examples().select_papers(pl.col("row") < 6)


def test_each_half_is_judged_by_the_other_one(few: Examples, tmp_path: Path) -> None:
    taught = load_model().taught
    silent = type(taught)(taught.words.clear(), taught.wordings.clear(), empty_offers())
    held_out = hold_out_examples(few, [taught, silent])
    numbers = held_out.places.drop("paper", "half")
    is_silent = numbers.sum_horizontal() == 0
    # The first half, even rows, is judged by the second teacher, which knows nothing.
    assert is_silent.to_list() == (held_out.places["half"] == 0).to_list()
    write_held_out(held_out, tmp_path)
    again = load_held_out(tmp_path)
    assert again.places.equals(held_out.places)
    assert again.wordings.equals(held_out.wordings)


def test_papers_that_no_teacher_saw_stay_as_they_are(few: Examples) -> None:
    examined = examine_texts(few.texts, load_knowledge(), load_model().taught)
    papers = few.texts.select("row", "paper")
    assert use_held_out(examined, papers, HeldOut()).candidates.equals(examined.candidates)


def test_what_was_held_out_differs_in_wording_and_offer_alone(few: Examples) -> None:
    examined = examine_texts(few.texts, load_knowledge(), load_model().taught)
    held_out = use_held_out(examined, few.texts.select("row", "paper"), load_held_out())
    before, after = examined.candidates, held_out.candidates
    changed = [name for name in before.columns if not before[name].equals(after[name])]
    assert {"wording", "offer"} <= set(changed) <= {"wording", "unworded", "offer"}


def test_a_folder_without_a_lesson_holds_nothing(tmp_path: Path) -> None:
    assert load_held_out(tmp_path).places.is_empty()
