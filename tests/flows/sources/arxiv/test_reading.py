"""A slice of the snapshot is read at once where it is regular, else value by value."""

import io
from typing import Any

import pytest

from flows.raw.json_cutter import cut_lines
from flows.sources import arxiv
from flows.sources.arxiv import reading
from schemas.vocabulary import Reason
from tests.arxiv_lines import line
from tests.source_files import parse

MANY = 3_000
"""Lines that are enough to be read at once."""


def many(special: bytes = b"", at: int = MANY // 2) -> bytes:
    rows = [line(id=f"2301.{number:05d}") for number in range(1, MANY)]
    return b"".join([*rows[:at], special, *rows[at:]])


def read(content: bytes) -> reading.ParsedSlice:
    [whole] = cut_lines(io.BytesIO(content))
    assert len(whole.positions) > reading.FEW_VALUES
    return reading.read_slice(whole)


def test_reading_at_once_gives_what_reading_each_gives() -> None:
    [whole] = cut_lines(io.BytesIO(many()))
    at_once, each = reading.read_slice_at_once(whole), reading.read_slice_by_value(whole)
    assert at_once is not None
    assert at_once.frame.equals(each.frame)
    assert at_once.unseen == each.unseen == {}


@pytest.mark.parametrize(
    "title", [": a colon first", 'a "quoted": word', "ends in a backslash \\", '"', '":']
)
def test_a_title_with_quotes_and_colons_is_still_read_at_once(title: str) -> None:
    [whole] = cut_lines(io.BytesIO(many(line(title=title, authors=title))))
    at_once = reading.read_slice_at_once(whole)
    assert at_once is not None
    assert title in at_once.frame["title"]


def test_a_field_that_every_line_of_many_has_is_counted_without_slowing_down() -> None:
    content = many().replace(b'"doi"', b'"novel": 5, "doi"')
    assert read(content).unseen == {"novel": MANY - 1}


@pytest.mark.parametrize(
    ("special", "check"),
    [
        (line(novel=1), lambda made: made.unseen == {"novel": 1}),
        (
            line(categories=["cs.CL", "68T50"]),
            lambda made: "cs.CL 68T50" in made.frame["categories"],
        ),
        (line(title=["a", "b"]), lambda made: made.complaints[0].reason == Reason.MALFORMED),
        (b'{"id": oops\n', lambda made: made.complaints[0].position == MANY // 2 + 1),
        (b"\n", lambda made: made.frame["line"].max() == MANY),
        (line(title="\ud800"), lambda made: "\ufffd" in made.frame["title"]),
        (
            line(title=r"\ud83d").replace(b"}\n", b', "comments": "\\ude00"}\n'),
            lambda made: r"\ud83d" in made.frame["title"] and "\ufffd" in made.frame["comments"],
        ),
        (line(title=True), lambda made: made.complaints[0].reason == Reason.MALFORMED),
        (line(title=-1.5e300), lambda made: made.complaints[0].reason == Reason.MALFORMED),
        (line(title="1984"), lambda made: "1984" in made.frame["title"]),
        (
            line(abstract=False),
            lambda made: (
                made.unseen == {"abstract: bool in the place of a text": 1}
                and made.frame["abstract"].null_count() == 1
            ),
        ),
        (line(title="\U0001d54f"), lambda made: "\U0001d54f" in made.frame["title"]),
        (
            line(versions=[{"version": "v1", "created": "x", "size": 1}]),
            lambda made: made.unseen == {"versions.size": 1},
        ),
        (line(title='"quoted": yes'), lambda made: '"quoted": yes' in made.frame["title"]),
    ],
)
def test_one_odd_line_among_many_is_seen(special: bytes, check: Any) -> None:
    made = read(many(special))
    assert check(made)
    assert made.frame.height + len(made.complaints) >= MANY - 1


def test_records_of_many_lines_come_in_order_with_their_lines() -> None:
    made = parse(arxiv, many(line(id="704.001")))
    expected = [number for number in range(1, MANY + 1) if number != MANY // 2 + 1]
    assert made.records["line"].to_list() == expected
    assert made.reasons == [(MANY // 2 + 1, "float-identifier")]


def test_versions_without_dates_are_counted_as_an_unknown_shape() -> None:
    parsed = parse(arxiv, line(versions=["v1", "v2"]))
    assert parsed.unseen == {"versions: str in the place of an object": 2}
    assert parsed.record["published"] is None


def test_authors_may_be_a_list_and_versions_may_have_their_days_beside_them() -> None:
    made = parse(
        arxiv,
        line(
            authors=["A. Berg", "Dahl, Bo"],
            authors_parsed=None,
            versions=["v1", "v2"],
            versions_dates=["Mon, 2 Apr 2007 19:18:42 GMT", "Tue, 24 Jul 2007 20:10:27 GMT"],
        ),
    )
    assert made.record["authors"] == ["A. Berg", "Dahl, Bo"]
    assert [str(made.record[name]) for name in ("published", "updated")] == [
        "2007-04-02",
        "2007-07-24",
    ]
    assert not made.unseen


@pytest.mark.parametrize(
    "around",
    [
        b'{"papers": [%s, %s]}',
        b'{"2301.00001": %s, "2301.00002": %s}',
        b'{"day": "2024-01-01", "count": 2, "data": [%s, %s]}',
        b'{\n "papers": [\n%s,\n%s]\n}\n',
        b'{"papers": [%s]}\n{"papers": [%s]}\n',
        b'{"cs": {"2024": {"LG": [%s], "CL": [%s]}}}',
    ],
)
def test_records_are_read_from_the_object_around_them(around: bytes) -> None:
    made = parse(arxiv, around % (line().strip(), line(id="2301.00002").strip()))
    assert made.records["line"].to_list() == [1, 2]
    assert made.rejections.is_empty()


def test_an_object_around_records_is_read_however_long() -> None:
    some = b",".join([line(abstract="x" * 1_000_000).strip()] * 9)
    made = parse(arxiv, b'{"papers": [%s]}\n' % some + line(id="2301.00002"))
    assert made.records["line"].to_list() == list(range(1, 11))
    assert made.reasons == []


def test_what_is_no_record_in_the_object_around_records_costs_itself_alone() -> None:
    made = parse(arxiv, b'{"papers": [%s, "x", %s]}' % (line().strip(), line(id=7.5).strip()))
    assert made.records["line"].to_list() == [1]
    assert made.rejections["line"].to_list() == [2, 3]


def test_authors_that_are_counted_and_not_named_are_a_number() -> None:
    written = "Planck Collaboration: P. Ade, and 200 additional authors not shown"
    made = parse(arxiv, line(authors=written, authors_parsed=None) + line(id="2301.00002"))
    assert made.records["unnamed_authors"].to_list() == [200, None]
    assert made.records["authors"][0].to_list() == ["Planck Collaboration", "P. Ade"]
