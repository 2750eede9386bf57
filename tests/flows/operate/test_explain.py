"""Reports read their answers off a release and the last run."""

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from flows import tables
from flows.deduplicate.match.review import UnknownPaper
from flows.operate import explain as reports
from flows.paths import StepFolder
from flows.refresh_summary import count_cautions
from flows.release import NotARelease
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.record import Record
from tests.builders import frame, origin, written_release


@pytest.fixture
def merged(tmp_path: Path) -> StepFolder:
    """Give what a run left: two records that nearly were one paper."""
    names = Record.dtypes()
    rows = [{name: value for name, value in origin(n).items() if name in names} for n in (1, 2)]
    one, two = (row["record_id"] for row in rows)
    near = {"left": one, "right": two, "probability": 0.4, "why": None, "title": 0.9}
    tables.save(Record, frame(Record, rows), tmp_path / "named.parquet")
    told = {"kind": "block-overflow", "record_id": one, "count": 60, "detail": "(title)"}
    tables.save(NearMiss, frame(NearMiss, [near]), tmp_path / "near_misses.parquet")
    tables.save(MatchReport, frame(MatchReport, [told]), tmp_path / "match_reports.parquet")
    tables.save(Origin, frame(Origin, [origin(1), origin(2)]), tmp_path / "origins.parquet")
    return StepFolder(tmp_path)


def text(shown: object) -> str:
    console = Console(file=io.StringIO(), width=300)
    console.print(shown)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_explanation_names_records_rules_and_what_nearly_joined(
    merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release")
    found = text(reports.render_explanation("arxiv:2603.00001", release, merged))
    assert "arxiv:2603.00001 is made of" in found
    assert "the record the paper is named after" in found
    assert "Sparse attention for long documents, part 1" in found
    assert "What nearly joined it" in found
    assert "of arxiv:2603.00002" in found
    assert "probability 0.40: not sure enough" in found
    assert "block-overflow" in found


def test_explanation_needs_no_run_but_says_what_it_lacks_without(tmp_path: Path) -> None:
    found = text(
        reports.render_explanation(
            "arxiv:2603.00001", written_release(tmp_path / "release"), StepFolder(tmp_path)
        )
    )
    assert "the record the paper is named after" in found
    assert "no run has left it. Run `open-papers refresh` first" in found


def test_cautions_are_listed_with_what_they_mean(merged: StepFolder) -> None:
    found = text(reports.render_cautions(merged))
    assert "block-overflow, 1 times: a key is shared by too many records" in found
    assert count_cautions(merged) == {"block-overflow": 1}


def test_paper_that_never_was_is_said_with_what_ids_look_like(
    merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release")
    with pytest.raises(UnknownPaper, match=r"no paper has the id arxiv:1.*arxiv:2312\.00752"):
        reports.render_explanation("arxiv:1", release, merged)


def test_review_puts_both_texts_side_by_side(merged: StepFolder, tmp_path: Path) -> None:
    assert reports.write_review(merged, tmp_path / "review.csv").height == 1
    row = pl.read_csv(tmp_path / "review.csv").row(0, named=True)
    assert row["title_left"].endswith("part 1")
    assert row["title_right"].endswith("part 2")
    assert not row["verdict"]


def test_without_a_run_there_is_nothing_to_review(tmp_path: Path) -> None:
    with pytest.raises(reports.NoRun, match="Run `open-papers refresh` first"):
        reports.write_review(StepFolder(tmp_path), tmp_path / "review.csv")


def test_without_a_release_there_is_nothing_to_explain(merged: StepFolder, tmp_path: Path) -> None:
    with pytest.raises(NotARelease, match=r"none is not a release.*open-papers refresh --release"):
        reports.render_explanation("arxiv:1", tmp_path / "none", merged)


def test_without_a_release_no_topic_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(NotARelease, match=r"none is not a release.*open-papers refresh --release"):
        reports.render_suggestions(tmp_path / "none")


def test_markup_in_a_title_is_printed_not_obeyed() -> None:
    assert "[red]x[/red]" in text(reports.render_frame(pl.DataFrame({"title": ["[red]x[/red]"]})))
