"""A release that came first on the Hub is followed, within bounds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.publish import hub
from flows.publish.hub import rebase
from tests.builders import written_release


class ContestedHub:
    """What a run sees of a Hub where others publish before it."""

    def __init__(self, others: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        self.others: Iterator[Path] = iter(others)
        self.made_after: list[Path] = []
        self.done = hub.PushReport("ada/papers", "c", "t", hub.CommitPlan((), (), (), 0))
        monkeypatch.setattr(rebase, "locate_release", lambda place, _: Path(place))

    def write(self, before: Path) -> Path:
        self.made_after.append(before)
        return before

    def push(self) -> hub.PushReport:
        if (other := next(self.others, None)) is None:
            return self.done
        raise hub.Overtaken("another came first", str(other))

    def follow(self, before: Path) -> hub.PushReport:
        known_ids = hub.read_paper_ids(before)
        return hub.push_on_newest(self.write, self.push, before, known_ids, before)[1]


def test_a_release_that_came_first_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, one, two = (written_release(tmp_path / f"{n}", papers=n) for n in (2, 3, 4))
    server = ContestedHub([one, two], monkeypatch)
    assert server.follow(before) is server.done
    assert server.made_after == [before, one, two]


def test_a_release_that_lacks_ids_of_the_one_before_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = (written_release(tmp_path / f"{n}", papers=n) for n in (4, 2))
    server = ContestedHub([other], monkeypatch)
    with pytest.raises(hub.Overtaken, match="another came first"):
        server.follow(before)
    assert server.made_after == [before]


def test_a_release_is_rebased_a_bounded_number_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = written_release(tmp_path / "other")
    server = ContestedHub([other] * 99, monkeypatch)
    with pytest.raises(hub.Overtaken):
        server.follow(tmp_path / "none")
    assert len(server.made_after) == rebase.REBASES + 1
