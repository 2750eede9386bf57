"""Progress of anything over a second: a spinner on a terminal, plain lines everywhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from rich.console import Console

from flows import runs

CONSOLE = Console(
    stderr=True, highlight=False, markup=False, soft_wrap=True, quiet=runs.logs.is_json()
)
"""Progress goes to standard error, so that standard output holds results only.

Where lines of JSON are asked for, they alone go there.
"""

OUTPUT = Console(highlight=False, width=None if sys.stdout.isatty() else 500)
"""Results go to standard output; no line is broken where that is no terminal."""

WORTH_A_LINE = 1.0
"""Seconds from which a step is shown: a folder of small files gives no flood of lines."""


@contextmanager
def show_step(description: str) -> Iterator[None]:
    """Show that something is under way, then how long it took."""
    started = time.monotonic()
    with CONSOLE.status(description):
        yield
    show_line(description, time.monotonic() - started)


def show_line(description: str, seconds: float) -> None:
    """Print a line about a step that took a while."""
    if seconds >= WORTH_A_LINE:
        CONSOLE.print(f"{seconds:6.1f} s  {description}")


class Hooked(Protocol):
    """A step that calls what it is given when it begins and when it ends: a task of Prefect."""

    name: str

    def on_running(self, fn: Any) -> Any:
        """Call this when the step begins."""

    def on_completion(self, fn: Any) -> Any:
        """Call this when the step is done."""

    def on_failure(self, fn: Any) -> Any:
        """Call this when the step has failed."""


AStep = TypeVar("AStep", bound=Hooked)


def watch_task(step: AStep) -> AStep:
    """Show a step when it is done, and put its time and memory into the record of the run."""
    step.on_running(begin_watch)
    step.on_completion(finish_watch)
    step.on_failure(end_watch)
    return step


def begin_watch(step: Hooked, run: Any, _: Any) -> None:
    """Begin to measure a step."""
    runs.begin_step(str(run.id), step.name)


def finish_watch(step: Hooked, run: Any, state: Any) -> None:
    """Show a step that is done."""
    end_watch(step, run, state)
    started = run.start_time or state.timestamp
    show_line(run.name, (state.timestamp - started).total_seconds())


def end_watch(_: Hooked, run: Any, __: Any) -> None:
    """End the measurement of a step."""
    runs.end_step(str(run.id))
