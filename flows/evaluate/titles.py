"""Title resolution against a folder of queries and a reference."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.deduplicate import resolve
from flows.deduplicate.resolve.abstract_index import code_long_words
from flows.evaluate.gold_tables import read_gold_table


def predict(folder: Path) -> pl.DataFrame:
    """Resolve ``queries.parquet`` against ``reference.parquet``: ``title, arxiv_id, score``.

    One row per query in its order; ``arxiv_id`` is null where nothing is answered. Authors and
    abstracts of queries, and abstracts of the reference, count where there are such columns.
    """
    reference = read_gold_table(folder, "reference.parquet").rename({"arxiv_id": "paper"})
    if "authors" not in reference.columns:
        reference = reference.with_columns(authors=pl.lit(None, pl.List(pl.String)))
    if "abstract" in reference.columns:
        reference = reference.with_columns(codes=code_long_words(reference["abstract"]))
    queries = read_gold_table(folder, "queries.parquet")
    looked_up = queries.select("title", *({"authors", "abstract"} & {*queries.columns}))
    answers = resolve.resolve_titles(looked_up, resolve.build_index(reference))
    return answers.select("title", arxiv_id="paper", score="score")


def score(predictions: pl.DataFrame, folder: Path) -> dict[str, float]:
    """Return precision over answers, recall on unchanged and changed titles, refusal of the absent.

    Returns an empty dictionary where the queries carry no ``arxiv_id``.
    """
    truth = read_gold_table(folder, "queries.parquet")
    if "arxiv_id" not in truth.columns:
        return {}
    same = pl.col("same_norm") if "same_norm" in truth.columns else pl.lit(None)
    truth = truth.with_columns(same_norm=same.cast(pl.Boolean))
    # Side by side, not joined: titles are no key, as one may be asked for twice.
    judged = predictions.select(answer="arxiv_id").hstack(truth.select("arxiv_id", "same_norm"))
    right = (pl.col("answer") == pl.col("arxiv_id")).fill_null(value=False)
    is_there = pl.col("arxiv_id").is_not_null()
    shares = judged.select(
        precision=right.filter(pl.col("answer").is_not_null()).mean(),
        recall=right.filter(is_there).mean(),
        recall_unchanged=right.filter(is_there & pl.col("same_norm")).mean(),
        recall_changed=right.filter(is_there & ~pl.col("same_norm")).mean(),
        absent_refused=pl.col("answer").is_null().filter(~is_there).mean(),
    )
    return {name: value for name, value in shares.row(0, named=True).items() if value is not None}


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Return the score; nothing where the folder has no truth."""
    if figures := score(predictions, folder):
        yield "titles resolved to ids", pl.DataFrame([figures])
