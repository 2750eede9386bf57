"""What a flow's run leaves on Prefect's pages, and in its record."""

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import tags
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.context import TagsContext
from prefect.events import emit_event
from prefect.futures import PrefectFutureList, as_completed
from prefect.runtime import flow_run
from prefect.states import Cancelled, Crashed
from pydantic.fields import FieldInfo

from flows import runs
from flows.errors import UserError
from flows.redact import blank_unprintable
from flows.runs.answers import read_answer
from flows.runs.cluster import gather_notices
from flows.runs.progress import show_count, show_notices

STEP = 5.0
"""Per cent between two updates of a progress artifact: each is a request to the server."""

PAUSE = 2.0
"""Seconds until a step shows how far it is, and between two updates: of a day's news a step takes
less, and each request costs as much as the work on a small part."""

ALL = 100.0

NAMED_INPUTS = 2
"""Inputs that the name of a run shows: two names fit on a line."""

TAG = "open-papers"
"""On every run of ours, so that notifications can be about these alone."""

BY_HAND = "command-line"
"""On the runs that somebody started with a command."""

UNDER_WAY: list[UUID] = []
"""Runs of Prefect that this process is at work on, for the thread that hears signals."""

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


@contextmanager
def record_flow(release: Path) -> Iterator[runs.Run]:
    """Record the run of the flow that calls, beside the release that it makes or looks at.

    What is refused is left as an artifact, too: the reason is then on the page of the run.
    """
    name, parameters = flow_run.flow_name, flow_run.parameters
    folder = runs.name_runs_folder(release)
    try:
        recorded = runs.record_run(name, parameters, folder, run_id=flow_run.id)
        with note_flow_run(), recorded as run, report_notices():
            yield run
    except UserError as error:
        # Without a run of Prefect, as in tests of the pure function, there is no page.
        if flow_run.id:
            create_markdown_artifact(
                fence_text(str(error)), key="refused", description="Why the run was refused"
            )
        raise
    finally:
        # That its record cannot be written at its end is met after all else.
        show_notices()


@contextmanager
def report_notices() -> Iterator[None]:
    """Show at the end of the block what was met in it, by workers of a cluster as well."""
    try:
        yield
        gather_notices()
    # Only what is no Exception ends a run at once: then no worker is waited for.
    except Exception:
        gather_notices()
        raise
    finally:
        show_notices()


@contextmanager
def note_flow_run() -> Iterator[None]:
    """Note that this process is at work on the run of the flow that calls, if Prefect has one."""
    run_ids = [UUID(flow_run.id)] if flow_run.id else []
    UNDER_WAY.extend(run_ids)
    # No `finally`: on SIGTERM Prefect raises, here as well, what is no `Exception`, and the process
    # ends before Prefect has said so to its server. Such a run stays in the list.
    try:
        yield
    except Exception:
        _forget(run_ids)
        raise
    _forget(run_ids)


def _forget(run_ids: list[UUID]) -> None:
    for run_id in run_ids:
        UNDER_WAY.remove(run_id)


def end_flow_runs(message: str, others: Iterable[str] = (), *, by_hand: bool) -> None:
    """Tell Prefect that the runs of this process, and their tasks, have ended before their time.

    Its server would show them as running for ever. They are cancelled where somebody stopped them,
    else crashed, of which automations tell. ``others``: ids of runs in processes started from here.
    Raises what Prefect's client raises.
    """
    make_state = Cancelled if by_hand else Crashed
    run_ids = [*UNDER_WAY, *map(UUID, others)]
    if not run_ids:
        return
    with get_client(sync_client=True) as client:
        inner = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=run_ids),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])),
            )
        )
        # The inner runs first: an outer one that has ended would seem to have left them.
        for run_id in dict.fromkeys([*(run.id for run in inner), *reversed(run_ids)]):
            tasks = client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])),
                task_run_filter=TaskRunFilter(
                    state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.RUNNING]))
                ),
            )
            for task in tasks:
                client.set_task_run_state(task.id, make_state(message=message), force=True)
            client.set_flow_run_state(run_id, make_state(message=message))


