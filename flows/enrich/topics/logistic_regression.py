"""Logistic regression with a ridge penalty, by Newton's method."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

STEPS = 30
"""Newton steps at most; about eight are enough."""

CLOSE = 1e-6
"""Change of every weight below which no further step is taken."""

Array = npt.NDArray[np.float64]


def fit_logistic(
    values: Array, outcome: Array, importance: Array, penalty: Array, expected: Array | None = None
) -> Array:
    """Fit one weight per column; each is drawn towards what is ``expected`` of it, or to zero."""
    expected = np.zeros(values.shape[1]) if expected is None else expected
    weights = expected.copy()
    # Most columns mark a topic or a phrase that few rows have: zeros are not multiplied.
    rows = csr_array(values)
    columns = rows.T.tocsr()
    for _ in range(STEPS):
        chance = sigmoid(rows @ weights)
        gradient = columns @ (importance * (chance - outcome)) + penalty * (weights - expected)
        weighed = rows * (importance * chance * (1 - chance))[:, None]
        curvature = (columns @ weighed).toarray()
        # The penalty on the diagonal keeps the curvature invertible, however few the examples.
        step = np.linalg.solve(curvature + np.diag(penalty), gradient)
        weights -= step
        if np.abs(step).max() < CLOSE:
            break
    return weights


def sigmoid(odds: Array) -> Array:
    """Turn log odds into probabilities."""
    # Beyond this the exponential adds nothing but warnings of overflow.
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
