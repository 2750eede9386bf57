"""Releases that are written to a folder, and what is in the folder afterwards."""

import hashlib
from pathlib import Path

import polars as pl

from flows.publish import write_release
from schemas.alias import Alias
from schemas.change import Change
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.rejection import Rejection
from schemas.topic import TopicLabel
from tests.builders import (
    frame,
    link,
    not_loaded_back,
    origin,
    paper,
    rejection,
    topic,
    write_small,
)


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(folder: Path, papers: int = 3, **told: object) -> write_release.WrittenRelease:
    """Write a release of two tables; only the tests that are about it load it back."""
    with not_loaded_back():
        return write_small(folder, papers, **told)


SHARED = "CC-BY-SA-4.0"


def with_share_alike_rows() -> dict[str, pl.DataFrame]:
    secret = {"license": SHARED}
    return {
        "papers": frame(Paper, [paper(1), paper(2, title="Secret title", **secret)]),
        "links": frame(Link, [link(1), link(2, url="https://example.org/secret", **secret)]),
        "topics": frame(TopicLabel, [topic(1), topic(2, topic="secret-topic", **secret)]),
        "origins": frame(Origin, [origin(1), origin(2, title="Secret origin", **secret)]),
        "aliases": frame(Alias, []),
        "changes": frame(Change, []),
        "rejections": frame(
            Rejection, [rejection(1), rejection(2, source="papers_with_code", excerpt="secret")]
        ),
    }
