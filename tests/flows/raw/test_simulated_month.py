"""A month of daily harvests with faults and kills ends with the files of a month without."""

import json
import signal
from datetime import UTC, datetime, time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from flows.raw.discovery import find_files, find_snapshot_day
from flows.raw.sidecar import SIDECAR
from tests import simulated_month
from tests.forks import code_of, forked, kill
from tests.sites import FAULTS, Fault, Loopback, hugging_face, none, running, seeded

SEED = 20261124
KILLED_AT = (60, 200)
"""Requests from which on the harvesting process is killed in the middle of an answer."""


def noon_of(folder: Path) -> datetime:
    return datetime.combine(simulated_month.today_of(folder), time(12), tzinfo=UTC)


def files(folder: Path) -> dict[str, tuple[str, str]]:
    """Name the files that a refresh would read, with their days and contents."""
    raw = folder / "raw"
    return {
        one.path.relative_to(raw).as_posix(): (str(find_snapshot_day(one.path)), one.sha256)
        for one in find_files([raw])
    }


def sidecars(folder: Path) -> dict[str, dict[str, object]]:
    return {
        path.relative_to(folder).as_posix(): {
            name: value
            for name, value in json.loads(path.read_text()).items()
            if name not in ("url", "headers", "confirmed")
        }
        for path in (folder / "raw").rglob(f"*{SIDECAR}")
    }


def harvest_with_kills(folder: Path, fault: Fault) -> tuple[Loopback, int]:
    """Harvest in a process that is killed twice and started again; count the kills."""
    process: list[ForkServerProcess] = []
    due = list(KILLED_AT)

    def kill_one(n: int) -> None:
        if due and n >= due[0]:
            due.pop(0)
            kill(process[-1])

    answer = hugging_face(simulated_month.items_of(folder))
    with running(answer, fault, before_body=kill_one, now=lambda: noon_of(folder)) as site:
        for starts in range(len(KILLED_AT) + 1):
            process.append(forked(simulated_month.harvest_month, site.url, folder))
            code = code_of(process[-1])
            if code != -signal.SIGKILL:
                assert code == 0
                return site, starts
    raise AssertionError("the process was killed more often than it was started")


@pytest.mark.xdist_group("forks")
def test_a_month_with_faults_and_kills_leaves_the_files_of_a_month_without(tmp_path):
    clean, hurt = tmp_path / "clean", tmp_path / "hurt"
    clean.mkdir()
    hurt.mkdir()
    answer = hugging_face(simulated_month.items_of(clean))
    with running(answer, none, now=lambda: noon_of(clean)) as site:
        simulated_month.harvest_month(site.url, clean)
    site, kills = harvest_with_kills(hurt, seeded(SEED))
    seen = [each.fault for each in site.asked if each.fault]
    assert kills == 2
    assert len(seen) > len(site.asked) / 4
    assert set(seen) == set(FAULTS)
    assert len(files(clean)) > 80
    assert files(hurt) == files(clean)
    assert sidecars(hurt) == sidecars(clean)
