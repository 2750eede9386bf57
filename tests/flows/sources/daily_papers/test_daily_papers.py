import hashlib
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.paths import PROJECT
from flows.raw.batch import Batch
from flows.raw.json_cutter import RECORD_BYTES
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import daily_papers
from flows.sources.shared.hugging_face_fields import IGNORED, USED
from flows.tables import check
from schemas.record import Record
from schemas.rejection import Rejection
from tests.source_files import parse

ROOT = PROJECT / "tests"
FIXTURES = ROOT / "fixtures" / "daily_papers"
COUNTEREXAMPLES = ROOT / "counterexamples" / "daily_papers"
SAMPLES = ROOT.parent / ".." / "shared" / "samples" / "daily_papers"


def read(content: bytes, name: str = "day.json") -> list[Batch]:
    digest = hashlib.sha256(content).hexdigest()
    raw = RawFile(Path(name), daily_papers.SOURCE, date(2026, 11, 23), digest)
    batches = list(daily_papers.parse(raw, io.BytesIO(content)))
    for batch in batches:
        if batch.records.height:
            check(Record, batch.records)
        if batch.rejections.height:
            check(Rejection, batch.rejections)
    return batches


def one(content: bytes) -> Batch:
    (batch,) = read(content)
    return batch


def item(**paper: object) -> dict[str, object]:
    return {"paper": {"id": "2406.00001", "title": "A title", "summary": "We study.", **paper}}


def day(*items: object) -> bytes:
    return json.dumps(items).encode()


@pytest.mark.parametrize("name", ["day", "day-of-reprs"])
def test_a_day_is_read_as_its_golden_file_says(name: str) -> None:
    batch = one((FIXTURES / f"{name}.json").read_bytes())
    golden = (FIXTURES / "golden" / f"{name}.jsonl").read_text()
    assert batch.records.write_ndjson() == golden
    assert batch.rejections.is_empty()
    assert not batch.unseen


@pytest.mark.parametrize("name", ["day", "day-of-reprs"])
def test_both_spellings_of_a_day_are_recognised(name: str) -> None:
    assert daily_papers.recognise((FIXTURES / f"{name}.json").read_bytes()[:65536])


@pytest.mark.parametrize(
    "head",
    [
        b'{"id":"0704.0001","submitter":null,"title":"x"}',
        b"<?xml version='1.0'?><feed/>",
        b"paper_title,paper_url",
        b"new\n\nSubscribe",
        b'[{"paper_url": "https://x", "paper_title": "x"}]',
        b"",
    ],
)
def test_other_formats_are_not_recognised(head: bytes) -> None:
    assert not daily_papers.recognise(head)


@pytest.mark.parametrize(
    ("name", "reasons", "records"),
    [
        ("truncated", ["truncated"], 1),
        ("unclosed", ["truncated"], 2),
        ("malformed-element", ["malformed"], 2),
        ("no-title", ["no-title"], 1),
        ("float-id", ["float-identifier"], 1),
        ("float-id-as-text", ["float-identifier"], 1),
        ("bad-id", ["bad-identifier"], 1),
        ("bad-date", ["malformed"], 1),
        ("upvotes-as-text", ["malformed"], 1),
        ("code-in-repr", ["malformed"], 1),
        ("deep-repr", ["malformed"], 1),
        ("deep-element", ["malformed"], 1),
        ("broken-utf8", ["encoding"], 1),
    ],
)
def test_a_wrong_element_costs_itself_alone(name: str, reasons: list[str], records: int) -> None:
    batch = one((COUNTEREXAMPLES / f"{name}.json").read_bytes())
    assert batch.rejections["reason"].to_list() == reasons
    assert batch.records.height == records


def test_a_rejection_says_where_the_element_stands() -> None:
    batch = one((COUNTEREXAMPLES / "malformed-element.json").read_bytes())
    assert batch.rejections["line"].to_list() == [2]
    assert batch.records["line"].to_list() == [1, 3]


