"""Steps: how the parts of matching are worked on; what runs them elsewhere is handed in."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from flows.parts import map_in_order

Result = TypeVar("Result")


class MapSteps(Protocol):
    """Calls a function of a module on parts, and returns the results in their order.

    Parts, results and what is ``fixed`` for all are paths and small values: they may go to another
    machine.
    """

    def __call__(
        self,
        step: Callable[..., Result],
        parts: Sequence[Any],
        description: str,
        **fixed: object,
    ) -> list[Result]:
        """Call the step on each part."""
        ...


def map_on_threads(
    step: Callable[..., Result], parts: Sequence[Any], description: str, **fixed: object
) -> list[Result]:
    """Call the step on threads of this process; ``description`` says what the parts are."""
    del description  # nobody is watching
    return list(map_in_order(partial(step, **fixed), parts))
