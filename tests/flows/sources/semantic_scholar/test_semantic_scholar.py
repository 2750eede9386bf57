import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.paths import PROJECT
from flows.raw.raw_file import RefusedInput
from flows.sources import SOURCES, semantic_scholar
from flows.sources.semantic_scholar.papers import READ
from schemas.vocabulary import Reason, Source
from tests.source_files import FIXTURES, golden, parse

NAMES = ["search.json", "dataset.jsonl"]


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(semantic_scholar, name)
    assert made == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_is_recognised_as_this_source_alone(name: str) -> None:
    head = (FIXTURES / semantic_scholar.SOURCE.value / name).read_bytes()
    assert [source for source, module in SOURCES.items() if module.recognise(head)] == [
        semantic_scholar.SOURCE
    ]


def test_a_title_that_is_no_text_is_rejected_and_such_an_abstract_is_counted() -> None:
    text = {"openAccessPdf": {"license": "CCBY"}}
    rows = [PAPER | {"title": True}, PAPER | {"title": 1.5}, PAPER | text | {"abstract": True}]
    made = parse(semantic_scholar, "".join(json.dumps(row) + "\n" for row in rows).encode())
    assert made.reasons == [(1, Reason.MALFORMED), (2, Reason.MALFORMED)]
    assert made.record["abstract"] is None
    assert made.unseen == {"abstract: bool in the place of a text": 1}


PAPER = {"paperId": "a1", "title": "A title", "authors": [{"authorId": "1", "name": "A B"}]}


@pytest.mark.parametrize(
    "kept",
    [
        {"data": [{"contexts": [], "citingPaper": PAPER}, {"citedPaper": PAPER}]},
        {"query": "x", "results": {"s2": {"papers": [PAPER, PAPER]}}},
        [{"paper": PAPER, "score": 0.5}, {"paper": PAPER, "score": 0.4}],
        {"paper": PAPER, "recommendations": [PAPER]},
        {"nlp": [PAPER], "vision": [PAPER]},
        {"data": [{"authorId": "1", "name": "A B", "papers": [PAPER, PAPER]}]},
    ],
)
def test_papers_in_objects_that_programs_keep_around_them_are_read(kept: object) -> None:
    content = json.dumps(kept).encode()
    assert semantic_scholar.recognise(content)
    assert not SOURCES[Source.DAILY_PAPERS].recognise(content)
    batch = parse(semantic_scholar, content)
    assert batch.records["title"].to_list() == ["A title"] * 2
    assert batch.rejections.is_empty()


def test_what_is_no_paper_in_a_list_of_papers_is_rejected_and_references_are_not_read() -> None:
    kept = {
        "found": {"papers": [PAPER, {"name": "x"}, None, {"paperId": "b", "references": [PAPER]}]}
    }
    batch = parse(semantic_scholar, json.dumps(kept).encode())
    assert (batch.records.height, batch.rejections.height) == (1, 3)


def test_something_else_is_refused() -> None:
    with pytest.raises(RefusedInput, match="--source"):
        parse(semantic_scholar, b'{"title": "no paper of this source"}')


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 4_000), st.binary(max_size=30))
def test_any_damage_gives_records_rejections_or_a_refusal(
    name: str, place: int, noise: bytes
) -> None:
    whole = (FIXTURES / semantic_scholar.SOURCE.value / name).read_bytes()
    try:
        made = parse(semantic_scholar, whole[:place] + noise + whole[place + len(noise) :])
    except RefusedInput:
        return
    assert made.records["record_id"].is_unique().all()


def test_a_paper_that_the_service_does_not_know_is_no_misread_record() -> None:
    content = json.dumps([{"paperId": "a" * 40, "title": "T"}, None, None]).encode()
    made = parse(semantic_scholar, content)
    assert (made.records.height, made.reasons) == (1, [(2, Reason.REMOVED), (3, Reason.REMOVED)])


def test_papers_of_an_author_are_read() -> None:
    papers = [{"paperId": "a" * 40, "title": "T"}]
    content = json.dumps({"authorId": "1", "name": "A. Berg", "papers": papers}).encode()
    assert parse(semantic_scholar, content).record["title"] == "T"


def test_the_address_in_the_documents_asks_for_fields_that_are_read() -> None:
    text = (PROJECT / "docs" / "sources.md").read_text(encoding="utf-8")
    (fields,) = re.findall(r"semanticscholar\.org/\S+fields=([\w,]+)", text)
    assert set(fields.split(",")) <= set(READ)
    assert {"title", "abstract", "externalIds", "openAccessPdf"} <= set(fields.split(","))
