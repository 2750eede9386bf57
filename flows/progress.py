"""Progress of anything over a second: a spinner on a terminal, plain lines everywhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

CONSOLE = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
"""Progress goes to standard error, so that standard output holds results only."""

OUTPUT = Console(highlight=False, width=None if sys.stdout.isatty() else 500)
"""Results go to standard output; no line is broken where that is no terminal."""

WORTH_A_LINE = 1.0
"""Seconds from which a step is shown: a folder of small files gives no flood of lines."""


@contextmanager
def step(description: str) -> Iterator[None]:
    """Show that something is under way, then how long it took."""
    started = time.monotonic()
    with CONSOLE.status(description):
        yield
    show(description, time.monotonic() - started)


def show(description: str, seconds: float) -> None:
    """Print a line about a step that took a while."""
    if seconds >= WORTH_A_LINE:
        CONSOLE.print(f"{seconds:6.1f} s  {description}")


def finished(_: Any, run: Any, state: Any) -> None:
    """Show a task that is done; a hook for Prefect's ``on_completion``."""
    started = run.start_time or state.timestamp
    show(run.name, (state.timestamp - started).total_seconds())
