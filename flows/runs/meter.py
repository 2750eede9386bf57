"""Meter: how long each step of a run takes, and how much memory the process holds meanwhile."""

import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from flows.runs.record import Step

EVERY = 0.05
"""Seconds between two looks at the memory: a look takes some 20 microseconds."""

MB = 1_000_000

HIGH_WATER_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts the most memory a process has ever held (getrusage(2))."""


@dataclass
class Cost:
    """What a step that is under way has cost so far."""

    step: str
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    peak: int = 0
    """Bytes: the most that was seen at a look."""
    before: int = 0
    """Bytes: the most that the process had ever held when the step began."""

    @property
    def seconds(self) -> float:
        """Return how long the step took."""
        return self.ended - self.started

    @property
    def peak_mb(self) -> int:
        """Return the most memory that the process held meanwhile, in MB."""
        return round(self.peak / MB)


class Meter:
    """The clock and the scale of one run. Steps that run at once share the process's memory."""

    def __init__(self) -> None:
        """Begin with no step."""
        self._process = psutil.Process()
        self._lock = threading.Lock()
        self._under_way: dict[str, Cost] = {}
        self._over: list[Cost] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at the memory again and again until the block ends."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(over,), name="meter", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(EVERY):
            self._look()

    def _look(self) -> None:
        # Steps that run at once share the process: each is told the memory of all.
        held = self._process.memory_info().rss
        with self._lock:
            for cost in self._under_way.values():
                cost.peak = max(cost.peak, held)

    def begin(self, key: str, step: str) -> None:
        """Begin a step; one that is tried again goes on."""
        with self._lock:
            # A task that is tried again begins under the same key, and its clock runs on.
            self._under_way.setdefault(key, Cost(step, before=read_peak_memory()))
        self._look()

    def end(self, key: str) -> Cost | None:
        """End a step and return what it cost; None for one that never began.

        A peak between two looks is known where it is the highest the process ever had.
        """
        self._look()
        with self._lock:
            cost = self._under_way.pop(key, None)
            if cost:
                cost.ended = time.monotonic()
                # The high-water mark never falls: it is this step's own only where it rose since.
                reached = read_peak_memory()
                cost.peak = max(cost.peak, reached) if reached > cost.before else cost.peak
                self._over.append(cost)
        return cost

    def steps(self) -> list[Step]:
        """Return each step once, in the order in which they began, however often it was done."""
        with self._lock:
            over = sorted(self._over, key=lambda cost: cost.started)
        names = dict.fromkeys(cost.step for cost in over)
        return [_sum_costs(name, [cost for cost in over if cost.step == name]) for name in names]


def _sum_costs(name: str, costs: list[Cost]) -> Step:
    # Tasks of one step overlap: from the first beginning to the last end is what a person waits.
    wall = max(cost.ended for cost in costs) - min(cost.started for cost in costs)
    return Step(
        step=name,
        times=len(costs),
        seconds=round(wall, 3),
        peak_mb=max(cost.peak_mb for cost in costs),
    )


def read_peak_memory() -> int:
    """Return the most memory, in bytes, that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * HIGH_WATER_UNIT
