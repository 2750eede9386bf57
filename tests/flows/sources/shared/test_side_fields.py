"""A field beside the main facts costs no row: where its type is wrong, it is counted."""

import json
from types import ModuleType

import pytest

from flows.sources import openalex, openreview, reference_list, semantic_scholar
from tests.source_files import parse

ROWS: list[tuple[ModuleType, dict[str, object], list[str]]] = [
    (
        reference_list,
        {"type": "article-journal", "title": "Ladders", "DOI": "10.1000/toy"},
        ["volume", "number", "archive", "URL", "note", "updated-by", "relation", "event-title"],
    ),
    (
        reference_list,
        {"itemType": "preprint", "title": "Ladders", "creators": []},
        ["volume", "repository", "archiveID", "extra", "url", "bookTitle"],
    ),
    (
        openalex,
        {"id": "https://openalex.org/W1", "title": "Ladders", "type": "article"},
        ["publication_date", "primary_location", "best_oa_location", "abstract_inverted_index"],
    ),
    (
        semantic_scholar,
        {"paperId": "a", "title": "Ladders"},
        ["venue", "year", "url", "journal", "openAccessPdf"],
    ),
]

WRONG = {"updated-by": [{"type": {"a": 1}}], "relation": {"has-preprint": [{"id": []}]}}


@pytest.mark.parametrize(
    ("source", "row", "name"),
    [(source, row, name) for source, row, names in ROWS for name in names],
)
def test_a_side_field_of_a_wrong_type_is_counted(
    source: ModuleType, row: dict[str, object], name: str
) -> None:
    is_object = name.endswith("location") or name in {"journal", "openAccessPdf"}
    wrong = ["x"] if is_object or name.endswith("_index") else {"a": {"b": []}}
    made = parse(source, json.dumps([row, row | {name: WRONG.get(name, wrong)}]).encode())
    assert (made.records["title"].to_list(), made.reasons) == (["Ladders"] * 2, [])
    [(counted, count)] = made.unseen.items()
    assert counted.startswith(name)
    assert " in the place of " in counted
    assert count == 1


def test_a_field_in_the_content_of_a_note_is_one_beside_it() -> None:
    content = {"title": {"value": "Ladders"}, "venue": {"value": ["x"]}, "code": {"value": {}}}
    note = {"id": "a", "forum": "a", "content": content, "invitations": ["x/-/Submission"]}
    made = parse(openreview, json.dumps({"notes": [note]}).encode())
    assert (made.record["title"], made.reasons) == ("Ladders", [])
    assert sorted(made.unseen) == [
        "content.code: dict in the place of a text",
        "content.venue: list in the place of a text",
    ]
