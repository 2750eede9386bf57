"""Kill whole runs at random moments and run them again: is everything as if nothing had happened?

A release of half a page is on a local Hub. `open-papers refresh --publish-to` with the whole page
is ended by kill -9 after a random time; the release of before has to be whole in its folder and at
its tag. The same command is then run to its end: the folder's bytes, the Hub's files, its tags and
its commits have to equal those of a run that nobody disturbed. After that, `push` alone is
killed before and after each of its requests, and one worker of a run on a cluster. Exits with 1
when anything differs.

Usage: python -m tests.bench.kill_runs [POINTS] [SEED]
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from huggingface_hub import constants

from flows import release
from flows.hashing import hash_file
from flows.operate.reproduce import build_from_files
from flows.publish import hub
from flows.raw.discovery import find_snapshot_day
from flows.raw.raw_file import RawFile
from flows.release.replace import name_building, name_loading, name_replaced
from schemas.vocabulary import Source
from tests.hub_server import LocalHub
from tests.killed_publisher import NEVER, points, publisher
from tests.prefect_server import prefect_server
from tests.processes import PAGE, PROJECT

TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one run
BEFORE = "2026.01.01"
"""The tag of the first release; the second has the day's."""

POINTS, SEED = 20, 7


@dataclass(frozen=True)
class Place:
    """Where runs take place: a folder for each, and what all of them share."""

    folder: Path
    server: LocalHub
    environment: dict[str, str]

    def start(self, name: str, *more: str) -> subprocess.Popen[bytes]:
        """Start a run of the whole sentence in a folder, to a repository of the same name."""
        at = self.folder / name
        options = ["--release", at / "release", "--interim", at / "interim"]
        command = ["refresh", self.folder / "raw", *options, "--publish-to", f"ada/{name}", *more]
        return subprocess.Popen(
            [sys.executable, "-m", "flows", *map(str, command)],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def prepare(self, name: str) -> None:
        """Put the first release into a folder and on the Hub."""
        shutil.copytree(self.folder / "first" / "release", self.folder / name / "release")
        hub.push(
            self.folder / "first" / "release", f"ada/{name}", tag=BEFORE, endpoint=self.server.url
        )

    def finish(self, name: str) -> float:
        """Run to the end; give the seconds."""
        started = time.monotonic()
        run = self.start(name)
        _, said = run.communicate()
        if run.returncode:
            raise SystemExit(f"{name}: a run that nobody killed failed: {said.decode()}")
        return time.monotonic() - started

    def kill(self, name: str, after: float) -> bool:
        """Run and kill with all its children; say whether it was still running."""
        run = self.start(name)
        try:
            run.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()
            return True
        return False

    def local(self, name: str) -> dict[str, bytes]:
        """Give the files of a run's release."""
        return contents(self.folder / name / "release")

    def remote(self, name: str, revision: str) -> dict[str, bytes]:
        """Give the files of a revision of a run's repository."""
        found = self.server.files(f"ada/{name}", revision)
        return {path: content for path, content in found.items() if path != ".gitattributes"}

    def state(self, name: str) -> tuple[object, ...]:
        """Give all that has to be the same after any run: files, tags and number of commits."""
        repo = self.server.repos[f"ada/{name}"]
        tags = {tag: self.remote(name, tag) for tag in repo.tags}
        commits = len(repo.history(repo.commits[repo.branches["main"]]))
        return self.local(name), self.remote(name, "main"), tags, commits

    def faults(self, name: str, old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[str]:
        """Say what a reader would miss after a kill."""
        at = self.folder / name / "release"
        if not release.is_intact(at) or self.local(name) not in (old, new):
            yield "the folder holds neither release"
        if self.remote(name, BEFORE) != old:
            yield "the tag of before holds something else"
        if self.remote(name, "main") not in (old, new):
            yield "the branch holds neither release"

    def leftovers(self, name: str) -> Iterator[str]:
        """Name what a run has left beside its release."""
        at = self.folder / name / "release"
        for beside in (name_building(at), name_replaced(at), name_loading(at)):
            if beside.exists():
                yield f"{beside.name} was left"
        for path in (self.folder / name / "interim").rglob("*.partial"):
            yield f"{path.name} was left"


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def made(folder: Path) -> None:
    """Write the raw files and make the first release, of half the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    half = folder / "raw" / "papers_page" / "2026-01-01" / "half.txt"
    half.parent.mkdir(parents=True)
    half.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    raw = RawFile(half, Source.PAPERS_PAGE, find_snapshot_day(half), hash_file(half))
    build_from_files([raw], folder / "none", folder / "first", {})
    whole = folder / "raw" / "papers_page" / "2026-11-23" / PAGE.name
    whole.parent.mkdir(parents=True)
    shutil.copy(PAGE, whole)


def kill_refresh(place: Place, number: int, seed: int) -> list[str]:
    """Kill runs of the whole sentence at random moments; give what was wrong afterwards."""
    place.prepare("usual")
    seconds = place.finish("usual")
    expected, new = place.state("usual"), place.local("usual")
    old = contents(place.folder / "first" / "release")
    chance, wrong = random.Random(seed), []  # noqa: S311  # not a secret
    print(f"an undisturbed refresh takes {seconds:.1f} s")
    for n in range(number):
        name, after = f"killed-{n}", chance.uniform(0, seconds)
        place.prepare(name)
        was_running = place.kill(name, after)
        found = list(place.faults(name, old, new))
        at = "the new one" if place.local(name) == new else "the old one"
        on_hub = "the new one" if place.remote(name, "main") == new else "the old one"
        seconds = place.finish(name)
        found += place.leftovers(name)
        if place.state(name) != expected:
            found.append("after the next run something differs from an undisturbed run")
        how = f"killed after {after:5.1f} s" if was_running else f"had ended by {after:5.1f} s"
        print(f"refresh {how}: folder {at}, Hub {on_hub}; {'; '.join(found) or 'all well'}")
        wrong += found
    return wrong


def kill_worker(place: Place, seed: int) -> list[str]:
    """Kill a worker of a run on a cluster while it enriches; give what was wrong afterwards."""
    name, chance = "cluster", random.Random(seed)  # noqa: S311  # not a secret
    place.prepare(name)
    run = place.start(name, "--runner", "dask")
    at_work = place.folder / name / "interim" / "enriched" / "waiting"
    while run.poll() is None and not at_work.exists():
        time.sleep(0.02)
    children = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
    # The scheduler is a thread of the run: what was spawned by it are the workers.
    workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    if workers:
        chance.choice(workers).kill()
    _, said = run.communicate()
    wrong = [] if workers else ["no worker was there to be killed"]
    if run.returncode:
        wrong.append(f"the run failed: {said.decode()[-500:]}")
    elif place.local(name) != place.local("usual"):
        wrong.append("a killed worker left another release")
    print(f"one of {len(workers)} workers killed: {'; '.join(wrong) or 'all well'}")
    return wrong


def kill_publish(place: Place) -> list[str]:
    """Kill publications of the second release at every request; give what was wrong afterwards."""
    old, two = contents(place.folder / "first" / "release"), place.folder / "usual" / "release"
    new, tag, wrong = contents(two), next(iter(set(tags_of(place, "usual")) - {BEFORE})), []
    expected = place.state("usual")[1:]
    publish = publisher(place.server, TOKEN)
    place.prepare("published")
    place.server.requests.clear()
    publish(two, "ada/published", tag, NEVER)
    every = points(len(place.server.requests), sys.maxsize, SEED)
    for n, point in enumerate(every):
        name = f"published-{n}"
        place.prepare(name)
        publish(two, f"ada/{name}", tag, point)
        wrong += place.faults(name, old, new)
        publish(two, f"ada/{name}", tag, NEVER)
        if place.state(name)[1:] != expected:
            wrong.append(f"publication killed at {point}: something differs")
    print(f"publish killed at each of {len(every)} points: {'; '.join(wrong) or 'all well'}")
    return wrong


def tags_of(place: Place, name: str) -> dict[str, str]:
    return place.server.repos[f"ada/{name}"].tags


def main(number: int, seed: int) -> int:
    os.environ |= {"HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1"}
    constants.HF_HUB_DISABLE_XET = True  # it was read when the module was loaded
    with TemporaryDirectory() as temporary, LocalHub() as server:
        folder = Path(temporary)
        server.add_user("ada", TOKEN)
        made(folder)
        (folder / "prefect").mkdir()
        with prefect_server(folder / "prefect") as api:
            environment = {
                **os.environ,
                "PYTHONPATH": str(PROJECT),
                "PREFECT_API_URL": api,
                "HF_ENDPOINT": server.url,
                "HF_HOME": str(folder / "hf"),
            }
            place = Place(folder, server, environment)
            wrong = kill_refresh(place, number, seed)
            wrong += kill_worker(place, seed)
            wrong += kill_publish(place)
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    sys.exit(main(*(given + [POINTS, SEED][len(given) :])))
