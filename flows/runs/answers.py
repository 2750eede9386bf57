"""Answers: what a worker of a cluster gives back for a part, beside the result of the step.

Workers import this module, so it imports nothing that takes long.
"""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flows.runs.notices import Notice, add_notices, take_notices
from flows.runs.surroundings import list_differences, own_versions

PAUSE = 2.0
"""Seconds that a worker waits before it refuses a part. One that refuses at once is always idle,
and would be given one part after the other that another worker could do."""


@dataclass(frozen=True)
class PartAnswer:
    """What a worker gives for a part."""

    result: Any
    """What the step returned; None where the part was refused."""
    notices: tuple[Notice, ...] = ()
    """What the worker met up to then: it may be gone when the run ends."""
    refusal: str | None = None
    """Why the part was refused; None where it was done."""

    @property
    def records(self) -> int:
        """How many records the part held, as far as its result says so."""
        return getattr(self.result, "records", 0)


def answer_part(
    step: Callable[..., Any], versions: Mapping[str, str], pause: float = PAUSE
) -> Callable[..., PartAnswer]:
    """Return a step that gives a `PartAnswer`, and works only where the versions are those given.

    All workers are asked before a run begins. One may join later, or outlive a change of the files:
    its bytes would lie among those of the others.
    """

    @wraps(step)
    def answer(*arguments: Any, **named: Any) -> PartAnswer:
        if differences := list_differences(own_versions(), versions):
            time.sleep(pause)
            return PartAnswer(None, refusal=f"{socket.gethostname()} has {'; '.join(differences)}")
        result = step(*arguments, **named)
        return PartAnswer(result, tuple(take_notices()))

    return answer


def read_answer(future: Any) -> Any:
    """Return what a step gave, or the error that it raised; add its worker's notices to ours.

    A worker that cannot even load the step, since it has older code, has refused the part.
    """
    try:
        result = future.result(raise_on_failure=False)
    # What the step itself raises is returned: only Dask raises here, before the step has begun.
    except (ImportError, AttributeError) as error:
        reason = f"one cannot load the step ({type(error).__name__}: {error})"
        return PartAnswer(None, refusal=reason)
    if isinstance(result, PartAnswer):
        add_notices(result.notices)
    return result
