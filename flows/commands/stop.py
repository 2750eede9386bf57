"""Stop: a command that is interrupted says what is whole and leaves no process behind."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any

import psutil
import typer

from flows.commands.early_stop import NAMES
from flows.commands.messages import format_message

WHOLE = (
    "What was there before is whole, and so is what this command had finished; the same command "
    "goes on from there."
)

GRACE_SECONDS = 2.0
"""How long processes that were started from here may take to end by themselves."""


SERVER_SECONDS = 2.0
"""How long Prefect's server may take to hear that the runs of this process have ended."""


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """End the process at once when SIGINT or SIGTERM comes, whatever it is doing.

    A signal that is ignored, as Ctrl-C is in a job of a shell's background, stays so.

    It may end at any moment, as if it were killed: a release is replaced in one step, and what a
    killed run had begun, the next one removes. Does nothing outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    # Python runs a handler only between two steps of the main thread, which may be inside a query
    # for half a minute; the number of a signal is written to this pipe as soon as it comes.
    heard = [number for number in NAMES if signal.getsignal(number) is not signal.SIG_IGN]
    handlers = {number: signal.signal(number, _leave_to_watcher) for number in heard}
    wakeup = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(read_end,), name="signals", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(write_end)
        watcher.join()
        os.close(read_end)


def _leave_to_watcher(_: int, __: FrameType | None) -> None:
    """Do nothing: the thread that reads the pipe ends the process."""


def _watch(read_end: int) -> None:
    while number := os.read(read_end, 1):
        if number[0] in NAMES:
            stop_process(signal.Signals(number[0]))


def stop_process(number: signal.Signals) -> None:
    """Say what is whole, end the processes started from here, and end with 128 and the signal."""
    with ExitStack() as ending:
        # Whatever fails on the way: nobody else listens to signals, and the next one would be lost.
        ending.callback(os._exit, 128 + number)
        processes = psutil.Process().children(recursive=True)
        ending.callback(end_processes, processes)
        _close_run(number)
        for line in list_last_lines(number):
            typer.echo(line, err=True)
        # While Prefect's server is there: it may be one of the processes that are ended next.
        _notify_prefect(f"Stopped by {NAMES[number]}.", processes, by_hand=number is signal.SIGINT)


def _find_imported(module: str, name: str) -> Any:
    """Find what a module offers; None where it is not imported, or not as far as that."""
    # Nothing is imported here: the main thread may be in the middle of an import.
    return getattr(sys.modules.get(module), name, None)


def _close_run(number: signal.Signals) -> None:
    """Note in the record of the run that it was stopped, and end the line of the spinner."""
    if close_interrupted := _find_imported("flows.runs", "close_interrupted"):
        close_interrupted(f"stopped by {NAMES[number]}")
    if console := _find_imported("flows.runs.progress", "CONSOLE"):
        console.show_cursor(show=True)
        console.print()


def list_last_lines(number: signal.Signals) -> list[str]:
    """List the last lines of a command: notices that were not shown yet, then what ended it.

    What was met is said now or never: a damaged file that was made again is found by no later run.
    """
    take_notices = _find_imported("flows.runs.notices", "take_notices")
    notices = take_notices() if take_notices else []
    last = format_message(f"stopped by {NAMES[number]}. {WHOLE}")
    return [
        *(format_message(notice.sentence(), prefix="", level="warning") for notice in notices),
        last,
    ]


def _notify_prefect(message: str, processes: list[psutil.Process], *, by_hand: bool) -> None:
    """Tell Prefect that runs have ended, as far as it listens within `SERVER_SECONDS`."""
    artifacts = sys.modules.get("flows.runs.prefect_artifacts")
    schedule = sys.modules.get("flows.operate.schedule")
    if artifacts is None:
        return

    def end_runs() -> None:
        # A server that is gone, or answers anything at all, must not keep the process from ending.
        if schedule:
            with suppress(Exception):
                schedule.pause_deployments()
        with suppress(Exception):
            artifacts.end_flow_runs(message, list_run_ids(processes), by_hand=by_hand)

    # The main thread may hold a lock that the client wants: only so long is it waited for.
    notifier = threading.Thread(target=end_runs, name="prefect", daemon=True)
    notifier.start()
    notifier.join(SERVER_SECONDS)


def list_run_ids(processes: list[psutil.Process]) -> list[str]:
    """List the runs of Prefect that processes are at work on: their environment names them."""
    run_ids = []
    for process in processes:
        with suppress(psutil.Error):
            run_ids.append(process.environ().get("PREFECT__FLOW_RUN_ID"))
    return list(dict.fromkeys(filter(None, run_ids)))


def end_processes(processes: list[psutil.Process]) -> None:
    """End processes: first they are asked to, then they are killed."""
    for process in processes:
        _send(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for process in alive:
        _send(process, signal.SIGKILL)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # it has ended by itself meanwhile
