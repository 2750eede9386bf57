import json
import time

import pytest

from flows.sources import SOURCES, reference_list
from flows.sources.reference_list.csl_json import NOT_PAPERS, OTHER_WORKS
from tests.source_files import parse

ITEM: dict[str, object] = {
    "id": "a",
    "type": "article-journal",
    "title": "Ladders",
    "issued": {"date-parts": [[2020]]},
}


def write(*items: object) -> bytes:
    return json.dumps(list(items)).encode()


@pytest.mark.parametrize(
    "content",
    [
        write(ITEM),
        json.dumps(ITEM).encode() + b"\n" + json.dumps(ITEM | {"title": "Rungs"}).encode(),
        json.dumps({"items": [ITEM]}).encode(),
        json.dumps({"status": "ok", "message-type": "work", "message": ITEM}).encode(),
        json.dumps({"a": ITEM, "b": ITEM | {"title": "Rungs"}}).encode(),
        b"\xef\xbb\xbf" + write(ITEM),
        json.dumps(
            [{"itemType": "book", "title": "Ladders", "creators": []}], sort_keys=True
        ).encode(),
        write({"type": "thesis", "title": "Ladders", "author": [{"family": "Berg"}]}),
        write(ITEM | {"relation": []}),
        json.dumps({"citationItems": [{"id": 1, "itemData": ITEM}]}).encode(),
        json.dumps(
            [{"key": "A", "data": {"itemType": "preprint", "title": "Ladders", "creators": []}}]
        ).encode(),
    ],
)
def test_items_are_read_however_programs_wrap_them(content: bytes) -> None:
    made = parse(reference_list, content)
    assert [source for source, module in SOURCES.items() if module.recognise(content)] == [
        reference_list.SOURCE
    ]
    assert made.records["title"].to_list() in (["Ladders"], ["Ladders", "Rungs"])
    assert (made.reasons, made.unseen) == ([], {})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"DOI": "10.48550/arXiv.2401.00001"}, {"arxiv_id": "2401.00001"}),
        ({"archive": "arXiv", "archive_location": "2401.00001"}, {"arxiv_id": "2401.00001"}),
        ({"number": "arXiv:hep-th/9901001"}, {"arxiv_id": "hep-th/9901001"}),
        ({"note": "read it\narXiv: 2401.00001 [cs]"}, {"arxiv_id": "2401.00001"}),
        # What a note says of other papers is not this one's.
        ({"note": "compare arXiv:2401.00001"}, {"arxiv_id": None}),
        ({"note": "DOI: 10.1000/toy"}, {"doi": "10.1000/toy"}),
        ({"note": {"a": 1}, "author": "Anna Berg"}, {"authors": ["Anna Berg"]}),
        ({"author": ["Anna Berg", "Bo Dahl"]}, {"authors": ["Anna Berg", "Bo Dahl"]}),
        ({"URL": "https://doi.org/10.1000/toy"}, {"doi": "https://doi.org/10.1000/toy"}),
        ({"container-title": "arXiv preprint arXiv:2401.00001"}, {"venue": None}),
        ({"event": {"name": "A Meeting"}}, {"venue": "A Meeting"}),
        ({"event": "A Meeting", "event-title": "The Meeting"}, {"venue": "The Meeting"}),
        ({"title": "Ladders?", "subtitle": ["Rungs!"]}, {"title": "Ladders? Rungs!"}),
        ({"title": "Ladders: rungs", "subtitle": ["Rungs"]}, {"title": "Ladders: rungs"}),
        ({"author": [{"family": "Berg"}, {"given": 1}, 2]}, {"authors": ["Berg"]}),
    ],
)
def test_fields_are_read(fields: dict[str, object], expected: dict[str, object]) -> None:
    record = parse(reference_list, write(ITEM | fields)).record
    assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize("kind", sorted(NOT_PAPERS | OTHER_WORKS))
def test_what_is_no_paper_is_a_rejection(kind: str) -> None:
    assert parse(reference_list, write(ITEM | {"type": kind})).reasons == [(1, "other-kind")]


def test_a_web_page_with_an_identifier_is_a_paper() -> None:
    page = ITEM | {"type": "webpage", "URL": "https://arxiv.org/abs/2401.00001v2"}
    assert parse(reference_list, write(page)).record["title"] == "Ladders"


@pytest.mark.parametrize("title", [7, True, {"a": "b"}])
def test_a_title_that_is_no_text_is_a_rejection(title: object) -> None:
    made = parse(reference_list, write(ITEM | {"title": title}, ITEM))
    assert (made.reasons, made.records.height) == ([(1, "malformed")], 1)


def test_a_field_that_nobody_named_is_counted() -> None:
    assert parse(reference_list, write(ITEM | {"mood": "good"})).unseen == {"mood": 1}


@pytest.mark.parametrize("indent", [None, 1])
def test_of_an_answer_that_breaks_off_the_whole_items_are_read(indent: int | None) -> None:
    items = [ITEM, ITEM | {"title": "Rungs"}, ITEM | {"title": "Steps"}]
    whole = json.dumps({"message": {"facets": {}, "items": items}}, indent=indent).encode()
    made = parse(reference_list, whole[: whole.index(b"Steps")])
    assert made.records["title"].to_list() == ["Ladders", "Rungs"]
    assert made.reasons == [(3, "truncated")]
    assert parse(reference_list, whole).records.height == len(items)


@pytest.mark.parametrize(
    "item",
    [
        {"itemType": "note", "note": "PRIVATE"},
        {"type": "article-journal", "author": [{"family": "PRIVATE"}], "note": "PRIVATE"},
        {"type": "component", "title": {"note": "PRIVATE"}, "id": {"a": "PRIVATE"}},
    ],
)
def test_no_rejection_shows_what_is_its_owners_own(item: dict[str, object]) -> None:
    made = parse(reference_list, write(ITEM | {"itemType": "book", "creators": []}, item))
    assert made.rejections.height == 1
    assert "PRIVATE" not in made.rejections.write_csv()


def test_a_note_of_blank_lines_takes_no_time() -> None:
    started = time.process_time()
    parse(reference_list, write(ITEM | {"note": "\n" * 1_000_000 + "arxiv:"}))
    assert time.process_time() - started < 10  # it took hours


@pytest.mark.parametrize("parts", [["2017", "9" * 5_000, "1"], ["2017", "1", "9" * 5_000]])
def test_a_day_of_thousands_of_digits_is_none(parts: list[str]) -> None:
    made = parse(reference_list, write(ITEM | {"issued": {"date-parts": [parts]}}, ITEM))
    assert (made.records.height, made.reasons) == (2, [])


def test_a_list_within_an_item_that_breaks_off_holds_no_items() -> None:
    whole = write(
        ITEM | {"custom": {"items": [{"title": "one"}, {"title": "two"}, {"title": "3"}]}}
    )
    made = parse(reference_list, whole[: whole.index(b'"3"')])
    assert (made.records.height, made.reasons) == (0, [(1, "truncated")])


@pytest.mark.parametrize("name", ["corpusId", "externalIds", "display_name", "external-ids"])
def test_rows_of_other_services_are_no_items(name: str) -> None:
    assert not reference_list.recognise(write(ITEM | {name: 1}))
