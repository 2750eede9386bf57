"""The whole sentence on the real page: the flow under Prefect, the Hub, and the consumers."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from huggingface_hub import constants
from playwright.sync_api import expect, sync_playwright
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterName,
    LogFilter,
    LogFilterFlowRunId,
)

from flows.publish.hub import push
from flows.publish.write_release import write_tables
from flows.release import read_manifest, read_tables
from flows.release.manifest_file import hash_manifest
from flows.site import build_site
from schemas.alias import Alias
from tests.browser import CHROMIUM, FLAGS, needs_chromium, serve
from tests.builders import frame, manifest, not_loaded_back
from tests.hub_server import LocalHub
from tests.prefect_server import asking
from tests.processes import PAGE, PROJECT, in_process, open_papers

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def release(api: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the release of the page that ships, made where proxies are set that lead nowhere."""
    folder = tmp_path_factory.mktemp("first") / "release"
    with asking(api), pytest.MonkeyPatch.context() as proxies:
        proxies.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        proxies.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
        done = in_process(
            "refresh", PAGE, "--release", folder, "--interim", folder.parent / "interim"
        )
    assert done.exit_code == 0, done.stderr
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


def test_prefects_pages_name_tag_and_log_the_run(release: Path, api: str) -> None:
    assert release.exists()
    with asking(api) as client:
        runs = client.read_flow_runs(limit=200)
        run = next(run for run in runs if run.name.endswith(f" · {PAGE.name}"))
        of_run = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
        logs = []
        # Logs are sent every two seconds, also when the run is over.
        deadline = time.monotonic() + 30
        while not any(f"parsed {PAGE.name}" in log.message for log in logs):
            assert time.monotonic() < deadline, logs
            time.sleep(0.2)
            logs = client.read_logs(of_run)
    assert re.fullmatch(rf"refresh \d{{4}}-\d\d-\d\d · {re.escape(PAGE.name)}", run.name)
    assert {"open-papers", "command-line"} <= set(run.tags)


def test_a_release_is_an_asset_with_its_rows(release: Path, api: str) -> None:
    with asking(api) as client:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = client._client.post("/events/filter", json={})  # noqa: SLF001  # has no method for it
            events = [
                event
                for event in answer.json()["events"]
                if event["event"] == "prefect.asset.materialization.succeeded"
            ]
            found = [e for e in events if e["resource"]["prefect.resource.id"] == release.as_uri()]
            if found:
                break
            time.sleep(0.5)
    assert found
    assert found[0]["payload"]["metadata"]["rows of papers"] == 73


def test_a_refused_run_leaves_its_reason_on_its_page(api: str, tmp_path: Path) -> None:
    # Recognised by how it begins, and refused only when it is read.
    answer = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request>http://arxiv.org'
    answer += "</request><ListIdentifiers/></OAI-PMH>"
    (tmp_path / "answer.xml").write_text(answer)
    with asking(api) as client:
        done = in_process(
            *("refresh", tmp_path / "answer.xml", "--release", tmp_path / "release"),
            *("--interim", tmp_path / "interim"),
        )
        named = FlowRunFilter(name=FlowRunFilterName(like_="answer.xml"))
        (run,) = client.read_flow_runs(flow_run_filter=named)
        # Of this run alone: runs of other tests are refused at the same server.
        of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
        artifacts = client.read_artifacts(artifact_filter=of_run)
    assert done.exit_code == 1
    reason = next(str(one.data) for one in artifacts if one.key == "refused")
    assert "ListIdentifiers" in reason


def test_summary_tells_a_stranger_what_happened(release: Path) -> None:
    text = (release.parent / "stdout.txt").read_text(encoding="utf-8")
    for expected in ("papers_page", "73", "17", "73 added", str(release), "load_dataset("):
        assert expected in text


SHIPPED = [
    PROJECT / "data/raw/papers_page/2026-11-23",
    PROJECT / "data/raw/daily_papers/2026-11-29",
]
"""What `data/raw` holds in git; other files there were fetched on this machine."""


