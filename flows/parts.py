"""Parts: tables that are read some rows at a time, on as many threads as a laptop can spare."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias, TypeVar

import polars as pl

THREADS = 2
"""Native code reads texts and compares them on threads; two is what a laptop can spare."""

PART_ROWS = 50_000
"""Rows of a part: what is worked on in one go, on each of the threads."""

Records: TypeAlias = pl.DataFrame | Sequence[pl.LazyFrame]
"""Records in memory, or in parts that are read when they are looked at: so the abstracts of three
million need not be in memory at once."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def split_records(records: Records) -> Sequence[pl.LazyFrame]:
    """Cut records in memory into parts of `PART_ROWS` rows; those in parts stay as they are."""
    if not isinstance(records, pl.DataFrame):
        return records
    starts = range(0, max(len(records), 1), PART_ROWS)
    return [records.lazy().slice(start, PART_ROWS) for start in starts]


def map_in_order(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Call a function on each part, and yield the results in the order of the parts.

    An error of one part ends the work.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        # `Executor.map` would read all parts at once; here one more is read than is worked on.
        waiting: deque[Future[Result]] = deque()
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
