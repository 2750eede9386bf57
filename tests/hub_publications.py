"""Releases to publish, a local copy of the Hub to publish them to, and what is there afterwards."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl

from flows.publish import hub, write_release
from tests.builders import manifest, release_tables, template
from tests.hub_server import Blob, LocalHub

REPO = "ada/open-papers"


TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test


EARLIER = "e" * 64
"""The digest of a release that is on no Hub any more."""


DATED = re.compile(r"\d{4}\.\d{2}\.\d{2}(\.\d+)?")


def written(folder: Path, more: int) -> Path:
    given = release_tables(2 + more)
    tables = {name: given[name] for name in ("papers", "links")}
    told = manifest(previous_release=EARLIER if more else None)
    return write_release.write_tables(tables, template(folder), told, folder / f"{more}").folder


def publish(folder: Path, server: LocalHub, repo: str = REPO, **given: object) -> hub.PushReport:
    return hub.push(folder, repo, endpoint=server.url, **given)  # type: ignore[arg-type]  # of `push`


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def ours(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != ".gitattributes"}


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
