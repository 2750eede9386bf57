"""Words tell the field of arXiv that a text belongs to, whatever its length."""

import polars as pl
import pytest

from flows.enrich.topics.field_words import (
    ARXIV_FIELDS,
    BIAS,
    WEIGHED,
    empty_field_words,
    guess_fields,
    learn_field_words,
    split_texts,
)
from flows.enrich.topics.model import load_model
from flows.enrich.topics.text_words import TextWords, read_words

WORDS = pl.DataFrame({"word": [BIAS, "robot", "galaxy"]}).with_columns(
    pl.lit(0.0).alias(name) for name in WEIGHED
)


def texts(*titles: str, abstract: str | None = None) -> pl.DataFrame:
    frame = pl.DataFrame({"title": list(titles)}).with_row_index("row")
    return frame.with_columns(abstract=pl.lit(abstract, pl.String))


def read(*titles: str) -> TextWords:
    return read_words(texts(*titles))


def test_a_word_counts_once_and_folded() -> None:
    words = split_texts(texts("Robots, ROBOTS!", abstract="robots in 3 rooms"))
    assert words["word"].to_list() == ["robots", "in", "rooms"]


def test_digits_before_a_word_are_none_of_it() -> None:
    words = split_texts(texts("3Dx is no 2nd dx, a 4 m 2x"))
    assert sorted(words["word"]) == ["dx", "is", "nd", "no"]


def test_a_known_word_moves_the_field_it_belongs_to() -> None:
    weights = WORDS.with_columns(robots=pl.when(pl.col("word") == "robot").then(2.0).otherwise(0.0))
    guess = guess_fields(read("The robot", "The galaxy"), weights)
    assert guess["robots"].to_list() == pytest.approx([0.8808, 0.5])
    assert guess["physics"].to_list() == [0.5, 0.5]


def test_without_words_no_field_is_likely() -> None:
    guess = guess_fields(read("A robot"), empty_field_words())
    assert guess.select(ARXIV_FIELDS.keys()).sum_horizontal().item() == 0


def test_a_sum_beyond_sixteen_bits_is_whole() -> None:
    axis = WEIGHED[-1]
    weights = WORDS.with_columns(
        pl.when(pl.col("word") == BIAS).then(0.0).otherwise(2e3).alias(axis)
    )
    guess = guess_fields(read("The robot, the robot", "A robot of a galaxy"), weights)
    assert guess[axis].to_list() == pytest.approx([2e3, 4e3 / 2**0.5], abs=1e-4)


def test_a_guess_does_not_depend_on_the_other_texts() -> None:
    words = load_model().text_model.words
    alone = guess_fields(read("Galaxies at high redshift"), words)
    beside = guess_fields(read("Galaxies at high redshift", "Robots that grasp"), words)
    assert alone.equals(beside.head(1))


def test_the_shipped_words_know_the_fields_apart() -> None:
    titles = {
        "physics": "Superfluid phases of bosonic atoms in optical lattices",
        "language": "Translating low-resource languages with bilingual word embeddings",
        "robots": "Grasp planning for a robot arm in cluttered bins",
        "mathematics": "On the cohomology of moduli spaces of abelian varieties",
    }
    guess = guess_fields(read(*titles.values()), load_model().text_model.words)
    for row, field in enumerate(titles):
        probabilities = guess.row(row, named=True)
        assert max(ARXIV_FIELDS, key=probabilities.__getitem__) == field


def test_words_are_learned_from_categories_and_the_same_each_time() -> None:
    pairs = [("robot arms move slowly", "cs.RO"), ("galaxies shine in clusters", "astro-ph.GA")]
    records = pl.DataFrame(
        [("", abstract, [category]) for abstract, category in pairs * 120],
        schema=["title", "abstract", "categories"],
        orient="row",
    )
    words = learn_field_words(records)
    assert words.equals(learn_field_words(records))
    weight = {row["word"]: row for row in words.iter_rows(named=True)}
    assert weight["robot"]["robots"] > 0 > weight["galaxies"]["robots"]
    assert weight["galaxies"]["physics"] > 0 > weight["robot"]["physics"]
