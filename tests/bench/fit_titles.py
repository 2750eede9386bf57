"""Fit the coefficients of `flows.deduplicate.resolve` on titles with truth.

    python -m tests.bench.fit_titles TITLES DEDUP

TITLES and DEDUP as in the evaluations of these names. Of DEDUP, a quarter of the papers is left out
of the reference, 6,000 of them are asked for beside every title that was changed: other fields and
years than those of TITLES, so that nothing is learned of one field alone. They count `OTHERS` each.
Prints what each threshold answers in ten-fold cross-validation on both sets, then the coefficients;
then the same for DEDUP where authors, and where authors and abstracts are known.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from flows.deduplicate.match.author_names import AGREEING
from flows.deduplicate.resolve import TitleIndex, build_index, compare_titles, offline
from flows.deduplicate.resolve.title_words import code_long_words
from flows.text.title_key import make_title_keys
from tests.bench.fit_bibliographies import FOLDS, fit_weights

OTHERS, ABSENT = 0.3, 6_000
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def read_titles(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return queries with ``arxiv_id`` and the reference of the evaluation of titles."""
    reference = pl.read_parquet(folder / "reference.parquet").rename({"arxiv_id": "paper"})
    return pl.read_parquet(folder / "queries.parquet").select("title", "arxiv_id"), reference


def draw_renamed(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the same of records: titles that were changed, and those of papers left out."""
    truth = pl.read_parquet(folder / "truth.parquet")
    records = pl.read_parquet(folder / "records.parquet").join(truth, on="record_id")
    papers = records.sort("record_id").select(
        pl.col("cluster").cast(pl.String).alias("paper"), "title", "authors", "abstract"
    )
    papers = papers.with_columns(
        make_title_keys(papers["title"]).str.replace_all(" ", "").alias("key")
    )
    is_out = pl.Series(
        [int(hashlib.sha256(p.encode()).hexdigest(), 16) % 4 == 0 for p in papers["paper"]]
    )
    last = pl.col("paper").is_last_distinct()
    reference, absent = papers.filter(~is_out & last), papers.filter(is_out & last)
    shown = reference.select("paper", shown="key")
    changed = papers.join(shown, on="paper").filter(pl.col("key") != pl.col("shown"))
    changed = changed.unique(["paper", "key"], keep="first", maintain_order=True)
    absent = absent.join(reference, on="key", how="anti").sample(ABSENT, seed=0)
    queries = pl.concat(
        [
            changed.select("title", "authors", "abstract", arxiv_id="paper"),
            absent.select(
                "title", "authors", "abstract", pl.lit(None, pl.String).alias("arxiv_id")
            ),
        ]
    )
    return queries, reference.drop("key")


def compare(
    queries: pl.DataFrame, index: TitleIndex, *, supported: bool = False
) -> tuple[pl.DataFrame, int]:
    """Return the best candidate of each title that is left, and how many have a paper.

    ``supported``: with what authors and abstracts say, behind those that abstracts answer.
    """
    left = offline.prepare_queries(queries)
    for name in ("key", "letters"):
        known = index.papers.select(name).unique()
        left = left.join(known, on=name, how="anti", maintain_order="left")
    truth = queries.with_row_index("query").select(pl.col("query").cast(pl.Int64), "arxiv_id")
    there = left.join(truth, on="query")["arxiv_id"].count()
    if supported:
        left = offline.drop_answered(left, offline.answer_by_abstract(left, index))
    best = compare_titles.compare_candidates(left, index)
    best = offline.add_support(best, index) if supported else best
    right = (pl.col("paper") == pl.col("arxiv_id")).fill_null(value=False)
    best = best.join(truth, on="query").filter(~pl.col("is_sequel"))
    return best.with_columns(right.alias("is_right")), there


def validate(x: np.ndarray, y: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return the probability of each row by weights that have not seen it."""
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    chance = np.zeros(len(y))
    for number in range(FOLDS):
        seen = fold != number
        weights = fit_weights(x[seen], y[seen], counted[seen])
        chance[~seen] = 1 / (1 + np.exp(-(x[~seen] @ weights[:-1] + weights[-1])))
    return chance


def show(
    names: Iterable[str],
    x: np.ndarray,
    y: np.ndarray,
    counted: np.ndarray,
    sets: list[tuple[int, int]],
) -> None:
    """Print what thresholds answer; ``sets``: rows, and titles with a paper, of each set."""
    chance = validate(x, y, counted)
    owner = np.repeat(range(len(sets)), [size for size, _ in sets])
    for number, (_, there) in enumerate(sets):
        for least in THRESHOLDS:
            answered = (owner == number) & (chance >= least)
            right = int(y[answered].sum())
            wrong = int(answered.sum()) - right
            print(f"set {number + 1} at {least}: recall {right / there:.3f}, {wrong} wrong")
    weights = fit_weights(x, y, counted)
    print({name: round(float(w), 3) for name, w in zip([*names, "offset"], weights, strict=True)})


def main(titles: Path, dedup: Path) -> None:
    queries, reference = read_titles(titles)
    renamed, others = draw_renamed(dedup)
    others = others.with_columns(codes=code_long_words(others["abstract"]))
    index = build_index(others)
    sets = [
        compare(queries, build_index(reference)),
        compare(renamed.select("title", "arxiv_id"), index),
    ]
    x = np.vstack([best.select(compare_titles.FEATURES).to_numpy() for best, _ in sets])
    y = np.concatenate([best["is_right"].to_numpy() for best, _ in sets])
    counted = np.repeat([1.0, OTHERS], [len(best) for best, _ in sets])
    show(compare_titles.FEATURES, x, y, counted, [(len(best), there) for best, there in sets])
    sets = [
        compare(renamed.drop("abstract"), index, supported=True),
        compare(renamed, index, supported=True),
    ]
    agreed = [(best.filter(pl.col("agreement") >= AGREEING), there) for best, there in sets]
    measures = offline.measure_support()
    x = np.vstack([best.select(**measures).to_numpy() for best, _ in agreed])
    y = np.concatenate([best["is_right"].to_numpy() for best, _ in agreed])
    show(measures, x, y, np.ones(len(y)), [(len(best), there) for best, there in agreed])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