@pytest.mark.parametrize("name", ["not-items", "empty"])
def test_a_file_without_items_is_refused_with_its_name_and_a_next_action(name: str) -> None:
    with pytest.raises(RefusedInput, match=r"other\.json: no item.*--source"):
        read((COUNTEREXAMPLES / f"{name}.json").read_bytes(), "other.json")


def test_an_unknown_field_is_counted_by_its_path_and_not_stored() -> None:
    batch = one(day(item(novelty=1, authors=[{"name": "A B", "orcid": "x"}]) | {"rank": 3}))
    assert batch.unseen == {"paper.novelty": 1, "paper.authors.orcid": 1, "rank": 1}
    assert batch.records.height == 1


def test_accounts_never_reach_a_record_or_a_rejection() -> None:
    account = {"user": "secret-account", "fullname": "Secret Person"}
    fine = item(authors=[{"name": "A B", "user": account}], submittedOnDailyBy=account)
    broken = json.dumps(fine | {"submittedBy": account}).replace(
        '"title": "A title"', '"title": oops'
    )
    batch = one(f"[{json.dumps(fine)}, {broken}]".encode())
    assert batch.rejections.height == 1
    assert "secret" not in (batch.records.write_ndjson() + batch.rejections.write_ndjson()).lower()


def test_no_field_is_both_read_and_ignored() -> None:
    assert not USED & IGNORED


def test_hidden_authors_stay_authors() -> None:
    batch = one(day(item(authors=[{"name": "A B", "hidden": True}, {"name": "C D"}])))
    assert batch.records["authors"].to_list() == [["A B", "C D"]]


def test_the_paper_title_counts_before_the_copy_of_the_day() -> None:
    batch = one(day(item() | {"title": "An older title"}))
    assert batch.records["title"].to_list() == ["A title"]


def test_a_url_that_is_none_of_the_web_is_left_out_and_noted() -> None:
    batch = one(day(item(projectPage="javascript:alert(1)", githubRepo="https://github.com/a/b")))
    assert batch.records["urls"].to_list() == [
        [{"field": "githubRepo", "url": "https://github.com/a/b"}]
    ]
    assert batch.notes == ("element 1: projectPage is no URL of the web and was left out",)


def test_an_element_beyond_the_bound_is_rejected_and_the_next_one_read() -> None:
    huge = json.dumps(item(summary="x" * (RECORD_BYTES + 1)))
    batch = one(f"[{huge},{json.dumps(item())}]".encode())
    assert batch.rejections["reason"].to_list() == ["too-large"]
    assert batch.records["line"].to_list() == [2]


def test_items_that_follow_each_other_are_read_like_an_array() -> None:
    lines = "\n".join(json.dumps(item()) for _ in range(3))
    assert one(lines.encode()).records["line"].to_list() == [1, 2, 3]


def test_strings_with_brackets_and_quotes_do_not_end_an_element() -> None:
    tricky = item(summary='We "study" [a], {b} and \\ backslashes\\\\"]}')
    assert one(day(tricky, tricky)).records.height == 2


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_no_bytes_raise_anything_but_a_refusal(content: bytes) -> None:
    try:
        read(content)
    except RefusedInput as refusal:
        assert "day.json" in str(refusal)  # noqa: PT017  # either outcome is right


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not on this machine")
def test_every_sampled_day_is_read_whole() -> None:
    batches = [b for path in sorted(SAMPLES.glob("*.json")) for b in read(path.read_bytes())]
    assert sum(batch.records.height for batch in batches) == 1012
    assert pl.concat([batch.rejections for batch in batches]).is_empty()
    assert not any(batch.unseen for batch in batches)


WRAPPED_ITEM = {"paper": {"id": "2301.00001", "title": "A title"}, "thumbnail": "x"}


def test_an_abstract_that_is_no_text_is_counted_and_half_a_character_replaced() -> None:
    odd = item(title="x\ud83d", summary=1.5)
    for written in (odd, repr(odd)):
        batch = one(day(written))
        assert batch.records.select("title", "abstract").rows() == [("x\ufffd", None)]
        assert batch.unseen == {"paper.summary: float in the place of a text": 1}


