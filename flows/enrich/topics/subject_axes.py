"""Subject axes: what a text is about, as a few numbers that no label was needed to learn.

This is latent semantic analysis: words that are in the same papers say much the same. The axes are
the directions in which papers on learning differ most by their words; a labelled paper teaches what
a topic is worth along them, and so speaks for papers that use other words of the same subject.
"""

import numpy as np
import scipy.sparse

from flows.enrich.topics.logistic_regression import Array

AXES = [f"axis_{number:03}" for number in range(128)]
"""Names of the axes, the one along which papers differ most first. Subject scores are learned along
all of them; 256 brought the folds nothing more."""

MAIN_AXES = AXES[:30]
"""Axes along which single candidates have weights: more of them brought the folds nothing."""

AXIS_FIELDS = [
    "language",
    "vision",
    "sound",
    "graphics",
    "robots",
    "learning",
    "neural",
    "reasoning",
    "retrieval",
    "software",
    "security",
    "society",
    "people",
    "agents",
]
"""Fields of arXiv whose papers the axes are learned from: of all fields, physics would be most."""

RARE = 20
"""Papers that are added to those of a word, so that the rarest words do not weigh most."""


LEAST_STRENGTH = 1e-6
"""Share of the strongest direction's strength below which a direction is rounding noise."""


def learn_axes(counts: scipy.sparse.csr_matrix) -> Array:
    """Learn the axes from the words of papers: a line of bias, then one per word.

    ``counts`` has a line per paper and a column per word. Along each axis these papers have a mean
    of zero and a deviation of one. The same counts give the same axes.
    """
    in_papers = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log(counts.shape[0] / (in_papers + RARE)).clip(min=0.0)
    weighed = scipy.sparse.csr_matrix(counts.multiply(idf))
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    lined = scipy.sparse.diags(1 / np.maximum(lengths, 1e-9)) @ weighed
    axes = _find_directions(lined) * idf[:, None]
    # An axis has no sign of its own; its largest word decides, so that each run gives the same.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(AXES))])
    along = counts @ axes
    spread = np.maximum(along.std(axis=0), 1e-9)
    return np.vstack([-along.mean(axis=0) / spread, axes / spread])


def _find_directions(lined: scipy.sparse.csr_matrix) -> Array:
    """Find the directions in which lines differ most: a column for each of `AXES`.

    Where the lines differ in fewer, as in small sets, the others are zero and say nothing.
    """
    from scipy.sparse.linalg import svds  # noqa: PLC0415  # only training needs it

    if min(lined.shape) > len(AXES) * 2:
        _, strengths, turned = svds(lined, k=len(AXES), random_state=0)
    else:
        _, strengths, turned = np.linalg.svd(lined.toarray(), full_matrices=False)
    order = np.argsort(-strengths, kind="stable")[: len(AXES)]
    order = order[strengths[order] > strengths.max() * LEAST_STRENGTH]
    directions = np.zeros((lined.shape[1], len(AXES)))
    directions[:, : len(order)] = turned[order].T
    return directions
