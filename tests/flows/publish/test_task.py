"""A release is refused with every gate it fails; what came first is followed, within bounds."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from prefect.states import Failed

from flows import refresh
from flows.publish import hub
from flows.publish.task import FailedGates, Publication, may_pass, pass_gates
from flows.publish.write_release import Written
from tests.builders import release_tables, written_release


def nothing() -> dict[str, pl.DataFrame]:
    """Give the tables of no release at all: the first run has none before it."""
    return {name: frame.clear() for name, frame in release_tables().items()}


def clean() -> dict[str, pl.DataFrame]:
    tables = release_tables()
    return tables | {"rejections": tables["rejections"].clear()}


def test_good_release_passes_without_a_warning() -> None:
    assert pass_gates(clean(), nothing(), allowed={}, strict=True).warnings == []


def test_every_failure_is_listed_at_once() -> None:
    tables = clean()
    twice = tables["links"].with_columns(paper_id=pl.lit("arxiv:9999.99999"))
    broken = tables | {"papers": tables["papers"].clear(), "links": twice}
    with pytest.raises(FailedGates) as refused:
        pass_gates(broken, nothing(), allowed={}, strict=False)
    assert "papers.rows" in str(refused.value)
    assert "links.refers" in str(refused.value)


def test_share_of_rejections_warns() -> None:
    (warning,) = pass_gates(release_tables(), nothing(), allowed={}, strict=False).warnings
    assert warning.startswith("rejections.rejected is 0.25, above 0.05")


def test_strict_allows_no_rejection() -> None:
    with pytest.raises(FailedGates, match="1 pieces of input were rejected, and --strict allows"):
        pass_gates(release_tables(), nothing(), allowed={}, strict=True)


def test_only_failures_of_the_network_are_tried_again() -> None:
    assert may_pass(None, None, Failed(data=hub.Unreachable("no answer")))
    assert not may_pass(None, None, Failed(data=hub.Unpublished("no token")))


class Hub:
    """What a run sees of a Hub where others publish before it."""

    def __init__(self, others: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        self.others: Iterator[Path] = iter(others)
        self.made_after: list[Path] = []
        self.done = hub.Published("ada/papers", "c", "t", hub.Plan((), (), (), 0))
        monkeypatch.setattr(hub, "locate", lambda place, _: Path(place))

    def made(self, before: Path) -> Publication:
        self.made_after.append(before)
        return Publication(Written(before, changed=True, rows={}), [])

    def sent(self) -> hub.Published:
        if (other := next(self.others, None)) is None:
            return self.done
        raise hub.Overtaken("another came first", str(other))

    def follow(self, before: Path) -> hub.Published | None:
        return refresh.on_top(before, hub.names(before), self.made, self.sent, before)[1]


def test_a_release_that_came_first_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, one, two = (written_release(tmp_path / f"{n}", papers=n) for n in (2, 3, 4))
    server = Hub([one, two], monkeypatch)
    assert server.follow(before) is server.done
    assert server.made_after == [before, one, two]


def test_a_release_that_lacks_ids_of_the_one_before_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = (written_release(tmp_path / f"{n}", papers=n) for n in (4, 2))
    server = Hub([other], monkeypatch)
    with pytest.raises(hub.Overtaken, match="another came first"):
        server.follow(before)
    assert server.made_after == [before]


def test_following_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = written_release(tmp_path / "other")
    server = Hub([other] * 99, monkeypatch)
    with pytest.raises(hub.Overtaken):
        server.follow(tmp_path / "none")
    assert len(server.made_after) == refresh.REBASES + 1
