"""Deduplication against hidden ids: pairwise precision, recall and F1."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from flows.deduplicate.match.match_records import match_records
from flows.errors import count_noun
from flows.evaluate.gold_tables import read_gold_table
from schemas.vocabulary import STRONG_IDENTIFIERS


def predict(folder: Path) -> pl.DataFrame:
    """Cluster ``records.parquet`` of a folder; identifiers it does not hold are unknown.

    Returns ``record_id``, ``cluster``, sorted by ``record_id``.
    """
    records = read_gold_table(folder, "records.parquet")
    if "year" in records.columns:
        # By way of a float: years may be written as 2019.0, which is no integer to polars.
        years = pl.col("year").cast(pl.Float64, strict=False).cast(pl.Int32, strict=False)
        known = pl.when(years.is_between(1, date.max.year)).then(years)
        records = records.with_columns(published=pl.date(known, 1, 1))
    unknown = [
        pl.lit(None, pl.String).alias(i) for i in STRONG_IDENTIFIERS if i not in records.columns
    ]
    return match_records(records.with_columns(unknown)).clusters.select("record_id", "cluster")


def score(predictions: pl.DataFrame, folder: Path) -> dict[str, float] | None:
    """Compare predicted clusters with ``truth.parquet`` or with the labels of ``pairs.parquet``.

    The one has a ``cluster`` per record, of which all pairs count; the other says of some pairs
    (``left``, ``right``) whether they are the ``same``, and others do not count. Returns None where
    the folder has neither. Raises `ValueError` when the predictions are not about the records of
    the truth.
    """
    if (folder / "truth.parquet").exists():
        return _score_clusters(predictions, read_gold_table(folder, "truth.parquet"))
    if (folder / "pairs.parquet").exists():
        return _score_labels(predictions, read_gold_table(folder, "pairs.parquet"))
    return None


def _score_clusters(predictions: pl.DataFrame, truth: pl.DataFrame) -> dict[str, float]:
    joined = truth.join(predictions, on="record_id", how="inner", suffix="_predicted")
    if not len(joined) == len(truth) == len(predictions):
        raise ValueError(
            f"{count_noun(len(predictions), 'prediction')} for {count_noun(len(truth), 'record')}, "
            f"{len(joined):,} in common: predict the records of this folder first"
        )
    return score_pairs(joined, "cluster_predicted", "cluster")


def _score_labels(predictions: pl.DataFrame, pairs: pl.DataFrame) -> dict[str, float]:
    for side in ("left", "right"):
        clusters = predictions.rename({"cluster": f"cluster_{side}"})
        pairs = pairs.join(clusters, left_on=side, right_on="record_id", how="left", validate="m:1")
    unknown = pairs.filter(pl.any_horizontal(pl.col("cluster_left", "cluster_right").is_null()))
    if unknown.height:
        raise ValueError(
            f"{count_noun(unknown.height, 'pair', 'names/name')} records without a prediction, "
            f"such as {unknown.row(0)[:2]}: predict the records of this folder first"
        )
    joined, same = pairs["cluster_left"] == pairs["cluster_right"], pairs["same"].cast(pl.Boolean)
    return _make_scores(int((joined & same).sum()), int(joined.sum()), int(same.sum()))


def score_pairs(records: pl.DataFrame, predicted: str, truth: str) -> dict[str, float]:
    """Compare two columns of cluster labels by the pairs of records that share a label.

    Returns ``precision``, ``recall``, ``f1`` and ``pairs``, how many the prediction makes.
    """
    right = _count_pairs(records, predicted, truth)
    return _make_scores(right, _count_pairs(records, predicted), _count_pairs(records, truth))


def _make_scores(right: int, predicted: int, real: int) -> dict[str, float]:
    # Who joins nothing makes no wrong pair; the recall says what was missed.
    precision = right / predicted if predicted else 1.0
    recall = right / real if real else 1.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "pairs": float(predicted)}


def _count_pairs(records: pl.DataFrame, *columns: str) -> int:
    """Count the pairs of records that agree in all columns."""
    # Lengths have 32 bits, which the product below outgrows from 65,537 records on.
    sizes = records.group_by(columns).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Return the score; nothing where the folder has no truth."""
    if figures := score(predictions, folder):
        yield "pairs of records in one paper", pl.DataFrame([figures])
