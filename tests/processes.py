"""The command line run as a process of its own, or within this one."""

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from flows.__main__ import app

PROJECT = Path(__file__).resolve().parents[1]

PAGE = next((PROJECT / "data" / "raw" / "papers_page").rglob("*.txt"))
"""The page that ships with the project."""

USUAL = {"PYTHONPATH": str(PROJECT), "COLUMNS": "100", "POLARS_MAX_THREADS": "2"}
"""Where a command of its own runs: with two threads of polars, where the tests' process has one. So
what both make has to be the same whatever the threads."""


def open_papers(
    *arguments: str | Path, cwd: Path = PROJECT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `open-papers` and wait for it; its output is kept as text."""
    return subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **USUAL, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def in_process(*arguments: str | Path) -> Result:
    """Run `open-papers` within this process, which spares seconds of importing.

    What users meet besides, a process and its log, is seen where `open_papers` runs.
    """
    environment = {"COLUMNS": "100", "PREFECT_LOGGING_LEVEL": "INFO"}
    return CliRunner(env=environment).invoke(app, [*map(str, arguments)])
