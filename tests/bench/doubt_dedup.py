"""How far to trust the score of deduplication, and where it errs.

``python tests/bench/doubt_dedup.py DIR [--errors FILE]`` with DIR as in the evaluation of dedup:
the score by fifths of the papers (drawn by a hash of their id), with each constant of the rules a
fifth smaller and larger, and with the weights of the curve fitted anew on four fifths and judged on
the other. FILE gets the errors as CSV, those that the rules were surest of first.
"""

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize

from flows.deduplicate.match import rules
from flows.deduplicate.match.bibliographic_rule import bibliographic_probability
from flows.deduplicate.match.clustering import EDGES, cluster_pairs
from flows.deduplicate.match.compare_pairs import decide_pairs, measure_pairs
from flows.deduplicate.match.record_features import RecordFeatures, block_records, describe_records
from flows.evaluate.dedup import score_pairs
from schemas.vocabulary import STRONG_IDENTIFIERS

FIFTHS = 5
CONSTANTS = ("SURE", "AGREEING", "SAME_ABSTRACT", "COPY", "WHOLE", "NEAR_TITLE")
CONSTANTS += ("SAME_SOURCE_TITLE", "SAME_SOURCE_ABSTRACT")
WEIGHTS = ("WEIGHT_TITLE", "WEIGHT_ABSTRACT", "WEIGHT_AUTHORS", "OFFSET")
NONE_APART = pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64, "why": pl.String})
TEXTS = ("source", "title", "abstract", "authors")


def fifth(label: object) -> int:
    return int(hashlib.sha256(str(label).encode()).hexdigest(), 16) % FIFTHS


def clustered(given: RecordFeatures, candidates: pl.DataFrame) -> pl.Series:
    edges = decide_pairs(candidates).drop_nulls("rule").select(EDGES.names()).cast(EDGES)
    return pl.Series("predicted", cluster_pairs(given.records, edges, NONE_APART).roots)


def fitted(chosen: pl.DataFrame) -> np.ndarray:
    """Fit the four weights of the curve on pairs with ``is_one``."""
    x = np.column_stack(
        [chosen.select("title", "abstract", "balance").fill_null(0.0), np.ones(len(chosen))]
    )
    sign = np.where(chosen["is_one"], 1.0, -1.0)

    def loss(weights: np.ndarray) -> float:
        return float(np.logaddexp(0, -sign * (x @ weights)).sum() + 1e-3 * (weights**2).sum())

    return minimize(loss, np.array([getattr(rules, name) for name in WEIGHTS])).x


