"""Fit the coefficients of `flows.deduplicate.resolve` on titles with truth.

    python -m tests.bench.fit_titles TITLES DEDUP

TITLES and DEDUP as in the evaluations of these names. Of DEDUP, a quarter of the papers is left out
of the reference, 6,000 of them are asked for beside every title that was changed: other fields and
years than those of TITLES, so that nothing is learned of one field alone. They count `OTHERS` each.
Folds are of papers: all titles of a paper, in both sets, with authors and without, are in one fold.
Prints what each threshold answers with weights that have not seen the paper, with 95 % intervals,
for the folds by which measures are chosen and for the `UNREAD` ones; then the coefficients; then
the same for DEDUP where authors are known, on both sides alone or beside abstracts of the
reference, and where authors and abstracts of both are.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import polars as pl

from flows.deduplicate.match.compare_authors import AGREEING
from flows.deduplicate.resolve import TitleIndex, build_index, compare_titles, offline
from flows.deduplicate.resolve.abstract_index import code_long_words
from flows.evaluate.intervals import measure_intervals
from flows.text.title_key import make_title_keys
from tests.bench.fit_bibliographies import FOLDS, fit_weights

OTHERS, ABSENT = 0.3, 6_000
THRESHOLDS = (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
UNREAD = (0, 1)
"""Folds whose titles are not looked at, and whose figures choose neither measure nor threshold."""


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


def assign_folds(queries: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Return each query's paper and fold: ``query, arxiv_id, unit, fold``.

    A paper is known by the key of the title that the reference shows, an absent one by that which
    is asked for: both sets have some of the same papers, under other ids.
    """
    shown = index.papers.select(arxiv_id="paper", shown="key")
    named = queries.with_columns(key=make_title_keys(queries["title"])).join(
        shown, on="arxiv_id", how="left", maintain_order="left"
    )
    units = named.select(pl.coalesce("shown", "key")).to_series().to_list()
    folds = [int(hashlib.sha256(unit.encode()).hexdigest(), 16) % FOLDS for unit in units]
    return named.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("query"),
        "arxiv_id",
        unit=pl.Series(units),
        fold=pl.Series(folds),
    )


