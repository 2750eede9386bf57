"""Labelled papers are judged by a teacher that never saw their labels."""

from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics.contribution_scores import empty_claim_ngrams
from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import Examples, read_examples
from flows.enrich.topics.held_out import (
    HeldOut,
    hold_out_examples,
    load_held_out,
    use_held_out,
    write_held_out,
)
from flows.enrich.topics.model import extract_features, load_model


@pytest.fixture(scope="module")
def few() -> Examples:
    return read_examples().select_papers(pl.col("row") < 6)


def test_each_half_is_judged_by_the_other_one(few: Examples, tmp_path: Path) -> None:
    text_model = load_model().text_model
    silent = type(text_model)(
        text_model.words.clear(), text_model.topic_embeddings.clear(), empty_claim_ngrams()
    )
    held_out = hold_out_examples(few, [text_model, silent])
    numbers = held_out.papers.drop("paper", "half")
    is_silent = numbers.sum_horizontal() == 0
    # The first half, even rows, is judged by the second teacher, which knows nothing.
    assert is_silent.to_list() == (held_out.papers["half"] == 0).to_list()
    write_held_out(held_out, tmp_path)
    again = load_held_out(tmp_path)
    assert again.papers.equals(held_out.papers)
    assert again.topic_embeddings.equals(held_out.topic_embeddings)


def test_papers_that_no_teacher_saw_stay_as_they_are(few: Examples) -> None:
    text_features = extract_features(few.texts, load_knowledge(), load_model().text_model)
    papers = few.texts.select("row", "paper")
    assert use_held_out(text_features, papers, HeldOut()).candidates.equals(
        text_features.candidates
    )


def test_what_was_held_out_differs_in_features_of_the_text_model_alone(few: Examples) -> None:
    text_features = extract_features(few.texts, load_knowledge(), load_model().text_model)
    held_out = use_held_out(text_features, few.texts.select("row", "paper"), load_held_out())
    before, after = text_features.candidates, held_out.candidates
    changed = [name for name in before.columns if not before[name].equals(after[name])]
    assert (
        {"similarity", "contribution_score"}
        <= set(changed)
        <= {"similarity", "has_no_embedding", "contribution_score"}
    )


def test_a_folder_without_a_text_model_holds_nothing(tmp_path: Path) -> None:
    assert load_held_out(tmp_path).papers.is_empty()
