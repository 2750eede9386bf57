import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from huggingface_hub import constants

from flows.paths import PROJECT
from flows.publish import hub, write_release
from flows.publish.hub import commit, remote
from flows.release import layout
from flows.release.manifest_file import hash_manifest
from schemas.release import Change
from tests.builders import change, frame, manifest, not_loaded_back, release_tables, template
from tests.hub_server import DROP, DROP_ANSWER, Blob, Fault, LocalHub
from tests.processes import open_papers

REPO = "ada/open-papers"
TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
EARLIER = "e" * 64
"""The digest of a release that is on no Hub any more."""
DATED = re.compile(r"\d{4}\.\d{2}\.\d{2}(\.\d+)?")


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


def written(folder: Path, more: int) -> Path:
    given = release_tables(2 + more)
    tables = {name: given[name] for name in ("papers", "links")}
    told = manifest(previous_release=EARLIER if more else None)
    return write_release.write_tables(tables, template(folder), told, folder / f"{more}").folder


def publish(folder: Path, server: LocalHub, repo: str = REPO, **given: object) -> hub.PushReport:
    return hub.push(folder, repo, endpoint=server.url, **given)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def ours(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != ".gitattributes"}


def test_a_release_is_one_commit_and_one_tag(server: LocalHub, releases: list[Path]) -> None:
    done = publish(releases[0], server)
    repo = server.repos[REPO]
    assert [c.title for c in repo.history(repo.commits[done.commit])] == [
        "Release Open Papers",
        "initial commit",
    ]
    assert repo.tags == {done.tag: done.commit}
    assert DATED.fullmatch(done.tag)
    assert ours(server.files(REPO, done.tag)) == contents(releases[0])


def test_the_commit_states_its_parent(server: LocalHub, releases: list[Path]) -> None:
    publish(releases[0], server)
    server.faults.append(Fault("POST", "/commit/", 412, times=1))
    assert publish(releases[1], server).rebased == 1


def test_a_second_release_of_a_day_gets_a_number(server: LocalHub, releases: list[Path]) -> None:
    tags = [publish(folder, server, tag="2026.11.23").tag for folder in releases[:3]]
    assert tags == ["2026.11.23", "2026.11.23.1", "2026.11.23.2"]


def test_the_tag_is_today_unless_one_is_given(server: LocalHub, releases: list[Path]) -> None:
    before, tag = datetime.now(UTC), publish(releases[0], server).tag
    assert tag in {f"{day:%Y.%m.%d}" for day in (before, datetime.now(UTC))}


def test_publishing_the_same_release_again_changes_nothing(
    server: LocalHub, releases: list[Path]
) -> None:
    first = publish(releases[0], server)
    server.requests.clear()
    again = publish(releases[0], server)
    assert (again.commit, again.tag) == (first.commit, first.tag)
    assert again.plan.added == ()
    assert server.count("POST", "/commit/") == server.count("POST", "/tag/") == 0


def test_only_files_that_differ_are_sent(server: LocalHub, releases: list[Path]) -> None:
    publish(releases[0], server)
    changed = publish(releases[1], server)
    assert set(changed.plan.added) == {
        "README.md",
        "manifest.json",
        "assets/links_per_kind.svg",
        "assets/papers_per_month.svg",
        "data/links/train-00000-of-00001.parquet",
        "data/papers/train-00000-of-00001.parquet",
    }


def test_stale_shards_are_deleted_in_the_same_commit_and_other_files_stay(
    server: LocalHub, tmp_path: Path
) -> None:
    tables = {name: release_tables(40)[name] for name in ("papers", "links", "topics")}
    whole = written(tmp_path, 38)
    sharded = tmp_path / "sharded"
    write_release.write_tables(tables, template(tmp_path), manifest(), sharded, shard_bytes=6_000)
    publish(sharded, server)
    repo = server.repos[REPO]
    with server.lock:
        tree = dict(repo.find("main").tree)
        tree["notes/by-hand.parquet"] = tree["README.md"]
        repo.commit("main", tree, "A note", "", "ada")
    done = publish(whole, server)
    assert any(name.startswith("data/papers/train-00001-of-") for name in done.plan.deleted)
    assert "data/topics/train-00000-of-00001.parquet" in done.plan.deleted
    files = ours(server.files(REPO))
    assert files.pop("notes/by-hand.parquet")
    assert files == contents(whole)
    assert repo.commits[done.commit].parent == repo.history(repo.find("main"))[1].oid


