"""Let whole runs publish different releases to one repository at once: is anything lost?

Each run of `open-papers refresh --publish-to` has papers of its own and a folder of its own, as on
machines that know nothing of each other. One comes first; the others make their releases anew on
top of it. Afterwards there has to be one commit and one tag for each run that was published, each
commit has to hold all papers of the one before it, and the newest the papers of all of these runs.
Exits with 1 when that is not so.

Usage: python -m tests.bench.race_runs [RUNS]
"""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tests.hub_server import Commit, LocalHub
from tests.prefect_server import prefect_server
from tests.processes import PROJECT

TOKEN, REPO = "hf_abcdefghijklmnop", "ada/race"  # of a Hub that lives for one run

RUNS, PAPERS = 8, 20
"""Runs at once, and papers of each."""


def snapshot(run: int, folder: Path) -> Path:
    """Write the papers of a run as arXiv's snapshot has them."""
    path = folder / "raw" / f"{run}" / "arxiv" / "2026-11-23" / "snapshot.jsonl"
    path.parent.mkdir(parents=True)
    rows = [
        {
            "id": f"23{run + 1:02}.{n:05}",
            "title": f"Run {run} measures the attention of number {n}",
            "abstract": f"We measure {run} times {n} tokens. Code: https://github.com/lab/a-{run}-{n}",
            "authors": "Ada Lovelace",
            "categories": "cs.CL",
        }
        for n in range(PAPERS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def start(run: int, folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    at = folder / f"{run}"
    options = ["--release", at / "release", "--interim", at / "interim", "--publish-to", REPO]
    return subprocess.Popen(
        [sys.executable, "-m", "flows", "refresh", *map(str, [snapshot(run, folder), *options])],
        cwd=PROJECT,
        env={**environment, "HF_HOME": str(at / "hf")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def papers(commit: Commit) -> set[str]:
    file = io.BytesIO(commit.tree["data/papers/train-00000-of-00001.parquet"].content)
    return set(pl.read_parquet(file)["paper_id"])


def faults(server: LocalHub, published: list[int]) -> list[str]:
    """Say what was lost, or tagged otherwise than once."""
    repo = server.repos[REPO]
    releases = [c for c in repo.history(repo.commits[repo.branches["main"]]) if c.parent]
    found = []
    if len(releases) != len(published) or set(repo.tags.values()) != {c.oid for c in releases}:
        found.append(f"{len(published)} runs made {len(releases)} commits, {len(repo.tags)} tags")
    held = [papers(commit) for commit in reversed(releases)]
    found += [f"commit {n} lost papers" for n in range(1, len(held)) if not held[n - 1] <= held[n]]
    expected = {f"arxiv:23{run + 1:02}.{n:05}" for run in published for n in range(PAPERS)}
    if held[-1] != expected:
        found.append(f"the newest release lacks {len(expected - held[-1])} papers")
    return found


def main(number: int) -> int:
    with TemporaryDirectory() as temporary, LocalHub() as server:
        folder = Path(temporary)
        server.add_user("ada", TOKEN)
        (folder / "prefect").mkdir()
        with prefect_server(folder / "prefect") as api:
            here = {"PYTHONPATH": str(PROJECT), "PREFECT_API_URL": api, "HF_TOKEN": TOKEN}
            hub = {"HF_ENDPOINT": server.url, "HF_HUB_DISABLE_XET": "1"}
            started = time.monotonic()
            runs = [start(run, folder, {**os.environ, **here, **hub}) for run in range(number)]
            said = [run.communicate() for run in runs]
        published = [n for n, run in enumerate(runs) if run.returncode == 0]
        print(f"{len(published)} of {number} runs published in {time.monotonic() - started:.0f} s")
        for n in set(range(number)) - {*published}:
            print(f"run {n} said: {said[n][1].splitlines()[-1]}")
        wrong = faults(server, published) if published else ["no run published"]
        print("; ".join(wrong) or "nothing was lost")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))
