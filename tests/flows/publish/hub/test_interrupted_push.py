"""Whatever was lost on the way, the next call finishes it, and nothing is sent twice."""

from pathlib import Path
from typing import Any

import pytest

from flows.publish import hub, write_release
from flows.publish.hub import remote
from flows.release.manifest_file import hash_manifest
from tests.builders import manifest, release_tables, template
from tests.hub_publications import REPO, contents, ours, publish
from tests.hub_server import DROP, DROP_ANSWER, Fault, LocalHub


@pytest.mark.parametrize("does", [DROP, DROP_ANSWER, 500, 503])
def test_a_lost_answer_to_the_commit_never_makes_two(
    server: LocalHub, releases: list[Path], does: int | str
) -> None:
    server.faults.append(Fault("POST", "/commit/", does))
    done = publish(releases[0], server)
    repo = server.repos[REPO]
    assert len(repo.history(repo.find("main"))) == 2
    assert repo.tags == {done.tag: done.commit}


@pytest.mark.parametrize("does", [DROP, DROP_ANSWER, 500])
def test_a_lost_answer_to_the_tag_never_makes_two(
    server: LocalHub, releases: list[Path], does: int | str
) -> None:
    server.faults.append(Fault("POST", "/tag/", does))
    done = publish(releases[0], server)
    assert server.repos[REPO].tags == {done.tag: done.commit}


def test_what_failed_between_commit_and_tag_is_finished_by_the_next_call(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/tag/", 500, times=99))
    with pytest.raises(hub.Unreachable, match="HTTP 500"):
        publish(releases[0], server)
    repo = server.repos[REPO]
    made = repo.find("main").oid
    assert repo.tags == {}
    repo.commit("main", dict(repo.find("main").tree), "A comment", "", "ada")
    server.faults.clear()
    done = publish(releases[0], server)
    assert done.commit == made
    assert repo.tags == {done.tag: made}
    assert server.count("POST", "/commit/") == 1


def test_a_release_whose_tag_failed_gets_it_before_the_next_release(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/tag/", 500, times=99))
    with pytest.raises(hub.Unreachable):
        publish(releases[0], server)
    repo = server.repos[REPO]
    made = repo.find("main").oid
    server.faults.clear()
    done = publish(releases[1], server)
    assert repo.tags == {"2026.11.23": made, done.tag: done.commit}
    assert ours(server.files(REPO, "2026.11.23")) == contents(releases[0])


@pytest.mark.parametrize("path", ["README.md", "data/papers/train-00000-of-00001.parquet"])
def test_what_the_hub_gives_back_must_be_what_was_sent(
    path: str, server: LocalHub, releases: list[Path]
) -> None:
    server.damaged.add(path)
    for _ in range(2):
        with pytest.raises(hub.Unpublished, match=f"does not hold the release: {path} differ"):
            publish(releases[0], server)
    assert server.repos[REPO].tags == {}
    server.damaged.clear()
    done = publish(releases[0], server)
    assert server.repos[REPO].tags == {done.tag: done.commit}


def test_what_is_staged_is_loaded_back_by_every_call(
    server: LocalHub, releases: list[Path]
) -> None:
    server.damaged.add("README.md")
    for _ in range(2):
        with pytest.raises(hub.Unpublished, match=r"README\.md differ"):
            publish(releases[0], server, branch="next")


def test_a_damaged_release_gets_no_tag_from_the_next_one(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    server.damaged.add("README.md")
    told = manifest(previous_release=hash_manifest(releases[0]))
    made = write_release.write_tables(
        release_tables(3), template(tmp_path), told, tmp_path / "next"
    ).folder
    for folder in (releases[0], made):
        with pytest.raises(hub.Unpublished, match=r"README\.md differ"):
            publish(folder, server)
    assert server.repos[REPO].tags == {}
    assert ours(server.files(REPO)) == contents(made)


def test_a_release_with_a_tag_of_another_name_gets_no_second_one(
    server: LocalHub, releases: list[Path]
) -> None:
    named = publish(releases[0], server, tag="spring")
    done = publish(releases[1], server, tag="summer")
    assert server.repos[REPO].tags == {"spring": named.commit, "summer": done.commit}


def test_a_tag_that_somebody_moved_is_reported(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    create = remote.HfApi.create_tag

    def moved(self: Any, *given: Any, **named: Any) -> None:
        create(self, *given, **named)
        repo = server.repos[REPO]
        repo.tags[named["tag"]] = repo.find("main").parent

    monkeypatch.setattr(remote.HfApi, "create_tag", moved)
    with pytest.raises(hub.Unpublished, match="does not name commit"):
        publish(releases[0], server, tag="spring")


def test_what_another_run_sent_is_loaded_back_when_it_gets_its_tag(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/tag/", 500, times=99))
    with pytest.raises(hub.Unreachable):
        publish(releases[0], server)
    server.faults.clear()
    server.damaged.add("manifest.json")
    with pytest.raises(hub.Unpublished, match=r"manifest\.json differ"):
        publish(releases[0], server)


def test_an_interrupted_upload_goes_on_where_it_stopped(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/commit/", 403))
    with pytest.raises(hub.Unpublished):
        publish(releases[0], server)
    server.requests.clear()
    publish(releases[0], server)
    assert server.count("PUT", "/lfs/") == 0
