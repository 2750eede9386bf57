"""Every recipe of the documents answers its question on a small release."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import polars as pl
import pytest

from flows.publish import write_release
from flows.site.recipes_page import read_recipes, show_recipes
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.topic import TopicLabel
from tests.builders import (
    frame,
    link,
    manifest,
    not_loaded_back,
    origin,
    paper,
    release_tables,
    template,
    topic,
)

RECIPES = {recipe["question"]: recipe["code"] for recipe in read_recipes()}
SLUG = "https://paperswithcode.com/paper/sparse-attention-for-long-documents"
FIRST = "arxiv:2603.00001"


def write_now(folder: Path) -> None:
    """Write a release in which each question has an answer."""
    papers = [
        paper(
            1,
            tasks=["question-answering"],
            arxiv_version=2,
            upvotes=9,
            votes=[{"day": date(2026, 11, 23), "upvotes": 9}],
            version_days=[date(2026, 3, 2), date(2026, 3, 9)],
        ),
        paper(2, tasks=["question-answering"], published=date(2025, 1, 1), is_withdrawn=True),
        paper(3, venue="Computational Linguistics, 52", abstract=None),
        paper(4, license="CC-BY-SA-4.0", languages=["swahili"]),
    ]
    model = {"url": "https://huggingface.co/lab/sparse", "kind": "model", "repo": "lab/sparse"}
    community = {"url": "https://github.com/else/port", "repo": "else/port", "is_official": False}
    links = [
        link(1),
        link(1, **model),
        link(1, **community),
        link(2, moved_from=["https://github.com/lab/old"]),
        link(3, **community),
    ]
    swahili = {"phrase": "Swahili", "field": "title", "start": 0, "end": 7, "weight": 1.0}
    topics = [topic(4, facet="language", topic="swahili", evidence=[swahili])]
    origins = [
        *(origin(n) for n in range(2, 5)),
        origin(1, arxiv_id="2603.00001v2", upvotes=9),
        origin(
            5,
            paper_id=FIRST,
            source="papers_with_code",
            source_id=SLUG,
            rule="identifier",
            license="CC-BY-SA-4.0",
        ),
    ]
    tables = release_tables(4) | {
        "papers": frame(Paper, papers),
        "links": frame(Link, links),
        "topics": frame(TopicLabel, topics),
        "origins": frame(Origin, origins),
    }
    write_release.write_tables(tables, template(folder), manifest(), folder / "release")


def write_before(folder: Path) -> None:
    """Write the release before it: another title, fewer votes, one paper more and one less."""
    votes = [{"day": date(2026, 11, 1), "upvotes": 3}]
    papers = [paper(1, title="Sparse attention", votes=votes), paper(2), paper(3), paper(9)]
    origins = [origin(1), origin(2), origin(3), origin(9)]
    tables = release_tables(4) | {"papers": frame(Paper, papers), "origins": frame(Origin, origins)}
    write_release.write_tables(tables, template(folder), manifest(), folder / "release.before")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    with not_loaded_back():
        write_now(folder / "data")
        write_before(folder / "data")
    checks = {"url": "https://github.com/lab/sparse-1", "checked_at": date(2026, 11, 20)}
    row = checks | {"status": "gone", "http_status": 404, "last_seen": date(2026, 6, 1)}
    (folder / "data" / "link_checks").mkdir()
    frame(LinkCheck, [row]).write_parquet(folder / "data" / "link_checks" / "2026-11-20.parquet")
    return folder


@pytest.fixture
def answer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Run the recipe of a question where the release lies, and give its answer."""
    tags = [SimpleNamespace(name=name) for name in ("2026.11.23", "2026.11.23.1", "2026.11.27")]
    api = SimpleNamespace(list_repo_refs=lambda *_, **__: SimpleNamespace(tags=tags))
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: api)
    monkeypatch.chdir(folder)

    def run(question: str) -> Any:
        names: dict[str, Any] = {}
        exec(compile(RECIPES[question], question, "exec"), names)  # noqa: S102  # our own document
        return names["answer"]

    return run


