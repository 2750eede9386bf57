"""Word vectors: words that stand among the same words are alike, learned from unsorted texts.

A word that no sorted sentence has then weighs as those do that are like it ("a lemmatizer").
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse
from scipy.sparse.linalg import svds

from flows.enrich.topics.logistic_regression import Array

REACH = 5
"""Words on each side that a word is said to stand among; the nearer ones count more."""

LEAST_TIMES = 30
"""Times that a word must occur: of rarer ones the company is chance."""

MOST_AXES = 100
"""Numbers per word; with half or twice as many kinds of links are told as well."""

SMOOTHING = 0.75
"""Power of how often a word is met, so that rare company does not count for too much."""

LEAST_LENGTH = 1e-9
"""Length below which a vector is none: nothing is divided by zero."""

COMMON = 60
"""Rank up to which words are so common ("the", "with") that their vectors are shortened."""

READ_WINDOWS: Final = {"phrase": 0.5, "sentence": 0.5}
"""Windows of `link_words` whose words are read by their vectors, and the length of these there: the
longer, the more a word weighs as those like it do."""


class WordVectors(NamedTuple):
    """Words, most frequent first, and a line for each of them."""

    words: list[str]
    lines: Array


def _split_words(text: pl.Expr) -> pl.Expr:
    """Split texts as `link_words` does: in lower case, every number as 0, a cut word joined."""
    return (
        text.str.to_lowercase()
        .str.replace_all(r"(\p{L})-\s+(\p{Ll})", "$1$2")
        .str.replace_all("[0-9]+", "0")
        .str.extract_all("[a-z]+|0")
    )


def learn_word_vectors(texts: pl.Series) -> WordVectors:
    """Learn a vector for each word of texts.

    They are the first axes of the positive pointwise mutual information of words and their
    neighbours; all have length one but those of `COMMON` words.
    """
    occurrences = (
        pl.DataFrame({"word": texts})
        .select(_split_words(pl.col("word")))
        .with_row_index("text")
        .explode("word", empty_as_null=False)
        .drop_nulls("word")
    )
    words = (
        occurrences["word"]
        .value_counts()
        .filter(pl.col("count") >= LEAST_TIMES)
        .sort("count", "word", descending=[True, False])["word"]
    )
    numbers = occurrences["word"].replace_strict(
        words, range(len(words)), default=-1, return_dtype=pl.Int64
    )
    together = _count_neighbours(numbers.to_numpy(), occurrences["text"].to_numpy(), len(words))
    vectors = _reduce(_measure_surprise(together))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rank = np.arange(len(words))[:, None]
    shortened = vectors / np.maximum(lengths, LEAST_LENGTH) * (1 - np.exp(-rank / COMMON))
    return WordVectors(words.to_list(), shortened)


def sum_vectors(features: pl.DataFrame, count: int, vectors: WordVectors) -> Array:
    """Sum the vectors of the words of ``count`` mentions (`link_words.WORDS`), window by window."""
    axes = vectors.lines.shape[1]
    sums = np.zeros((count, len(READ_WINDOWS) * axes))
    for place, (window, length) in enumerate(READ_WINDOWS.items()):
        features_of_window = [f"{window}:{word}" for word in vectors.words]
        named = pl.DataFrame({"feature": features_of_window}, schema={"feature": pl.String})
        cells = features.join(named.with_row_index("line"), on="feature", how="inner").sort(
            "row", "feature"
        )
        part = sums[:, place * axes : (place + 1) * axes]
        np.add.at(part, cells["row"].to_numpy(), length * vectors.lines[cells["line"].to_numpy()])
    return sums


def weigh_vector_words(of_axes: Array, vectors: WordVectors) -> tuple[list[str], Array]:
    """Turn weights of `sum_vectors`' columns, a line each, into those of features."""
    axes = vectors.lines.shape[1]
    names = [f"{window}:{word}" for window in READ_WINDOWS for word in vectors.words]
    weights = [
        length * vectors.lines @ of_axes[place * axes : (place + 1) * axes]
        for place, length in enumerate(READ_WINDOWS.values())
    ]
    return names, np.vstack(weights)


def _count_neighbours(
    numbers: npt.NDArray[np.int64], texts: npt.NDArray[np.uint32], count: int
) -> scipy.sparse.csr_matrix:
    """Count how often words stand near each other in one text; -1 is a word without a number."""
    together = scipy.sparse.csr_matrix((count, count))
    for distance in range(1, REACH + 1):
        left, right = numbers[:-distance], numbers[distance:]
        is_pair = (left >= 0) & (right >= 0) & (texts[:-distance] == texts[distance:])
        nearness = np.full(int(is_pair.sum()), 1 / distance)
        met = scipy.sparse.coo_matrix(
            (nearness, (left[is_pair], right[is_pair])), shape=together.shape
        ).tocsr()
        together = together + met + met.T
    return together


def _measure_surprise(together: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """Measure by how much words meet more often than chance would have it; never less than 0."""
    often = np.asarray(together.sum(axis=1)).ravel()
    expected = often**SMOOTHING / (often**SMOOTHING).sum()
    pairs = together.tocoo()
    surprise = np.log(pairs.data / (often[pairs.row] * expected[pairs.col]))
    is_more = surprise > 0
    return scipy.sparse.csr_matrix(
        (surprise[is_more], (pairs.row[is_more], pairs.col[is_more])), shape=together.shape
    )


def _reduce(surprise: scipy.sparse.csr_matrix) -> Array:
    """Reduce lines to their `MOST_AXES` largest axes, fewer where there are few words."""
    axes = min(MOST_AXES, surprise.shape[0] - 1)
    # Axes may point either way, which changes neither likeness nor weights; the rest is fixed.
    left, sizes, _ = svds(surprise, k=axes, v0=np.ones(surprise.shape[0]), rng=0)
    order = np.argsort(-sizes)
    return np.asarray(left[:, order] * np.sqrt(sizes[order]))
