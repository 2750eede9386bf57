"""Rows in a list within an object are those of the list alone, however long either is."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.json_head import HEAD_BYTES
from flows.raw.json_wrapped import cut_wrapped
from flows.sources import openalex, openreview, reference_list, semantic_scholar
from flows.sources.shared import wrapped_rows
from tests.source_files import Parsed, parse

ITEM: dict[str, Any] = {"type": "article-journal", "title": "Ladders", "DOI": "10.1000/toy"}

ROWS = st.lists(
    st.sampled_from(
        [
            *(ITEM | {"title": title} for title in ("Rungs", "Ladders } ] of {", "Steps\\ [")),
            *(ITEM | {"author": [{"family": "Berg"}] * count} for count in (1, 9)),
            *(ITEM | {"title": 7}, ITEM | {"type": "component"}, {"odd": 1}, None, "text", 5, [1]),
        ]
    ),
    max_size=9,
).map(lambda rows: [ITEM, *rows])

AROUND = st.sampled_from(
    [
        ('{"items": ', "}"),
        ('{"status": "ok", "message": {"facets": {}, "items": ', ', "items-per-page": 2}}'),
        ('{"config": {}, "collections": [' + '{"items": [1, 2]},' * 40 + '{}], "items":', "}\n"),
        ('\n{\n"items"\n: ', '\n,\n"next-cursor" : "abc"\n}\n'),
        ('[{"items": ', "}]"),
    ]
)

BOUNDS = st.sampled_from([500, 700, 5_000, 1 << 23])


def parse_in_pieces(content: str, bound: int) -> Parsed:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapped_rows, "cut_wrapped", partial(cut_wrapped, slice_bytes=bound))
        return parse(reference_list, content.encode())


def list_outcome(made: Parsed) -> tuple[list[Any], list[Any]]:
    return made.records.to_dicts(), made.rejections.to_dicts()


@settings(deadline=None, max_examples=40)
@given(ROWS, AROUND, BOUNDS, st.sampled_from([None, 1]), st.floats(0, 1))
def test_a_list_in_an_object_gives_what_the_list_gives_wherever_it_is_cut(
    rows: list[Any], around: tuple[str, str], bound: int, indent: int | None, kept: float
) -> None:
    bare = json.dumps(rows, indent=indent)
    whole = list_outcome(parse(reference_list, bare.encode()))
    made = parse_in_pieces(around[0] + bare + around[1], bound)
    assert list_outcome(made) == whole
    assert set(made.unseen) <= {"odd"}
    first = len(json.dumps(rows[:1], indent=indent))
    cut = bare[: first - 1 + int(kept * (len(bare) - first))]
    assert list_outcome(parse_in_pieces(around[0] + cut, bound)) == list_outcome(
        parse(reference_list, cut.encode())
    )


@settings(deadline=None, max_examples=40)
@given(
    AROUND,
    BOUNDS,
    st.sampled_from(["", "{", "}", "[", '"', ",", ":", "tru", "\x00"]),
    st.integers(90, 400),
    st.integers(0, 2),
)
def test_a_break_in_the_middle_loses_no_more_rows_than_in_a_list(
    around: tuple[str, str], bound: int, noise: str, at: int, gone: int
) -> None:
    bare = json.dumps([ITEM | {"title": f"Ladders {number}"} for number in range(6)])
    broken = bare[:at] + noise + bare[at + gone :]
    made = parse_in_pieces(around[0] + broken + around[1], bound)
    alone = parse(reference_list, broken.encode())
    assert made.records["title"].to_list() == alone.records["title"].to_list()
    assert bool(made.reasons) == bool(alone.reasons)


@pytest.mark.parametrize("bound", [500, 1 << 23])
def test_what_is_beside_the_list_is_read_or_counted(bound: int) -> None:
    answer = {
        "total-results": 3,
        "mood": "good",
        "items": [ITEM] * 5,
        "notes": [{"a": "b" * 200}] * 4,
        "more": [ITEM | {"title": "Rungs"}] * 7,
        "message": {"odd": [1]},
    }
    made = parse_in_pieces(json.dumps(answer), bound)
    assert made.records["title"].to_list() == ["Ladders"] * 5 + ["Rungs"] * 7
    assert (made.reasons, made.unseen) == ([], {"mood": 1})


@pytest.mark.parametrize("bound", [500, 1 << 23])
def test_what_is_broken_around_the_list_is_a_rejection(bound: int) -> None:
    content = '{"items": ' + json.dumps([ITEM] * 9) + ', "total": 1x2, "mood": "good"}'
    made = parse_in_pieces(content, bound)
    assert (made.records.height, made.reasons) == (9, [(10, "malformed")])
    assert made.unseen == {"mood": 1}


def test_an_answer_longer_than_any_record_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    work = {"id": "https://openalex.org/W1", "title": "Ladders", "type": "article"}
    paper = {"paperId": "a", "title": "Ladders"}
    monkeypatch.setattr(wrapped_rows, "cut_wrapped", partial(cut_wrapped, slice_bytes=500))
    for source, answer in (
        (openalex, {"meta": {"count": 30}, "results": [work] * 30, "group_by": []}),
        (semantic_scholar, {"total": 30, "offset": 0, "data": [paper] * 30}),
    ):
        pages = b"\n".join([json.dumps(answer).encode()] * 3)
        made = parse(source, pages)
        assert (made.records.height, made.reasons, made.unseen) == (90, [], {})
        assert made.records["record_id"].n_unique() == made.records.height


def test_a_list_behind_more_than_a_head_is_found() -> None:
    answer = {"config": {}, "collections": [{"key": "K" * 700}] * 200, "items": [ITEM] * 2}
    assert len(json.dumps(answer)) > 2 * HEAD_BYTES
    made = parse(reference_list, json.dumps(answer).encode())
    assert (made.records.height, made.reasons, made.unseen) == (2, [], {})


@pytest.mark.parametrize(
    "hostile",
    [
        '"a":' + '{"a":' * 100_000,
        '"a":' + "[" * 500_000,
        '"a":"' + "x" * 9_000_000,
        '"a":x,' * 20_000 + "}",
        '"a":[x],' * 5_000 + "}",
        '"a":{"b":[{]},' * 5_000 + "}",
        "}" + ' {"items":[x' * 5_000,
        '"' * 100_000,
        " " * 3_000_000 + "}",
    ],
    ids=[
        "objects",
        "lists",
        "text",
        "words",
        "broken lists",
        "brackets",
        "starts",
        "quotes",
        "blanks",
    ],
)
def test_nothing_hostile_around_the_list_takes_long(hostile: str) -> None:
    made = parse(
        reference_list, b'{"items": [' + json.dumps(ITEM).encode() + b"]," + hostile.encode()
    )
    assert made.records.height == 1


def test_a_line_without_its_end_hides_no_page_behind_it() -> None:
    page = json.dumps({"items": [ITEM, ITEM]})
    lines = [page, '{"id": broken', page, '"x"', json.dumps(ITEM), '{"items": [], "items": [7]}']
    made = parse(reference_list, "\n".join(lines).encode())
    assert made.records.height == 5
    assert set(made.rejections["reason"]) == {"malformed"}
    places = [*made.records["line"], *made.rejections["line"]]
    assert len(set(places)) == len(places)


def write_page(paper: str) -> str:
    """Write an answer with a paper beside its list: one that cannot be read whole."""
    rows = [json.dumps({"paperId": name * 40, "title": name}) for name in ("a", "e")]
    return f'{{"data": [{rows[0]}], "paper": {paper}, "recommendedPapers": [{rows[1]}]}}'


CITED = ", ".join(json.dumps({"paperId": f"{n:040}", "title": "Cited"}) for n in range(9))
OWN = f'{{"paperId": "{"b" * 40}", "title": "Own", "references": [{CITED}'


@pytest.mark.parametrize(("paper", "bound"), [(OWN + ", bad]}", 1 << 23), (OWN + "]}", 500)])
def test_a_broken_row_beside_a_list_is_a_rejection_and_what_it_cites_no_record(
    monkeypatch: pytest.MonkeyPatch, paper: str, bound: int
) -> None:
    monkeypatch.setattr(wrapped_rows, "cut_wrapped", partial(cut_wrapped, slice_bytes=bound))
    made = parse(semantic_scholar, write_page(paper).encode())
    assert made.records["title"].to_list() == ["a", "e"]
    [refused] = made.rejections.to_dicts()
    assert refused["reason"] == "malformed"
    assert "Own" in refused["excerpt"]


@pytest.mark.parametrize("before", [write_page("{}") + "\n", write_page("{}").partition("{}")[0]])
def test_a_text_that_ends_in_a_row_breaks_off_and_what_the_row_cites_is_no_record(
    before: str,
) -> None:
    made = parse(semantic_scholar, (before + OWN).encode())
    assert "Cited" not in made.records["title"].to_list()
    assert made.rejections["reason"].to_list() == ["truncated"]


def test_an_object_around_a_list_is_no_row_be_it_named_like_one() -> None:
    around = '{"type": "library", "title": "Mine", "items": [%s, {"type": bad}], "note": "x"}'
    made = parse(reference_list, (around % ", ".join([json.dumps(ITEM)] * 2)).encode())
    assert made.records["title"].to_list() == ["Ladders", "Ladders"]
    assert made.rejections["reason"].to_list() == ["malformed"]


def test_excerpts_show_nothing_of_lists_beside_the_rows() -> None:
    content = {"title": {"value": "A note"}}
    note = {"id": "n1", "forum": "n1", "content": content, "invitations": ["A"]}
    text = json.dumps({"notes": [note]})[:-1] + ', "profiles": [{"id": "~Ann_B1", "x": {"y'
    [refused] = parse(openreview, text.encode()).rejections.to_dicts()
    assert (refused["reason"], refused["excerpt"]) == ("truncated", "")
