"""A run leaves a record of what it took, gave, cost and met, however it ends."""

import json
import logging
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from flows import runs
from flows.errors import UserError
from flows.runs import logs
from flows.runs.meter import EVERY, Meter
from flows.runs.notices import take_notices
from flows.runs.record import Run, save_run


def records(folder: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def test_the_record_is_there_while_the_run_is_under_way(tmp_path: Path) -> None:
    with runs.record_run("refresh", {"release": Path("data/release")}, tmp_path):
        (record,) = records(tmp_path)
    assert record["state"] == "running"
    assert record["parameters"] == {"release": "data/release"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [("https://a.org/x?v=1&token=hf_SECRET", "https://a.org/x?v=1&token=..."),
     ("https://me:hf_SECRET@a.org/x", "https://a.org/x"),
     ("me:hf_SECRET@a.org/x", "a.org/x"), ("https:me:hf_SECRET@a.org/x", "a.org/x"),
     (Path("https://me:hf_SECRET@a.org/x"), "https:/a.org/x"),
     ("https://me:pw/hf_SECRET@a.org/x", "no URL"),
     ("OWNER/NAME@main", "OWNER/NAME@main")],
)  # fmt: skip
def test_no_secret_of_an_address_is_kept(given: object, kept: str, tmp_path: Path) -> None:
    with runs.record_run("harvest", {"urls": [given]}, tmp_path):
        pass
    (record,) = records(tmp_path)
    assert record["parameters"] == {"urls": [kept]}


def test_a_refusal_is_noted_and_passes_on(tmp_path: Path) -> None:
    with pytest.raises(UserError), runs.record_run("refresh", {}, tmp_path):
        raise UserError("page.txt: is empty")
    (record,) = records(tmp_path)
    assert (record["state"], record["message"]) == ("failed", "page.txt: is empty")


def test_a_run_whose_record_cannot_be_written_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with runs.record_run("refresh", {}, tmp_path / "file" / "runs") as run:
        pass
    assert run.state == "completed"
    assert [notice.effect for notice in take_notices()] == ["cannot be written"]


def test_a_run_within_a_run_is_part_of_its_record(tmp_path: Path) -> None:
    with runs.record_run("daily", {}, tmp_path), runs.record_run("refresh", {}, tmp_path) as inner:
        inner.counts = {"papers": 73}
    (record,) = records(tmp_path)
    assert (record["flow"], record["counts"]) == ("daily", {"papers": 73})


def test_after_a_run_there_is_none(tmp_path: Path) -> None:
    with runs.record_run("daily", {}, tmp_path) as run:
        assert runs.current_run() is run
    assert runs.current_run() is None


def test_a_run_whose_process_is_gone_was_killed(tmp_path: Path) -> None:
    gone = max(psutil.pids()) + 100_000
    save_run(replace(Run.begun("daily", {}), process=gone), tmp_path)
    assert [run.outcome for run in runs.read_newest_runs(tmp_path)] == ["killed"]


def test_a_run_whose_process_number_is_now_that_of_another_was_killed(tmp_path: Path) -> None:
    save_run(replace(Run.begun("daily", {}), started="2001-01-01T00:00:00+00:00"), tmp_path)
    assert [run.outcome for run in runs.read_newest_runs(tmp_path)] == ["killed"]


def test_a_run_that_is_at_work_is_running(tmp_path: Path) -> None:
    save_run(Run.begun("daily", {}), tmp_path)
    assert [run.outcome for run in runs.read_newest_runs(tmp_path)] == ["running"]


def test_only_so_many_records_are_kept_and_nothing_else_is_removed(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}")
    for day in range(1, runs.KEPT + 6):
        started = f"{2020 + day // 300}-{1 + day % 12:02}-01T00:00:{day % 60:02}+00:00"
        save_run(replace(Run.begun("daily", {}), started=started), tmp_path)
    with runs.record_run("daily", {}, tmp_path) as run:
        newest = run.run
    assert runs.count_runs(tmp_path) == runs.KEPT
    assert runs.read_newest_runs(tmp_path, 1)[0].run == newest
    assert (tmp_path / "notes.json").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"steps": 1}', '{"steps": []}'])
def test_a_damaged_record_is_passed_over(content: str, tmp_path: Path) -> None:
    with runs.record_run("daily", {}, tmp_path):
        pass
    (tmp_path / "20260101T000000Z-daily-0123abcd.json").write_text(content)
    assert (runs.count_runs(tmp_path), len(runs.read_newest_runs(tmp_path))) == (2, 1)


def test_a_step_has_the_memory_that_was_held_meanwhile() -> None:
    meter = Meter()
    with meter.watching():
        meter.begin("1", "Small")
        meter.end("1")
        meter.begin("2", "Large")
        held = bytearray(b"x") * 200_000_000
        time.sleep(4 * EVERY)
        del held
        meter.end("2")
    small, large = meter.steps()
    assert large.peak_mb >= small.peak_mb + 100


def test_a_peak_between_two_looks_is_known_where_it_is_the_highest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meter = Meter()
    meter.begin("1", "Short")
    monkeypatch.setattr("flows.runs.meter.read_peak_memory", lambda: 10**15)
    meter.end("1")
    assert meter.steps()[0].peak_mb == 10**9


def test_a_step_that_maps_over_files_is_one_from_its_first_to_its_last() -> None:
    meter = Meter()
    for key in ("1", "2", "3"):
        meter.begin(key, "Parse")
    for key in ("1", "2", "3"):
        meter.end(key)
    (step,) = meter.steps()
    assert (step.step, step.times) == ("Parse", 3)


def test_a_step_that_is_no_task_is_measured_as_well(tmp_path: Path) -> None:
    with runs.record_run("harvest", {}, tmp_path) as run, runs.measure_step("Harvest arxiv"):
        time.sleep(0.01)
    (step,) = run.steps
    assert step.step == "Harvest arxiv"
    assert step.seconds >= 0.01
    assert step.peak_mb > 0


def event(message: str, **about: object) -> dict:
    record = logging.makeLogRecord({"name": "flows.parse.task", "msg": message, **about})
    line = logs.JSONLineFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_an_event_names_its_run_its_source_and_its_file(tmp_path: Path) -> None:
    with runs.record_run("daily", {}, tmp_path) as run:
        found = event("parsed", source="arxiv", file="oai.xml")
    wanted = {"run": run.run, "flow": "daily", "source": "arxiv", "file": "oai.xml"}
    assert wanted.items() <= found.items()


def test_a_line_break_in_what_a_site_said_begins_no_other_event() -> None:
    assert event('503\n{"level": "info"}')["event"] == '503\n{"level": "info"}'
