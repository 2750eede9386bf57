"""Words are those that splitting folded texts gives, whatever letters a text is made of."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.enrich.topics.field_words import split_texts
from flows.enrich.topics.folding import ACCENTS, fold_in_place
from flows.enrich.topics.term_matrix import build_unit_term_matrix
from flows.enrich.topics.text_words import encode_texts, find_rows, read_words
from flows.enrich.topics.word_table import build_word_table, look_up_words

LETTERS = st.sampled_from(["a", "B", "7", " ", ".", "-", "\x80", "\xa0", "∞", *"".join(ACCENTS)])
TEXTS = st.lists(st.text(LETTERS | st.characters(exclude_categories=["Cs"]), max_size=40))


@settings(max_examples=20, deadline=None)
@given(TEXTS)
def test_words_are_those_of_the_folded_text_at_their_places(abstracts: list[str]) -> None:
    columns = {"title": pl.String, "abstract": pl.String}
    pairs = list(zip(abstracts[::-1], abstracts, strict=True))
    texts = pl.DataFrame(pairs, columns, orient="row").with_row_index("row")
    words = read_words(texts)
    whole = "".join(
        f"{title}  {abstract}  " for title, abstract in zip(texts["title"], abstracts, strict=True)
    )
    folded = pl.select(fold_in_place(pl.lit(whole))).item()
    assert words.folded.decode("ascii") == folded
    split = folded.split(" ")[:-1]
    ends = words.starts + words.lengths
    assert [folded[a:b] for a, b in zip(words.starts, ends, strict=True)] == split
    assert (words.codes == encode_texts(pl.Series(split, dtype=pl.String))).all()
    borders = [whole[a:b] for a, b in zip(words.borders, words.stops, strict=True)]
    assert borders == abstracts


@settings(max_examples=20, deadline=None)
@given(TEXTS)
def test_words_count_once_and_as_they_are_split(abstracts: list[str]) -> None:
    texts = pl.DataFrame({"abstract": abstracts}, {"abstract": pl.String}).with_row_index("row")
    texts = texts.with_columns(title=pl.lit("7a and 1-aa"))
    split = split_texts(texts)
    vocabulary = split["word"].unique().sort()
    cells = build_unit_term_matrix(read_words(texts), vocabulary).tocoo()
    places = zip(cells.row.tolist(), cells.col.tolist(), strict=True)
    listed = {(row, vocabulary[column]) for row, column in places}
    assert listed == set(split.iter_rows())


def test_words_of_one_beginning_are_told_apart_however_long() -> None:
    words = pl.Series(["reinforce", "reinforced", "reinforcement", "reinforcementlearning"])
    assert len(set(encode_texts(words).tolist())) == len(words)


def test_a_table_finds_its_words_and_no_other_where_many_share_a_slot() -> None:
    numbers = np.random.default_rng(0).choice(10**9, 60_000, replace=False).astype(np.uint64) + 1
    known, others = numbers[:50_000], numbers[50_000:]
    table = build_word_table(known)
    assert (look_up_words(known, table) == np.arange(len(known))).all()
    assert (look_up_words(others, table) == table.unknown).all()
    assert (look_up_words(np.zeros(2, np.uint64), table) == table.unknown).all()


@pytest.mark.parametrize("rows", [[3, 4, 5], [3, 4, 6], []])
def test_rows_are_found_with_and_without_gaps(rows: list[int]) -> None:
    sought = range(2, 8)
    expected = [rows.index(row) if row in rows else len(rows) for row in sought]
    known = np.array(rows, np.uint32)
    assert find_rows(known, np.array(sought, np.uint32)).tolist() == expected
