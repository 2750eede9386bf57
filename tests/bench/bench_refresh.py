"""What a whole refresh costs, what a day's news costs after it, and what the polars floor costs.

Run it as ``python tests/bench/bench_refresh.py CORPUS --dedup FOLDER [--papers N] [--keep FOLDER]``
with a corpus of JSON lines in the shape of arXiv's snapshot. It writes N distinct papers as arXiv
JSON lines: the real ones, then made ones (see `growing`) with the metadata of real ones. The real
command then runs on them in fresh processes, from a copy of the project so that a row of the
taxonomy can be changed:

- ``whole``: a first release of all of them;
- ``news``: 1,000 papers more in a file of their own;
- ``again``: the whole dump listed again under a later snapshot day;
- ``taxonomy``: one alias more in the taxonomy.

The floor is polars reading the same lines into Parquet. A row of the first table holds seconds of
wall time, CPU seconds of all processes, CPU over the floor, and the highest sum of the memory of
all processes (their proportional shares, so that shared pages count once), Prefect's server among
them. The second table holds the same for each step, and for what is between steps: the start of
Python, Prefect and its server, and the end. Both are Markdown.
Figures of the last run with ``--keep`` stand in brackets beside those of this one. Run it alone on
the machine.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import psutil

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import growing  # noqa: E402  # the project is not installed where the benchmark runs

NEWS = 1_000
"""Papers that come after the first release: some two days of arXiv."""

FIRST_DAY, NEXT_DAY, LAST_DAY = "2026-11-01", "2026-11-02", "2026-11-03"

COPIED = ("flows", "schemas", "data/curation", "data/models", "data/accuracy.csv")
LEFT = ("project", "raw", "interim", "runs")
LOOSE = ("pyproject.toml", "dataset_card.md")

FLOOR = """
import sys, polars as pl
names = ("id", "title", "abstract", "authors", "categories", "update_date")
fields = dict.fromkeys(names, pl.String)
pl.scan_ndjson(sys.argv[1], schema=fields).sink_parquet(sys.argv[2], compression="zstd")
"""


OUTSIDE = "between steps"
"""What no step counts: the start, the end, and what lies between."""


@dataclass(frozen=True)
class Cost:
    """What a command or a step of it took."""

    wall: float
    cpu: float
    """Seconds of all its processes."""
    memory: float
    """Highest sum of the proportional memory of its processes, in megabytes."""


@dataclass(frozen=True)
class Case:
    """What one command took, as a whole and step by step."""

    name: str
    whole: Cost
    steps: dict[str, Cost]


def write_lines(corpus: Path, dedup: Path, papers: int, folder: Path) -> tuple[Path, Path]:
    """Write the papers as arXiv JSON lines: all but the last `NEWS` of them, and those."""
    first, news = folder / "first.jsonl", folder / "news.jsonl"
    with first.open("wb") as old, news.open("wb") as new:
        for number, line in enumerate(arxiv_lines(corpus, dedup, papers + NEWS)):
            (old if number < papers else new).write(line)
    return first, news


def arxiv_lines(corpus: Path, dedup: Path, papers: int) -> Iterator[bytes]:
    """Yield so many distinct papers as lines: the corpus, then made papers with its metadata."""
    real = pl.scan_ndjson(corpus).head(papers).collect()
    metadata = list(real.iter_rows(named=True))
    yield from (orjson.dumps(row) + b"\n" for row in metadata)
    pool = growing.pool(corpus, dedup) if papers > len(metadata) else None
    missing, round_number = papers - len(metadata), 1
    while pool and missing > 0:
        made = growing.made(pool, round_number).head(missing)
        for number, row in enumerate(made.iter_rows(named=True)):
            yield orjson.dumps(renewed(metadata[number % len(metadata)], row)) + b"\n"
        missing, round_number = missing - made.height, round_number + 1


def renewed(metadata: dict[str, object], made: dict[str, object]) -> dict[str, object]:
    """Return a line with texts and authors of a made paper, and all other fields of a real one."""
    authors = made["authors"]
    assert isinstance(authors, list)
    parsed = [[*reversed(name.rsplit(" ", 1)), ""] for name in authors if " " in name]
    texts = {"id": made["paper"], "title": made["title"], "abstract": made["abstract"]}
    return {
        **metadata,
        **texts,
        "authors": ", ".join(authors),
        "authors_parsed": parsed,
        "doi": None,
    }


@dataclass(frozen=True)
class Look:
    """What a process and all that it started had taken at a moment."""

    moment: float
    """Seconds since 1970, as the times of log lines."""
    cpu: float
    memory: float


class Meter(threading.Thread):
    """Looks at a process and at all that it starts, until it ends."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.looks = [Look(time.time(), 0.0, 0.0)]
        self._cpu: dict[int, float] = {}

    def run(self) -> None:
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            self.looks.append(self._look())
            time.sleep(0.2)

    def _look(self) -> Look:
        memory = 0
        try:
            family = [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        for member in family:
            try:
                times = member.cpu_times()
                memory += member.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue  # it has ended since it was listed
            # Kept by process: what one had taken stays when it has ended.
            self._cpu[member.pid] = times.user + times.system
        return Look(time.time(), sum(self._cpu.values()), memory / 1e6)

    def cost(self, start: float, end: float) -> Cost:
        """Return what was taken between two moments."""
        within = [look.memory for look in self.looks if start <= look.moment <= end]
        # A step shorter than the time between two looks has the memory of the next one.
        after = [look.memory for look in self.looks if look.moment >= start][:1]
        taken = self._cpu_until(end) - self._cpu_until(start)
        return Cost(end - start, taken, max([*within, *after], default=0.0))

    def _cpu_until(self, moment: float) -> float:
        """Return the CPU time until a moment, evenly spread between two looks."""
        moments = [look.moment for look in self.looks]
        return float(np.interp(moment, moments, [look.cpu for look in self.looks]))


def measure(name: str, command: Sequence[str], project: Path, log: Path) -> Case:
    """Run a command to its end and measure it. Raises where it fails."""
    before, started = os.times(), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(project)}
    # As for whoever has installed it: each command would compile all modules of the copy again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with log.open("wb") as lines:
        process = subprocess.Popen(
            command, cwd=project, env=environment, stdout=lines, stderr=lines
        )
        meter = Meter(psutil.Process(process.pid))
        meter.start()
        if process.wait():
            raise SystemExit(f"{name} failed: see {log}")
    after, wall = os.times(), time.perf_counter() - started
    meter.join(timeout=5)
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    whole = Cost(wall, cpu, max(look.memory for look in meter.looks))
    steps = {step: meter.cost(*span) for step, span in read_spans(log).items()}
    if steps:
        rest = [
            getattr(whole, of) - sum(getattr(step, of) for step in steps.values())
            for of in ("wall", "cpu")
        ]
        steps[OUTSIDE] = Cost(*rest, meter.looks[-1].memory)
    return Case(name, whole, steps)


