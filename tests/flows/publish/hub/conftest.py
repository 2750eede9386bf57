"""A local copy of the Hub, and releases to send there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.publish import hub
from flows.publish.hub import commit, remote
from tests.builders import not_loaded_back
from tests.hub_publications import TOKEN, winner, written
from tests.hub_server import LocalHub


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(remote, "PAUSE", 0.01)
    with LocalHub() as started:
        started.add_user("ada", TOKEN, orgs=("lab",))
        yield started


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give releases of 0, 1, 2 ... papers more than the first, which has two.

    They are not loaded back here: `test_datasets_loads_every_config_at_every_tag` does.
    """
    folder = tmp_path_factory.mktemp("releases")
    with not_loaded_back():
        return [written(folder, n) for n in range(8)]


@pytest.fixture
def first_comes(server: LocalHub, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let a release be committed by somebody else just before ours."""

    def arrange(content: Path) -> None:
        waiting = [winner(server, content)]
        send = commit.create_commit

        def late(*given: Any, **named: Any) -> hub.PushReport:
            if waiting:
                waiting.pop()()
            return send(*given, **named)

        monkeypatch.setattr(commit, "create_commit", late)

    return arrange
