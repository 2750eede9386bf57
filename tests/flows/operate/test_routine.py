"""The routine: two runs never overlap, and a release that drifts from its files is not sent."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from prefect.client.schemas.objects import ConcurrencyLimitStrategy

from flows.hashing import hash_file
from flows.operate import routine, schedule
from flows.operate.reproduce import build_from_files
from flows.raw.raw_file import RawFile
from flows.release import Busy, lock_folder
from schemas.vocabulary import Source
from tests.processes import PAGE

pytestmark = [pytest.mark.usefixtures("unread"), pytest.mark.xdist_group("routine")]


def test_a_routine_that_finds_another_at_work_is_cancelled_with_the_reason(tmp_path: Path) -> None:
    @routine.refuse_overlap
    def work() -> str:
        with lock_folder(tmp_path / "routine", wait=0):
            return "done"

    with lock_folder(tmp_path / "routine", wait=0):
        state = work()
    assert state.is_cancelled()  # type: ignore[attr-defined]  # Prefect takes a state for a result
    assert "is being written by process" in state.message  # type: ignore[attr-defined]  # likewise
    assert work() == "done"


def test_the_lock_ends_with_what_holds_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock_folder(tmp_path / "routine", wait=0):
        _ = 1 / 0
    with lock_folder(tmp_path / "routine", wait=0):
        pass
    with lock_folder(tmp_path / "routine", wait=0), pytest.raises(Busy):  # noqa: SIM117  # the outer one holds it
        with lock_folder(tmp_path / "routine", wait=0):
            pass


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a raw file and the release that was made of it."""
    folder = tmp_path_factory.mktemp("made")
    raw = folder / "raw" / "papers_page" / "2026-11-23" / "page.txt"
    raw.parent.mkdir(parents=True)
    shutil.copy(PAGE, raw)
    one = RawFile(raw, Source.PAPERS_PAGE, date(2026, 11, 23), hash_file(raw))
    build_from_files([one], folder / "none", folder, {})
    return folder


def test_a_release_is_the_same_when_it_is_made_anew(made: Path, tmp_path: Path) -> None:
    found = routine.rebuild_release.fn(made / "raw", made / "release", tmp_path / "rebuilt")
    routine.require_same_rows(found)
    assert not (tmp_path / "rebuilt").exists()


def test_a_release_that_its_files_do_not_give_is_named_by_its_tables(
    made: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "papers_page" / "2026-11-23" / "page.txt"
    raw.parent.mkdir(parents=True)
    raw.write_text(PAGE.read_text(encoding="utf-8").replace("Learning", "Forgetting"), "utf-8")
    found = routine.rebuild_release.fn(tmp_path, made / "release", tmp_path / "rebuilt")
    with pytest.raises(routine.Drifted, match=r"papers, .*differ from the release"):
        routine.require_same_rows(found)


def plan(**given: object) -> schedule.Schedule:
    places = {name: Path("data") / name for name in ("raw", "release", "interim")}
    crons = {"daily": "30 5 * * *", "weekly": "0 2 * * 6", "monthly": "0 12 1 * *"}
    return schedule.Schedule(**{**crons, **places, **given})  # type: ignore[arg-type]  # values by name


def test_every_parameter_of_a_deployment_is_one_of_its_flow() -> None:
    wanted = plan(publish_to="ada/papers", required=[Source.ARXIV], is_fetching=False)
    for deployment in schedule.make_deployments(wanted):
        known = deployment._parameter_openapi_schema.properties  # noqa: SLF001  # the form of a run
        assert set(deployment.parameters) <= set(known)
        assert deployment.concurrency_options.collision_strategy is not None
        assert (
            deployment.concurrency_options.collision_strategy == ConcurrencyLimitStrategy.CANCEL_NEW
        )


@pytest.mark.parametrize("cron", ["nonsense", "", "61 * * * *", "* * *"])
def test_what_is_no_time_is_refused(cron: str) -> None:
    with pytest.raises(schedule.BadCron, match="no time for cron"):
        schedule.require_cron(cron)
