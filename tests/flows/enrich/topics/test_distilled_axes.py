"""Distilled axes measure the similarity of papers and topics, the same each time."""

import numpy as np
import scipy.sparse

from flows.enrich.topics.distilled_axes import DISTILLED_AXES, learn_distilled_axes

TEXTS = np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0]] * 300, float)
"""Papers of two subjects with two words each; the fifth word stands in both."""

PROBABILITIES = np.array([[0.9, 0.0], [0.8, 0.1], [0.1, 0.9], [0.0, 0.7]] * 300)


def measure_similarity(texts: np.ndarray) -> np.ndarray:
    axes, loadings = learn_distilled_axes(scipy.sparse.csr_matrix(TEXTS), PROBABILITIES)
    return (texts @ axes[1:] + axes[0]) @ loadings.T


def test_a_paper_is_similar_to_the_topic_whose_words_it_has() -> None:
    one_word_each = np.eye(5)
    similarity = measure_similarity(one_word_each)
    assert (similarity[:2, 0] > similarity[:2, 1]).all()
    assert (similarity[2:4, 0] < similarity[2:4, 1]).all()


def test_similarity_is_counted_in_deviations_of_all_papers() -> None:
    similarity = measure_similarity(TEXTS)
    assert np.abs(similarity.mean(axis=0)).max() < 1e-6
    assert np.abs(similarity.std(axis=0) - 1).max() < 1e-3


def test_axes_are_the_same_each_time_and_none_is_missing_where_topics_are_few() -> None:
    counts = scipy.sparse.csr_matrix(TEXTS)
    first, again = (
        learn_distilled_axes(counts, PROBABILITIES),
        learn_distilled_axes(counts, PROBABILITIES),
    )
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert first[0].shape == (TEXTS.shape[1] + 1, len(DISTILLED_AXES))
    assert first[1].shape == (PROBABILITIES.shape[1], len(DISTILLED_AXES))
