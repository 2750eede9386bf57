"""Axes that topics teach tell how much a paper sounds like a topic, the same each time."""

import numpy as np
import scipy.sparse

from flows.enrich.topics.taught_axes import TAUGHT, learn_taught_axes

TEXTS = np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0]] * 300, float)
"""Papers of two subjects with two words each; the fifth word stands in both."""

CHANCES = np.array([[0.9, 0.0], [0.8, 0.1], [0.1, 0.9], [0.0, 0.7]] * 300)


def tell_sounds(texts: np.ndarray) -> np.ndarray:
    axes, loadings = learn_taught_axes(scipy.sparse.csr_matrix(TEXTS), CHANCES)
    return (texts @ axes[1:] + axes[0]) @ loadings.T


def test_a_paper_sounds_like_the_topic_whose_words_it_has() -> None:
    one_word_each = np.eye(5)
    sounds = tell_sounds(one_word_each)
    assert (sounds[:2, 0] > sounds[:2, 1]).all()
    assert (sounds[2:4, 0] < sounds[2:4, 1]).all()


def test_sounds_are_counted_in_deviations_of_all_papers() -> None:
    sounds = tell_sounds(TEXTS)
    assert np.abs(sounds.mean(axis=0)).max() < 1e-6
    assert np.abs(sounds.std(axis=0) - 1).max() < 1e-3


def test_axes_are_the_same_each_time_and_none_is_missing_where_topics_are_few() -> None:
    counts = scipy.sparse.csr_matrix(TEXTS)
    first, again = learn_taught_axes(counts, CHANCES), learn_taught_axes(counts, CHANCES)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert first[0].shape == (TEXTS.shape[1] + 1, len(TAUGHT))
    assert first[1].shape == (CHANCES.shape[1], len(TAUGHT))
