"""Prefect's pages show what became of a run, however its process ended."""

import pytest
from prefect import flow, task
from prefect.context import TagsContext
from prefect.states import Running

from flows.runs import prefect_artifacts
from tests.prefect_server import asking

pytestmark = pytest.mark.xdist_group("prefect")


@flow
def work() -> None:
    """Do nothing: only its runs are looked at."""


@task
def take_step() -> None:
    """Do nothing."""


@pytest.mark.parametrize(("by_hand", "state"), [(True, "Cancelled"), (False, "Crashed")])
def test_a_run_whose_process_was_stopped_has_ended_with_its_tasks(
    api: str, monkeypatch: pytest.MonkeyPatch, *, by_hand: bool, state: str
) -> None:
    with asking(api) as client:
        run = client.create_flow_run(work, state=Running())
        step = client.create_task_run(take_step, run.id, dynamic_key="0", state=Running())
        monkeypatch.setattr(prefect_artifacts, "UNDER_WAY", [run.id])
        prefect_artifacts.end_flow_runs("Stopped by a test.", by_hand=by_hand)
        ended = client.read_flow_run(run.id).state
        assert ended is not None
        assert (ended.name, ended.message) == (state, "Stopped by a test.")
        assert [row.state_name for row in client.read_task_runs() if row.id == step.id] == [state]


def test_a_run_that_ended_by_itself_is_not_ended_again(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_artifacts, "UNDER_WAY", [])
    with asking(api) as client:
        run = client.create_flow_run(work, state=Running())
    # Not `setattr`: what Prefect computes when it is asked would be set for good afterwards.
    monkeypatch.setitem(vars(prefect_artifacts.flow_run), "id", str(run.id))
    with prefect_artifacts.note_flow_run():
        assert [run.id] == prefect_artifacts.UNDER_WAY
    with pytest.raises(ValueError, match="a fault"), prefect_artifacts.note_flow_run():
        raise ValueError("a fault")
    assert prefect_artifacts.UNDER_WAY == []


def test_tasks_do_not_have_the_tags_of_their_run() -> None:
    with prefect_artifacts.tag_manual_runs() as tags:
        assert prefect_artifacts.TAG in tags
        with prefect_artifacts.leave_tasks_untagged():
            assert TagsContext.get().current_tags == set()
        assert TagsContext.get().current_tags == tags


def test_a_step_that_takes_no_time_shows_on_prefects_pages_only_that_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, shown = [0.0], list[float]()
    monkeypatch.setattr(prefect_artifacts.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(
        prefect_artifacts,
        "create_progress_artifact",
        lambda reached, **_: shown.append(reached) or "its id",
    )
    monkeypatch.setattr(
        prefect_artifacts, "update_progress_artifact", lambda _, reached: shown.append(reached)
    )
    for seconds, expected in ((0.01, [100.0]), (0.5, [20.0, 40.0, 60.0, 80.0, 100.0])):
        clock[0] = 0.0
        shown.clear()
        show = prefect_artifacts.show_progress("Parts", "parts")
        for done in range(1, 21):
            clock[0] += seconds
            show(done, 20)
        assert shown == expected
