"""Figures are kept by part and set, those of the most telling sets first."""

from datetime import date
from pathlib import Path

import polars as pl

from flows.evaluate.accuracy import COLUMNS, Measurement, list_headlines, record_accuracy
from schemas.vocabulary import SetKind

COUNTS = pl.DataFrame(
    {
        "group": ["pairs"] * 2,
        "unit": ["a", "b"],
        "right": [2, 2],
        "predicted": [2, 2],
        "hit": [2, 2],
        "expected": [2, 2],
    }
)


def figures(name: str, kind: SetKind, day: int) -> pl.DataFrame:
    return list_headlines("dedup", Measurement(name, kind, COUNTS), date(2026, 11, day))


def test_a_figure_names_its_set_its_size_and_its_interval() -> None:
    row = figures("dedup", SetKind.DEVELOPMENT, 26).row(0, named=True)
    assert row["metric"] == "pairwise precision"
    assert [row["value"], row["low"], row["high"]] == ["1.0000"] * 3
    assert [row["set"], row["size"], row["kind"]] == ["dedup", 2, "development"]


def test_figures_replace_those_of_their_part_and_set_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.csv"
    assert record_accuracy(figures("dedup", SetKind.DEVELOPMENT, 1), path) == 2
    record_accuracy(figures("dblp", SetKind.FOREIGN, 2), path)
    record_accuracy(figures("dedup", SetKind.DEVELOPMENT, 3), path)
    rows = pl.read_csv(path, schema=COLUMNS)
    assert rows["set"].to_list() == ["dblp", "dblp", "dedup", "dedup"]
    assert rows["measured"].to_list() == ["2026-11-02"] * 2 + ["2026-11-03"] * 2
