"""Recording: what a flow's run leaves behind, on Prefect's pages and in its record."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.futures import PrefectFutureList, as_completed
from prefect.runtime import flow_run

from flows import runs

STEP = 5.0
"""Per cent between two updates of a progress artifact: each is a request to the server."""

ALL = 100.0

Result = TypeVar("Result")


def record_flow(release: Path) -> AbstractContextManager[runs.Run]:
    """Record the run of the flow that calls, beside the release that it makes or looks at."""
    name, parameters = flow_run.flow_name, flow_run.parameters
    return runs.record_run(name, parameters, runs.name_runs_folder(release), run_id=flow_run.id)


def show_progress(description: str, key: str) -> Callable[[int, int], None]:
    """Give what shows, as an artifact of the run, how many of how many pieces are done."""
    artifact: Any = None
    shown = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal artifact, shown
        reached = ALL * done / max(total, 1)
        if artifact is None:
            artifact = create_progress_artifact(reached, key=key, description=description)
        elif reached >= min(shown + STEP, ALL):
            update_progress_artifact(artifact, reached)
        else:
            return
        shown = reached

    return tell


def follow_steps(steps: "PrefectFutureList[Result]", description: str, key: str) -> list[Result]:
    """Wait for steps that map over parts, and show how far they are. Raises what they raise."""
    if len(steps) == 1:
        return steps.result()
    tell = show_progress(description, key)
    for done, _ in enumerate(as_completed(list[Any](steps)), start=1):
        tell(done, len(steps))
    return steps.result()
