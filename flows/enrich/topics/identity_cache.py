"""Identity cache: what follows from knowledge or model alone is made once, not for every batch."""

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar
from weakref import ReferenceType, ref

import polars as pl

CACHE_SIZE = 16
"""Results that are kept of each function: there is one model at a time, and some in training."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def cache_by_identity(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Cache a function's last results; frames are equal arguments if they are one object.

    Nobody may write into a result.
    """
    cache: dict[tuple[Hashable, ...], tuple[object, Result]] = {}

    @wraps(work)
    def look_up(*args: Arguments.args, **named: Arguments.kwargs) -> Result:
        key = (len(args), *named.keys(), *map(_identify, (*args, *named.values())))
        # In one step: another thread may drop it between a look and the next.
        if cached := cache.get(key):
            return cached[1]
        result = work(*args, **named)
        # Kept with its arguments: another frame could get the number of one that is gone.
        cache[key] = ((args, named), result)
        for former in list(cache)[:-CACHE_SIZE]:
            cache.pop(former, None)
        return result

    return look_up


def cache_with_frame(work: Callable[[pl.DataFrame], Result]) -> Callable[[pl.DataFrame], Result]:
    """Cache what a function made of a frame for as long as the frame is there.

    Nobody may write into a result, or into a frame.
    """
    cache: dict[int, tuple[ReferenceType[pl.DataFrame], Result]] = {}

    @wraps(work)
    def look_up(frame: pl.DataFrame) -> Result:
        number = id(frame)
        if (cached := cache.get(number)) and cached[0]() is frame:
            return cached[1]
        result = work(frame)
        # Forgotten with the frame, before another one can get its number.
        cache[number] = (ref(frame, lambda _: cache.pop(number, None)), result)
        return result

    return look_up


def _identify(value: object) -> Hashable:
    if isinstance(value, pl.DataFrame | pl.Series):
        return id(value)
    return _number_codes(value) if isinstance(value, pl.Enum) else value


def _number_codes(codes: pl.Enum) -> Hashable:
    """Return a number of how a column is coded: each frame has an object of its own for it.

    To hash one would be to read all its words in Python, which takes longer than what is kept.
    """
    # Two threads must not take one number for codings that differ.
    with _NUMBERING:
        for number, former_codes in enumerate(_CODES):
            # Two of one length are seldom others: to compare them costs little beside hashing.
            if len(former_codes.categories) == len(codes.categories) and former_codes == codes:
                return "codes", number
        _CODES.append(codes)
        return "codes", len(_CODES) - 1


_NUMBERING = Lock()
_CODES: list[pl.Enum] = []
"""How columns were coded so far: in a few ways, which follow from the curated files."""
