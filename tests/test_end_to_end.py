"""The whole sentence on the real page: the flow under Prefect, the Hub, and the consumers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.hub import publish
from flows.manifest import of_release
from flows.release import read, read_manifest, write
from schemas.release import Alias
from tests.builders import frame, manifest
from tests.hub import LocalHub
from tests.processes import PAGE, PROJECT, open_papers

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def release(api: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the release of the page that ships, made by the command line."""
    folder = tmp_path_factory.mktemp("first") / "release"
    done = open_papers(
        "refresh", PAGE, "--release", folder, "--interim", folder.parent, PREFECT_API_URL=api
    )
    assert done.returncode == 0, done.stderr
    (folder.parent / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def table(release: Path, config: str) -> pl.DataFrame:
    return pl.read_parquet(release / "data" / config / "*.parquet")


def printed_papers() -> list[tuple[str, str]]:
    """Read the page as a person does: after the header, title and abstract take turns."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").split("\n") if line.strip()]
    text = lines[lines.index("Mar 12") + 1 :]
    return list(zip(text[::2], text[1::2], strict=True))


def test_page_gives_73_papers_with_title_and_abstract_exactly_as_printed(release: Path) -> None:
    papers = table(release, "papers")
    assert papers.height == 73
    found = set(papers.select("title_as_written", "abstract_as_written").iter_rows())
    assert found == set(printed_papers())


def test_every_record_is_in_a_paper_or_rejected(release: Path) -> None:
    assert table(release, "origins").height == 73
    assert not (release / "data" / "rejections").exists()


def test_every_url_of_the_page_is_a_link_with_its_place(release: Path) -> None:
    links = table(release, "links")
    assert links.height == 17
    assert links["paper_id"].n_unique() == 16
    texts = dict(table(release, "papers").select("paper_id", "abstract_as_written").iter_rows())
    for paper_id, mentions in links.select("paper_id", "mentions").iter_rows():
        for mention in mentions:
            assert texts[paper_id][mention["start"] : mention["end"]] == mention["written"]


def test_every_topic_points_at_the_words_that_earned_it(release: Path) -> None:
    texts = {row["paper_id"]: row for row in table(release, "papers").iter_rows(named=True)}
    pieces = [
        (texts[paper_id][piece["field"]][piece["start"] : piece["end"]], piece["phrase"])
        for paper_id, evidence in table(release, "topics")
        .select("paper_id", "evidence")
        .iter_rows()
        for piece in evidence
        if piece["start"] is not None
    ]
    assert pieces
    assert [words for words, _ in pieces] == [phrase for _, phrase in pieces]


def test_summary_tells_a_stranger_what_happened(release: Path) -> None:
    text = (release.parent / "stdout.txt").read_text(encoding="utf-8")
    for expected in ("papers_page", "73", "17", "73 added", str(release), "load_dataset("):
        assert expected in text


def test_readme_shows_what_is_printed(release: Path) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shown = readme.split("<!-- output of: open-papers refresh -->\n```text\n")[1].split("```")[0]
    printed = (release.parent / "stdout.txt").read_text(encoding="utf-8")
    printed = printed.replace(str(release), "data/release")
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


def test_duckdb_reads_the_release(release: Path) -> None:
    query = f"select count(*) from '{release}/data/papers/*.parquet' where code_url is not null"  # noqa: S608  # our own path
    assert duckdb.sql(query).fetchall()[0][0] == 15


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_runs_give_the_same_bytes(release: Path, api: str, tmp_path: Path) -> None:
    other = tmp_path / "release"
    done = open_papers(
        "refresh", PAGE, "--release", other, "--interim", tmp_path, PREFECT_API_URL=api
    )
    assert done.returncode == 0, done.stderr
    assert content(other) == content(release)


def test_refused_input_gives_one_message_exit_code_1_and_nothing_written(
    api: str, tmp_path: Path
) -> None:
    (tmp_path / "page.txt").write_bytes(b"")
    release = tmp_path / "release"
    done = open_papers("refresh", tmp_path / "page.txt", "--release", release, PREFECT_API_URL=api)
    assert done.returncode == 1
    assert not release.exists()
    assert "Traceback" not in done.stderr
    assert f"{tmp_path / 'page.txt'}: is empty" in done.stderr


TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
REPO = "ada/open-papers"


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    """Give a Hub on loopback, with one user."""
    with LocalHub() as server:
        server.add_user("ada", TOKEN)
        yield server


@pytest.fixture(scope="module")
def before(release: Path) -> dict[str, bytes]:
    """Give the release as it was when it was first made."""
    return content(release)


@pytest.fixture(scope="module")
def published(release: Path, before: dict[str, bytes], api: str, hub: LocalHub) -> str:
    """Refresh the same inputs from nothing and publish; give all that was printed."""
    assert before
    done = open_papers(
        *("refresh", PAGE, "--release", release, "--interim", release.parent / "again"),
        *("--publish-to", REPO),
        PREFECT_API_URL=api,
        HF_ENDPOINT=hub.url,
        HF_TOKEN=TOKEN,
        HF_HOME=str(release.parent / "hf"),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_same_inputs_again_change_nothing(
    published: str, release: Path, before: dict[str, bytes]
) -> None:
    assert "nothing changed" in published
    assert content(release) == before


def test_publication_is_one_commit_with_every_file_and_one_tag(
    published: str, release: Path, hub: LocalHub
) -> None:
    tag = re.search(r"tag (\d{4}\.\d{2}\.\d{2})", published)
    assert tag
    assert hub.count("POST", "/commit/") == 1
    assert hub.count("POST", "/tag/") == 1
    sent = {name: data for name, data in hub.files(REPO, tag[1]).items() if name[0] != "."}
    assert sent == content(release)


def test_token_is_shown_nowhere(published: str, release: Path, hub: LocalHub) -> None:
    assert TOKEN not in published
    files = [*content(release.parent).values(), *hub.files(REPO).values()]
    assert not any(TOKEN.encode() in data for data in files)


def test_publishing_the_same_release_again_sends_nothing(
    published: str, release: Path, hub: LocalHub
) -> None:
    assert "0 unchanged" in published
    done = open_papers(
        *("publish", REPO, "--release", release, "--dry-run"), HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN
    )
    assert done.returncode == 0, done.stderr
    assert "0 files (0 bytes) would be sent" in done.stdout


def test_an_unknown_gate_is_refused_before_anything_is_read(api: str, tmp_path: Path) -> None:
    done = open_papers(
        *("refresh", PAGE, "--release", tmp_path / "release", "--interim", tmp_path),
        *("--allow", "papers.mood", "--because", "it is Monday"),
        PREFECT_API_URL=api,
    )
    assert done.returncode == 1
    assert "no gate papers.mood" in done.stderr
    assert not (tmp_path / "parsed").exists()


LOADING = """
import sys
from datasets import load_dataset
for repo, revision in ((sys.argv[1], None), (sys.argv[2], "main")):
    papers = load_dataset(repo, split="train", revision=revision)
    links = load_dataset(repo, "links", split="train", revision=revision)
    stream = load_dataset(repo, split="train", streaming=True, revision=revision)
    titles = sum(len(batch["title"]) for batch in stream.iter(batch_size=50))
    print(papers.num_rows, links.num_rows, titles, papers.features["title"].dtype)
"""


def test_datasets_loads_the_release_from_its_folder_and_from_the_hub(
    published: str, release: Path, hub: LocalHub, tmp_path: Path
) -> None:
    assert published
    loaded = subprocess.run(
        [sys.executable, "-c", LOADING, str(release), REPO],
        env={**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.stdout.splitlines() == ["73 17 73 string"] * 2, loaded.stderr


RENAMED, FORMER, TAG = "arxiv:2603.00001", "title:00000000000000aa", "2026.01.01"
"""An id that no run would give again, one that it had before, and the release that knows both."""


def earlier(release: Path, folder: Path) -> pl.DataFrame:
    """Write a release as it may have been before; give its papers.

    One paper is not there yet, and one has an id and an alias that no input gives.
    """
    found = read(release)
    last, first = found["papers"]["paper_id"][-1], found["papers"]["paper_id"][0]
    for name in ("papers", "links", "topics", "origins"):
        found[name] = (
            found[name]
            .filter(pl.col("paper_id") != last)
            .with_columns(pl.col("paper_id").replace(first, RENAMED))
        )
    found["changes"] = found["changes"].clear()
    found["aliases"] = frame(
        Alias, [{"alias_id": FORMER, "paper_id": RENAMED, "since": date(2026, 1, 1)}]
    )
    write(found, PROJECT / "dataset_card.md", manifest(), folder)
    return found["papers"]


LOADING_TAGS = """
import sys
from datasets import get_dataset_config_names, load_dataset
repo, *tags = sys.argv[1:]
for tag in tags:
    for name in get_dataset_config_names(repo, revision=tag):
        print(tag, name, load_dataset(repo, name, split="train", revision=tag).num_rows)
"""


def test_an_empty_machine_goes_on_from_the_release_on_the_hub(
    release: Path, api: str, hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    repo, folder = "ada/goes-on", tmp_path / "release"
    before = earlier(release, tmp_path / "earlier")
    publish(tmp_path / "earlier", repo, tag=TAG, endpoint=hub.url)
    here = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hf")}
    done = open_papers(
        *("refresh", PAGE, "--release", folder, "--interim", tmp_path / "interim"),
        *("--previous", f"{repo}@{TAG}", "--publish-to", repo),
        PREFECT_API_URL=api,
        **here,
    )
    assert done.returncode == 0, done.stderr
    assert "1 added" in done.stdout
    now = read(folder)
    assert set(before["paper_id"]) < set(now["papers"]["paper_id"])
    assert dict(now["aliases"].select("alias_id", "paper_id").iter_rows()) == {FORMER: RENAMED}
    (new,) = set(hub.repos[repo].tags) - {TAG}
    loaded = subprocess.run(
        [sys.executable, "-c", LOADING_TAGS, repo, TAG, new],
        env={**os.environ, **here},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = [
        f"{tag} {name} {rows.height}"
        for tag, place in ((TAG, tmp_path / "earlier"), (new, folder))
        for name, rows in read(place).items()
        if rows.height
    ]
    assert sorted(loaded.stdout.splitlines()) == sorted(expected), loaded.stderr


def test_an_empty_machine_follows_the_release_on_the_hub_unasked(
    release: Path, api: str, hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    repo, folder = "ada/follows", tmp_path / "release"
    before = earlier(release, tmp_path / "earlier")
    publish(tmp_path / "earlier", repo, tag=TAG, endpoint=hub.url)
    done = open_papers(
        *("refresh", PAGE, "--release", folder, "--interim", tmp_path / "interim"),
        *("--publish-to", repo),
        PREFECT_API_URL=api,
        HF_ENDPOINT=hub.url,
        HF_HOME=str(tmp_path / "hf"),
    )
    assert done.returncode == 0, done.stderr
    assert "1 added" in done.stdout
    now = read(folder)
    assert set(before["paper_id"]) < set(now["papers"]["paper_id"])
    assert dict(now["aliases"].select("alias_id", "paper_id").iter_rows()) == {FORMER: RENAMED}
    assert len(hub.repos[repo].tags) == 2
    told = read_manifest(folder)["previous_release"]
    assert told == of_release(tmp_path / "earlier")


def test_missing_token_is_said_with_what_to_do(
    release: Path, hub: LocalHub, tmp_path: Path
) -> None:
    done = open_papers(
        *("publish", "ada/other", "--release", release),
        HF_ENDPOINT=hub.url,
        HF_TOKEN="",
        HF_HOME=str(tmp_path),
    )
    assert done.returncode == 1
    assert "HF_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr


def test_card_of_the_release_is_printed(release: Path) -> None:
    done = open_papers("card", "--release", release)
    assert done.stdout == (release / "README.md").read_text(encoding="utf-8")


def test_run_leaves_its_summary_as_artifacts(published: str, api: str) -> None:
    assert published
    with temporary_settings({PREFECT_API_URL: api}), get_client(sync_client=True) as client:
        found = {artifact.key: str(artifact.data) for artifact in client.read_latest_artifacts()}
    assert "73" in found["summary"]
    assert "papers_page" in found["sources"]
    assert PAGE.name in found["inputs"]
