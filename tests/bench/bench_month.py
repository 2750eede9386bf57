"""A month of daily runs, harvest and refresh, with faults and two kills, against one without.

Run: `python tests/bench/bench_month.py`; it ends with 1 where any byte of the releases differs.
`--every 8` refreshes on every eighth day only; `--seed 1 2 3` hurts it in three other ways.
"""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from tests import simulated_month  # noqa: E402  # the path is set above
from tests.prefect_server import prefect_server  # noqa: E402  # likewise
from tests.sites import Fault, hugging_face, none, running, seeded  # noqa: E402  # likewise

SEED = 20261124
"""Decides which request meets which fault."""

KILLED_IN_ANSWER = 150
"""Request from which on the process is killed in the middle of an answer."""

KILLED_IN_REFRESH = date(2026, 6, 25)
"""Day on which the process is killed in the middle of its refresh."""


def daily_runs(url: str, folder: Path, every: int) -> None:
    """Harvest day after day, and refresh every so many days, in this process."""
    from flows.refresh import refresh  # noqa: PLC0415  # after the settings of Prefect
    from flows.refresh_options import RefreshOptions  # noqa: PLC0415  # likewise

    def rebuild(today: date) -> None:
        if (today - simulated_month.FIRST).days % every:
            return
        marker = folder / f"refreshing-{today}"
        marker.touch()
        refresh(
            RefreshOptions(
                inputs=[folder / "raw"],
                release=folder / "release",
                interim=folder / "interim",
            )
        )
        marker.unlink()

    simulated_month.harvest_month(url, folder, rebuild)


@dataclass
class Killed:
    """A process that is killed, each time for another reason, and how often that may be."""

    kills: int
    process: subprocess.Popen[bytes] | None = None
    reasons: list[str] = field(default_factory=list)

    def kill(self, why: str) -> None:
        """Kill it as `kill -9` does."""
        if self.process and len(self.reasons) < self.kills and why not in self.reasons:
            self.reasons.append(why)
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def in_refresh(self, folder: Path) -> None:
        """Kill it in the middle of the refresh of a day."""
        while not (folder / f"refreshing-{KILLED_IN_REFRESH}").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        self.kill("refresh")


def simulate(
    folder: Path, fault: Fault, kills: int, environment: dict[str, str], *, every: int
) -> str:
    """Let a process run the month, kill it so often, and start it again; say what was seen."""
    folder.mkdir()
    run, started = Killed(kills), time.monotonic()
    threading.Thread(target=run.in_refresh, args=(folder,), daemon=True).start()

    def in_answer(n: int) -> None:
        if n >= KILLED_IN_ANSWER:
            run.kill("answer")

    def noon() -> datetime:
        return datetime.combine(simulated_month.today_of(folder), clock(12), tzinfo=UTC)

    answer = hugging_face(simulated_month.items_of(folder))
    with running(answer, fault, before_body=in_answer, now=noon) as site:
        command = [sys.executable, __file__, "--url", site.url, "--folder", str(folder)]
        command += ["--every", str(every)]
        code = -signal.SIGKILL
        while code == -signal.SIGKILL:
            run.process = subprocess.Popen(command, cwd=PROJECT, env=environment)
            code = run.process.wait()
    if code:
        raise SystemExit(f"the process ended with {code}")
    faults = Counter(each.fault for each in site.asked if each.fault)
    return (
        f"{len(site.asked)} requests, {faults.total()} with a fault {dict(sorted(faults.items()))},"
        f" killed in {run.reasons or 'nothing'}, {time.monotonic() - started:.0f} s"
    )


def digests(folder: Path) -> dict[str, str]:
    """Give the sha256 of each file of a release."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def main(every: int, seeds: Sequence[int]) -> None:
    """Simulate the month without faults and once for each seed, and compare what they end with."""
    differences = 0
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        (here / "prefect").mkdir()
        with prefect_server(here / "prefect") as api:
            quiet = {"PREFECT_API_URL": api, "PREFECT_LOGGING_LEVEL": "ERROR"}
            environment = {**os.environ, **quiet}
            seen = simulate(here / "clean", none, 0, environment, every=every)
            print("clean:", seen, flush=True)
            clean = digests(here / "clean" / "release")
            for seed in seeds:
                folder = here / f"hurt-{seed}"
                seen = simulate(folder, seeded(seed), 2, environment, every=every)
                print(f"seed {seed}:", seen, flush=True)
                hurt = digests(folder / "release")
                unlike = [name for name in clean | hurt if clean.get(name) != hurt.get(name)]
                print(f"{len(clean)} files of the release, {len(unlike)} differ: {sorted(unlike)}")
                differences += len(unlike)
    raise SystemExit(1 if differences else 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, nargs="+", default=[SEED])
    asked = parser.parse_args()
    if asked.folder:
        daily_runs(asked.url, asked.folder, asked.every)
    else:
        main(asked.every, asked.seed)