def test_a_first_publication_deletes_nothing_of_other_people(
    server: LocalHub, releases: list[Path]
) -> None:
    server.add_repo(REPO)
    notes = {
        "data/survey/train-00000-of-00001.parquet": Blob(b"PAR1 of a survey", is_lfs=False),
        "assets/links_per_kind.svg": Blob(b"<svg/>", is_lfs=False),
        "data/papers/notes.txt": Blob(b"a note", is_lfs=False),
    }
    server.repos[REPO].commit("main", notes, "Mine", "", "ada")
    done = publish(releases[0], server)
    assert done.plan.deleted == ()
    assert set(notes) <= set(server.files(REPO))


def test_files_that_would_be_loaded_as_if_they_were_ours_stop_the_publication(
    server: LocalHub, releases: list[Path]
) -> None:
    server.add_repo(REPO)
    name = "data/papers/train-00000-of-00009.parquet"
    server.repos[REPO].commit("main", {name: Blob(b"PAR1", is_lfs=False)}, "Mine", "", "ada")
    with pytest.raises(hub.Unpublished, match=f"{name} would be loaded as a part"):
        publish(releases[0], server)
    assert set(server.files(REPO)) - {".gitattributes"} == {name}


def test_a_release_gets_the_tag_that_its_card_names(server: LocalHub, tmp_path: Path) -> None:
    tables = {name: release_tables(3)[name] for name in ("papers", "links")}
    described = manifest(tag="2026.03.01")
    with not_loaded_back():
        folder = write_release.write_tables(
            tables, PROJECT / "dataset_card.md", described, tmp_path / "release"
        ).folder
    assert 'revision="2026.03.01"' in (folder / "README.md").read_text()
    assert publish(folder, server).tag == "2026.03.01"
    assert publish(folder, server).tag == "2026.03.01"


