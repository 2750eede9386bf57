"""Nouns near a link are known by class, so that rare ones weigh as much as common ones."""

import polars as pl
import pytest

from flows.enrich.links import link_nouns


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        (["the", "lemmatizer", "of"], "-S-"),
        (["a", "treebank", "wordnet"], "-DD"),
        (["codebase", "embeddings", "website"], "SMW"),
        ([], ""),
        (None, None),
    ],
)
def test_words_are_written_as_letters_of_their_classes(
    words: list[str] | None, letters: str | None
) -> None:
    windows = pl.DataFrame(
        {"statement": [words, ["tutorial"]]}, schema={"statement": pl.List(pl.String)}
    )
    assert link_nouns.sort_nouns(windows)["statement"].to_list() == [letters, "P"]


def test_the_nearest_noun_counts_with_its_distance() -> None:
    strings = {"statement": "D--S-", "outside": "", "earlier": "--W-", "behind": "-P", "path": ""}
    marks = pl.DataFrame(strings | {"host": "S-"}).select(**link_nouns.list_noun_marks())
    assert marks.row(0, named=True) | {"nouns": [], "nouns of phrase": []} == {
        "noun": ["S"],
        "noun at": ["S1"],
        "noun outside": [None],
        "noun earlier": ["W"],
        "nouns near": ["S"],
        "nouns of phrase": [],
        "nouns": [],
        "nouns outside": [],
        "noun next": [],
        "nouns next": ["P"],
        "noun behind": ["P"],
        "nouns of path": [],
        "nouns of host": ["S"],
    }
