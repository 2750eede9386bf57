"""Logistic regression with a ridge penalty, by Newton's method."""

import numpy as np
import numpy.typing as npt
import scipy.sparse

STEPS = 30
"""Newton steps at most; about eight are enough."""

CLOSE = 1e-6
"""Change of every weight below which no further step is taken."""

TURNS = 500
"""Turns of conjugate gradients at most within a step; some fifty are enough."""

EXACT = 1e-14
"""Share of the first gap below which a step counts as solved."""

Array = npt.NDArray[np.float64]


def fit_logistic(
    values: Array | scipy.sparse.csr_matrix,
    outcome: Array,
    importance: Array,
    penalty: Array,
    expected: Array | None = None,
) -> Array:
    """Fit one weight per column; each is drawn towards what is ``expected`` of it, or to zero."""
    expected = np.zeros(values.shape[1]) if expected is None else expected
    weights = expected.copy()
    # A topic's own columns are zero in the rows of all other topics: that is most of them.
    rows = scipy.sparse.csr_matrix(values)
    columns = rows.T.tocsr()
    for _ in range(STEPS):
        probability = sigmoid(rows @ weights)
        gradient = columns @ (importance * (probability - outcome)) + penalty * (weights - expected)
        step = _solve_step(
            rows, columns, importance * probability * (1 - probability), penalty, gradient
        )
        weights -= step
        if np.abs(step).max() < CLOSE:
            break
    return weights


def _solve_step(
    rows: scipy.sparse.csr_matrix,
    columns: scipy.sparse.csr_matrix,
    certainty: Array,
    penalty: Array,
    gradient: Array,
) -> Array:
    """Solve for a Newton step by conjugate gradients, scaled by the diagonal of the curvature.

    The curvature is never written out: with thousands of columns that would take minutes.
    """
    # The penalty on the diagonal keeps it invertible, however few the examples.
    scale = 1 / (columns.multiply(columns) @ certainty + penalty)
    step, gap = np.zeros_like(gradient), gradient.copy()
    direction = scale * gap
    size = first = gap @ direction
    for _ in range(TURNS):
        if size <= EXACT * first:
            break
        bent = columns @ (certainty * (rows @ direction)) + penalty * direction
        length = size / (direction @ bent)
        step += length * direction
        gap -= length * bent
        scaled = scale * gap
        size, before = gap @ scaled, size
        direction = scaled + size / before * direction
    return step


def sigmoid(odds: Array) -> Array:
    """Turn log odds into probabilities."""
    # Beyond this the exponential adds nothing but warnings of overflow.
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
