"""Two releases compared: from folders, from the Hub, as a table and as JSON."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows import release
from flows.__main__ import app
from flows.operate import show_diff
from flows.publish import hub, write_release
from tests.builders import manifest, not_loaded_back, release_tables, template
from tests.hub_server import LocalHub

TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
REPO = "ada/open-papers"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give two releases, of 2 and of 25 papers; the first paper has another title in the second."""
    made = tmp_path_factory.mktemp("releases")
    with not_loaded_back():
        return [written(made, number) for number in (2, 25)]


def written(folder: Path, papers: int) -> Path:
    tables = {name: release_tables(papers)[name] for name in ("papers", "links")}
    if papers > 2:
        is_first = pl.int_range(pl.len()) == 0
        title = pl.when(is_first).then(pl.lit("[bold]New[/bold]")).otherwise("title")
        tables["papers"] = tables["papers"].with_columns(title=title)
    told = manifest(previous_release="e" * 64 if papers > 2 else None)
    return write_release.write_tables(tables, template(folder), told, folder / f"{papers}").folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with LocalHub() as started:
        started.add_user("ada", TOKEN)
        yield started


def on_screen(found: release.Diff) -> str:
    screen = io.StringIO()
    Console(file=screen, width=200).print(show_diff.render_diff(found))
    return screen.getvalue()


def test_the_table_counts_rows_columns_and_names_papers(folders: list[Path]) -> None:
    text = on_screen(show_diff.compare_places(*map(str, folders), folders[0]))
    assert ["papers", "2", "25", "23", "0", "1"] in [line.split() for line in text.splitlines()]
    assert ["title", "1"] in [line.split() for line in text.splitlines()]
    assert "arxiv:2603.00003" in text
    assert "and 4 more papers" in text


def test_the_same_release_twice_differs_in_nothing(folders: list[Path]) -> None:
    found = show_diff.compare_places(str(folders[0]), str(folders[0]), folders[0])
    assert on_screen(found).strip() == "Both hold the same rows."


def test_json_names_every_paper(folders: list[Path]) -> None:
    done = CliRunner().invoke(app, ["diff", *map(str, folders), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["tables"]["links"]["added"] == 23
    assert len(found["papers"]) == 24
    assert found["papers"][0]["columns"] == ["title"]


def test_text_of_papers_is_shown_not_obeyed() -> None:
    one, other = release_tables(1), release_tables(1)
    one["papers"] = one["papers"].with_columns(paper_id=pl.lit("doi:10.1/[bold]x[/bold]"))
    assert "[bold]x[/bold]" in on_screen(release.compare_releases(one, other))


def test_a_release_on_the_hub_is_compared_with_a_folder(
    folders: list[Path], server: LocalHub, tmp_path: Path
) -> None:
    done = hub.push(folders[0], REPO, endpoint=server.url)
    there = hub.locate_release(f"{REPO}@{done.tag}", tmp_path, endpoint=server.url)
    assert release.compare_releases(
        release.read_tables(there), release.read_tables(folders[0])
    ).is_empty
    assert (
        release.compare_releases(release.read_tables(there), release.read_tables(folders[1]))
        .tables["papers"]
        .added
        == 23
    )


@pytest.mark.parametrize("before", ["hf://datasets/", "hf://"])
def test_a_release_may_be_named_as_other_tools_do(
    before: str, folders: list[Path], server: LocalHub, tmp_path: Path
) -> None:
    done = hub.push(folders[0], REPO, endpoint=server.url)
    there = hub.locate_release(f"{before}{REPO}@{done.tag}", tmp_path, endpoint=server.url)
    assert release.compare_releases(
        release.read_tables(there), release.read_tables(folders[0])
    ).is_empty


def test_the_newest_release_of_a_branch_is_that_of_main_where_there_is_no_such_branch(
    folders: list[Path], server: LocalHub, tmp_path: Path
) -> None:
    assert hub.download_newest(REPO, "main", tmp_path, endpoint=server.url) is None
    hub.push(folders[0], REPO, endpoint=server.url)
    hub.push(folders[1], REPO, branch="next", endpoint=server.url)
    branches = ("main", "next", "new")
    found = [hub.download_newest(REPO, one, tmp_path, endpoint=server.url) for one in branches]
    heights = [release.read_tables(one)["papers"].height for one in found if one]
    assert heights == [2, 25, 2]


def test_a_release_is_downloaded_once(
    folders: list[Path], server: LocalHub, tmp_path: Path
) -> None:
    done = hub.push(folders[0], REPO, endpoint=server.url)
    first = hub.download_release(REPO, str(done.tag), tmp_path, endpoint=server.url)
    server.requests.clear()
    assert hub.download_release(REPO, str(done.commit), tmp_path, endpoint=server.url) == first
    assert server.count("GET", "/resolve/") == 0


def test_a_revision_that_does_not_exist_is_a_clear_error(
    folders: list[Path], server: LocalHub, tmp_path: Path
) -> None:
    hub.push(folders[0], REPO, endpoint=server.url)
    with pytest.raises(hub.Unpublished, match="branch or tag does not exist"):
        hub.locate_release(f"{REPO}@2020.01.01", tmp_path, endpoint=server.url)


def test_a_revision_without_a_release_is_a_clear_error(server: LocalHub, tmp_path: Path) -> None:
    server.add_repo(REPO)
    with pytest.raises(release.NotARelease, match=r"has no manifest\.json"):
        hub.locate_release(f"{REPO}@main", tmp_path, endpoint=server.url)


def test_a_revision_with_another_file_than_its_manifest_says_is_refused(
    folders: list[Path], server: LocalHub, tmp_path: Path
) -> None:
    hub.push(folders[0], REPO, endpoint=server.url)
    repo = server.repos[REPO]
    with server.lock:
        tree = dict(repo.find("main").tree)  # type: ignore[union-attr]  # it was just published
        tree["README.md"] = tree["manifest.json"]
        repo.commit("main", tree, "By hand", "", "ada")
    with pytest.raises(release.NotARelease, match=r"README\.md is missing or is not what"):
        hub.locate_release(f"{REPO}@main", tmp_path, endpoint=server.url)


@pytest.mark.parametrize("place", ["nowhere", "ada/open-papers", "a/b/c@1"])
def test_a_place_that_is_none_is_a_clear_error(place: str, tmp_path: Path) -> None:
    with pytest.raises(release.NotARelease, match="neither the folder of a release nor"):
        hub.locate_release(place, tmp_path)
