"""Map a step over parts: on the cluster that the flow runs on, else on threads of this process."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

from prefect import Task, unmapped
from prefect.runtime import flow_run

from flows.parts import map_in_order
from flows.runs.answers import PartAnswer, answer_part
from flows.runs.cluster import is_on_cluster
from flows.runs.notices import note
from flows.runs.prefect_artifacts import follow_steps, show_progress
from flows.runs.progress import announce, show_count
from flows.runs.surroundings import own_versions

Result = TypeVar("Result")


def guard_step(step: "Task[..., Result]") -> "Task[..., Any]":
    """Return a step whose workers give a `PartAnswer` where it runs on a cluster; else the step."""
    if not is_on_cluster():
        return step
    guarded: Task[..., Any] = step.with_options()
    guarded.fn = answer_part(step.fn, own_versions())
    return guarded


def submit_parts(
    step: "Task[..., Result]", parts: Sequence[Any], description: str, key: str, **fixed: object
) -> list[Result]:
    """Call a step on each part, as tasks of the flow's runner; return the results in their order.

    What workers of a cluster refuse is done by this process. Raises what a step raises.
    """
    shared: dict[str, Any] = {name: unmapped(value) for name, value in fixed.items()}
    answers = follow_steps(guard_step(step).map(list(parts), **shared), description, key)
    refused = [place for place, answer in enumerate(answers) if is_refused(answer)]
    for place in refused:
        note_refusal(f"{description}, {place + 1}", answers[place].refusal)
    # By no worker again: nothing says that another one would get them.
    results = map_in_order(partial(step.fn, **fixed), [parts[place] for place in refused])
    replaced = dict(zip(refused, results, strict=True))
    return [
        replaced.get(place, answer.result if isinstance(answer, PartAnswer) else answer)
        for place, answer in enumerate(answers)
    ]


def note_refusal(part: str, refusal: str) -> None:
    """Say at once, the first time, why a worker refuses parts, and note each for the end."""
    note("cluster", "part", "refused by a worker, done by this process", f"{part}: {refusal}")
    # Now: the run takes longer until somebody sees to it.
    if refusal not in _SHOWN:
        _SHOWN.add(refusal)
        announce(
            f"A worker refuses its parts, and this process does them: {refusal}. It joined late, "
            "or its files changed: start it again."
        )


_SHOWN: set[str] = set()
"""Refusals that were shown."""


def is_refused(answer: object) -> bool:
    """Return whether a worker refused its part."""
    return isinstance(answer, PartAnswer) and answer.refusal is not None


def map_parts(
    step: "Task[..., Result]", parts: Sequence[Any], description: str, **fixed: object
) -> list[Result]:
    """Call a step on each part, with ``fixed`` for all, and return the results in their order.

    Parts and ``fixed`` are paths and small values. On a terminal and on Prefect's pages one line
    shows how many are done, and how many records a second: results have a number ``records``.
    """
    key = description.lower().replace(" ", "-")
    if is_on_cluster():
        return submit_parts(step, parts, description, key, **fixed)
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
