"""Axes are learned from words alone, the same each time, and tell subjects apart."""

import numpy as np
import scipy.sparse

from flows.enrich.topics.subject_axes import AXES, learn_axes

TEXTS = np.array([[1, 1, 0, 0, 0], [1, 1, 0, 0, 1], [0, 0, 1, 1, 0], [0, 0, 1, 1, 1]] * 50, float)
"""Papers of two subjects with two words each; the fifth word stands in both."""


def test_the_first_axes_part_two_subjects_that_share_no_word() -> None:
    fitted = learn_axes(scipy.sparse.csr_matrix(TEXTS))
    along = TEXTS @ fitted[1:] + fitted[0]
    apart = np.abs(along[:2].mean(axis=0) - along[2:4].mean(axis=0))
    assert apart[:2].max() > 1


def test_papers_have_a_mean_of_zero_and_a_deviation_of_one_along_an_axis() -> None:
    fitted = learn_axes(scipy.sparse.csr_matrix(TEXTS))
    along = TEXTS @ fitted[1:] + fitted[0]
    assert np.abs(along.mean(axis=0)).max() < 1e-6
    assert np.abs(along[:, 0].std() - 1) < 1e-6


def test_axes_are_the_same_each_time_and_none_is_missing_where_words_are_few() -> None:
    counts = scipy.sparse.csr_matrix(TEXTS)
    assert np.array_equal(learn_axes(counts), learn_axes(counts))
    assert learn_axes(counts).shape == (TEXTS.shape[1] + 1, len(AXES))
