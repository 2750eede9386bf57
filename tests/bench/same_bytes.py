"""Read the same papers in every way a run can be made: does each leave the same bytes?

Run it as ``python -m tests.bench.same_bytes LINES [--papers N] [--kills K] [--keep FOLDER]`` with
arXiv JSON lines, such as ``first.jsonl`` of `bench_refresh`. The papers lie in two files of two
days. Each case is the real command in fresh processes, on a copy of the project:

- ``threads``: one run on all cores; the others are compared with it;
- ``one core``: every process and thread of the run on one core;
- ``cluster``: parts on a Dask cluster of two processes;
- ``halves``: a run of the first file, then one of both on top of it;
- ``workers``: a run on such a cluster, of which a worker is ended by kill -9 at each of `MOMENTS`
  of merging;
- ``killed``: a run ended by kill -9 at K random moments, one after the other, then run to its end.

What tells of the run before (changes, the manifest's previous release, and pages that count what is
new) is another thing after two halves, and is named as such. Exits with 1 where anything else
differs.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import psutil

from flows.hashing import hash_file
from tests.bench.bench_refresh import FIRST_DAY, LAST_DAY, copy_project

TELLS_OF_HISTORY = ("README.md", "manifest.json", "croissant.json", "charts/", "data/changes/")
"""Beginnings of names of files that say what a release has that the one before had not."""

SEED = 7

MOMENTS = ("match/blocks", "members", "merge/alone", "merge/papers", "merge/origins")
"""Folders of deduplication whose appearance tells that a step of it is under way."""


@dataclass(frozen=True)
class Place:
    """Where runs take place: a copy of the project, raw files, and a folder for each case."""

    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    def release(self, case: str) -> Path:
        """Return the release of a case."""
        return self.folder / case / "release"

    def start(self, case: str, raw: Path, *more: str, cores: int = 2) -> subprocess.Popen[bytes]:
        """Start a run in a session of its own, with the processes that it will start, on cores."""
        at = self.folder / case
        at.mkdir(exist_ok=True)
        options = ["--release", at / "release", "--interim", at / "interim", *more]
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "project")}
        if cores == 1:
            environment["POLARS_MAX_THREADS"] = "1"
        with (at / "log").open("ab") as log:
            run = subprocess.Popen(
                [sys.executable, "-m", "flows", "refresh", str(raw), *map(str, options)],
                cwd=self.folder / "project",
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if cores == 1:
            os.sched_setaffinity(run.pid, {0})
        return run

    def run(self, case: str, raw: Path, *more: str, cores: int = 2) -> float:
        """Run to the end and return the seconds. Raises where the run fails."""
        started = time.monotonic()
        if self.start(case, raw, *more, cores=cores).wait():
            raise SystemExit(f"{case} failed: see {self.folder / case / 'log'}")
        return time.monotonic() - started


def place_halves(lines: Path, papers: int, raw: Path) -> Path:
    """Write the papers into two files of two days, and return the folder of the first."""
    first, second = raw / "arxiv" / FIRST_DAY, raw / "arxiv" / LAST_DAY
    with lines.open("rb") as source:
        for folder, number in ((first, papers // 2), (second, papers - papers // 2)):
            folder.mkdir(parents=True)
            with (folder / "papers.jsonl").open("wb") as target:
                target.writelines(islice(source, number))
    return first


def hash_release(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of a release by its name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


def list_differences(expected: dict[str, str], actual: dict[str, str]) -> list[str]:
    """Name the files that only one release has or whose bytes differ."""
    names = sorted(expected.keys() | actual.keys())
    return [name for name in names if expected.get(name) != actual.get(name)]


def kill_run(place: Place, case: str, after: float) -> bool:
    """Start a run and kill it with all its processes; return whether it had not ended before."""
    run = place.start(case, place.raw)
    try:
        run.wait(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return True
    return False


def run_killed(place: Place, kills: int, usual: float) -> float:
    """Kill a run at random moments, then let it end; return the seconds of its last start."""
    chance = random.Random(SEED)  # noqa: S311  # not a secret
    for _ in range(kills):
        after = chance.uniform(0, usual)
        ended = "killed" if kill_run(place, "killed", after) else "had ended"
        print(f"  {ended} after {after:.1f} s", flush=True)
    return place.run("killed", place.raw)


def run_beside_killed_workers(place: Place) -> float:
    """Kill a worker of a cluster at each of `MOMENTS`; return the seconds of the run."""
    started, run = time.monotonic(), place.start("workers", place.raw, "--runner", "dask")
    waiting, killed = list(MOMENTS), 0
    spilled = place.folder / "workers" / "interim" / "merged" / "spilled"
    while run.poll() is None:
        if waiting and (spilled / waiting[0]).exists():
            killed += kill_worker(psutil.Process(run.pid), waiting.pop(0))
        time.sleep(0.01)
    if run.returncode or not killed:
        raise SystemExit(f"workers failed, {killed} killed: see {place.folder / 'workers' / 'log'}")
    return time.monotonic() - started


def kill_worker(run: psutil.Process, moment: str) -> bool:
    """Kill the first worker that a run has started; return whether it had one."""
    workers = [
        child for child in run.children(recursive=True) if "spawn_main" in str(child.cmdline())
    ]
    for worker in workers[:1]:
        worker.kill()
        print(f"  killed a worker at {moment}", flush=True)
    return bool(workers)


def judge(case: str, place: Place, expected: dict[str, str], seconds: float) -> list[str]:
    """Print what differs from the first case, and return what must not."""
    actual = hash_release(place.release(case))
    differences = list_differences(expected, actual)
    history = [name for name in differences if name.startswith(TELLS_OF_HISTORY)]
    faults = [name for name in differences if case != "halves" or name not in history]
    same = len(actual) - len(differences)
    print(f"| {case} | {seconds:.0f} | {same} | {', '.join(differences) or 'none'} |", flush=True)
    return faults


def run_cases(place: Place, first: Path, kills: int, cases: Sequence[str]) -> list[str]:
    """Run every case, print a row for each, and return the names of files that must not differ."""
    print("| case | s | files of the same bytes | files that differ |\n|---|--:|--:|---|")
    usual = place.run("threads", place.raw)
    expected = hash_release(place.release("threads"))
    print(f"| threads | {usual:.0f} | {len(expected)} | |", flush=True)
    faults = []
    for case in cases:
        if case == "one core":
            seconds = place.run(case, place.raw, cores=1)
        elif case == "cluster":
            seconds = place.run(case, place.raw, "--runner", "dask")
        elif case == "workers":
            seconds = run_beside_killed_workers(place)
        elif case == "halves":
            seconds = place.run(case, first) + place.run(case, place.raw)
        else:
            seconds = run_killed(place, kills, usual)
        faults += judge(case, place, expected, seconds)
        shutil.rmtree(place.folder / case)
    return faults


def main() -> int:
    """Place the papers, run the cases, and return 1 where bytes differ that must not."""
    cases = ("one core", "cluster", "workers", "halves", "killed")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--papers", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--cases", nargs="*", default=cases, choices=cases)
    parser.add_argument("--keep", type=Path, help="folder for what the runs leave")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        place = Place(folder.resolve())
        copy_project(place.folder / "project")
        first = place_halves(options.lines.resolve(), options.papers, place.raw)
        faults = run_cases(place, first, options.kills, options.cases)
    print(f"{options.papers:,} papers; files that should not differ: {len(faults)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