def curve_pairs(candidates: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs that the curve was fitted for: other titles, other sources, same people."""
    agree = pl.col("share") >= rules.AGREEING
    known = candidates.filter((pl.col("title") < 1) & ~pl.col("same_source") & agree)
    # Refusals look at what titles alone say, as in `decide_pairs`.
    titled = known.with_columns(bibliographic_probability().alias("by_title"))
    return titled.with_columns(rules.refuse_pair().alias("why")).filter(pl.col("why").is_null())


def score_of(
    given: RecordFeatures, candidates: pl.DataFrame, truth: pl.DataFrame
) -> dict[str, float]:
    return score_pairs(truth.with_columns(clustered(given, candidates)), "predicted", "cluster")


def counted(found: pl.DataFrame) -> np.ndarray:
    """Count pairs: right ones, those that were made, those that should have been."""
    score = score_pairs(found, "predicted", "cluster")
    right = score["precision"] * score["pairs"]
    return np.array([right, score["pairs"], right / score["recall"]])


def touching(found: pl.DataFrame, number: int) -> np.ndarray:
    """Count the pairs of which at least one record is of a fifth."""
    mine = pl.Series([fifth(one) == number for one in found["cluster"]])
    return counted(found) - counted(found.filter(~mine))


def score_of_counts(counts: np.ndarray) -> dict[str, float]:
    right, made, real = counts
    return {"precision": right / made, "recall": right / real, "f1": 2 * right / (made + real)}


def told(name: str, score: dict[str, float]) -> str:
    return f"| {name} | {score['precision']:.4f} | {score['recall']:.4f} | {score['f1']:.4f} |"


def lines(given: RecordFeatures, candidates: pl.DataFrame, truth: pl.DataFrame) -> Iterator[str]:
    yield "| what | precision | recall | F1 |\n|---|--:|--:|--:|"
    found = truth.with_columns(clustered(given, candidates))
    yield told("as it is", score_pairs(found, "predicted", "cluster"))
    for number in range(FIFTHS):
        yield told(f"fifth {number + 1}", score_of_counts(touching(found, number)))
    for name in CONSTANTS:
        value = getattr(rules, name)
        for factor in (0.8, 1.2):
            setattr(rules, name, min(value * factor, 1.0))
            changed = f"{name} {getattr(rules, name):.2f} for {value:.2f}"
            yield told(changed, score_of(given, candidates, truth))
            setattr(rules, name, value)
    yield from refitted(given, candidates, truth)


def refitted(given: RecordFeatures, candidates: pl.DataFrame, truth: pl.DataFrame) -> Iterator[str]:
    """Judge each fifth by weights that were fitted on the others."""
    kept = {name: getattr(rules, name) for name in WEIGHTS}
    chosen = curve_pairs(candidates)
    owner = pl.Series([fifth(truth["cluster"][row]) for row in chosen["left"]])
    counts = np.zeros(3)
    for number in range(FIFTHS):
        for name, value in zip(WEIGHTS, fitted(chosen.filter(owner != number)), strict=True):
            setattr(rules, name, float(value))
        counts += touching(truth.with_columns(clustered(given, candidates)), number)
    for name, value in kept.items():
        setattr(rules, name, value)
    yield told("weights fitted on the other fifths", score_of_counts(counts))


def errors(
    given: RecordFeatures, truth: pl.DataFrame, found: pl.Series, texts: pl.DataFrame
) -> pl.DataFrame:
    """Give each wrong pair with both texts: merged though different, or apart though the same."""
    rows = truth.with_columns(found).with_row_index("row").select("row", "cluster", "predicted")
    wrong = []
    for kind, shared, other in (
        ("merged", "predicted", "cluster"),
        ("apart", "cluster", "predicted"),
    ):
        both = rows.join(rows, on=shared, suffix="_right").filter(
            (pl.col("row") < pl.col("row_right")) & (pl.col(other) != pl.col(f"{other}_right"))
        )
        places = both.select("row", "row_right").to_numpy().astype(np.int64)
        wrong.append(decide_pairs(measure_pairs(given, places)).with_columns(kind=pl.lit(kind)))
    sides = texts.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    named = pl.concat(wrong)
    for side in ("left", "right"):
        renamed = {name: f"{name}_{side}" for name in TEXTS}
        named = named.join(sides.rename(renamed), left_on=side, right_on="row")
    shown = ["kind", "probability", "rule", "why", "title", "abstract", "contained", "share"]
    columns = [f"{name}_{side}" for name in TEXTS for side in ("left", "right")]
    return named.sort("probability", descending=True).select(*shown, *columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--errors", type=Path)
    asked = parser.parse_args()
    records = pl.read_parquet(asked.folder / "records.parquet", glob=False).sort("record_id")
    truth = pl.read_parquet(asked.folder / "truth.parquet", glob=False).sort("record_id")
    given = describe_records(
        records.with_columns(pl.lit(None, pl.String).alias(i) for i in STRONG_IDENTIFIERS)
    )
    candidates = measure_pairs(given, block_records(given).pairs)
    labels = truth["cluster"]
    same = labels.gather(candidates["left"]) == labels.gather(candidates["right"])
    candidates = candidates.with_columns(same.alias("is_one"))
    for line in lines(given, candidates, truth):
        print(line)
    if asked.errors:
        wrong = errors(given, truth, clustered(given, candidates), records.select(TEXTS))
        joined = pl.col("authors_left", "authors_right").list.join("; ")
        wrong.with_columns(joined).write_csv(asked.errors)


if __name__ == "__main__":
    main()
