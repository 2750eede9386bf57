"""Processes that tests kill: forked from one that has imported what they run.

So each is there at once, and runs code of a module as a process of its own. A server of forks is
started with the first of them and ends with the process that asked for it; it has no threads, and
what it has in its environment is what that process had then.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["datasets", "tests.killed_publisher", "tests.simulated_month"])


def forked(run: Callable[..., object], *given: object, **named: object) -> ForkServerProcess:
    """Start a process that calls a function of a module."""
    process = FORKS.Process(target=run, args=given, kwargs=named)
    process.start()
    return process


def kill(process: ForkServerProcess) -> None:
    """End a process, as nothing can prevent, and wait until it is gone; any thread may do so."""
    process.kill()
    wait([process.sentinel])


def code_of(process: ForkServerProcess, seconds: float = 120) -> int:
    """Wait for the end of a process; give its exit code, which is -9 where it was killed."""
    process.join(seconds)
    code = process.exitcode
    assert code is not None, f"a process was not done after {seconds:.0f} s"
    return code
