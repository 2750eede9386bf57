"""Counts per unit add up to the scores of each part."""

from pathlib import Path

import polars as pl
import pytest

from flows.evaluate import links, titles, topic_scores, unit_counts
from flows.evaluate.dedup import score
from flows.evaluate.intervals import measure_intervals
from flows.evaluate.topic_gold import read_gold

SETS = Path("tests/evaluation")


def value(counts: pl.DataFrame, group: str, measure: str) -> float:
    figures = measure_intervals(counts)
    return float(figures.filter(group=group, measure=measure)["value"].item())


def test_pairs_of_records_are_counted_as_the_score_counts_them() -> None:
    truth = pl.read_parquet(SETS / "dedup" / "truth.parquet")
    predicted = truth.select("record_id", cluster=pl.col("cluster") // 2)
    counts = unit_counts.count_dedup(predicted, SETS / "dedup")
    expected = score(predicted, SETS / "dedup")
    assert expected is not None
    assert value(counts, "pairs", "precision") == pytest.approx(expected["precision"])
    assert value(counts, "pairs", "recall") == pytest.approx(expected["recall"])


def test_a_truth_of_judged_pairs_counts_these_pairs_alone(tmp_path: Path) -> None:
    pairs = pl.DataFrame({"left": ["a", "a"], "right": ["b", "c"], "same": [True, False]})
    pairs.write_parquet(tmp_path / "pairs.parquet")
    predicted = pl.DataFrame({"record_id": ["a", "b", "c"], "cluster": [1, 1, 1]})
    counts = unit_counts.count_dedup(predicted, tmp_path)
    assert value(counts, "pairs", "precision") == 0.5
    assert value(counts, "pairs", "recall") == 1.0


def test_titles_are_counted_as_the_score_counts_them() -> None:
    queries = pl.read_parquet(SETS / "titles" / "queries.parquet")
    answers = queries.select("title", arxiv_id=pl.col("arxiv_id").fill_null("2401.00000"))
    answers = answers.with_row_index("n").with_columns(
        arxiv_id=pl.when(pl.col("n") > 0).then("arxiv_id")
    )
    counts = unit_counts.count_titles(answers, SETS / "titles")
    expected = titles.score(answers.drop("n"), SETS / "titles")
    assert value(counts, "all", "precision") == pytest.approx(expected["precision"])
    assert value(counts, "all", "recall") == pytest.approx(expected["recall"])
    assert value(counts, "changed", "recall") == pytest.approx(expected["recall_changed"])


def test_links_are_counted_as_the_score_counts_them() -> None:
    found = links.predict(SETS / "links").head(6)
    found = found.with_columns(kind=pl.lit("code"))
    counts = unit_counts.count_link_answers(found, SETS / "links")
    expected = links.score(found, SETS / "links")
    assert value(counts, "url", "f1") == pytest.approx(expected["f1"])
    assert value(counts, "kind", "precision") == pytest.approx(expected["kind_accuracy"])


def test_topics_are_counted_as_the_score_counts_them() -> None:
    gold = read_gold(SETS / "topics")
    truth = gold.require_truth()
    predicted = truth.filter(pl.col("i") < 8).select("i", "facet", "topic", score=pl.lit(0.9))
    wrong = predicted.filter(pl.col("i") < 3).with_columns(topic=pl.lit("dialogue"))
    answers = pl.concat([predicted, wrong.unique(["i", "facet"])])
    counts = unit_counts.count_topic_answers(answers, gold)
    expected = topic_scores.score(answers, gold)
    for facet in ("area", "task", "method", "contribution"):
        row = expected.filter(pl.col("facet") == facet).row(0, named=True)
        assert value(counts, facet, "f1") == pytest.approx(row["f1"])