def read_spans(log: Path) -> dict[str, tuple[float, float]]:
    """Read the first beginning and the last end of each step off the lines of a run's log."""
    spans: dict[str, tuple[float, float]] = {}
    for line in log.read_bytes().splitlines():
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # what a command prints beside its log
        if isinstance(event, dict) and "step" in event:
            end = datetime.fromisoformat(event["time"]).timestamp()
            start = end - event["seconds"]
            first, last = spans.get(event["step"], (start, end))
            spans[event["step"]] = min(start, first), max(end, last)
    return spans


def copy_project(folder: Path) -> Path:
    """Copy what a run needs of the project, without any raw file."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    for name in LOOSE:
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def add_alias(project: Path) -> None:
    """Give the first topic of the taxonomy one alias more."""
    path = project / "data" / "curation" / "taxonomy.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(head + first.rstrip("\n") + "|an alias of the bench\n" + "".join(rest), "utf-8")


def place(file: Path, raw: Path, day: str) -> None:
    """Put a file where a fetch of that day would have put it, without copying its bytes."""
    target = raw / "arxiv" / day / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(file, target)


def run_cases(first: Path, news: Path, folder: Path) -> list[Case]:
    """Run the floor and the four cases, one after the other, on one release."""
    project, raw = copy_project(folder / "project"), folder / "raw"
    floor = [sys.executable, "-c", FLOOR, str(first), str(folder / "floor.parquet")]
    refresh = [sys.executable, "-m", "flows", "--log-json", "refresh", str(raw)]
    refresh += ["--release", str(folder / "release"), "--interim", str(folder / "interim")]

    def run(name: str, command: Sequence[str] = refresh) -> Case:
        return measure(name, command, project, folder / f"{name}.log")

    cases = [run("floor", floor)]
    place(first, raw, FIRST_DAY)
    cases.append(run("whole"))
    place(news, raw, NEXT_DAY)
    cases.append(run("news"))
    shutil.rmtree(raw / "arxiv" / FIRST_DAY)
    place(first, raw, LAST_DAY)
    cases.append(run("again"))
    add_alias(project)
    cases.append(run("taxonomy"))
    return cases


def print_costs(cases: Sequence[Case], last: dict[str, dict[str, Any]], papers: int) -> None:
    """Print both tables as Markdown, the last run's figures in brackets."""
    floor = cases[0].whole.cpu
    print(f"{papers:,} papers, {NEWS:,} of news, {datetime.now(UTC):%Y-%m-%d}\n")
    print("| case | wall s | CPU s | times the floor, CPU | peak MB |\n|---|--:|--:|--:|--:|")
    for case in cases:
        wall, cpu, memory = show_cost(case.whole, last.get(case.name, {}).get("whole"))
        print(f"| {case.name} | {wall} | {cpu} | {case.whole.cpu / floor:.1f} | {memory} |")
    print("\n| case | step | wall s | CPU s | peak MB |\n|---|---|--:|--:|--:|")
    for case in cases:
        old = last.get(case.name, {}).get("steps", {})
        for step, cost in case.steps.items():
            print(f"| {case.name} | {step} | {' | '.join(show_cost(cost, old.get(step)))} |")


def show_cost(cost: Cost, old: dict[str, float] | None) -> list[str]:
    """Write wall, CPU and memory, each with its figure of the last run."""
    return [
        f"{value:,.{digits}f}" + (f" ({old[name]:,.{digits}f})" if old else "")
        for name, value, digits in (
            ("wall", cost.wall, 1),
            ("cpu", cost.cpu, 1),
            ("memory", cost.memory, 0),
        )
    ]


def main() -> None:
    """Write the inputs, run every case, print the table, and keep the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--dedup", type=Path, required=True)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="folder for inputs, release and figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = folder / f"figures-{options.papers}.json"
        last = json.loads(figures.read_text()) if figures.exists() else {}
        # A cache of an earlier run beside the release would make the first one cheap.
        for path in [folder / name for name in LEFT] + list(folder.glob("release*")):
            shutil.rmtree(path, ignore_errors=True)
        first, news = write_lines(options.corpus, options.dedup, options.papers, folder)
        cases = run_cases(first, news, folder)
        print_costs(cases, last, options.papers)
        figures.write_text(json.dumps({case.name: asdict(case) for case in cases}))


if __name__ == "__main__":
    main()
