"""Progress of anything over a second: a spinner on a terminal, plain lines everywhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import getLogger
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.status import Status

from flows import runs
from flows.errors import count_noun
from flows.redact import blank_unprintable, redact_text
from flows.runs.notices import take_notices
from flows.runs.terminal import escape_text

logger = getLogger(__name__)

CONSOLE = Console(
    stderr=True, highlight=False, markup=False, soft_wrap=True, quiet=runs.logs.is_json_logging()
)
"""Progress goes to standard error, so that standard output holds results only.

Where lines of JSON are asked for, they alone go there.
"""

OUTPUT = Console(highlight=False, width=None if sys.stdout.isatty() else 500)
"""Results go to standard output; no line is broken where that is no terminal."""

WORTH_A_LINE = 1.0
"""Seconds from which a step is shown: a folder of small files gives no flood of lines."""

LINE_SECONDS = 10.0
"""Seconds between two lines of progress where no terminal shows a spinner, as in a log."""


@dataclass
class Spinner:
    """What a terminal shows while a command works; elsewhere lines, not many."""

    status: Status | None = None
    description: str = ""
    started: float = 0.0
    records: int = 0
    """Records that the steps after parsing work on; 0 while that is not known."""
    printed: float = 0.0
    """When a line was printed last, or the step began, where there is no terminal."""

    def show(self, text: str) -> None:
        """Show what is going on now behind the description; in a log, print a line now and then."""
        if self.status is None:
            return
        shown, now = escape_text(f"{self.description}: {text}"), time.monotonic()
        if CONSOLE.is_terminal:
            self.status.update(shown)
        elif now - self.printed >= LINE_SECONDS:
            self.printed = now
            CONSOLE.print(shown)


SPINNER = Spinner()
"""There is one terminal, and threads of a run share it."""


@contextmanager
def show_step(description: str) -> Iterator[None]:
    """Show that something is under way, then how long it took."""
    started = time.monotonic()
    with CONSOLE.status(description) as status:
        SPINNER.status, SPINNER.description = status, description
        SPINNER.started = SPINNER.printed = started
        try:
            yield
        finally:
            # Threads of Prefect may still report when the command is over.
            SPINNER.status, SPINNER.records = None, 0
    show_line(description, time.monotonic() - started)


def show_count(done: int, total: int, what: str, rows: int, since: float | None = None) -> None:
    """Show how many of how many pieces are done, and how many rows a second that is.

    ``rows``: what the pieces that are done held; ``since``: the moment of `time.monotonic` at which
    they were begun, that of the command where it is None.
    """
    started = SPINNER.started if since is None else since
    rate = rows / max(time.monotonic() - started, 0.001)
    SPINNER.show(f"{what}, {done:,} of {total:,}: {count_noun(rows, 'record')}, {rate:,.0f}/s")


def note_records(records: int) -> None:
    """Note how many records the steps that follow work on: their lines give the rate."""
    SPINNER.records = records


def announce(text: str, **about: object) -> None:
    """Print a line that nobody may miss, and leave it in the log: Prefect's page, or JSON.

    The terminal shows no event of a log below the gravest, which are Prefect's own for the most
    part; so what people need to know is printed as well. ``about`` goes into the log only.
    """
    text = redact_text(blank_unprintable(text))
    CONSOLE.print(text)
    logger.warning("%s", text, extra=about)


def show_notices() -> None:
    """Announce what was met since the last call, a line for each kind."""
    notices = take_notices()
    if notices:
        # Not every command is a run, which would have begun the log.
        runs.logs.start_logging()
    for notice in notices:
        announce(notice.sentence(), subject=notice.subject, count=len(notice.examples))


def show_line(description: str, seconds: float) -> None:
    """Print a line about a step that took a while."""
    if seconds >= WORTH_A_LINE:
        CONSOLE.print(f"{seconds:6.1f} s  {description}")


def describe_rate(records: int, seconds: float) -> str:
    """Say how many records a step worked on, and how many a second; empty where none is known.

    >>> describe_rate(100_000, 12.5)
    ': 100,000 records, 8,000/s'
    >>> describe_rate(0, 3.0)
    ''
    """
    return (
        f": {count_noun(records, 'record')}, {records / max(seconds, 0.001):,.0f}/s"
        if records
        else ""
    )


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
    # By the id of its run: parts of one step run at once under the same name.
    runs.begin_step(str(run.id), step.name)
    counted = f", {count_noun(SPINNER.records, 'record')}" if SPINNER.records else ""
    SPINNER.show(f"{run.name}{counted}")


def finish_watch(step: Hooked, run: Any, state: Any) -> None:
    """Show a step that is done."""
    end_watch(step, run, state)
    # A task may be completed without having run, and then has no start.
    started = run.start_time or state.timestamp
    seconds = (state.timestamp - started).total_seconds()
    show_line(f"{run.name}{describe_rate(SPINNER.records, seconds)}", seconds)


def end_watch(_: Hooked, run: Any, __: Any) -> None:
    """End the measurement of a step."""
    runs.end_step(str(run.id))
