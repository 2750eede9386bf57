"""Map a step over parts: on the cluster that the flow runs on, else on threads of this process."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

from prefect import Task, unmapped
from prefect.runtime import flow_run

from flows.parts import map_in_order
from flows.runs.cluster import is_on_cluster
from flows.runs.prefect_artifacts import follow_steps, show_progress
from flows.runs.progress import show_count
from flows.runs.surroundings import hash_loaded_code, require_code

Result = TypeVar("Result")


def guard_step(step: "Task[..., Result]") -> "Task[..., Result]":
    """Return a step that workers of a cluster refuse to do where their code is another."""
    if not is_on_cluster():
        return step
    guarded = step.with_options()
    guarded.fn = require_code(step.fn, hash_loaded_code())
    return guarded


def map_parts(
    step: "Task[..., Result]", parts: Sequence[Any], description: str, **fixed: object
) -> list[Result]:
    """Call a step on each part, with ``fixed`` for all, and return the results in their order.

    Parts and ``fixed`` are paths and small values. On a terminal and on Prefect's pages one line
    shows how many are done, and how many records a second: results have a number ``records``.
    """
    key = description.lower().replace(" ", "-")
    if is_on_cluster():
        shared: dict[str, Any] = {name: unmapped(value) for name, value in fixed.items()}
        return follow_steps(guard_step(step).map(list(parts), **shared), description, key)
    results, started, records = [], time.monotonic(), 0
    # A progress of one part would only flicker, and outside of a run there is no page.
    show = show_progress(description, key) if len(parts) > 1 and flow_run.id else None
    for result in map_in_order(partial(step.fn, **fixed), parts):
        results.append(result)
        records += getattr(result, "records", 0)
        show_count(len(results), len(parts), description, records, since=started)
        if show:
            show(len(results), len(parts))
    return results
