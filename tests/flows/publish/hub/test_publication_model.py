"""Publication under every kind of schedule: the real code against a Hub in memory.

`python -m tests.bench.model_publication` runs as many schedules as one has patience for.
"""

import pytest

from tests.publication_model import (
    CRASHES,
    FAULTS,
    PUBLISHERS,
    ReleaseShelf,
    Schedule,
    draw_schedules,
    run_schedule,
)

SEED, DRAWN = 20261129, 30


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> ReleaseShelf:
    return ReleaseShelf(tmp_path_factory.mktemp("shelf"))


def test_undisturbed_publishers_are_all_published(shelf: ReleaseShelf) -> None:
    outcome = run_schedule(Schedule(), shelf)
    assert outcome.published == {*PUBLISHERS, max(PUBLISHERS) + 1}
    assert outcome.refused == []


@pytest.mark.parametrize("kind", [*FAULTS, *CRASHES])
def test_one_fault_at_any_of_some_operations_loses_nothing(kind: str, shelf: ReleaseShelf) -> None:
    operations = run_schedule(Schedule(), shelf).operations
    for number in range(3, operations, 16):
        run_schedule(Schedule(faults={number: kind}), shelf)


def test_drawn_schedules_lose_nothing(shelf: ReleaseShelf) -> None:
    operations = run_schedule(Schedule(), shelf).operations
    for schedule in draw_schedules(DRAWN, operations, SEED):
        try:
            run_schedule(schedule, shelf)
        except BaseException:
            print(f"the schedule: {schedule}")  # noqa: T201  # what one needs to see it again
            raise
