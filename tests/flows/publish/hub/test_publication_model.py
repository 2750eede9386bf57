"""Publication under every kind of schedule: the real code against a Hub in memory.

`python -m tests.bench.model_publication` visits all of three publishers, one fault and one crash.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from flows.publish.hub import commit
from tests.publication_model import (
    PUBLISHED,
    PUBLISHERS,
    Schedule,
    Shelf,
    draw_schedules,
    modelled_hub,
    run_schedule,
)
from tests.publication_states import StateSpace

SEED, DRAWN = 20261129, 30


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    with modelled_hub(shelf):
        yield shelf


def test_undisturbed_publishers_are_all_published(shelf: Shelf) -> None:
    outcome = run_schedule(Schedule(), shelf)
    assert outcome.ends == dict.fromkeys(PUBLISHERS, PUBLISHED)
    assert shelf.list_papers(outcome.state.main) == {*PUBLISHERS}


def test_every_schedule_of_two_publishers_and_a_crash_loses_nothing(shelf: Shelf) -> None:
    space = StateSpace(shelf, publishers=PUBLISHERS[:2])
    assert space.visit(faults=False, crashes=True) > 10**9
    assert space.check_merged(20, SEED) == 20


def test_drawn_schedules_of_three_lose_nothing(shelf: Shelf) -> None:
    operations = run_schedule(Schedule(), shelf).operations
    for schedule in draw_schedules(DRAWN, operations, SEED):
        try:
            run_schedule(schedule, shelf)
        except BaseException:
            print(f"the schedule: {schedule}")  # noqa: T201  # what one needs to see it again
            raise


def test_a_release_that_does_not_look_before_it_writes_is_caught(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow_nothing(*_: Any, **__: Any) -> None:
        """Let every release take the place of any other."""

    monkeypatch.setattr(commit, "require_successor", follow_nothing)
    with pytest.raises(AssertionError, match=r"papers \[\d\] are lost"):
        StateSpace(shelf, publishers=PUBLISHERS[:2]).visit(faults=False, crashes=False)


def test_a_run_that_ends_before_its_tag_is_caught(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(*_: Any) -> str:
        return ""

    monkeypatch.setattr(commit.Remote, "ensure_tag", forget)
    with pytest.raises(AssertionError, match="the head has no tag"):
        run_schedule(Schedule(), shelf)
