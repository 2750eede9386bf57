"""Distilled axes: the directions in which the words of papers tell their topics.

Self-training: a model that reads phrases labels many papers that nobody labelled. A low-rank ridge
regression learns these labels from all words of the text, and knows a topic where its phrases are
few or mean something else. Along the axes a text and a topic each have an embedding.
"""

import numpy as np
import scipy.sparse

from flows.enrich.topics.logistic_regression import Array

DISTILLED_AXES = [f"distilled_{number:02}" for number in range(60)]
"""Names of the axes, the one that tells most first. With all directions, some 230, the folds gain
no more; with 30 tasks and methods lose a third of what they gain."""

RARE = 20
"""Papers that are added to those of a word, so that the rarest words do not weigh most."""

RIDGE = 100.0
"""Ridge penalty of a word's weight."""

LEAST_SHARE = 1e-6
"""Share of the strongest direction's variance below which a direction is rounding noise."""


def learn_distilled_axes(
    counts: scipy.sparse.csr_matrix, probabilities: Array
) -> tuple[Array, Array]:
    """Learn the axes and what they say of topics, from the words of papers and their topics.

    ``counts`` has a line per paper and a column per word, ``probabilities`` a column per topic.
    Returns the axes, a line of bias and then one per word, and the
    embeddings of topics, a line each: summed along the axes they tell how well a paper's words fit
    the topic, in deviations of all papers. The same numbers give the same axes.
    """
    in_papers = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log(counts.shape[0] / (in_papers + RARE)).clip(min=0.0)
    lines = (counts @ scipy.sparse.diags(idf)).tocsr()
    weights = _fit_ridge(lines, probabilities)
    scores = lines @ weights
    spread = np.maximum(scores.std(axis=0), 1e-9)
    middle = scores.mean(axis=0) / spread
    strengths, directions = _find_main_directions(scores / spread - middle)
    axes = (weights / spread) @ directions / strengths
    # An axis has no sign of its own; its largest word decides, so that each run gives the same.
    sign = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(DISTILLED_AXES))])
    bias = -(middle @ directions) / strengths
    return np.vstack([bias, axes * idf[:, None]]) * sign, directions * strengths * sign


def _fit_ridge(lines: scipy.sparse.csr_matrix, probabilities: Array) -> Array:
    """Fit the chances of every topic by the words: a line per word, a column per topic."""
    middle = np.asarray(lines.mean(axis=0)).ravel()
    # Means are taken out of the products: a matrix without its means would have no zeros.
    products = (lines.T @ lines).toarray() - lines.shape[0] * np.outer(middle, middle)
    products[np.diag_indices_from(products)] += RIDGE
    return np.linalg.solve(products, lines.T @ (probabilities - probabilities.mean(axis=0)))


def _find_main_directions(scores: Array) -> tuple[Array, Array]:
    """Find the directions in which topics differ most, a column each, and the deviation along each.

    Where there are fewer than `DISTILLED_AXES`, as in small sets, the others are zero.
    """
    variances, turned = np.linalg.eigh(scores.T @ scores / len(scores))
    order = np.argsort(-variances, kind="stable")[: len(DISTILLED_AXES)]
    order = order[variances[order] > variances.max(initial=0.0) * LEAST_SHARE]
    directions, strengths = (
        np.zeros((scores.shape[1], len(DISTILLED_AXES))),
        np.ones(len(DISTILLED_AXES)),
    )
    directions[:, : len(order)] = turned[:, order]
    strengths[: len(order)] = np.sqrt(variances[order])
    return strengths, directions
