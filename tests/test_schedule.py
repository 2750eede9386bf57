"""The schedule for real: served by the command line, run by a Prefect server, nobody helping."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.testing.cli import CycloptsCliRunner

from flows import runs
from flows.errors import UserError
from flows.operate import routine
from flows.sources import arxiv, daily_papers
from schemas.vocabulary import Source
from tests.builders import not_loaded_back
from tests.hub_server import LocalHub
from tests.loopback import Reply, site
from tests.prefect_server import asking
from tests.processes import PAGE, PROJECT, in_process
from tests.sites import Time, running
from tests.sites import arxiv as arxiv_site

pytestmark = pytest.mark.xdist_group("prefect")

TOKEN = "hf_thisisatokenofthetests"  # noqa: S105  # of no real account

EVERY_THREE_SECONDS = "* * * * * */3"
"""Cron with seconds: the next run is due while the one before it is at work."""


def runs_of_schedule(client: SyncPrefectClient, state: StateType) -> list[FlowRun]:
    """Give the runs that are in a state and that nobody but the server has asked for."""
    found = client.read_flow_runs(limit=200)
    return [run for run in found if run.auto_scheduled and run.state and run.state.type == state]


def python_path() -> str:
    return os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))


@pytest.fixture(scope="module")
def served(api: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Serve the routine until a run is over and another was refused; give the folder."""
    folder = tmp_path_factory.mktemp("served")
    raw = folder / "raw" / "papers_page" / "2026-11-23"
    raw.mkdir(parents=True)
    for number in (1, 2):
        (raw / f"{number}.txt").write_bytes(PAGE.read_bytes() + b"\n" * number)
    places = [text for name in ("raw", "release", "interim") for text in (f"--{name}", name)]
    command = [sys.executable, "-m", "flows", "--log-json", "serve", "--no-fetch", *places]
    environment = {**os.environ, "PYTHONPATH": python_path(), "PREFECT_API_URL": api}
    environment |= {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--cron", EVERY_THREE_SECONDS],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for_both(api, server)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
    return folder


def logs_of_completed(client: SyncPrefectClient) -> list[str]:
    """Read the logs of the completed runs alone: the server has those of other tests as well."""
    completed = [run.id for run in runs_of_schedule(client, StateType.COMPLETED)]
    of_runs = LogFilter(flow_run_id=LogFilterFlowRunId(any_=completed))
    return [log.message for log in client.read_logs(of_runs, limit=200)] if completed else []


def wait_for_both(api: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until one run is completed and another cancelled."""
    deadline = time.monotonic() + 240
    is_paused = False
    with asking(api) as client:
        # A process that is stopped sends no more logs: wait for the last one of the run.
        while not (
            is_paused
            and any("Finished in state" in message for message in logs_of_completed(client))
        ):
            if not is_paused and (refused := runs_of_schedule(client, StateType.CANCELLED)):
                # A third run would begin as soon as the first is over, for nothing.
                client.pause_deployment(refused[0].deployment_id)
                is_paused = True
            assert time.monotonic() < deadline, "no run has come and gone"
            assert server.poll() is None, "the process that serves has ended"
            time.sleep(0.5)


def test_a_run_that_nobody_started_makes_the_release(served: Path) -> None:
    manifest = json.loads((served / "release" / "manifest.json").read_text())
    assert len(manifest["inputs"]) == 2


def test_a_run_that_is_due_while_another_is_at_work_is_refused(served: Path, api: str) -> None:
    with asking(api) as client:
        refused = runs_of_schedule(client, StateType.CANCELLED)
    assert served.exists()
    reasons = {run.state.message for run in refused if run.state}
    assert "Deployment concurrency limit reached." in reasons


def test_its_artifacts_answer_four_questions_and_show_the_progress(served: Path, api: str) -> None:
    with asking(api) as client:
        found = {one.key: str(one.data) for one in client.read_latest_artifacts()}
    assert served.exists()
    for question in ("came in", "changed", "was refused", "is getting stale"):
        assert f"## What {question}" in found["summary"]
    assert found["parsed"] == "100"


def test_its_events_are_on_the_page_of_the_run(served: Path, api: str) -> None:
    with asking(api) as client:
        # The server gives 200 logs at a time, and has those of other tests as well.
        pages = [client.read_logs(limit=200, offset=200 * page) for page in range(10)]
        messages = [log.message for page in pages for log in page]
    assert served.exists()
    assert any(message.startswith("parsed 1.txt: 73 records") for message in messages), messages


def test_its_record_holds_the_time_and_the_memory_of_every_step(served: Path) -> None:
    records = [json.loads(path.read_text()) for path in (served / "runs").glob("*.json")]
    record = next(each for each in records if each["state"] == "completed")
    assert record["flow"] == "daily"
    steps = {step["step"]: step for step in record["steps"]}
    assert list(steps) == [
        "Find raw files",
        "Parse",
        "Resolve",
        "Deduplicate",
        "Validate",
        "Enrich",
        "Publish",
    ]
    assert steps["Parse"]["times"] == 2
    assert all(step["seconds"] > 0 and step["peak_mb"] > 0 for step in steps.values())


def test_its_log_names_run_source_and_file(served: Path) -> None:
    lines = [line for line in (served / "log").read_text().splitlines() if line.startswith("{")]
    parsed = [json.loads(line) for line in lines if '"flows.parse.task"' in line]
    assert {(each["source"], each["file"]) for each in parsed} >= {
        ("papers_page", "1.txt"),
        ("papers_page", "2.txt"),
    }
    assert all(each["run"] and each["flow"] == "daily" for each in parsed)


def test_status_tells_the_run_the_sources_and_the_release(served: Path) -> None:
    done = in_process("status", "--release", served / "release", "--raw", served / "raw")
    assert done.exit_code == 0, done.stderr
    for expected in ("daily", "completed", "papers_page", "2026-11-23", "73 papers"):
        assert expected in done.stdout


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Give the folders of a routine; a page is in that of the raw files."""
    raw = tmp_path / "raw" / "papers_page" / "2026-11-23" / "page.txt"
    raw.parent.mkdir(parents=True)
    shutil.copy(PAGE, raw)
    return {name: tmp_path / name for name in ("raw", "release", "interim")}


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses between requests take no time."""
    monkeypatch.setattr("flows.http.site_client.RateLimiter", lambda **_: Time().pace())


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the site of the daily papers be one on this machine that shuts everybody out."""
    with site(lambda *_: Reply(403)) as server:
        endpoints = {"daily_papers": f"{server.url}/api/daily_papers"}
        here = replace(daily_papers.SITE, endpoints=endpoints, interval=0.0)
        monkeypatch.setattr(daily_papers, "SITE", here)
        yield


@pytest.mark.usefixtures("closed")
def test_a_source_that_fails_is_told_and_what_is_there_is_released(
    api: str, places: dict[str, Path]
) -> None:
    with asking(api), not_loaded_back():
        summary = routine.run_daily(**places)
    assert "1 failed" in dict(summary.lines())["fetched"]
    assert summary.counts["papers"] == 73
    (record,) = runs.read_newest_runs(runs.name_runs_folder(places["release"]))
    assert "answers 403" in record.harvested[0]["failures"][0]
    assert record.state == "completed"


@pytest.mark.usefixtures("closed")
def test_a_source_that_is_required_fails_the_run_when_it_fails(
    api: str, places: dict[str, Path]
) -> None:
    with asking(api), pytest.raises(UserError, match="answers 403"):
        routine.run_daily(**places, required=[Source.DAILY_PAPERS])
    assert not places["release"].exists()


@pytest.mark.usefixtures("fast")
def test_the_weekly_run_harvests_the_sets_of_arxiv_and_leaves_what_came_in(
    api: str, places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(arxiv_site(lambda _: [])) as at, asking(api) as client:
        here = replace(arxiv.SITE, endpoints={"oai": f"{at.url}/oai"}, hosts=frozenset())
        monkeypatch.setattr(arxiv, "SITE", here)
        lines = routine.run_weekly(**places, sets=["cs:cs:LG", "stat:stat:ML"], links=0)
        found = {one.key: one.data for one in client.read_latest_artifacts()}
    assert lines == ["arxiv: 14 new, 0 unchanged"]
    assert found["week"] == "- arxiv: 14 new, 0 unchanged"
    assert found["fetched"] == 100.0
    assert len({path.partition("set=")[2] for path in at.paths}) == 2
    (record,) = runs.read_newest_runs(runs.name_runs_folder(places["release"]))
    assert [step.step for step in record.steps] == ["Fetch arxiv"]


def test_the_monthly_run_publishes_what_comes_out_the_same_twice(
    api: str, places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with LocalHub() as hub, hub.is_the_hub(), asking(api), not_loaded_back():
        hub.add_user("ada", TOKEN)
        done = in_process(
            *("run", "monthly", "--publish-to", "ada/papers"),
            *(text for name, path in places.items() for text in (f"--{name}", str(path))),
        )
        assert done.exit_code == 0, done.stderr
        assert hub.count("POST", "/commit/") == hub.count("POST", "/tag/") == 1
    with asking(api) as client:
        found = {one.key: str(one.data) for one in client.read_latest_artifacts()}
    assert found["comparison"] == "Both hold the same rows."
    (record,) = runs.read_newest_runs(runs.name_runs_folder(places["release"]))
    assert "Rebuild" in [step.step for step in record.steps]
    assert record.published == "ada/papers"


def test_deployments_of_prefect_yaml_are_accepted(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    with asking(api) as client:
        client.create_work_pool(WorkPoolCreate(name="open-papers", type="process"))
        done = CycloptsCliRunner().invoke(["--no-prompt", "deploy", "--all"])
        assert done.exit_code == 0, done.stdout + done.stderr
        deployed = {one.name: one for one in client.read_deployments()}
    crons = {
        name: [schedule.schedule.cron for schedule in one.schedules]  # type: ignore[union-attr]  # all are crons
        for name, one in deployed.items()
    }
    assert crons == {"daily": ["30 5 * * *"], "weekly": ["0 2 * * 6"], "monthly": ["0 12 1 * *"]}
    limits = {one.global_concurrency_limit.limit for one in deployed.values()}  # type: ignore[union-attr]  # each has one
    assert limits == {1}
