"""Runs: what each run took, gave, cost and met, as one small file per run beside the release.

It is no part of the release: times and memory differ from run to run, the bytes of a release
must not.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging import getLogger
from pathlib import Path

from flows.errors import UserError
from flows.hashing import forget_hashes
from flows.redact import redact_text
from flows.runs import logs
from flows.runs.meter import Meter
from flows.runs.notices import note
from flows.runs.record import (
    CURRENT,
    KEPT,
    Run,
    Step,
    count_runs,
    prune_records,
    read_newest_runs,
    save_run,
)

__all__ = [
    "KEPT",
    "Run",
    "Step",
    "begin_step",
    "close_interrupted",
    "count_runs",
    "current_run",
    "end_step",
    "measure_step",
    "name_runs_folder",
    "read_newest_runs",
    "record_run",
]

logger = getLogger(__name__)

METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
"""What measures the run that is under way."""

UNDER_WAY: list[tuple[Run, Path]] = []
"""The run of this process and the folder of its record, for the thread that hears signals: that
one inherits no context."""


def name_runs_folder(release: Path) -> Path:
    """Name the folder of the records of runs that make a release: ``runs`` beside it."""
    return release.with_name("runs")


def current_run() -> Run | None:
    """Return the run that is under way, if any."""
    return CURRENT.get()


@contextmanager
def record_run(
    flow: str, parameters: Mapping[str, object], folder: Path, run_id: str | None = None
) -> Iterator[Run]:
    """Record a run; within another run, its steps and figures become part of that one's record.

    ``run_id`` is the name it has elsewhere, as on Prefect's pages. The record is there from the
    start, so that a run that was killed leaves one too. What ends the run is noted in it and
    passes on.
    """
    # A routine calls other flows: what they do belongs to the record of the routine.
    if outer := current_run():
        yield outer
        return
    logs.start_logging()
    # Of a process that runs again and again every run looks at the files itself.
    forget_hashes()
    run, meter = Run.begun(flow, parameters, run_id), Meter()
    tokens = CURRENT.set(run), METER.set(meter)
    # Written at once: a run that is killed leaves a record that says it never ended.
    write_record(run, folder)
    UNDER_WAY.append((run, folder))
    logger.info("run began")
    try:
        with meter.watching():
            yield run
    # What ends a run need not be an Exception: a key press and a signal are none.
    except BaseException as error:
        run.state, run.message = "failed", describe_failure(error)
        raise
    else:
        run.state = "completed"
    finally:
        run.ended, run.steps = datetime.now(UTC).isoformat(timespec="seconds"), meter.steps()
        UNDER_WAY.remove((run, folder))
        write_record(run, folder)
        log_end(run)
        # Only now: the line about the end of the run names the run.
        CURRENT.reset(tokens[0])
        METER.reset(tokens[1])


def close_interrupted(message: str) -> None:
    """Note in the record of the run of this process, if there is one, what interrupted it."""
    for run, folder in UNDER_WAY:
        run.state, run.message = "failed", message
        run.ended = datetime.now(UTC).isoformat(timespec="seconds")
        write_record(run, folder)


def write_record(run: Run, folder: Path) -> None:
    """Write a run's record where that can be done: no run fails for want of its record."""
    try:
        save_run(run, folder)
        prune_records(folder)
    except OSError as error:
        note("runs", "record", "cannot be written", error)


def describe_failure(error: BaseException) -> str:
    """Return what ended a run as one text: an error for users as it is, else with its kind.

    Secrets in it are left out: other programs wrote some of its words.
    """
    if isinstance(error, UserError):
        return redact_text(str(error))
    kind = type(error).__name__
    return redact_text(f"{kind}: {error}") if str(error) else kind


def log_end(run: Run) -> None:
    """Log how a run ended."""
    if run.state == "failed":
        logger.error("run failed: %s", run.message)
    else:
        logger.info("run completed")


@contextmanager
def measure_step(step: str) -> Iterator[None]:
    """Measure a step of the current run that is no task of Prefect."""
    begin_step(step, step)
    try:
        yield
    finally:
        end_step(step)


def begin_step(key: str, step: str) -> None:
    """Note that a step of the current run, named ``key`` among its like, is under way."""
    if meter := METER.get():
        meter.begin(key, step)


def end_step(key: str) -> None:
    """Note that a step is over, whether or not it gave what it should."""
    if (meter := METER.get()) and (cost := meter.end(key)):
        fields = {"step": cost.step, "seconds": round(cost.seconds, 3), "peak_mb": cost.peak_mb}
        logger.info("step ended: %s", cost.step, extra=fields)
