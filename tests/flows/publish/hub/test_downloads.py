"""A Hub that holds nothing is told from one that cannot be asked."""

from pathlib import Path

import pytest

from flows.publish import hub
from flows.release import layout
from flows.release.manifest_file import hash_manifest
from tests.hub_publications import REPO, publish
from tests.hub_server import Fault, LocalHub
from tests.processes import open_papers


def test_a_hub_that_holds_nothing_has_no_newest_release(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    assert hub.download_newest(REPO, "main", tmp_path, endpoint=server.url) is None
    server.add_repo(REPO)
    assert hub.download_newest(REPO, "main", tmp_path, endpoint=server.url) is None
    publish(releases[0], server)
    for branch in ("main", "none-yet"):
        found = hub.download_newest(REPO, branch, tmp_path, endpoint=server.url)
        assert found is not None
        assert hash_manifest(found) == hash_manifest(releases[0])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_fails_is_not_taken_for_an_empty_one(
    status: int, server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    publish(releases[0], server)
    server.faults.append(Fault("GET", "", status, times=99))
    with pytest.raises(hub.Unreachable):
        hub.download_newest(REPO, "main", tmp_path, endpoint=server.url)


def test_an_unreachable_hub_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(hub.Unreachable):
        hub.download_newest(REPO, "main", tmp_path, endpoint="http://127.0.0.1:9")


def test_a_bad_token_is_not_taken_for_an_empty_hub(
    server: LocalHub, releases: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(releases[0], server)
    monkeypatch.setenv("HF_TOKEN", "hf_stolen")
    with pytest.raises(hub.Unpublished, match="token is not valid"):
        hub.download_newest(REPO, "main", tmp_path, endpoint=server.url)


@pytest.mark.parametrize("path", ["manifest.json", "README.md"])
def test_a_damaged_release_is_not_taken_for_none(
    path: str, server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    publish(releases[0], server)
    server.damaged.add(path)
    with pytest.raises(layout.NotARelease, match=path):
        hub.download_newest(REPO, "main", tmp_path, endpoint=server.url)


def test_a_command_that_is_no_run_names_a_download_that_was_damaged(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    publish(releases[0], server)
    tag = next(iter(server.repos[REPO].tags))
    command = ("verify", f"{REPO}@{tag}", "--interim", tmp_path)
    folder = hub.download_release(REPO, tag, tmp_path / "hub", endpoint=server.url)
    (folder / "README.md").resolve().write_text("damaged")
    # A process of its own: only there does nothing but the command set up the log.
    done = open_papers(*command, HF_ENDPOINT=server.url)
    assert done.returncode == 0, done.stderr
    expected = f"downloads: 1 file damaged, fetched again ({REPO}@{tag}: README.md)"
    assert [line for line in done.stderr.splitlines() if "downloads" in line] == [expected]
