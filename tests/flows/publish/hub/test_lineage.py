"""What came first on the Hub is followed, never overwritten."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.publish import hub, write_release
from flows.release.manifest_file import hash_manifest
from schemas.change import Change
from tests.builders import change, frame, manifest, release_tables, template
from tests.hub_publications import EARLIER, REPO, contents, known_ids, ours, publish
from tests.hub_server import Blob, Fault, LocalHub


def test_a_stale_parent_is_answered_by_comparing_again(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/commit/", 412, times=3))
    assert publish(releases[0], server).rebased == 3


def test_rebasing_is_bounded(server: LocalHub, releases: list[Path]) -> None:
    server.faults.append(Fault("POST", "/commit/", 412, times=99))
    with pytest.raises(hub.Unpublished, match="other commits came first 10 times"):
        publish(releases[0], server)
    assert server.repos[REPO].tags == {}


def test_eight_publishers_at_once_lose_nothing(server: LocalHub, releases: list[Path]) -> None:
    """At least one wins; whoever would lose papers of the winner says so; no id ever goes."""
    server.add_repo(REPO)

    def outcome(folder: Path) -> str | None:
        try:
            return publish(folder, server, tag="2026.11.23").tag
        except hub.Unpublished as refused:
            assert f"open-papers refresh --previous {REPO}@" in str(refused)  # noqa: PT017  # of a thread
            return None

    with ThreadPoolExecutor(8) as pool:
        done = list(zip(releases, pool.map(outcome, releases), strict=True))
    tags = [tag for _, tag in done if tag]
    assert all(ours(server.files(REPO, tag)) == contents(one) for one, tag in done if tag)
    repo = server.repos[REPO]
    history = repo.history(repo.find("main"))
    assert len(history) == len(tags) + 1 >= 2
    assert set(repo.tags) == set(tags)
    sizes = [len(known_ids(commit.tree)) for commit in history[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    assert known_ids(history[0].tree).issuperset(*(known_ids(one.tree) for one in history[:-1]))


def test_a_release_that_came_first_with_other_papers_is_not_overwritten(
    server: LocalHub, releases: list[Path], first_comes: Callable[[Path], None]
) -> None:
    publish(releases[0], server)
    first_comes(releases[1])
    with pytest.raises(hub.Unpublished, match=r"another release came first.*--previous"):
        publish(releases[2], server)
    assert ours(server.files(REPO)) == contents(releases[1])


def test_a_commit_that_came_first_and_changed_no_table_is_built_upon(
    server: LocalHub, releases: list[Path], first_comes: Callable[[Path], None], tmp_path: Path
) -> None:
    publish(releases[0], server)
    edited = shutil.copytree(releases[0], tmp_path / "edited")
    (edited / "README.md").write_text("---\nlanguage: [en]\n---\nA better word.\n")
    first_comes(edited)
    assert publish(releases[1], server).rebased == 1


def test_the_release_that_ours_was_made_from_may_come_first(
    server: LocalHub, releases: list[Path], first_comes: Callable[[Path], None], tmp_path: Path
) -> None:
    publish(releases[0], server)
    tables = {name: release_tables(9)[name] for name in ("papers", "links")}
    told = manifest(previous_release=hash_manifest(releases[1]))
    made = write_release.write_tables(tables, template(tmp_path), told, tmp_path / "next").folder
    first_comes(releases[1])
    assert publish(made, server).rebased == 1


def test_a_release_that_does_not_know_papers_of_the_hub_is_refused(
    server: LocalHub, releases: list[Path]
) -> None:
    publish(releases[3], server)
    for _ in range(2):
        with pytest.raises(hub.Unpublished, match=r"has 3 papers or aliases.*arxiv:2603\.00003"):
            publish(releases[0], server)
    assert ours(server.files(REPO)) == contents(releases[3])


def test_a_paper_that_the_changes_explain_may_go(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    publish(releases[1], server)
    gone = change(3, change="removed", reason="its author asked")
    tables = {name: release_tables(2)[name] for name in ("papers", "links")}
    tables["changes"] = frame(Change, [gone])
    told = manifest(previous_release=EARLIER)
    made = write_release.write_tables(tables, template(tmp_path), told, tmp_path / "less").folder
    assert publish(made, server).tag


def test_a_first_release_never_takes_the_place_of_another_even_if_it_knows_its_ids(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    publish(releases[1], server)
    tables = {name: release_tables(9)[name] for name in ("papers", "links")}
    first = write_release.write_tables(
        tables, template(tmp_path), manifest(), tmp_path / "first"
    ).folder
    with pytest.raises(hub.Overtaken, match=r"there is a release already.*--previous"):
        publish(first, server)
    assert ours(server.files(REPO)) == contents(releases[1])


def test_a_first_release_whose_card_somebody_edited_is_put_back(
    server: LocalHub, releases: list[Path]
) -> None:
    publish(releases[0], server)
    repo = server.repos[REPO]
    tree = dict(repo.find("main").tree)
    repo.commit("main", {**tree, "README.md": Blob(b"edited", is_lfs=False)}, "A word", "", "grace")
    publish(releases[0], server)
    assert ours(server.files(REPO)) == contents(releases[0])
