"""The workflow that keeps the dataset fresh: its commands exist, and it may do little."""

import re
import shlex
import tomllib
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

from flows.__main__ import app
from tests.processes import PROJECT

LOCKS = ("requirements.lock", "requirements-dev.lock")
TRUSTED = {"actions/checkout", "actions/setup-python", "actions/cache"}


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    text = (PROJECT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@pytest.fixture(scope="module")
def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return list(workflow["jobs"]["routine"]["steps"])


def test_its_schedule_is_that_of_prefect_yaml(workflow: dict[Any, Any]) -> None:
    crons = {one["cron"] for one in workflow[True]["schedule"]}  # YAML 1.1 takes `on` for true
    deployed = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))
    assert crons == {one["schedules"][0]["cron"] for one in deployed["deployments"]}


def test_each_time_leads_to_its_routine(steps: list[dict[str, Any]]) -> None:
    script = next(step for step in steps if step.get("id") == "choose")["run"]
    deployed = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))
    for one in deployed["deployments"]:
        cron, name = one["schedules"][0]["cron"], one["name"]
        is_default = name == "daily" and 'routine="${ASKED:-daily}"' in script
        assert is_default or f'"{cron}") routine={name}' in script


def test_every_command_it_runs_is_one(steps: list[dict[str, Any]]) -> None:
    ours = [line for step in steps for line in re.findall(r"open-papers .+", step.get("run", ""))]
    assert len(ours) == 4
    for line in ours:
        words = shlex.split(line.split("|")[0])[1:]
        name = next(word for word in words if not word.startswith("-"))
        done = CliRunner(env={"COLUMNS": "100"}).invoke(app, [name, "--help"])
        options = {word for word in words if word.startswith("--")} - {"--log-json"}
        assert done.exit_code == 0
        assert all(option in done.stdout for option in options), line


def test_it_may_read_the_repository_and_nothing_else(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["routine"]


def test_it_uses_no_action_of_others(steps: list[dict[str, Any]]) -> None:
    used = {step["uses"].split("@")[0] for step in steps if "uses" in step}
    assert used == TRUSTED


def test_every_action_is_pinned_by_its_commit(steps: list[dict[str, Any]]) -> None:
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) for name in used)


def test_what_is_installed_has_its_hash(steps: list[dict[str, Any]]) -> None:
    install = next(step["run"] for step in steps if step.get("name") == "Install")
    assert "--require-hashes --requirement requirements.lock" in install
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes --no-deps" in makefile
    assert all(f"$(LOCKED) {name}" in makefile for name in LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_of_the_versions_that_were_tested(name: str) -> None:
    lock = (PROJECT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = dict(
        re.findall(r"(?m)^([a-z0-9.-]+)(?:\[[a-z0-9, ]+\])?==(\S+) \\\n +--hash=sha256:", lock)
    )
    assert len(pinned) == len(re.findall(r"(?m)^[a-z]", lock))
    tested = dict(
        line.lower().replace("_", "-").split("==")
        for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    assert {name: tested.get(name, version) for name, version in pinned.items()} == pinned


def test_the_locks_hold_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for lock, asked in (
        ("requirements.lock", [*project["dependencies"], *extras["sign"]]),
        ("requirements-dev.lock", [*project["dependencies"], *extras["sign"], *extras["dev"]]),
    ):
        text = (PROJECT / lock).read_text(encoding="utf-8")
        pinned = {canonicalize_name(name) for name in re.findall(r"(?m)^([\w.-]+)", text)}
        assert {canonicalize_name(Requirement(line).name) for line in asked} <= pinned


def test_the_steps_that_ask_the_hub_see_the_token_and_no_others(
    workflow: dict[Any, Any], steps: list[dict[str, Any]]
) -> None:
    seeing = [step["name"] for step in steps if "HF_TOKEN" in step.get("env", {})]
    asking = [step["name"] for step in steps if '"$DATASET' in step.get("run", "")]
    assert seeing == asking == ["Daily", "Weekly", "Monthly"]
    assert str(workflow).count("secrets.HF_TOKEN") == len(seeing)


def test_no_script_holds_what_somebody_can_type_in(steps: list[dict[str, Any]]) -> None:
    assert not any("${{" in step.get("run", "") for step in steps)


def test_a_run_waits_for_the_one_before_it(workflow: dict[Any, Any]) -> None:
    assert workflow["concurrency"] == {
        "group": "open-papers-release",
        "cancel-in-progress": False,
    }
