"""The recipes of card and README, run: from a folder, and from a tag of the local Hub."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.publish import hub, write_release
from schemas.link import Link
from schemas.paper import Paper
from tests.builders import frame, link, manifest, paper, release_tables
from tests.hub_server import LocalHub
from tests.processes import PROJECT

pytestmark = [pytest.mark.usefixtures("unread"), pytest.mark.xdist_group("recipes")]

TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
REPO = "ada/open-papers"
CARD = PROJECT / "dataset_card.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a release of three papers, two with code; one answers questions, one has a project."""
    papers = [
        paper(1, tasks=["question-answering"]),
        paper(2),
        paper(3, code_url=None, code_urls=[], tasks=["question-answering"]),
    ]
    links = [link(1), link(2), link(3, kind="project")]
    tables = release_tables(3) | {"papers": frame(Paper, papers), "links": frame(Link, links)}
    made = tmp_path_factory.mktemp("recipes") / "release"
    return write_release.write_tables(tables, CARD, manifest(), made).folder


def recipes(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", CARD.read_text(), re.MULTILINE | re.DOTALL)


def recipe(language: str, word: str, folder: Path) -> str:
    """Give the one recipe of the card with a word, for the files of a folder."""
    (found,) = [one for one in recipes(language) if word in one]
    return found.replace("hf://datasets/OWNER/open-papers", str(folder))


def test_polars_joins_papers_and_their_code(folder: Path) -> None:
    lines = recipe("python", "pl.scan_parquet", folder).splitlines()
    names: dict[str, pl.DataFrame] = {}
    exec("\n".join([*lines[:-1], f"found = {lines[-1]}"]), names)  # noqa: S102  # our own card
    assert names["found"].sort("url")["url"].to_list() == [link(1)["url"], link(2)["url"]]


def test_polars_reads_papers_of_all_licences(tmp_path: Path) -> None:
    papers = [paper(1), paper(2, license="CC-BY-SA-4.0")]
    tables = release_tables(2) | {"papers": frame(Paper, papers)}
    made = write_release.write_tables(tables, CARD, manifest(), tmp_path / "release").folder
    names: dict[str, pl.DataFrame] = {"pl": pl}  # type: ignore[dict-item]  # as after the recipe before
    exec(recipe("python", "everything", made), names)  # noqa: S102  # our own card
    assert names["everything"]["license"].to_list() == ["CC0-1.0", "CC-BY-SA-4.0"]


def test_pandas_reads_papers(folder: Path) -> None:
    names: dict[str, list[str]] = {}
    exec(recipe("python", "pd.read_parquet", folder), names)  # noqa: S102  # our own card
    assert list(names["papers"]["paper_id"]) == [paper(n)["paper_id"] for n in (1, 2, 3)]  # type: ignore[call-overload]  # a frame of pandas


def test_duckdb_filters_papers(folder: Path) -> None:
    found = duckdb.sql(recipe("sql", "list_contains", folder)).fetchall()
    assert found == [(paper(1)["title"], paper(1)["code_url"])]


def test_duckdb_joins_papers_and_links(folder: Path) -> None:
    found = duckdb.sql(recipe("sql", "USING (paper_id)", folder)).fetchall()
    assert sorted(url for _, url in found) == [link(1)["url"], link(2)["url"]]


def test_own_arxiv_ids_are_joined(folder: Path, tmp_path: Path) -> None:
    ids = [f"{paper(1)['arxiv_id']}v2", paper(2)["arxiv_id"], "hep-th/9901001"]
    pl.DataFrame({"arxiv_id": ids}).write_csv(tmp_path / "mine.csv")
    query = recipe("sql", "mine.csv", folder).replace("mine.csv", str(tmp_path / "mine.csv"))
    assert sorted(duckdb.sql(query).fetchall()) == [
        (paper(n)["arxiv_id"], paper(n)["title"], paper(n)["code_url"]) for n in (1, 2)
    ]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with LocalHub() as started:
        started.add_user("ada", TOKEN)
        yield started


def test_load_dataset_takes_revision_columns_and_filters(
    folder: Path, server: LocalHub, tmp_path: Path
) -> None:
    tag = hub.push(folder, REPO, tag="2026.11.23", endpoint=server.url).tag
    loading = [one for one in recipes("python") if "load_dataset(" in one]
    assert len(loading) == 4
    script = "\n".join(loading).replace("OWNER/open-papers", REPO)
    script = script.replace("filters=", f'revision="{tag}", filters=')
    script += "\nimport json\nprint(json.dumps([links.num_rows, with_code['paper_id'][:]]))\n"
    environment = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *streamed, last = done.stdout.splitlines()
    assert len(streamed) == 3
    assert json.loads(last) == [3, [paper(1)["paper_id"], paper(2)["paper_id"]]]


def test_the_readme_s_recipes_run_beside_a_release(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "release").symlink_to(folder)
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert [name for name in ("datasets", "polars", "duckdb", "pandas") if name in str(blocks)] == [
        *("datasets", "polars", "duckdb", "pandas")
    ]
    told = 'print(len(papers), with_code["url"].to_list(), mine.rows(named=True)[0]["arxiv_id"])\n'
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*blocks, told])],
        cwd=tmp_path,
        env={**os.environ, "HF_HOME": str(tmp_path / "hf")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    urls = [link(1)["url"], link(2)["url"]]
    assert done.stdout.splitlines()[-1] == f"3 {urls} 2405.14906"