@pytest.fixture(scope="module")
def shipped_release(api: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the release of all that ships, as `make dataset` makes it, beside what it printed."""
    folder = tmp_path_factory.mktemp("shipped") / "release"
    places = ("--release", folder, "--interim", folder.parent / "interim")
    with asking(api):
        done = in_process("refresh", *SHIPPED, *places)
    assert done.exit_code == 0, done.stderr
    (folder.parent / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def test_readme_shows_what_is_printed(shipped_release: Path) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shown = readme.split("<!-- output of: open-papers refresh -->\n```text\n")[1].split("```")[0]
    printed = (shipped_release.parent / "stdout.txt").read_text(encoding="utf-8")
    printed = printed.replace(f" --release {shipped_release}", "")
    printed = printed.replace(str(shipped_release), "data/release")
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


def test_what_ships_names_no_account() -> None:
    fields = {"submittedBy", "submittedOnDailyBy", "avatar", "avatarUrl", "user", "fullname", "_id"}
    for path in SHIPPED[1].iterdir():
        for item in json.loads(path.read_text(encoding="utf-8")):
            paper = item["paper"]
            names = {*item, *paper, *(name for author in paper["authors"] for name in author)}
            assert not names & fields, path


@needs_chromium
def test_picture_of_the_readme_is_what_the_explorer_shows(shipped_release: Path) -> None:
    """The picture is made again by this test when OPEN_PAPERS_PICTURE=1 is set."""
    build_site(shipped_release, shipped_release.parent / "site")
    with serve(shipped_release.parent / "site") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1000, "height": 720})
        page.goto(f"{server.url}papers.html?topic=task/question-answering&code=own")
        expect(page.locator(".papers h3").first).to_be_visible()
        picture = page.screenshot()
        browser.close()
    shown = PROJECT / "docs" / "explorer.png"
    if os.environ.get("OPEN_PAPERS_PICTURE"):
        shown.write_bytes(picture)
    # Fonts differ from machine to machine: the size of the picture does not.
    assert shown.read_bytes()[16:24] == picture[16:24]


def test_duckdb_reads_the_release(release: Path) -> None:
    query = f"select count(*) from '{release}/data/papers/*.parquet' where code_url is not null"  # noqa: S608  # our own path
    assert duckdb.sql(query).fetchall()[0][0] == 16


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_refused_input_gives_one_message_exit_code_2_and_nothing_written(
    api: str, tmp_path: Path
) -> None:
    (tmp_path / "page.txt").write_bytes(b"")
    release = tmp_path / "release"
    done = open_papers("refresh", tmp_path / "page.txt", "--release", release, PREFECT_API_URL=api)
    assert done.returncode == 2
    assert not release.exists()
    assert "Traceback" not in done.stderr
    assert f"{tmp_path / 'page.txt'}: is empty" in done.stderr


TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
REPO = "ada/open-papers"


def test_the_papers_that_the_readme_names_are_in_what_ships(shipped_release: Path) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\d{4}\.\d{5}", readme)) - {"2301.00001"}
    assert named
    assert named <= set(table(shipped_release, "papers")["arxiv_id"])


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    """Give a Hub on loopback, with one user."""
    with LocalHub() as server:
        server.add_user("ada", TOKEN)
        yield server


@pytest.fixture(scope="module")
def published(release: Path, api: str, hub: LocalHub) -> str:
    """Make the release of the same inputs elsewhere and publish it; give all that was printed."""
    folder = release.parent / "again"
    done = open_papers(
        *("refresh", PAGE, "--release", folder / "release", "--interim", folder / "interim"),
        *("--publish-to", REPO),
        PREFECT_API_URL=api,
        HF_ENDPOINT=hub.url,
        HF_TOKEN=TOKEN,
        HF_HOME=str(release.parent / "hf"),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


DAMAGED = (
    *("release.signatures/**/state.json", "release.segments/state.json"),
    *("release.enriched/*.json", "release.enriched/*.arrow"),
)
"""Files beside a release of which a bit is flipped: one of each cache at least."""


def test_two_runs_give_the_same_bytes(published: str, release: Path) -> None:
    assert published
    assert content(release.parent / "again" / "release") == content(release)


def test_same_inputs_again_change_nothing_and_damaged_caches_are_named(
    api: str, release: Path, tmp_path: Path
) -> None:
    before = content(release)
    with asking(api):
        whole = in_process(
            "refresh", PAGE, "--release", release, "--interim", release.parent / "interim"
        )
    assert "nothing changed" in whole.stdout + whole.stderr
    assert not re.findall("damaged|made again|not kept|WARNING", whole.stderr)
    assert content(release) == before
    shutil.copytree(release.parent / "interim" / "parsed", tmp_path / "parsed")
    beside = [path for name in DAMAGED for path in release.parent.glob(name)]
    for path in [*beside, *tmp_path.glob("parsed/*/parsed.json")]:
        damaged = bytearray(path.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        path.unlink()  # first: another name of the same content must not change with it
        path.write_bytes(damaged)
    with asking(api):
        done = in_process("refresh", PAGE, "--release", release, "--interim", tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "nothing changed" in done.stdout + done.stderr
    assert content(release) == before
    for cache in ("parse cache: 1", "part cache: 2", "enriched parts: 1", "text cache: 3"):
        assert done.stderr.count(cache) == 1, cache
    assert "segment cache: 1" in done.stderr
    assert "WARNING" not in done.stderr


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
    with hub.is_the_hub():
        done = in_process("publish", REPO, "--release", release, "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert "0 files (0 bytes) would be sent" in done.stdout


def test_a_dry_run_of_a_refresh_shows_the_change_and_makes_none(
    published: str, api: str, release: Path, hub: LocalHub, tmp_path: Path
) -> None:
    assert published
    before, commits = content(release), hub.count("POST", "/commit/")
    half = tmp_path / "half.txt"
    lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    half.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    with asking(api), hub.is_the_hub():
        done = in_process(
            *("refresh", PAGE, half, "--release", release, "--interim", tmp_path / "interim"),
            *("--publish-to", REPO, "--dry-run"),
        )
    assert done.exit_code == 0, done.stderr
    assert "would be sent" in done.stdout
    assert f"dry run: {release} is as it was" in done.stdout
    assert content(release) == before
    assert hub.count("POST", "/commit/") == commits
    assert not list((tmp_path / "interim").glob("dry_run*"))


def test_an_unknown_gate_is_refused_before_anything_is_read(api: str, tmp_path: Path) -> None:
    with asking(api):
        done = in_process(
            *("refresh", PAGE, "--release", tmp_path / "release"),
            *("--interim", tmp_path / "interim"),
            *("--allow", "papers.mood", "--because", "it is Monday"),
        )
    assert done.exit_code == 2
    assert "no gate papers.mood" in " ".join(done.stderr.split())
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


@pytest.fixture(scope="module")
def earlier(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a release as it may have been before.

    One paper is not there yet, and one has an id and an alias that no input gives.
    """
    found, folder = read_tables(release), tmp_path_factory.mktemp("earlier") / "release"
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
    with not_loaded_back():
        return write_tables(found, PROJECT / "dataset_card.md", manifest(), folder).folder


def require_goes_on(folder: Path, earlier: Path) -> None:
    """Require that a release has all ids of the earlier one, and its alias."""
    now = read_tables(folder)
    assert set(read_tables(earlier)["papers"]["paper_id"]) < set(now["papers"]["paper_id"])
    assert dict(now["aliases"].select("alias_id", "paper_id").iter_rows()) == {FORMER: RENAMED}


LOADING_TAGS = """
import sys
from datasets import get_dataset_config_names, load_dataset
repo, *tags = sys.argv[1:]
for tag in tags:
    # What is over all licences holds the same rows again.
    names = [name for name in get_dataset_config_names(repo, revision=tag) if name[:4] != "all_"]
    for name in names:
        print(tag, name, load_dataset(repo, name, split="train", revision=tag).num_rows)
"""


def test_an_empty_machine_goes_on_from_the_release_on_the_hub(
    earlier: Path, api: str, hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    repo, folder = "ada/goes-on", tmp_path / "release"
    push(earlier, repo, tag=TAG, endpoint=hub.url)
    with hub.is_the_hub(), asking(api), not_loaded_back():
        done = in_process(
            *("refresh", PAGE, "--release", folder, "--interim", tmp_path / "interim"),
            *("--previous", f"{repo}@{TAG}", "--publish-to", repo),
        )
    assert done.exit_code == 0, done.stderr
    assert "1 added" in done.stdout
    require_goes_on(folder, earlier)
    (new,) = set(hub.repos[repo].tags) - {TAG}
    loaded = subprocess.run(
        [sys.executable, "-c", LOADING_TAGS, repo, TAG, new],
        env={**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hf")},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = [
        f"{tag} {name} {rows.height}"
        for tag, place in ((TAG, earlier), (new, folder))
        for name, rows in read_tables(place).items()
        if rows.height
    ]
    assert sorted(loaded.stdout.splitlines()) == sorted(expected), loaded.stderr


def test_an_empty_machine_follows_the_release_on_the_hub_unasked(
    earlier: Path, api: str, hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    repo, folder = "ada/follows", tmp_path / "release"
    push(earlier, repo, tag=TAG, endpoint=hub.url)
    with hub.is_the_hub(), asking(api), not_loaded_back():
        done = in_process(
            *("refresh", PAGE, "--release", folder, "--interim", tmp_path / "interim"),
            *("--publish-to", repo),
        )
    assert done.exit_code == 0, done.stderr
    assert "1 added" in done.stdout
    require_goes_on(folder, earlier)
    assert len(hub.repos[repo].tags) == 2
    assert read_manifest(folder)["previous_release"] == hash_manifest(earlier)


def test_missing_token_is_said_with_what_to_do(
    release: Path, hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with hub.is_the_hub():
        done = in_process("publish", "ada/other", "--release", release)
    assert done.exit_code == 2
    assert "HF_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr


def test_card_of_the_release_is_printed(release: Path) -> None:
    done = in_process("card", "--release", release)
    assert done.stdout == (release / "README.md").read_text(encoding="utf-8")


def test_run_leaves_its_summary_as_artifacts(published: str, api: str) -> None:
    assert published
    with asking(api) as client:
        found = {artifact.key: str(artifact.data) for artifact in client.read_latest_artifacts()}
    assert "73" in found["summary"]
    assert "papers_page" in found["sources"]
    assert PAGE.name in found["inputs"]
