"""Parallel: work on parts of a table, a few at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
"""Native code reads texts and compares them on threads; two is what a laptop can spare."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def mapped(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Give what a function makes of each part, in order; one more part is read than is worked on.

    ``Executor.map`` reads all parts at once. An error of one part ends the work.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Result]] = deque()
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
