"""A release becomes one commit and one tag; a dry run says what would be sent."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.paths import PROJECT
from flows.publish import hub, write_release
from flows.publish.hub import remote
from flows.release import layout
from tests.builders import manifest, not_loaded_back, release_tables, template
from tests.hub_publications import (
    DATED,
    REPO,
    contents,
    ours,
    publish,
    written,
)
from tests.hub_server import Blob, Fault, LocalHub


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
    write_release.write_tables(tables, template(tmp_path), manifest(), sharded, segment_ids=5)
    publish(sharded, server)
    repo = server.repos[REPO]
    with server.lock:
        tree = dict(repo.find("main").tree)
        tree["notes/by-hand.parquet"] = tree["README.md"]
        repo.commit("main", tree, "A note", "", "ada")
    done = publish(whole, server)
    assert any(name.startswith("data/papers/train-00001-of-") for name in done.plan.deleted)
    assert any(name.startswith("data/topics/train-00000-of-") for name in done.plan.deleted)
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


def test_the_main_branch_is_no_stage(server: LocalHub, releases: list[Path]) -> None:
    done = publish(releases[0], server, branch="main")
    assert server.repos[REPO].tags == {done.tag: done.commit}


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


LOAD = """
import json, os, sys
from datasets import load_dataset
repo, *tags = sys.argv[1:]
loaded = {}
for tag in tags:
    for config in ("papers", "links"):
        rows = load_dataset(repo, config, split="train", revision=tag)
        stream = load_dataset(repo, config, split="train", revision=tag, streaming=True)
        loaded[f"{tag} {config}"] = [rows["paper_id"][:], [row["paper_id"] for row in stream]]
print(json.dumps(loaded), flush=True)
os._exit(0)  # threads of `datasets` have been seen to abort a process at its end
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