def test_a_tag_that_the_hub_says_is_taken_for_ever_is_given_up(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/tag/", 409, times=999))
    with pytest.raises(hub.Unpublished, match="409"):
        publish(releases[0], server)
    assert server.count("POST", "/tag/") == remote.TAKEN_TAGS + 1


def test_a_release_whose_files_are_not_those_of_its_manifest_is_not_sent(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(releases[0], tmp_path / "edited"))
    (folder / "README.md").write_text("# Another card")
    with pytest.raises(layout.NotARelease, match=r"such as README\.md"):
        publish(folder, server)
    assert server.requests == []


def test_a_damaged_file_of_the_cache_is_fetched_again(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    done = publish(releases[0], server)
    there = hub.download_release(REPO, done.tag or "", tmp_path, endpoint=server.url)
    name = "data/papers/train-00000-of-00001.parquet"
    content = (there / name).read_bytes()
    (there / name).resolve().write_bytes(content[::-1])
    again = hub.download_release(REPO, done.tag or "", tmp_path, endpoint=server.url)
    assert (again / name).read_bytes() == content


def test_a_dry_run_refuses_what_the_publication_would_refuse(
    server: LocalHub, releases: list[Path]
) -> None:
    publish(releases[3], server)
    for is_dry in (True, False):
        with pytest.raises(hub.Overtaken, match="does not know"):
            publish(releases[1], server, dry_run=is_dry)


def test_a_refused_release_leaves_no_branch(server: LocalHub, releases: list[Path]) -> None:
    publish(releases[3], server)
    with pytest.raises(hub.Overtaken):
        publish(releases[1], server, branch="staging")
    assert set(server.repos[REPO].branches) == {"main"}


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(releases[0], server)
    monkeypatch.delenv("HF_TOKEN")
    server.requests.clear()
    plan = publish(releases[1], server, dry_run=True)
    assert len(plan.plan.added) == 6
    assert "would be sent" in plan.sentence()
    assert {request.method for request in server.requests} <= {"GET", "HEAD"}


def test_a_dry_run_of_a_repository_that_does_not_exist_adds_everything(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    plan = publish(releases[0], server, dry_run=True)
    assert set(plan.plan.added) == set(contents(releases[0]))
    assert server.repos == {}


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


def test_a_tag_that_somebody_moved_is_told(
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


def test_the_main_branch_is_no_stage(server: LocalHub, releases: list[Path]) -> None:
    done = publish(releases[0], server, branch="main")
    assert server.repos[REPO].tags == {done.tag: done.commit}


def test_an_interrupted_upload_goes_on_where_it_stopped(
    server: LocalHub, releases: list[Path]
) -> None:
    server.faults.append(Fault("POST", "/commit/", 403))
    with pytest.raises(hub.Unpublished):
        publish(releases[0], server)
    server.requests.clear()
    publish(releases[0], server)
    assert server.count("PUT", "/lfs/") == 0


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


def known_ids(tree: dict[str, Blob]) -> set[str]:
    file = io.BytesIO(tree["data/papers/train-00000-of-00001.parquet"].content)
    return set(pl.read_parquet(file)["paper_id"])


def winner(server: LocalHub, content: Path) -> Callable[[], None]:
    """Give what puts another release on the Hub, as a publisher that came first does."""

    def wins() -> None:
        repo = server.repos[REPO]
        tree = {
            name: Blob(data, is_lfs=name.endswith(".parquet"))
            for name, data in contents(content).items()
        }
        repo.commit("main", tree, "Release Open Papers", "", "grace")

    return wins


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


def test_a_branch_stages_a_release_without_a_tag(server: LocalHub, releases: list[Path]) -> None:
    publish(releases[0], server)
    staged = publish(releases[1], server, branch="review/next")
    assert staged.tag is None
    assert ours(server.files(REPO, "review/next")) == contents(releases[1])
    assert ours(server.files(REPO)) == contents(releases[0])
    assert len(server.repos[REPO].tags) == 1


def test_a_pull_request_stages_a_release_without_a_tag(
    server: LocalHub, releases: list[Path]
) -> None:
    publish(releases[0], server)
    staged = publish(releases[1], server, create_pr=True)
    assert staged.pull_request == f"{server.url}/datasets/{REPO}/discussions/1"
    assert staged.pull_request in staged.sentence()
    assert ours(server.files(REPO, "refs/pr/1")) == contents(releases[1])
    assert ours(server.files(REPO)) == contents(releases[0])


def test_a_private_release_makes_a_private_repository(
    server: LocalHub, releases: list[Path]
) -> None:
    publish(releases[0], server, private=True)
    assert server.repos[REPO].private
    publish(releases[1], server, private=True)


def test_a_private_release_never_goes_to_a_public_repository(
    server: LocalHub, releases: list[Path]
) -> None:
    server.add_repo(REPO)
    with pytest.raises(hub.Unpublished, match="is public, and a private release was asked for"):
        publish(releases[0], server, private=True)
    assert server.count("POST", "/commit/") == 0


def test_an_organisation_of_the_user_may_be_published_to(
    server: LocalHub, releases: list[Path]
) -> None:
    assert publish(releases[0], server, repo="lab/open-papers").tag


def test_a_missing_token_is_a_clear_error(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(hub.Unpublished, match=r"hf auth login.*HF_TOKEN"):
        publish(releases[0], server)
    assert server.requests == []


def test_a_read_only_token_is_a_clear_error(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add_user("ada", "hf_reader", role="read")
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    with pytest.raises(hub.Unpublished, match="can only read"):
        publish(releases[0], server)


def test_an_invalid_token_is_a_clear_error_and_not_shown(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_stolen")
    with pytest.raises(hub.Unpublished, match="token is not valid") as refused:
        publish(releases[0], server)
    assert "hf_stolen" not in str(refused.value)


def test_a_namespace_of_others_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    with pytest.raises(hub.Unpublished, match="may not write there") as refused:
        publish(releases[0], server, repo="someone/open-papers")
    assert not isinstance(refused.value, hub.Unreachable)


def test_a_private_repository_of_others_reads_as_missing(
    server: LocalHub, releases: list[Path]
) -> None:
    server.add_repo("someone/papers", private=True)
    with pytest.raises(hub.Unpublished, match="someone/papers"):
        publish(releases[0], server, repo="someone/papers")


def test_a_gated_repository_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    server.add_repo("someone/papers", gated=True)
    with pytest.raises(hub.Unpublished, match="restricted to people who asked"):
        publish(releases[0], server, repo="someone/papers")


def test_a_name_that_is_none_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    with pytest.raises(hub.Unpublished, match="OWNER/NAME"):
        publish(releases[0], server, repo="no spaces/here")


@pytest.mark.parametrize("at", ["https://me:hf_SECRET@hub.co/me/x", "https://me:SECRET@hub.co"])
def test_a_token_in_the_name_of_a_repository_is_not_shown(at: str, tmp_path: Path) -> None:
    with pytest.raises(hub.Unpublished, match="OWNER/NAME") as refused:
        hub.require_repo_name(at)
    assert "SECRET" not in str(refused.value)
    with pytest.raises(layout.NotARelease, match="OWNER/NAME") as unread:
        hub.locate_release(at, tmp_path)
    assert "SECRET" not in str(unread.value)


def test_no_network_is_a_clear_error(releases: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(hub.Unreachable, match="cannot be reached"):
        hub.push(releases[0], REPO, endpoint="http://127.0.0.1:9")


def test_too_many_requests_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    server.faults.append(Fault("POST", "/repos/create", 429))
    with pytest.raises(hub.Unreachable, match="Wait five minutes"):
        publish(releases[0], server)


def test_a_full_disk_is_a_clear_error(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(commit, "CommitOperationAdd", full)
    with pytest.raises(hub.Unpublished, match="no space left"):
        publish(releases[0], server)


def test_a_folder_that_is_no_release_is_refused_before_anything_is_sent(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(layout.NotARelease, match="is not a release"):
        publish(tmp_path, server)
    half = tmp_path / "half"
    shutil.copytree(releases[0], half)
    (half / "data/links/train-00000-of-00001.parquet").unlink()
    with pytest.raises(layout.NotARelease, match=r"lacks 1 of its files.*data/links"):
        publish(half, server)
    assert server.requests == []


def test_the_token_is_in_no_file_message_or_log(
    server: LocalHub,
    releases: list[Path],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    done = publish(releases[0], server)
    server.faults.append(Fault("POST", "/tag/", 500, times=99))
    with pytest.raises(hub.Unpublished) as refused:
        publish(releases[1], server)
    said = [*capfd.readouterr(), caplog.text, str(done), done.sentence(), str(refused.value)]
    assert not [text for text in said if TOKEN in text]
    assert not [c for c in server.files(REPO).values() if TOKEN.encode() in c]


def test_what_the_hub_refuses_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    server.faults.append(Fault("POST", "/commit/", 400))
    with pytest.raises(hub.Unpublished, match="refused what was sent"):
        publish(releases[0], server)


def test_the_token_is_not_shown_by_the_most_talkative_command(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    server.faults.append(Fault("POST", "/tag/", 403))
    done = open_papers(
        *("--debug", "publish", REPO, "--release", releases[0]),
        HF_ENDPOINT=server.url,
        HF_TOKEN=TOKEN,
        HF_HOME=str(tmp_path),
        HF_DEBUG="1",
        HF_HUB_VERBOSITY="debug",
    )
    assert done.returncode == 1
    assert "may not write there" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and TOKEN in path.read_text()
    ]


LOAD = """
import json, sys
from datasets import load_dataset
repo, *tags = sys.argv[1:]
loaded = {}
for tag in tags:
    for config in ("papers", "links"):
        rows = load_dataset(repo, config, split="train", revision=tag)
        stream = load_dataset(repo, config, split="train", revision=tag, streaming=True)
        loaded[f"{tag} {config}"] = [rows["paper_id"][:], [row["paper_id"] for row in stream]]
print(json.dumps(loaded))
"""


def test_datasets_loads_every_config_at_every_tag(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    tags = [publish(folder, server).tag for folder in releases[:2]]
    done = subprocess.run(  # our own script
        [sys.executable, "-c", LOAD, REPO, *tags],
        cwd=PROJECT,
        env=os.environ
        | {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_XET": "1"},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    for n, tag in enumerate(tags):
        expected = release_tables(2 + n)["papers"]["paper_id"].to_list()
        for config in ("papers", "links"):
            assert loaded[f"{tag} {config}"] == [expected, expected]
