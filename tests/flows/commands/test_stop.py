"""A command that is interrupted says so in a line, and leaves no process behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows import runs
from flows.commands.early_stop import is_program
from flows.commands.stop import list_last_lines, list_run_ids, stop_on_signals
from flows.runs.notices import note_damage
from tests.processes import PAGE, PROJECT

SECONDS = 5.0
"""How long the end may take, with processors to spare; the test waits longer on a busy machine."""


def wait_until_server_runs(process: psutil.Process) -> list[psutil.Process]:
    """Wait until a refresh has a Prefect server of its own; return the processes below it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        below = process.children(recursive=True)
        if any("prefect.server" in " ".join(child.cmdline()) for child in below):
            return below
        assert process.is_running(), "the refresh has ended"
        time.sleep(0.1)
    raise AssertionError("no server was started")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_refresh_that_is_stopped_leaves_no_process(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "flows", "refresh", str(PAGE)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PREFECT_HOME": str(tmp_path / "p")}
    environment.pop("PREFECT_API_URL", None)
    with subprocess.Popen(
        [*command, "--release", "release", "--interim", "interim"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as refresh:
        below = wait_until_server_runs(psutil.Process(refresh.pid))
        began = time.monotonic()
        refresh.send_signal(number)
        _, errors = refresh.communicate(timeout=60)
        seconds = time.monotonic() - began
    assert refresh.returncode == code
    assert errors.count("open-papers: stopped by") == 1
    assert "Traceback" not in errors
    assert not psutil.wait_procs(below, timeout=5)[1]
    assert seconds < 4 * SECONDS


def test_a_command_that_is_stopped_while_it_imports_ends_all_the_same() -> None:
    # Modules that an import has begun and not ended have nothing of what they will offer.
    names = ["flows.runs", "flows.runs.progress", "flows.runs.notices"]
    code = (
        "import signal, sys, types; from flows.commands import stop; "
        f"sys.modules.update((name, types.ModuleType(name)) for name in {names}); "
        "stop.stop_process(signal.SIGTERM)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 128 + signal.SIGTERM
    assert ended.stderr.startswith("open-papers: stopped by SIGTERM")


@pytest.mark.parametrize(
    ("name", "option", "line"),
    [
        ("SIGTERM", "status", "open-papers: stopped by SIGTERM."),
        (
            "SIGINT",
            "--log-json",
            '{"level": "error", "logger": "open-papers", "event": "stopped by Ctrl-C."}',
        ),
    ],
)
def test_a_signal_while_the_command_line_is_imported_ends_it_with_one_line(
    name: str, option: str, line: str
) -> None:
    code = f"""
import os, runpy, signal, sys
class SendingFinder:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.{name})
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, SendingFinder())
runpy.run_module("flows", run_name="__main__", alter_sys=True)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, option],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (128 + signal.Signals[name], f"{line}\n")


def test_who_imports_the_command_line_keeps_its_signals() -> None:
    assert is_program("__main__")
    assert not is_program("flows.__main__")


def test_the_runs_of_processes_started_from_here_are_known() -> None:
    environment = {**os.environ, "PREFECT__FLOW_RUN_ID": "0b0c"}
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as at_work:
        # The environment of a process can be read a moment after it has begun.
        assert at_work.stdout
        at_work.stdout.readline()
        gone = psutil.Process(at_work.pid)
        try:
            assert list_run_ids([gone, gone, psutil.Process()]) == ["0b0c"]
        finally:
            at_work.kill()
    # By now it has ended: nothing can be read of it, and nothing is raised.
    assert list_run_ids([gone]) == []


def test_a_run_that_was_stopped_has_a_record_that_says_so(tmp_path: Path) -> None:
    with runs.record_run("refresh", {}, tmp_path):
        runs.close_interrupted("stopped by SIGTERM")
        (run,) = runs.read_newest_runs(tmp_path)
    assert (run.state, run.message) == ("failed", "stopped by SIGTERM")


@pytest.mark.parametrize("log_json", ["", "0", "1"])
def test_what_was_met_is_said_before_what_stopped_the_command(
    log_json: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPEN_PAPERS_LOG_JSON", log_json)
    note_damage("text cache", "a.topics")
    damage, end = list_last_lines(signal.SIGTERM)
    events = [json.loads(line)["event"] for line in (damage, end)] if log_json == "1" else [damage]
    assert events[0] == "text cache: 1 file damaged, made again (a.topics)"
    assert "stopped by SIGTERM" in end
    assert list_last_lines(signal.SIGTERM) == [end]


def test_a_signal_that_is_ignored_in_the_background_stays_so() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stop_on_signals():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, former)
