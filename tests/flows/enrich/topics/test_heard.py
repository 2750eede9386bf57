"""Labelled papers are heard by a teacher that never saw their labels."""

from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import Examples, read_examples
from flows.enrich.topics.heard import Heard, hear_examples, hear_held_out, load_heard, write_heard
from flows.enrich.topics.model import examine_texts, load_model
from flows.enrich.topics.offers import empty_offers


@pytest.fixture(scope="module")
def few() -> Examples:
    return read_examples().select_papers(pl.col("row") < 6)


def test_each_half_is_heard_by_the_other_one(few: Examples, tmp_path: Path) -> None:
    taught = load_model().taught
    deaf = type(taught)(taught.words.clear(), taught.wordings.clear(), empty_offers())
    heard = hear_examples(few, [taught, deaf])
    numbers = heard.places.drop("paper", "half")
    is_deaf = numbers.sum_horizontal() == 0
    # The first half, even rows, is heard by the second teacher, which knows nothing.
    assert is_deaf.to_list() == (heard.places["half"] == 0).to_list()
    write_heard(heard, tmp_path)
    again = load_heard(tmp_path)
    assert again.places.equals(heard.places)
    assert again.wordings.equals(heard.wordings)


def test_papers_that_nobody_heard_stay_as_they_are(few: Examples) -> None:
    examined = examine_texts(few.texts, load_knowledge(), load_model().taught)
    papers = few.texts.select("row", "paper")
    assert hear_held_out(examined, papers, Heard()).candidates.equals(examined.candidates)


def test_what_was_held_out_differs_in_wording_and_offer_alone(few: Examples) -> None:
    examined = examine_texts(few.texts, load_knowledge(), load_model().taught)
    heard = hear_held_out(examined, few.texts.select("row", "paper"), load_heard())
    before, after = examined.candidates, heard.candidates
    changed = [name for name in before.columns if not before[name].equals(after[name])]
    assert {"wording", "offer"} <= set(changed) <= {"wording", "unworded", "offer"}


def test_a_folder_without_a_lesson_holds_nothing(tmp_path: Path) -> None:
    assert load_heard(tmp_path).places.is_empty()
