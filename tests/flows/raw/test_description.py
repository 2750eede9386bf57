"""A file that no source knows is called what it is, with what its owner can do."""

import pickle
import time

import pytest

from flows.raw.description import describe_content
from flows.raw.json_head import HEAD_BYTES


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"[[Logo] Site][1]\n* [ Models ][2]\n", "is text with Markdown's links"),
        (b"[see](https://example.org)", "is text with Markdown's links"),
        (b"[" * 500, "is JSON without fields"),
        (b'[{"a": 1}]', "is JSON with the fields a"),
        (b"[1, 2]", "is JSON without fields"),
        (b"{'a': 1}", "is what Python prints of its objects"),
        (b"PAR1\x15\x04", "is a Parquet file"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (b"SQLite format 3\x00", "is an SQLite database"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
        (pickle.dumps([{"id": "1"}], 0), "is a Python pickle: export its rows"),
        (pickle.dumps([{"id": "1"}], 2), "is a Python pickle: export its rows"),
        (pickle.dumps([{"id": "1"}], 5), "is a Python pickle: export its rows"),
        (b"window.papers = [\n", "is JavaScript: keep only the JSON"),
        (b"export default [{", "is JavaScript"),
        (b'callback([{"id": 1}]);', "is JavaScript"),
        (b'"[{\\"id\\": 1}]"', "is JSON within a text of JSON"),
        (b"\xef\xbb\xbf%0 Journal Article\n", "is a list of references in EndNote's own form"),
        (b"FN Clarivate Analytics\n", "is a list of references in Web of Science's own form"),
        (b"<modsCollection>", "is XML or HTML of <modsCollection> with references: export it as"),
        (b"<xml><records><record>", "is XML or HTML of <xml> with references: export it as BibTeX"),
        (
            b'"Key","Item Type","Title"\n"A","book","B"\n',
            "is a table with the columns Key, Item Type, Title: export it as BibTeX",
        ),
        (b"[ ]\n", "is JSON that holds nothing"),
        (b"null", "is JSON that holds nothing"),
        (
            b'{"message": "Too Many Requests.", "code": "429"}',
            "is an error that a service answered, 'Too Many Requests.': ask for it again",
        ),
        (b"\xff\xff\xff\xff\x10\x01", "is an Arrow stream, as `datasets` saves to disk: export"),
        (b"HTTP/1.1 200 OK\r\n\r\n[]", "is an answer with the headers of HTTP"),
        (b"- id: 1\n  title: A\n", "is YAML"),
        (b"- one: of a list\n- another: of it\n", "is text that begins with '- one: of a list'"),
        (
            b"<!DOCTYPE html>\n<html><head><title>Just a\n moment...</title>",
            "is XML or HTML of <html> with the title 'Just a moment...'",
        ),
        (
            b"id,title,abstract\n2.30E+03,A,B\n",
            "is a table with the columns id, title, abstract; ids",
        ),
        (
            b"id;title;abstract\n704,001;A;B\n",
            "is a table with the columns id, title, abstract; ids",
        ),
    ],
)
def test_content_is_called_what_it_is(head: bytes, name: str) -> None:
    assert describe_content(head).startswith(name)


def test_a_long_run_of_blank_lines_is_looked_through_once() -> None:
    started = time.process_time()
    assert describe_content(b"a" + b"\n" * HEAD_BYTES) == "is text that begins with 'a'"
    # It took 18 s, with each line the rest of all.
    assert time.process_time() - started < 1


def test_whole_ids_in_a_table_are_not_called_numbers() -> None:
    table = b"id,title,upvotes\n2504.20734,A,1\n0704.0001,B,2\n"
    assert describe_content(table) == "is a table with the columns id, title, upvotes"
