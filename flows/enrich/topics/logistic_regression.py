"""Logistic regression with a ridge penalty, by Newton's method."""

import numpy as np
import numpy.typing as npt

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
    for _ in range(STEPS):
        chance = sigmoid(values @ weights)
        gradient = values.T @ (importance * (chance - outcome)) + penalty * (weights - expected)
        curvature = (values * (importance * chance * (1 - chance))[:, None]).T @ values
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