@pytest.mark.parametrize("form", ["objects", "reprs"])
@pytest.mark.parametrize("name", ["data", "papers"])
def test_a_wrapped_day_is_read(form: str, name: str) -> None:
    items = [WRAPPED_ITEM, WRAPPED_ITEM | {"paper": {"id": "2301.00002", "title": "Another"}}]
    listed = items if form == "objects" else [repr(item) for item in items]
    day = {"status": "success", "date": "2023-01-02", "count": 2, name: listed, "mood": 1}
    content = json.dumps(day, indent=1).encode()
    assert daily_papers.recognise(content)
    parsed = parse(daily_papers, content)
    assert parsed.records["title"].to_list() == ["A title", "Another"]
    assert parsed.records["line"].to_list() == [1, 2]
    assert parsed.unseen == {"mood": 1}


def test_wrapped_days_after_one_another_number_their_items_on() -> None:
    day = {"date": "2023-01-02", "data": [WRAPPED_ITEM, WRAPPED_ITEM]}
    parsed = parse(daily_papers, json.dumps([day, day]).encode())
    assert parsed.records["line"].to_list() == [1, 2, 3, 4]


SINGLE = {
    "id": "2301.00001",
    "title": "A title",
    "summary": "What it is about.",
    "authors": [{"name": "Ada Lovelace", "hidden": False}],
    "publishedAt": "2023-01-01T00:00:00.000Z",
    "upvotes": 7,
    "discussionId": "0",
    "githubRepo": "https://github.com/open-minds/tables",
    "linkedModels": [{"id": "open-minds/tables-7b", "likes": 3}],
    "numTotalModels": 1,
    "linkedDatasets": [{"id": "open-minds/pages"}],
    "linkedSpaces": [{"id": "someone/demo"}],
}


def test_the_answer_about_one_paper_names_what_is_linked_to_it():
    content = json.dumps(SINGLE).encode()
    assert daily_papers.recognise(content)
    parsed = parse(daily_papers, content)
    assert (parsed.record["arxiv_id"], parsed.record["upvotes"]) == ("2301.00001", 7)
    assert parsed.record["urls"] == [
        {"field": "githubRepo", "url": "https://github.com/open-minds/tables"},
        {"field": "linkedModels", "url": "https://huggingface.co/open-minds/tables-7b"},
        {"field": "linkedDatasets", "url": "https://huggingface.co/datasets/open-minds/pages"},
        {"field": "linkedSpaces", "url": "https://huggingface.co/spaces/someone/demo"},
    ]
    assert not parsed.unseen


@pytest.mark.parametrize("linked", ["x", [{"likes": 1}], [{"id": "a b"}], [{"id": "../x"}]])
def test_what_is_linked_in_another_shape_is_rejected(linked):
    parsed = parse(daily_papers, json.dumps(SINGLE | {"linkedModels": linked}).encode())
    assert parsed.records.is_empty()
    assert parsed.rejections["reason"].to_list() == ["malformed"]


def test_answers_about_papers_may_follow_one_another():
    content = b"\n".join(json.dumps(SINGLE).encode() for _ in range(2))
    assert parse(daily_papers, content).records["line"].to_list() == [1, 2]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda items: {"result": {"data": {"json": items}}},
        lambda items: {"2026-01-01": items[:1], "2026-01-02": items[1:]},
        lambda items: [{"date": "2026-01-01", "papers": items}],
        lambda items: {"periodType": "day", "dateString": "2026-01-01", "dailyPapers": items},
    ],
)
def test_days_in_answers_of_other_services_are_unwrapped(
    wrap: Callable[[list[object]], object],
) -> None:
    items = [{"paper": {"id": f"2601.0000{n}", "title": f"T {n}"}, "title": "t"} for n in (1, 2)]
    made = parse(daily_papers, json.dumps(wrap(items)).encode())
    assert made.records["arxiv_id"].to_list() == ["2601.00001", "2601.00002"]
    assert made.records["line"].to_list() == [1, 2]
