"""A site becomes one commit of a static Space, or nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.__main__ import app
from flows.publish import hub
from flows.publish.hub import Unpublished, remote
from flows.publish.hub.space import push_site, require_readable_release
from flows.site import build_site
from tests.builders import written_release
from tests.hub_server import DROP_ANSWER, Blob, Fault, LocalHub

SPACE = "ada/explorer"
DATASET = "ada/open-papers"
TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
DATA = "https://huggingface.co/datasets/ada/open-papers/resolve/2026.11.23/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("space")
    build_site(written_release(folder / "release"), folder / "site", data_url=DATA)
    return folder / "site"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(remote, "PAUSE", 0.01)
    with LocalHub() as started:
        started.add_user("ada", TOKEN)
        yield started


def read_files(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def test_a_space_is_made_with_the_site_in_one_commit(server: LocalHub, site: Path) -> None:
    report = push_site(site, SPACE, endpoint=server.url)
    files = server.files(SPACE)
    assert files.pop(".gitattributes")
    assert files == read_files(site)
    assert files["README.md"].startswith(b"---\ntitle: Open Papers\nsdk: static\n")
    assert len(server.repos[SPACE].commits) == 2
    assert report.commit == server.repos[SPACE].branches["main"]


def test_the_same_site_again_sends_nothing(server: LocalHub, site: Path) -> None:
    push_site(site, SPACE, endpoint=server.url)
    report = push_site(site, SPACE, endpoint=server.url)
    assert not report.plan.added
    assert len(server.repos[SPACE].commits) == 2


def test_what_the_site_does_not_have_any_more_is_deleted(server: LocalHub, site: Path) -> None:
    repo = server.add_repo(SPACE)
    old = {"feeds/task/gone.xml": Blob(b"<feed/>", is_lfs=False)}
    repo.commit("main", repo.commits[repo.branches["main"]].tree | old, "before", "", "ada")
    report = push_site(site, SPACE, endpoint=server.url)
    assert report.plan.deleted == ("feeds/task/gone.xml",)
    assert "feeds/task/gone.xml" not in server.files(SPACE)


def test_a_lost_answer_makes_no_second_commit(server: LocalHub, site: Path) -> None:
    server.faults.append(Fault("POST", "/commit/", DROP_ANSWER))
    push_site(site, SPACE, endpoint=server.url)
    assert len(server.repos[SPACE].commits) == 2


def test_a_commit_that_comes_first_is_built_upon(server: LocalHub, site: Path) -> None:
    server.faults.append(Fault("POST", "/commit/", 412))
    report = push_site(site, SPACE, endpoint=server.url)
    assert report.rebased == 1
    assert "index.html" in server.files(SPACE)


def test_a_dry_run_says_what_would_be_sent_and_makes_nothing(server: LocalHub, site: Path) -> None:
    report = push_site(site, SPACE, dry_run=True, endpoint=server.url)
    assert set(report.plan.added) == set(read_files(site))
    assert SPACE not in server.repos


def test_a_folder_without_a_site_is_refused(server: LocalHub, tmp_path: Path) -> None:
    with pytest.raises(Unpublished, match="holds no site"):
        push_site(tmp_path, SPACE, endpoint=server.url)


def test_publishing_shows_the_release_in_a_space_that_reads_it_at_its_tag(
    server: LocalHub, site: Path
) -> None:
    arguments = ["publish", DATASET, "--release", str(site.parent / "release"), "--site", SPACE]
    with server.is_the_hub():
        done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    [tag] = server.repos[DATASET].tags
    described = json.loads(server.files(SPACE)["site.json"])
    assert described["data"] == f"{server.url}/datasets/{DATASET}/resolve/{tag}/"
    assert not any(name.startswith("release/") for name in server.files(SPACE))
    assert b"https://ada-explorer.static.hf.space/" in server.files(SPACE)["feeds/new.xml"]


def test_a_space_is_refused_a_release_that_nobody_can_read(server: LocalHub, site: Path) -> None:
    release = site.parent / "release"
    server.add_repo(DATASET)
    with pytest.raises(Unpublished, match="does not hold the release"):
        require_readable_release(release, DATASET, "main", endpoint=server.url)
    tag = hub.push(release, DATASET, endpoint=server.url).tag or ""
    require_readable_release(release, DATASET, tag, endpoint=server.url)
    server.repos[DATASET].private = True
    with pytest.raises(Unpublished, match="private or gated"):
        require_readable_release(release, DATASET, tag, endpoint=server.url)
    done = CliRunner().invoke(app, ["publish", DATASET, "--site", SPACE, "--private"])
    assert done.exit_code == 2
    assert SPACE not in server.repos
