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
from flows.runs import logs
from flows.runs.meter import Meter
from flows.runs.record import CURRENT, KEPT, Run, Step, count, newest, prune, save

__all__ = [
    "KEPT",
    "Run",
    "Step",
    "began",
    "count",
    "current",
    "ended",
    "folder_of",
    "measured",
    "newest",
    "recorded",
]

logger = getLogger(__name__)

METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
"""What measures the run that is under way."""


def folder_of(release: Path) -> Path:
    """Name the folder of the records of runs that make a release: ``runs`` beside it."""
    return release.with_name("runs")


def current() -> Run | None:
    """Give the run that is under way, if any."""
    return CURRENT.get()


@contextmanager
def recorded(
    flow: str, parameters: Mapping[str, object], folder: Path, run_id: str | None = None
) -> Iterator[Run]:
    """Record a run; within another run, its steps and figures become part of that one's record.

    ``run_id`` is the name it has elsewhere, as on Prefect's pages. The record is there from the
    start, so that a run that was killed leaves one too. What ends the run is noted in it and
    passes on.
    """
    if outer := current():
        yield outer
        return
    logs.start()
    run, meter = Run.begun(flow, parameters, run_id), Meter()
    tokens = CURRENT.set(run), METER.set(meter)
    write(run, folder)
    logger.info("run began")
    try:
        with meter.watching():
            yield run
    except BaseException as error:
        run.state, run.message = "failed", message_of(error)
        raise
    else:
        run.state = "completed"
    finally:
        run.ended, run.steps = datetime.now(UTC).isoformat(timespec="seconds"), meter.steps()
        write(run, folder)
        tell_end(run)
        CURRENT.reset(tokens[0])
        METER.reset(tokens[1])


def write(run: Run, folder: Path) -> None:
    """Write a run's record where that can be done: no run fails for what is only told of it."""
    try:
        save(run, folder)
        prune(folder)
    except OSError as error:
        logger.warning("the record of the run cannot be written: %s", error)


def message_of(error: BaseException) -> str:
    """Give what ended a run as one text: a refusal's own message, else the kind as well."""
    if isinstance(error, UserError):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def tell_end(run: Run) -> None:
    """Log how a run ended."""
    if run.state == "failed":
        logger.error("run failed: %s", run.message)
    else:
        logger.info("run completed")


@contextmanager
def measured(step: str) -> Iterator[None]:
    """Measure a step of the current run that is no task of Prefect."""
    began(step, step)
    try:
        yield
    finally:
        ended(step)


def began(key: str, step: str) -> None:
    """Note that a step of the current run, named ``key`` among its like, is under way."""
    if meter := METER.get():
        meter.begin(key, step)


def ended(key: str) -> None:
    """Note that a step is over, whether or not it gave what it should."""
    if (meter := METER.get()) and (cost := meter.end(key)):
        fields = {"step": cost.step, "seconds": round(cost.seconds, 3), "peak_mb": cost.peak_mb}
        logger.info("step ended: %s", cost.step, extra=fields)
