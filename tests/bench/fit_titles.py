"""Fit the coefficients of `flows.deduplicate.resolve` on a folder of titles with truth.

    python tests/bench/fit_titles.py DIR

Prints the ten-fold cross-validated recall at each number of wrong answers, then the coefficients.
Needs scikit-learn, which the project itself does not.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from flows.deduplicate.resolve import build_index, compare_titles, offline

WRONG = (0, 2, 5, 8, 10, 15)


def main(folder: Path) -> None:
    """Fit and print."""
    queries = pl.read_parquet(folder / "queries.parquet")
    reference = pl.read_parquet(folder / "reference.parquet").rename({"arxiv_id": "paper"})
    index = build_index(reference)
    asked = offline.prepare_queries(queries)
    keys = index.papers.select("key").unique()
    left = asked.join(keys, on="key", how="anti", maintain_order="left")
    compare_titles.COEFFICIENTS.update(dict.fromkeys(compare_titles.FEATURES, 0.0))
    pairs = compare_titles.compare_candidates(left, index).join(
        queries.with_row_index("query").select(pl.col("query").cast(pl.Int64), "arxiv_id"),
        on="query",
    )
    pairs = pairs.filter(~pl.col("is_sequel"))
    right = (pairs["paper"] == pairs["arxiv_id"]).fill_null(value=False).to_numpy()
    absent = pairs["arxiv_id"].is_null().to_numpy()
    features = pairs.select(compare_titles.FEATURES).to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    chance = cross_val_predict(model, features, right, cv=folds, method="predict_proba")[:, 1]
    order = np.argsort(-chance)
    wrong = np.cumsum(~right[order])
    changed = left.join(
        queries.with_row_index("query").select(pl.col("query").cast(pl.Int64), "arxiv_id"),
        on="query",
    )["arxiv_id"].count()
    for limit in WRONG:
        last = int(np.searchsorted(wrong, limit, side="right")) - 1
        found = int(right[order][: last + 1].sum())
        print(
            f"wrong {limit}: recall {found / changed:.3f} ({found}) absent "
            f"{int(absent[order][: last + 1].sum())} threshold {chance[order][last]:.3f}"
        )
    for row in order[~right[order]][:12]:
        print(
            f"  {chance[row]:.3f} {pairs['title'][int(row)]} | {pairs['matched_title'][int(row)]}"
        )
    scale, fitted = model.fit(features, right).steps[0][1], model.steps[1][1]
    weights = fitted.coef_[0] / scale.scale_
    print(
        {name: round(float(w), 3) for name, w in zip(compare_titles.FEATURES, weights, strict=True)}
    )
    print("intercept", round(float(fitted.intercept_[0] - (weights * scale.mean_).sum()), 3))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
