"""Excerpts of broken records show no name of a person who has an account."""

import json
import random
from datetime import date
from pathlib import Path

import pytest

from flows.raw.archives import ContentStream
from flows.raw.batch import parse_stream
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import SOURCES
from flows.sources.shared.excerpts import show_fields
from schemas.vocabulary import Source

RECORDS = {
    Source.ARXIV: {
        "id": "2301.00001",
        "submitter": "Zoe Zubmitter",
        "authors": "A. B",
        "title": "On a title",
        "abstract": "We study",
        "categories": "cs.LG",
        "update_date": "2023-01-01",
    },
    Source.DAILY_PAPERS: {
        "paper": {
            "id": "2301.00001",
            "title": "On a title",
            "summary": "We study",
            "submittedOnDailyBy": {"fullname": "Zoe Zubmitter", "avatarUrl": "/zubmitter"},
        },
        "submittedBy": {"fullname": "Zoe Zubmitter", "name": "zubmitter"},
        "publishedAt": "2023-01-01T00:00:00.000Z",
    },
    Source.OPENREVIEW: {
        "id": "abcdef",
        "forum": "abcdef",
        "invitation": "A.cc/2023/Conference/-/Submission",
        "signatures": ["~Zoe_Zubmitter1"],
        "content": {"title": "On a title", "authorids": ["~Zoe_Zubmitter1"]},
    },
}


@pytest.mark.parametrize("source", RECORDS)
def test_no_excerpt_of_a_broken_file_names_who_submitted(source: Source) -> None:
    dice = random.Random(7)  # noqa: S311  # the same cuts each time
    raw = RawFile(Path("a.json"), source, date(2026, 1, 1), "0" * 64)
    whole = "\n".join([json.dumps(RECORDS[source])] * 4)
    rejected = 0
    for _ in range(25):
        place, end = sorted(dice.sample(range(len(whole)), 2))
        content = (whole[:place] + whole[end:]).encode()
        try:
            batches = list(parse_stream(raw, ContentStream(iter([content])), SOURCES[source].parse))
        except RefusedInput:
            continue
        for batch in batches:
            rejected += batch.rejections.height
            assert "zubmitter" not in str(batch.rejections.rows()).lower()
    assert rejected


@pytest.mark.parametrize("place", ["first", "last", "list"])
def test_the_id_of_an_account_within_a_record_is_not_shown(place: str) -> None:
    account = {"user": {"id": "64f0c0ffee", "details": {"id": "zubmitter"}}}
    listed = {"authors": [{"id": "zubmitter", "title": "Dr"}]}
    record = {"id": "2301.00001", "title": "On {a} title"}
    parts = {"first": [account, record], "last": [record, account], "list": [listed, record]}
    text = json.dumps({name: value for part in parts[place] for name, value in part.items()})
    shown = show_fields(text, ("id", "title"))
    assert shown == '"id": "2301.00001", "title": "On {a} title"'
    assert show_fields(text.replace('"', "'"), ("id", "title")) == shown.replace('"', "'")
    assert "zubmitter" not in show_fields(text[: text.find("zubmitter") + 9], ("id", "title"))


def test_many_brackets_take_no_longer_than_their_number() -> None:
    assert show_fields('{"a": [' * 50_000 + '"id": "1"' + "]" * 50_000, ("id",)) == ""
