"""Status tells how things stand from what is in the folders, whatever is missing."""

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest
from rich.console import Console

from flows import release, runs, tables
from flows.operate.status import SourceState, Status, read_status, render_status
from flows.raw.fetch_result import FetchResult
from flows.runs.record import save_run
from schemas.vocabulary import Source
from tests.builders import written_release

TODAY = date(2026, 11, 24)


def of_source(found: Status, source: Source) -> SourceState:
    return next(one for one in found.sources if one.source == source)


def on_screen(found: Status) -> str:
    console = Console(file=io.StringIO(), width=300)
    console.print(render_status(found))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]  # a StringIO


def harvested(folder: Path, *failures: str) -> None:
    with runs.record_run("daily", {}, folder / "runs") as run:
        run.harvested.append(FetchResult(Source.ARXIV, failures=failures).as_record())


def raw_day(folder: Path, source: Source, day: str) -> None:
    kept = folder / "raw" / source / day / "file.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("[]")


def test_without_runs_files_and_release_it_says_so(tmp_path: Path) -> None:
    text = on_screen(read_status(tmp_path / "release", tmp_path / "raw", TODAY))
    assert "No run so far" in text
    assert "No release so far" in text
    assert "not asked by any run" in text


def test_a_source_is_stale_when_its_newest_file_is_older_than_its_bound(tmp_path: Path) -> None:
    raw_day(tmp_path, Source.DAILY_PAPERS, "2026-11-10")
    raw_day(tmp_path, Source.ARXIV, "2026-11-20")
    found = read_status(tmp_path / "release", tmp_path / "raw", TODAY)
    daily, arxiv = (of_source(found, one) for one in (Source.DAILY_PAPERS, Source.ARXIV))
    assert (daily.age, daily.is_stale) == (14, True)
    assert (arxiv.age, arxiv.is_stale) == (4, False)


def test_a_folder_of_a_day_without_files_is_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "raw" / "arxiv" / "2026-11-20").mkdir(parents=True)
    found = read_status(tmp_path / "release", tmp_path / "raw", TODAY)
    assert of_source(found, Source.ARXIV).newest is None


def test_the_release_is_counted_by_source(tmp_path: Path) -> None:
    folder = written_release(tmp_path, papers=3)
    found = read_status(folder, tmp_path / "raw", TODAY)
    assert found.release
    assert found.release.papers == 3
    assert of_source(found, Source.PAPERS_PAGE).records == 3


def test_of_a_release_only_a_few_columns_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written_release(tmp_path, papers=3)
    read: set[str] = set()

    def load(*arguments: Any) -> pl.DataFrame:
        frame = loaded(*arguments)
        read.update(frame.columns)
        return frame

    loaded = tables.load
    monkeypatch.setattr(tables, "load", load)
    assert of_source(read_status(folder, tmp_path / "raw", TODAY), Source.PAPERS_PAGE).records == 3
    assert read == {"paper_id", "source", "snapshot"}


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "notes.txt").touch()
    with pytest.raises(release.NotARelease):
        read_status(tmp_path / "release", tmp_path / "raw", TODAY)


def test_the_last_fetch_of_a_source_is_told_with_its_failure(tmp_path: Path) -> None:
    harvested(tmp_path, "arXiv: answers 503.")
    found = read_status(tmp_path / "release", tmp_path / "raw", TODAY)
    assert "1 failed: arXiv: answers 503." in of_source(found, Source.ARXIV).result
    assert of_source(found, Source.ARXIV).fetched == found.runs[0].started


def test_a_run_that_was_killed_is_not_said_to_have_changed_nothing(tmp_path: Path) -> None:
    gone = max(psutil.pids()) + 100_000
    save_run(replace(runs.Run.begun("daily", {}), process=gone), tmp_path / "runs")
    text = on_screen(read_status(tmp_path / "release", tmp_path / "raw", TODAY))
    assert "killed" in text
    assert "ended before it could say why" in text
    assert "nothing changed" not in text


def test_what_a_run_brought_is_told(tmp_path: Path) -> None:
    with runs.record_run("harvest", {}, tmp_path / "runs") as run:
        brought = FetchResult(Source.ARXIV, stored=(Path("a.xml"), Path("b.xml")))
        run.harvested.append(brought.as_record())
    assert "2 new files" in on_screen(read_status(tmp_path / "release", tmp_path / "raw", TODAY))


def test_what_a_site_said_is_no_markup_and_moves_no_cursor(tmp_path: Path) -> None:
    harvested(tmp_path, "[red]no[/red] \x1b[2J")
    text = on_screen(read_status(tmp_path / "release", tmp_path / "raw", TODAY))
    assert "[red]no[/red]" in text
    assert "\x1b" not in text


def test_records_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "20260101T000000Z-daily-0123abcd.json").write_text("{")
    assert "1 record of runs cannot" in on_screen(
        read_status(tmp_path / "r", tmp_path / "raw", TODAY)
    )


def test_json_holds_everything(tmp_path: Path) -> None:
    harvested(tmp_path)
    found = json.loads(read_status(tmp_path / "release", tmp_path / "raw", TODAY).as_json())
    assert found["runs"][0]["state"] == "completed"
    assert [one["source"] for one in found["sources"]] == Source.values()
    assert found["release"] is None


@pytest.mark.parametrize("width", [50, 80])
def test_on_a_narrow_terminal_no_word_is_cut(width: int, tmp_path: Path) -> None:
    harvested(tmp_path, "arXiv: answers 503.")
    raw_day(tmp_path, Source.DAILY_PAPERS, "2026-11-10")
    console = Console(file=io.StringIO(), width=width)
    console.print(
        render_status(read_status(tmp_path / "release", tmp_path / "raw", TODAY), console.width)
    )
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is ours
    assert "daily_papers: 2026-11-10, 14 days old, stale" in text
    assert "1 failed: arXiv: answers 503." in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= width


def test_a_record_with_any_flipped_bit_is_shown_or_counted(tmp_path: Path) -> None:
    harvested(tmp_path, "arXiv: answers 503.")
    (path,) = (tmp_path / "runs").iterdir()
    whole = path.read_bytes()
    for place in range(0, len(whole), 5):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        state = read_status(tmp_path / "release", tmp_path / "raw", TODAY)
        assert len(state.runs) + state.unreadable == 1
        on_screen(state)
        state.as_json()


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", ["\ud800"], "x" * 100_000, "\x1b[2J", {"": []}]
)
def test_a_record_with_any_value_in_any_place_is_shown_or_counted(
    value: object, tmp_path: Path
) -> None:
    harvested(tmp_path, "arXiv: answers 503.")
    (path,) = (tmp_path / "runs").iterdir()
    whole = json.loads(path.read_text())
    for name in whole:
        path.write_text(json.dumps(whole | {name: value}))
        state = read_status(tmp_path / "release", tmp_path / "raw", TODAY)
        assert len(state.runs) + state.unreadable == 1
        assert on_screen(state).replace("\n", "").isprintable()
        json.loads(state.as_json().encode(), parse_constant=pytest.fail)


def test_a_folder_that_is_called_like_no_day_of_the_calendar_is_passed_over(tmp_path: Path) -> None:
    raw_day(tmp_path, Source.ARXIV, "2026-02-30")
    state = read_status(tmp_path / "release", tmp_path / "raw", TODAY)
    assert of_source(state, Source.ARXIV).newest is None
