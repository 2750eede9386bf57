"""A file is of the source that knows its beginning, or it is said why it is of none."""

from pathlib import Path
from types import ModuleType

import pytest

from flows.raw.archives import ContentStream, Member, open_members
from flows.raw.json_head import HEAD_BYTES
from flows.raw.recognition import recognise_source
from flows.sources import SOURCES
from schemas.vocabulary import Source


def test_a_byte_order_mark_alone_is_an_empty_file() -> None:
    member = Member(None, None, ContentStream(iter([b"\xef\xbb\xbf\n"])))
    assert recognise_source(Path("some.file"), member, {}).reason == "is empty"


def test_a_file_that_begins_with_blanks_alone_is_not_called_empty() -> None:
    member = Member(None, None, ContentStream(iter([b"\n" * HEAD_BYTES, b'{"id": 1}'])))
    reason = recognise_source(Path("some.file"), member, {}).reason
    assert reason == "begins with 65,536 blanks: take them out"


def test_a_reader_that_fails_is_named_and_no_other_is_asked() -> None:
    def fail(_: bytes) -> bool:
        raise KeyError("x")

    member = Member(None, None, ContentStream(iter([b"text"])))
    recognition = recognise_source(Path("some.file"), member, {Source.ARXIV: fail})
    assert recognition.source is None
    assert recognition.reason == "the reader of arxiv fails on it (KeyError): report this"


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_a_head_of_blanks_is_looked_at_once(source: ModuleType) -> None:
    # By the square it takes a quarter of a minute.
    assert not source.recognise(b" " * HEAD_BYTES)
    assert not source.recognise(b"\n" * HEAD_BYTES)


def test_sources_are_given_the_beginning_of_a_file_and_no_more_however_long_it_is() -> None:
    heads: list[bytes] = []

    def keep(head: bytes) -> bool:
        heads.append(head)
        return False

    content = b"a" * HEAD_BYTES + b"\0PAR1" * 10
    member = Member(None, None, ContentStream(iter([content])))
    # A byte behind it would be told of: the description is of the beginning, too.
    assert (
        "is text that begins with 'aaa"
        in recognise_source(Path("some.file"), member, {Source.ARXIV: keep}).reason
    )
    assert heads == [b"a" * HEAD_BYTES]
    assert member.stream.read() == content


def test_a_first_value_longer_than_any_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"rows": [' + b'{"name": "a"}, ' * 600_000 + b"{}]}")
    (reason,) = (recognise_source(path, member, {}).reason for member in open_members(path))
    assert reason.startswith("is JSON with the fields rows, name; its first value has more than")
    assert "jq -c" in reason


@pytest.mark.parametrize(
    "text",
    [
        '{"id":{"0":"2301.00001"},"title":{"0":"A"},"abstract":{"0":"B"},"categories":{"0":"cs"}}',
        '{"columns":["id","title","abstract","categories"],"index":[0],"data":[["2301.00001"]]}',
        (
            '{"id": ["2301.00001", "2301.00002"], "title": ["A", "B"], "abstract": ["C", "D"], '
            '"categories": ["cs.LG", "cs.CL"]}'
        ),
    ],
)
def test_a_table_by_columns_is_refused_and_not_read_as_one_record(text: str) -> None:
    member = Member(None, None, ContentStream(iter([text.encode()])))
    sources = {name: module.recognise for name, module in SOURCES.items()}
    assert recognise_source(Path("a.json"), member, sources).reason == (
        "is JSON that holds a table column by column: write it row by row, with pandas by "
        "`to_json(path, orient='records', lines=True)`"
    )
