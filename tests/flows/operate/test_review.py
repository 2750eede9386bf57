"""A review puts uncertain pairs side by side, in cells that no spreadsheet runs."""

from pathlib import Path

import polars as pl
import pytest

from flows.operate.explain import NoRun
from flows.operate.review import render_cautions, write_review
from flows.paths import StepFolder
from flows.refresh_summary.collect import count_cautions
from tests.flows.operate.left_by_run import print_wide, write_traces


def test_cautions_are_listed_with_what_they_mean(tmp_path: Path) -> None:
    merged = write_traces(tmp_path)
    shown = print_wide(render_cautions(merged))
    assert "block-overflow, 1 time: a key is shared by too many records" in shown
    assert count_cautions(merged) == {"block-overflow": 1}


def test_review_puts_both_texts_side_by_side(tmp_path: Path) -> None:
    assert write_review(write_traces(tmp_path), tmp_path / "review.csv").height == 1
    row = pl.read_csv(tmp_path / "review.csv").row(0, named=True)
    assert row["title_left"].endswith("part 1")
    assert row["title_right"].endswith("part 2")
    assert not row["verdict"]


def test_without_a_run_there_is_nothing_to_review(tmp_path: Path) -> None:
    with pytest.raises(NoRun, match="Run `open-papers refresh` first"):
        write_review(StepFolder(tmp_path), tmp_path / "review.csv")