def test_the_page_shows_each_question() -> None:
    assert len(RECIPES) == len(EXPECTED)
    page = "".join(str(part) for part in show_recipes())  # type: ignore[union-attr]  # a list
    assert all(f"recipe-{place}" in page for place in range(1, len(RECIPES) + 1))


EXPECTED: dict[str, Callable[[Any], Any]] = {
    "Where is the code of a paper?": lambda rows: (
        rows["url"].to_list() == ["https://github.com/else/port", "https://github.com/lab/sparse-1"]
    ),
    "Which papers of a task have code by their own authors, since a date?": lambda rows: (
        rows["paper_id"].to_list() == [FIRST]
    ),
    "Which repositories were renamed, and which are gone?": lambda rows: (
        rows["status"].to_list() == ["renamed", "gone"]
        and rows["detail"].to_list() == ["https://github.com/lab/old", "last seen 2026-06-01"]
    ),
    "Which models and datasets does a paper publish?": lambda rows: (
        rows["repo"].to_list() == ["lab/sparse"]
    ),
    "Which arXiv id does an old Papers with Code address have?": lambda rows: (
        rows["arxiv_id"].to_list() == ["2603.00001"]
    ),
    "What changed between two releases?": lambda changes: (
        changes
        == {"added": ["arxiv:2603.00004"], "gone": ["arxiv:2603.00009"], "new title": [FIRST]}
    ),
    "Which release was the newest on a day?": lambda tag: tag == "2026.11.23.1",
    "Which papers were withdrawn or retracted?": lambda rows: (
        rows["paper_id"].to_list() == ["arxiv:2603.00002"]
    ),
    "Why are two records one paper?": lambda rows: (
        sorted(rows["rule"].to_list()) == ["identifier", "single"]
    ),
    "Why is a link called the authors' own?": lambda rows: (
        rows.height == 3 and set(rows["role_words"].to_list()) == {"our code is available"}
    ),
    "Why does a paper have a topic?": lambda rows: rows["phrase"].to_list() == ["Swahili"],
    "How do I join a list of my own?": lambda rows: rows["paper_id"].to_list() == [FIRST, None],
    "How did a paper's votes grow?": lambda rows: rows["upvotes"].to_list() == [3, 9],
    "Which papers of a venue have code?": lambda rows: rows.height == 1,
    "How many papers of each topic appeared per month?": lambda rows: (
        rows["papers"].to_list() == [1, 3]
    ),
    "Which papers have no abstract?": lambda rows: (
        rows["paper_id"].to_list() == ["arxiv:2603.00003"]
    ),
    "What was rejected, and why?": lambda rows: rows["reason"].to_list() == ["ambiguous-block"],
    "Which licence does each row have?": lambda rows: (
        dict(rows.iter_rows()) == {"CC0-1.0": 3, "CC-BY-SA-4.0": 1}
    ),
    "Which versions of a paper were seen?": lambda rows: (
        rows.rows() == [(1, date(2026, 3, 2)), (2, date(2026, 3, 9))]
    ),
    "Which code is the authors' own, and which is the community's?": lambda rows: (
        rows.row(0, named=True)["own"] == ["https://github.com/lab/sparse-1"]
        and rows.row(0, named=True)["community"] == ["https://github.com/else/port"]
    ),
    "Which ten repositories do most papers use?": lambda rows: (
        rows.row(0) == ("github.com", "else/port", 2)
    ),
    "Which papers study a human language?": lambda rows: rows["words"].to_list() == [["Swahili"]],
}


@pytest.mark.parametrize("question", RECIPES)
def test_recipe_answers_its_question(answer: Callable[[str], Any], question: str) -> None:
    result = answer(question)
    assert not isinstance(result, pl.LazyFrame)
    assert EXPECTED[question](result), result
