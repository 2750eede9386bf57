"""However much of a file is refused, its rejections stay few, and what was left out is counted."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pytest

from flows.raw import batch
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch, make_rejection, parse_stream, tabulate_rejections
from flows.raw.raw_file import RawFile
from flows.sources import acl_anthology, arxiv
from flows.sources.acl_anthology import parser
from flows.sources.arxiv import xml_rows
from schemas.vocabulary import Reason, Source
from tests.source_files import FIXTURES

RAW = RawFile(Path("dump.json"), Source.ARXIV, date(2026, 11, 23), "0" * 64)


def refuse_each_line(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Parse a toy format in which every line is refused, three at a time."""
    lines = stream.read().splitlines()
    for start in range(0, len(lines), 3):
        rows = [
            make_rejection(
                raw,
                number,
                Reason.NO_TITLE if line == b"untitled" else Reason.MALFORMED,
                detail="no",
                excerpt="",
            )
            for number, line in enumerate(lines[start : start + 3], start + 1)
        ]
        yield Batch(rejections=tabulate_rejections(rows))


def rejections_of(content: bytes) -> pl.DataFrame:
    batches = parse_stream(RAW, ContentStream(iter([content])), refuse_each_line)
    return pl.concat([each.rejections for each in batches])


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "SAME_REJECTIONS", 4)


def test_rejections_for_one_reason_are_counted_after_so_many() -> None:
    rejections = rejections_of(b"x\n" * 9)
    assert rejections["line"].to_list() == [1, 2, 3, 4, 9]
    last = rejections.row(-1, named=True)
    assert last["reason"] == "truncated"
    assert last["detail"] == "5 more are malformed, the first at 5, the last at 9"


def test_each_reason_is_counted_by_itself() -> None:
    rejections = rejections_of(b"x\nuntitled\n" * 4)
    assert rejections.height == 8
    assert "truncated" not in rejections["reason"].to_list()


def test_a_file_of_which_nothing_can_be_read_is_not_read_to_its_end() -> None:
    rejections = rejections_of(b"x\n" * 100)
    assert rejections["line"].max() == 18


@pytest.mark.parametrize(
    ("source", "fixture", "end", "empty"),
    [
        (arxiv, "arxiv/harvest.xml", b"</ListRecords>", b"<record/>"),
        (arxiv, "arxiv/feed.xml", b"</feed>", b"<entry/>"),
        (arxiv, "arxiv/announced.rss", b"</channel>", b"<item/>"),
        (acl_anthology, "acl_anthology/2022.toy.xml", b"</volume>", b"<paper/>"),
    ],
)
def test_what_xml_readers_refuse_comes_in_batches_as_what_they_accept_does(
    source: Any, fixture: str, end: bytes, empty: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_rows, "BATCH_RECORDS", 50)
    monkeypatch.setattr(parser, "BATCH_PAPERS", 50)
    start, last, rest = (FIXTURES / fixture).read_bytes().rpartition(end)
    raw = RawFile(Path("x"), source.SOURCE, date(2026, 11, 24), "0" * 64)
    content = io.BytesIO(start + empty * 200 + last + rest)
    heights = [batch.rejections.height for batch in source.parse(raw, content)]
    assert sum(heights) >= 200
    assert max(heights) <= 50