def fence_text(text: str) -> str:
    r"""Put a text into a block of code, where no Markdown renderer acts on it.

    >>> fence_text("a *b*\n```\n<script>")
    "~~~text\na *b*\n'''\n<script>\n~~~"
    """
    # Nothing in the text can end the block: neither of the two kinds of fences is left in it.
    lines = blank_unprintable(text, keep="\n").replace("`", "'").replace("~~~", "---")
    return f"~~~text\n{lines}\n~~~"


def tag_manual_runs() -> AbstractContextManager[set[str]]:
    """Tag the runs of the block as started by hand."""
    return tags(TAG, BY_HAND)


@contextmanager
def leave_tasks_untagged() -> Iterator[None]:
    """Give the tasks of the block none of the tags of their run.

    Before each task Prefect asks its server whether a tag limits how many run at once, notes that
    in a file, and waits two seconds where the server is just writing something else.
    """
    with TagsContext(current_tags=set()):
        yield


def describe_parameters(work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Add the descriptions of a flow's parameters to its docstring.

    Prefect's run form takes them from there, and overlooks those of the annotations.
    """
    lines = []
    for name, parameter in inspect.signature(work, eval_str=True).parameters.items():
        notes = getattr(parameter.annotation, "__metadata__", ())
        texts = [note.description for note in notes if isinstance(note, FieldInfo)]
        lines += [f"    {name}: {text}" for text in texts if text]
    work.__doc__ = "\n".join([inspect.getdoc(work) or "", "", "Args:", *lines])
    return work


def name_flow_run() -> str:
    """Name a run by its flow and its day, as in ``daily 2026-11-29``."""
    return f"{flow_run.flow_name} {flow_run.scheduled_start_time:%Y-%m-%d}"


def name_run_of_inputs(inputs: Sequence[Path]) -> str:
    """Name a run by what it reads as well, as in ``refresh 2026-11-29 · samples``."""
    names = ", ".join(path.name for path in inputs[:NAMED_INPUTS])
    more = ", ..." if len(inputs) > NAMED_INPUTS else ""
    return f"{name_flow_run()} · {names}{more}"


def emit_release(counts: Mapping[str, int], folder: Path, dataset: str | None) -> None:
    """Tell Prefect that the release was made, and the dataset if it was published, with its rows.

    ``counts``: rows by table. Prefect shows both as assets, each with the runs that made it.
    """
    keys = [folder.absolute().as_uri()]
    keys += [f"hf://datasets/{dataset}"] if dataset else []
    for key in keys:
        # Prefect's decorator for assets wants their names before a run knows them.
        emit_event(
            event="prefect.asset.materialization.succeeded",
            resource={"prefect.resource.id": key, "prefect.resource.name": key.split("/")[-1]},
            related=[
                {
                    "prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
                    "prefect.resource.role": "flow-run",
                }
            ],
            payload={"metadata": {f"rows of {table}": rows for table, rows in counts.items()}},
        )


def show_progress(description: str, key: str) -> Callable[[int, int], None]:
    """Return what shows, as an artifact of the run, how many of how many pieces are done.

    A step that is done within `PAUSE` shows only that it is.
    """
    artifact: Any = None
    shown, moment = 0.0, time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal artifact, shown, moment
        reached, now = ALL * done / max(total, 1), time.monotonic()
        if now - moment < PAUSE and reached < ALL:
            return
        if artifact is None:
            artifact = create_progress_artifact(reached, key=key, description=description)
        # Ten thousand links must not become ten thousand requests to the server.
        elif reached >= min(shown + STEP, ALL):
            update_progress_artifact(artifact, reached)
        else:
            return
        shown, moment = reached, now

    return show


def follow_steps(steps: "PrefectFutureList[Result]", description: str, key: str) -> list[Result]:
    """Wait for steps that map over parts, and show how far they are. Raises what they raise."""
    # One step shows itself; a progress of one piece would only flicker.
    show = show_progress(description, key) if len(steps) > 1 else None
    results, rows = {}, 0
    for done, future in enumerate(as_completed(list[Any](steps)), start=1):
        # Now, and not when the last one is done: what a worker met counts if the run is stopped.
        result = results[future] = read_answer(future)
        rows += getattr(result, "records", 0)
        if show:
            show(done, len(steps))
            show_count(done, len(steps), description, rows)
    return [
        step.result() if isinstance(results[step], BaseException) else results[step]
        for step in steps
    ]
