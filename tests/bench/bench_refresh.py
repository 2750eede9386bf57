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

The floor is polars reading the same lines into Parquet. A row of the table holds seconds of wall
time, CPU seconds of all processes, CPU over the floor, and the highest sum of the memory of all
processes (their proportional shares, so that shared pages count once); below it are the seconds of
each step. Figures of the last run with ``--keep`` are printed beside those of this one.
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
from pathlib import Path
from typing import IO

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
LOOSE = ("pyproject.toml", "dataset_card.md")

FLOOR = """
import sys, polars as pl
names = ("id", "title", "abstract", "authors", "categories", "update_date")
fields = dict.fromkeys(names, pl.String)
pl.scan_ndjson(sys.argv[1], schema=fields).sink_parquet(sys.argv[2], compression="zstd")
"""


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    case: str
    wall: float
    cpu: float
    """Seconds of all its processes."""
    memory: float
    """Highest sum of the proportional memory of its processes, in megabytes."""
    steps: dict[str, float]
    """Wall seconds by step, as its record of the run has them."""


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


class Memory(threading.Thread):
    """Watches the memory of a process and of all that it starts."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process, self.highest = process, 0.0

    def run(self) -> None:
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            self.highest = max(self.highest, memory_of_tree(self.process))
            time.sleep(0.25)


def memory_of_tree(process: psutil.Process) -> float:
    """Add up the proportional memory of a process and its children, in megabytes."""
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for member in family:
        try:
            total += member.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it has ended since it was listed
    return total / 1e6


def measure(case: str, command: Sequence[str], project: Path, runs: Path, log: IO[bytes]) -> Cost:
    """Run a command to its end and measure it. Raises where it fails."""
    before = os.times()
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        stdout=log,
        stderr=log,
    )
    memory = Memory(psutil.Process(process.pid))
    memory.start()
    if process.wait():
        raise SystemExit(f"{case} failed: see {log.name}")
    after = os.times()
    memory.join(timeout=5)
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Cost(case, time.perf_counter() - started, cpu, memory.highest, newest_steps(runs))


def newest_steps(runs: Path) -> dict[str, float]:
    """Read the seconds by step off the newest record of a run; empty where there is none."""
    records = [json.loads(path.read_text()) for path in runs.glob("*.json")]
    if not records:
        return {}
    newest = max(records, key=lambda record: str(record["started"]))
    return {step["step"]: step["seconds"] for step in newest["steps"]}


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


def run_cases(first: Path, news: Path, folder: Path) -> list[Cost]:
    """Run the floor and the four cases, one after the other, on one release."""
    project, raw = copy_project(folder / "project"), folder / "raw"
    runs = folder / "runs"
    floor = [sys.executable, "-c", FLOOR, str(first), str(folder / "floor.parquet")]
    refresh = [sys.executable, "-m", "flows", "refresh", str(raw)]
    refresh += ["--release", str(folder / "release"), "--interim", str(folder / "interim")]
    costs = []
    with (folder / "log").open("wb") as log:
        costs.append(measure("floor", floor, project, folder / "none", log))
        place(first, raw, FIRST_DAY)
        costs.append(measure("whole", refresh, project, runs, log))
        place(news, raw, NEXT_DAY)
        costs.append(measure("news", refresh, project, runs, log))
        shutil.rmtree(raw / "arxiv" / FIRST_DAY)
        place(first, raw, LAST_DAY)
        costs.append(measure("again", refresh, project, runs, log))
        add_alias(project)
        costs.append(measure("taxonomy", refresh, project, runs, log))
    return costs


def print_costs(costs: Sequence[Cost], last: dict[str, dict[str, float]], papers: int) -> None:
    """Print a row for each case, the steps below it, and the last run's figures in brackets."""
    floor = costs[0].cpu
    print(f"{papers:,} papers, {NEWS:,} of news")
    print(f"{'case':10}{'wall s':>16}{'CPU s':>16}{'over floor':>12}{'memory MB':>18}")
    for cost in costs:
        old = last.get(cost.case, {})
        shown = [
            f"{getattr(cost, name):,.1f}" + (f" ({old[name]:,.1f})" if old else "")
            for name in ("wall", "cpu", "memory")
        ]
        print(f"{cost.case:10}{shown[0]:>16}{shown[1]:>16}{cost.cpu / floor:>12.2f}{shown[2]:>18}")
        if cost.steps:
            print(
                "   " + ", ".join(f"{step} {seconds:,.1f}" for step, seconds in cost.steps.items())
            )


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
        for name in ("project", "raw", "release", "interim", "runs"):
            shutil.rmtree(folder / name, ignore_errors=True)
        first, news = write_lines(options.corpus, options.dedup, options.papers, folder)
        costs = run_cases(first, news, folder)
        print_costs(costs, last, options.papers)
        figures.write_text(json.dumps({cost.case: asdict(cost) for cost in costs}))


if __name__ == "__main__":
    main()