def compare(
    queries: pl.DataFrame, index: TitleIndex, *, supported: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the candidates that weights judge, and what is answered before: one row per title.

    Both have ``unit, fold, arxiv_id``; the second ``paper`` where an abstract answers.
    ``supported``: with what authors and abstracts say, behind those that abstracts answer.
    """
    left = offline.prepare_queries(queries)
    for name in ("key", "letters"):
        known = index.papers.select(name).unique()
        left = left.join(known, on=name, how="anti", maintain_order="left")
    truth = assign_folds(queries, index)
    asked = left.select("query").join(truth, on="query", validate="1:1", maintain_order="left")
    answers = offline.answer_by_abstract(left, index).drop_nulls("paper").select("query", "paper")
    if not supported:
        answers = answers.clear()
    best = compare_titles.compare_candidates(offline.drop_answered(left, answers), index)
    right = (pl.col("paper") == pl.col("arxiv_id")).fill_null(value=False)
    best = best.join(truth, on="query", maintain_order="left").filter(~pl.col("is_sequel"))
    best = best.filter(pl.col("agreement") >= AGREEING) if supported else best
    asked = asked.join(answers, on="query", how="left", validate="1:1", maintain_order="left")
    return best.with_columns(right.alias("is_right")), asked


def fit_folds(
    x: np.ndarray, y: np.ndarray, counted: np.ndarray, fold: np.ndarray
) -> list[np.ndarray]:
    """Return the weights for each fold, fitted without its papers."""
    weights = []
    for number in range(FOLDS):
        # Nothing of the unread folds may move what is chosen on the others.
        is_seen = ~np.isin(fold, UNREAD) & (fold != number)
        weights.append(fit_weights(x[is_seen], y[is_seen], counted[is_seen]))
    return weights


def rate(rows: pl.DataFrame, measures: dict[str, pl.Expr], weights: list[np.ndarray]) -> pl.Series:
    """Return the probability of each row by the weights of its fold."""
    own = np.array(weights)[rows["fold"].to_numpy()]
    logit = (rows.select(**measures).to_numpy() * own[:, :-1]).sum(axis=1) + own[:, -1]
    return pl.Series(1 / (1 + np.exp(-logit)))


def describe_answers(best: pl.DataFrame, asked: pl.DataFrame, least: float) -> str:
    """Say what a threshold answers: recall with its interval, wrong answers, absent refused."""
    near = best.filter(pl.col("chance") >= least).select("query", near="paper")
    answer = pl.coalesce("paper", "near")
    counts = asked.join(near, on="query", how="left", validate="1:1").with_columns(
        given=answer.is_not_null(), hit=(answer == pl.col("arxiv_id")).fill_null(value=False)
    )
    is_there = pl.col("arxiv_id").is_not_null()
    by_paper = counts.group_by("unit").agg(
        pl.lit("titles").alias("group"), pl.col("hit").sum().alias("right"),
        pl.col("given").sum(), pl.col("hit").sum(), is_there.sum().alias("wanted"),
    )  # fmt: skip
    figures = {row["measure"]: row for row in measure_intervals(by_paper).to_dicts()}
    recall = figures["recall"]
    wrong = counts.select((pl.col("given") & ~pl.col("hit")).sum()).item()
    refused = counts.filter(~is_there).select((~pl.col("given")).mean()).item()
    return (
        f"{least}: recall {recall['value']:.3f} ({recall['low']:.3f}-{recall['high']:.3f}), "
        f"{wrong} wrong, {refused:.4f} of the absent refused"
    )


def show(
    measures: dict[str, pl.Expr], sets: list[tuple[pl.DataFrame, pl.DataFrame]], weigh: list[float]
) -> list[np.ndarray]:
    """Print what thresholds answer in each set, and the weights; return those of each fold."""
    joined = pl.concat([best.select("is_right", "fold", **measures) for best, _ in sets])
    x, y = joined.select([*measures]).to_numpy(), joined["is_right"].to_numpy()
    counted = np.repeat(weigh, [len(best) for best, _ in sets])
    folds = fit_folds(x, y, counted, joined["fold"].to_numpy())
    for number, (best, asked) in enumerate(sets, 1):
        rated = best.with_columns(chance=rate(best, measures, folds))
        for name, is_in in (("chosen on", ~pl.col("fold").is_in(UNREAD)),
                            ("unread", pl.col("fold").is_in(UNREAD))):  # fmt: skip
            shown = asked.filter(is_in)
            print(f"set {number}, {name}: {shown['arxiv_id'].count()} titles with a paper, "
                  f"{shown['arxiv_id'].null_count()} absent")  # fmt: skip
            for least in THRESHOLDS:
                print("  ", describe_answers(rated.filter(is_in), shown, least), flush=True)
    weights = fit_weights(x, y, counted)
    names = [*measures, "offset"]
    print({name: round(float(w), 3) for name, w in zip(names, weights, strict=True)}, flush=True)
    return folds


def main(titles: Path, dedup: Path) -> None:
    queries, reference = read_titles(titles)
    renamed, others = draw_renamed(dedup)
    others = others.with_columns(codes=code_long_words(others["abstract"]))
    index = build_index(others)
    sets = [
        compare(queries, build_index(reference)),
        compare(renamed.select("title", "arxiv_id"), index),
    ]
    wording = {name: pl.col(name) for name in compare_titles.FEATURES}
    folds = show(wording, sets, [1.0, OTHERS])
    named = renamed.drop("abstract")
    sets = [
        compare(named, build_index(others.drop("codes")), supported=True),
        compare(named, index, supported=True),
        compare(renamed, index, supported=True),
    ]
    # What titles say must not come from weights that have seen the paper either.
    sets = [(best.with_columns(score=rate(best, wording, folds)), asked) for best, asked in sets]
    show(offline.measure_support(), sets, [1.0, 1.0, 1.0])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
