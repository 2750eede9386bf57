"""Fit the weights of the rule for records without abstracts on a folder of labelled pairs.

    python -m tests.bench.fit_bibliographies DIR

DIR as in the evaluation of dedup, with ``pairs.parquet``. Prints what each probability keeps in
ten-fold cross-validation, all pairs of a record in one fold, then the weights. Pairs that the rule
refuses for another reason, such as numbers or short titles, teach nothing.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize

from flows.deduplicate.match import bibliographic_rule as rule
from flows.deduplicate.match.compare_pairs import decide_pairs, measure_pairs
from flows.deduplicate.match.record_features import describe_records
from flows.deduplicate.match.title_details import NEAR
from schemas.vocabulary import STRONG_IDENTIFIERS, Objection

FOLDS = 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
LIFTED = (Objection.STRANGERS.value, Objection.TITLE_ALONE.value)
"""Objections that depend on the weights themselves."""


def measure_labelled_pairs(folder: Path) -> pl.DataFrame:
    """Return the measures of each labelled pair with ``same`` and the decision on it."""
    records = pl.read_parquet(folder / "records.parquet").sort("record_id")
    years = pl.col("year").cast(pl.Float64, strict=False).cast(pl.Int32)
    unknown = [pl.lit(None, pl.String).alias(name) for name in STRONG_IDENTIFIERS]
    features = describe_records(
        records.with_columns(pl.date(years, 1, 1).alias("published"), *unknown)
    )
    rows = {record_id: row for row, record_id in enumerate(features.records["record_id"])}
    labels = pl.read_parquet(folder / "pairs.parquet")
    places = [sorted((rows[a], rows[b])) for a, b in labels.select("left", "right").iter_rows()]
    pairs = decide_pairs(measure_pairs(features, np.array(places, np.int64)))
    return pairs.with_columns(labels["same"].cast(pl.Boolean))


def select_undecided(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs that the weights decide."""
    is_refused = pl.col("why").is_not_null() & ~pl.col("why").is_in(LIFTED)
    others = [pl.col(name) for name in ("is_modified", "has_more_numbers", "is_generic")]
    is_bare = pl.col("whole").is_null() & (pl.col("title") >= NEAR)
    return pairs.filter(is_bare & ~pl.any_horizontal(is_refused, *others))


def fit_weights(
    measures: np.ndarray, same: np.ndarray, counted: np.ndarray | float = 1.0
) -> np.ndarray:
    """Fit a logistic curve, the constant last; measures are scaled so that all shrink alike."""
    scale = np.append(measures.std(axis=0) + 1e-9, 1.0)
    x = np.column_stack([measures, np.ones(len(measures))]) / scale
    sign = np.where(same, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (x @ weights)
        slope = -sign * counted / (1 + np.exp(margin))
        shrunk = np.append(weights[:-1], 0.0)
        value = (counted * np.logaddexp(0, -margin)).sum() + (shrunk**2).sum() / 2
        return float(value), x.T @ slope + shrunk

    start = np.zeros(x.shape[1])
    fit = minimize(loss, start, method="L-BFGS-B", jac=True, options={"maxiter": 2_000})
    return fit.x / scale


def main(folder: Path) -> None:
    pairs = measure_labelled_pairs(folder)
    undecided = select_undecided(pairs)
    measures = undecided.select(**rule.list_measures()).to_numpy().astype(np.float64)
    same = undecided["same"].to_numpy()
    fold = undecided["left"].to_numpy() % FOLDS
    chance = np.zeros(len(same))
    for number in range(FOLDS):
        weights = fit_weights(measures[fold != number], same[fold != number])
        logit = measures[fold == number] @ weights[:-1] + weights[-1]
        chance[fold == number] = 1 / (1 + np.exp(-logit))
    for least in THRESHOLDS:
        right, kept = int(same[chance >= least].sum()), int((chance >= least).sum())
        print(f"{least}: precision {right / kept:.4f} recall {right / pairs['same'].sum():.4f}")
    weights = fit_weights(measures, same)
    print({name: round(float(w), 2) for name, w in zip(rule.WEIGHTS, weights[:-1], strict=True)})
    print("offset", round(float(weights[-1]), 2))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
