"""Words that stand among the same words have vectors that are alike."""

import numpy as np
import polars as pl

from flows.enrich.links.word_vectors import (
    LEAST_TIMES,
    READ_WINDOWS,
    WordVectors,
    learn_word_vectors,
    sum_vectors,
    weigh_vector_words,
)

TEXTS = pl.Series(
    [
        f"{before} the {noun} {behind} {number}"
        for number in range(LEAST_TIMES)
        for noun, before, behind in (
            ("tagger", "run", "on tokens"),
            ("parser", "run", "on tokens"),
            ("treebank", "annotate", "of sentences"),
            ("corpus", "annotate", "of sentences"),
        )
    ]
)


def test_words_of_the_same_company_are_more_alike() -> None:
    words, lines = learn_word_vectors(TEXTS)
    places = {word: lines[place] for place, word in enumerate(words)}
    places = {word: line / np.linalg.norm(line) for word, line in places.items() if line.any()}
    assert places["tagger"] @ places["parser"] > places["tagger"] @ places["treebank"] + 0.2


def test_the_same_texts_make_words_as_alike() -> None:
    (words, lines), (again, same) = learn_word_vectors(TEXTS), learn_word_vectors(TEXTS)
    assert words == again
    assert np.allclose(lines @ lines.T, same @ same.T)


def test_rare_words_have_no_vector() -> None:
    words, _ = learn_word_vectors(pl.concat([TEXTS, pl.Series(["run the lemmatizer on tokens"])]))
    assert "lemmatizer" not in words
    assert "run" in words


def test_weights_of_words_say_what_weights_of_axes_do() -> None:
    vectors = WordVectors(["parser", "corpus"], np.array([[1.0, 0.5], [-0.5, 2.0]]))
    features = pl.DataFrame(
        {
            "row": [0, 0, 1, 1],
            "feature": ["phrase:parser", "sentence:parser", "sentence:corpus", "host:corpus"],
        },
        schema_overrides={"row": pl.UInt32},
    )
    of_axes = np.arange(len(READ_WINDOWS) * 2.0)[:, None]
    names, weights = weigh_vector_words(of_axes, vectors)
    of_features = dict(zip(names, weights[:, 0], strict=True))
    summed = sum_vectors(features, 2, vectors) @ of_axes
    assert np.isclose(summed[0, 0], of_features["phrase:parser"] + of_features["sentence:parser"])
    assert np.isclose(summed[1, 0], of_features["sentence:corpus"])
