"""Builders: valid rows of every table, of which a test states only what it is about."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.publish import write_release
from schemas.alias import Alias
from schemas.change import Change
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.rejection import Rejection
from schemas.release import SCHEMA_VERSION
from schemas.resolution import Resolution
from schemas.table import Table
from schemas.topic import TopicLabel

DAY = date(2026, 11, 23)
FILE_SHA256 = "fedf47de863a"


def frame(model: type[Table], rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=model.dtypes())


def number(n: int) -> str:
    return f"2603.{n:05}"


def paper(n: int = 1, **given: Any) -> dict[str, Any]:
    title = f"Sparse attention for long documents, part {n}"
    return {
        "paper_id": f"arxiv:{number(n)}",
        "title": title,
        "title_as_written": title,
        "abstract": f"We study attention over {n} tokens. Code: https://github.com/lab/sparse-{n}.",
        "abstract_as_written": None,
        "authors": ["Ada Lovelace", "Kurt Gödel"],
        "arxiv_id": number(n),
        "arxiv_version": None,
        "arxiv_url": f"https://arxiv.org/abs/{number(n)}",
        "arxiv_doi": f"10.48550/arxiv.{number(n)}",
        "hf_paper_url": f"https://huggingface.co/papers/{number(n)}",
        "pdf_url": f"https://arxiv.org/pdf/{number(n)}",
        "doi": None,
        "acl_id": None,
        "openreview_id": None,
        "published": date(2026, 3, 1 + n % 28),
        "year": 2026,
        "month": 3,
        "updated": None,
        "venue": None,
        "categories": ["cs.CL", "cs.LG"],
        "sources": ["papers_page"],
        "code_url": f"https://github.com/lab/sparse-{n}",
        "code_urls": [f"https://github.com/lab/sparse-{n}"],
        "code_availability": "available",
        "areas": ["natural-language-processing"],
        "tasks": [],
        "methods": [],
        "domains": [],
        "contributions": [],
        "languages": [],
        "upvotes": n,
        "votes": [{"day": DAY, "upvotes": n}],
        "keywords": [],
        "version_days": [],
        "unnamed_authors": None,
        "is_withdrawn": False,
        "is_retracted": False,
        "first_seen": DAY,
        "last_seen": DAY,
        "license": "CC0-1.0",
    } | given


def link(n: int = 1, **given: Any) -> dict[str, Any]:
    url = f"https://github.com/lab/sparse-{n}"
    mention = {
        "record_id": f"papers_page:{FILE_SHA256}:{n}",
        "field": "abstract",
        "start": 40,
        "end": 40 + len(url),
        "written": url,
        "sentence": f"Code: {url}.",
    }
    return {
        "paper_id": f"arxiv:{number(n)}",
        "url": url,
        "kind": "code",
        "host": "github.com",
        "repo": f"lab/sparse-{n}",
        "identifier": None,
        "availability": "available",
        "role": "own",
        "role_words": "our code is available",
        "is_official": True,
        "moved_from": [],
        "mentions": [mention],
        "license": "CC0-1.0",
    } | given


def topic(n: int = 1, **given: Any) -> dict[str, Any]:
    evidence = {"field": "title", "start": 7, "end": 16, "phrase": "attention", "weight": 0.75}
    return {
        "paper_id": f"arxiv:{number(n)}",
        "facet": "area",
        "topic": "natural-language-processing",
        "role": "primary",
        "score": 0.875,
        "is_assigned": True,
        "evidence": [evidence],
        "license": "CC0-1.0",
    } | given


def origin(n: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "record_id": f"papers_page:{FILE_SHA256}:{n}",
        "paper_id": f"arxiv:{number(n)}",
        "source": "papers_page",
        "snapshot": DAY,
        "file": "page.txt",
        "member": None,
        "line": n,
        "source_id": None,
        "title": f"Sparse attention for long documents, part {n}",
        "abstract": f"We study attention over {n} tokens.",
        "authors": ["Ada Lovelace"],
        "categories": [],
        "classes": [],
        "keywords": [],
        "version_days": [],
        "urls": [],
        "is_withdrawn": False,
        "is_retracted": False,
        "rule": "single",
        "score": 1.0,
        "matched_record_id": None,
        "license": "CC0-1.0",
    } | given


def resolution(n: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "record_id": f"papers_page:{FILE_SHA256}:{n}",
        "arxiv_id": number(n),
        "resolver": "index:title",
        "score": 1.0,
        "evidence": f"Sparse attention for long documents, part {n}",
        "license": "CC0-1.0",
    } | given


def alias(n: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "alias_id": f"title:{n:016x}",
        "paper_id": f"arxiv:{number(n)}",
        "since": DAY,
    } | given


def change(n: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "paper_id": f"arxiv:{number(n)}",
        "change": "added",
        "columns": [],
        "into": None,
        "reason": None,
    } | given


def rejection(n: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "source": "papers_page",
        "snapshot": DAY,
        "file": "page.txt",
        "member": None,
        "line": 10_000 + n,
        "record_id": None,
        "reason": "ambiguous-block",
        "detail": "one paragraph where a title and an abstract were expected",
        "excerpt": "Upvote",
    } | given


def release_tables(papers: int = 3) -> dict[str, pl.DataFrame]:
    """Give the tables of a small release in which everything refers to something."""
    numbers = range(1, papers + 1)
    return {
        "papers": frame(Paper, [paper(n) for n in numbers]),
        "links": frame(Link, [link(n) for n in numbers]),
        "topics": frame(TopicLabel, [topic(n) for n in numbers]),
        "origins": frame(Origin, [origin(n) for n in numbers]),
        "resolutions": frame(Resolution, [resolution(1)]),
        "aliases": frame(Alias, [alias(1)]),
        "changes": frame(Change, [change(n) for n in numbers]),
        "rejections": frame(Rejection, [rejection(1)]),
    }


def manifest(**given: Any) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "inputs": [
            {
                "source": "papers_page",
                "file": "page.txt",
                "snapshot": DAY.isoformat(),
                "sha256": FILE_SHA256.ljust(64, "0"),
            }
        ],
        "previous_release": None,
        "code": {"open-papers": "0.1.0", "sha256": "c" * 64},
        "packages": {"polars": "2.1.0", "pyarrow": "26.0.1"},
        "curation": "d" * 64,
    } | given


def template(folder: Path) -> Path:
    """Write a card of front matter and one block, for tests that are not about the card."""
    path = folder / "dataset_card.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    front = {"language": ["en"], "pretty_name": "Open Papers"}
    path.write_text(f"---\n{json.dumps(front)}\n---\n# Open Papers\n\n<!-- block: counts -->\n")
    return path


def small_tables(papers: int = 3) -> dict[str, pl.DataFrame]:
    """Give two tables with rows: a release that is quickly written."""
    given = release_tables(papers)
    return {name: t if name in {"papers", "links"} else t.clear() for name, t in given.items()}


def write_small(folder: Path, papers: int = 3, **told: object) -> write_release.WrittenRelease:
    """Write a release of two tables and load it back."""
    return write_release.write_tables(
        small_tables(papers), template(folder.parent), manifest(**told), folder
    )


@contextmanager
def not_loaded_back() -> Iterator[None]:
    """Write releases without reading them with `datasets`, which takes longer than the rest."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(write_release, "require_loadable", lambda *_: set())
        yield


def written_release(folder: Path, papers: int = 3) -> Path:
    """Write the tables of a small release as it lies on disk, without reading them back."""
    with not_loaded_back():
        return write_release.write_tables(
            release_tables(papers), template(folder.parent), manifest(), folder
        ).folder
