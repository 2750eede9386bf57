"""The sets that ship with the tests can be evaluated by the command, without any other data."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.__main__ import app

SETS = Path("tests/evaluation")


@pytest.mark.parametrize("what", ["dedup", "titles", "links", "topics"])
def test_a_small_set_is_scored_with_intervals(what: str, tmp_path: Path) -> None:
    out, accuracy = tmp_path / "out.parquet", tmp_path / "accuracy.csv"
    command = ["evaluate", what, str(SETS / what), "--out", str(out), "--kind", "small"]
    result = CliRunner().invoke(app, [*command, "--accuracy", str(accuracy)])
    assert result.exit_code == 0, result.output
    assert f"95 % intervals on {what} (small)" in result.output
    figures = pl.read_csv(accuracy)
    assert set(figures["kind"]) == {"small"}
    assert (figures["value"] >= figures["low"]).all()
    assert (figures["value"] <= figures["high"]).all()


def test_topics_of_made_up_papers_are_mostly_right(tmp_path: Path) -> None:
    accuracy = tmp_path / "accuracy.csv"
    command = ["evaluate", "topics", str(SETS / "topics"), "--out", str(tmp_path / "out.parquet")]
    CliRunner().invoke(app, [*command, "--kind", "small", "--accuracy", str(accuracy)])
    figures = pl.read_csv(accuracy)
    assert figures.filter(pl.col("metric") != "F1 of domain")["value"].min() >= 0.7
