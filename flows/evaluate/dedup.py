"""Deduplication against hidden ids: pairwise precision, recall and F1."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.deduplicate.match.match_records import match_records
from schemas.vocabulary import STRONG_IDENTIFIERS


def predict(folder: Path) -> pl.DataFrame:
    """Cluster ``records.parquet`` of a folder; identifiers it does not hold are unknown.

    Gives ``record_id``, ``cluster``, sorted by ``record_id``.
    """
    records = pl.read_parquet(folder / "records.parquet", glob=False)
    unknown = [
        pl.lit(None, pl.String).alias(i) for i in STRONG_IDENTIFIERS if i not in records.columns
    ]
    return match_records(records.with_columns(unknown)).clusters.select("record_id", "cluster")


def score(predictions: pl.DataFrame, folder: Path) -> dict[str, float] | None:
    """Compare predicted clusters with ``truth.parquet``: pairs of records in one cluster.

    Gives None where the folder has no truth. Raises `ValueError` when the predictions are not
    about exactly the records of the truth.
    """
    path = folder / "truth.parquet"
    if not path.exists():
        return None
    truth = pl.read_parquet(path, glob=False)
    both = truth.join(predictions, on="record_id", how="inner", suffix="_predicted")
    if not len(both) == len(truth) == len(predictions):
        raise ValueError(
            f"{len(predictions)} predictions for {len(truth)} records, {len(both)} in common: "
            f"predict the records of {folder} first"
        )
    return score_pairs(both, "cluster_predicted", "cluster")


def score_pairs(records: pl.DataFrame, predicted: str, truth: str) -> dict[str, float]:
    """Compare two columns of cluster labels by the pairs of records that share a label.

    Gives ``precision``, ``recall``, ``f1`` and ``pairs``, how many the prediction makes.
    """
    right = _count_pairs(records, predicted, truth)
    found, real = _count_pairs(records, predicted), _count_pairs(records, truth)
    precision = right / found if found else 1.0
    recall = right / real if real else 1.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "pairs": float(found)}


def _count_pairs(records: pl.DataFrame, *columns: str) -> int:
    """Count the pairs of records that agree in all columns."""
    sizes = records.group_by(columns).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give the score; nothing where the folder has no truth."""
    if figures := score(predictions, folder):
        yield "pairs of records in one paper", pl.DataFrame([figures])
