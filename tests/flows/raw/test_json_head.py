"""The fields of a first record that is longer than the head of its file are in the head."""

import json

import pytest

from flows.raw.archives import ContentStream
from flows.raw.json_head import HEAD_BYTES, WRITTEN_BYTES, peek_head
from flows.sources import SOURCES
from schemas.vocabulary import Source

NAMES = [["Bee", f"A{n}", ""] for n in range(6_000)]
RECORD = {
    "id": "1501.00001",
    "authors": ", ".join(f"A{n} Bee" for n in range(6_000)),
    "title": "A long list",
    "authors_parsed": NAMES,
    "categories": "hep-ex",
    "abstract": "All of them.",
    "versions": [],
}


def peek(text: str) -> bytes:
    content = text.encode()
    stream = ContentStream(iter([content]))
    head = peek_head(stream)
    assert stream.read() == content
    return head


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("value", [RECORD, [RECORD, RECORD]])
def test_a_file_whose_first_record_names_thousands_of_authors_is_known(
    value: object, indent: int | None
) -> None:
    head = peek(json.dumps(value, indent=indent))
    assert len(head) <= HEAD_BYTES
    assert SOURCES[Source.ARXIV].recognise(head)


def test_a_first_value_without_end_leaves_the_head_as_it_is() -> None:
    endless = '{"id": "' + "x" * (9 << 20)
    nested = '{"a":' * HEAD_BYTES
    assert peek(endless) == endless[:HEAD_BYTES].encode()
    assert peek(nested)[:WRITTEN_BYTES] == nested[:WRITTEN_BYTES].encode()


@pytest.mark.parametrize("depth", [300, 700, 900])
def test_a_first_value_that_is_nested_deeply_ends_no_run(depth: int) -> None:
    nested = {"id": "2301.00001", "title": "x" * HEAD_BYTES}
    deep = f'{json.dumps(nested)[:-1]}, "a": {"[" * depth}{"]" * depth}}}'
    head = peek(deep)
    assert b'"title": "xxx' in head
    assert len(head) < HEAD_BYTES
