"""Calibration: from log odds to probabilities, and the probability from which a label is given."""

import numpy as np
import polars as pl

from flows.enrich.topics.competing_topics import find_best_competitors
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.logistic_regression import Array, fit_logistic, sigmoid
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import DECIMALS, THRESHOLDS

ANNOTATION = ["annotators", "errors_read"]
"""Of a labelled paper: how many people judged it, and whether errors on it were ever looked at."""

EXPECTED = np.array([1.0, 0.0, 0.0])
"""Slope, offset and weight of the competitor that are expected: odds of papers that the weights
never saw are nearly right as they are. They are fitted to all labelled papers, each by its
annotators: those of two annotators alone (85) have 69 domains and 2 languages, and gave a slope of
1.9."""

CALIBRATION_PENALTY = np.array([1.0, 0.3, 1.0])
"""Ridge penalty by which they are drawn to `EXPECTED`; it matters for languages."""

READ_ERRORS_WEIGHT = 0.3
"""What a paper counts for whose errors were read: phrases were written for it, so that it tells
less of papers to come. Without any of them domains are too few."""

GRID = np.round(np.arange(0.45, 0.76, 0.01), 2)
"""Thresholds that may be chosen: below, labels that just reach it are more often wrong than not."""

NEIGHBOURS = 10
"""Thresholds on each side over which F1 is averaged, against chance peaks."""

SURROUNDINGS = np.round(np.arange(0.35, 0.86, 0.01), 2)
"""`GRID` with `NEIGHBOURS` on each side."""


TOLERANCE = 0.001
"""F1 that is given up for recall: who wants surer topics can filter them by their score, while one
that was not assigned is not looked for."""


def fit_thresholds(odds: pl.DataFrame, examples: Examples) -> pl.DataFrame:
    """Calibrate per facet, and find the score that serves F1 best: see `THRESHOLDS`.

    ``odds`` has `KEY` and ``odds``, of weights that never saw the paper.
    """
    # Before open labels are left out: a competitor may be one of them.
    odds = odds.sort(KEY)
    odds = odds.with_columns(competitor=pl.Series(find_best_competitors(odds)))
    labelled = join_roles(odds, examples).sort("facet", maintain_order=True)
    return pl.DataFrame(
        [
            _calibrate_facet(here, examples)
            for here in labelled.partition_by("facet", maintain_order=True)
        ],
        schema=THRESHOLDS,
        orient="row",
    )


def join_roles(candidates: pl.DataFrame, examples: Examples) -> pl.DataFrame:
    """Add to candidates (`KEY`) their ``role``, null if wrong, and of their paper `ANNOTATION`.

    Ambiguous ones, and those of papers that are no examples, are left out.
    """
    return (
        candidates.with_columns(pl.col("facet", "topic").cast(pl.String))
        .join(examples.truth, on=KEY, how="left", validate="1:1", maintain_order="left")
        .filter(pl.col("role").is_null() | (pl.col("role") != "ambiguous"))
        .join(
            examples.texts.select("row", *ANNOTATION),
            on="row",
            how="inner",
            validate="m:1",
            maintain_order="left",
        )
    )


def _calibrate_facet(
    here: pl.DataFrame, examples: Examples
) -> tuple[str, float, float, float, float]:
    facet = here["facet"][0]
    importance = here.select(_weigh_paper())["importance"].to_numpy()
    right = here["role"].is_not_null().cast(pl.Float64).to_numpy()
    primary = (here["role"] == "primary").fill_null(value=False).cast(pl.Float64).to_numpy()
    raw, competitors = here["odds"].to_numpy(), here["competitor"].to_numpy()
    design = np.column_stack([raw, np.ones_like(raw), competitors])
    # Platt scaling, but drawn to "the odds are right as they are": few labels cannot overrule it.
    fitted = fit_logistic(design, right, importance, CALIBRATION_PENALTY, EXPECTED).round(DECIMALS)
    missed = _weigh_missed(examples, here, facet)
    best = _choose_threshold(sigmoid(design @ fitted), right, primary, importance, missed)
    slope, offset, competitor_weight = fitted.tolist()
    return facet, best, slope, offset, competitor_weight


def _weigh_missed(examples: Examples, here: pl.DataFrame, facet: str) -> float:
    """Weigh the primary labels that never became candidates: no threshold finds them."""
    missed = examples.truth.filter((pl.col("facet") == facet) & (pl.col("role") == "primary")).join(
        here, on=KEY, how="anti"
    )
    return float(
        missed.join(
            examples.texts.select("row", *ANNOTATION), on="row", how="inner", validate="m:1"
        )
        .select(_weigh_paper().sum())
        .item()
    )


def _weigh_paper() -> pl.Expr:
    """Weigh a paper: once for each person who judged it, and less where its errors were read."""
    looked_at = pl.when("errors_read").then(READ_ERRORS_WEIGHT).otherwise(1.0)
    return (pl.col("annotators") * looked_at).alias("importance")


def _choose_threshold(
    scores: Array, right: Array, primary: Array, importance: Array, missed: float
) -> float:
    """Choose the lowest threshold whose F1, averaged with its neighbours', is nearly the best."""
    reached = []
    for threshold in SURROUNDINGS:
        assigned = importance * (scores >= threshold)
        precision = (assigned * right).sum() / max(assigned.sum(), 1)
        recall = (assigned * primary).sum() / max((importance * primary).sum() + missed, 1)
        reached.append(2 * precision * recall / max(precision + recall, 1e-9))
    width = 2 * NEIGHBOURS + 1
    # A lone peak of a few hundred labels is chance; a plateau is not.
    smooth = np.convolve(reached, np.ones(width) / width, mode="valid")
    return float(GRID[int(np.argmax(smooth >= smooth.max() - TOLERANCE))])
