import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.raw_file import RefusedInput
from flows.sources import SOURCES, openreview
from schemas.vocabulary import Reason
from tests.source_files import FIXTURES, golden, parse

NAMES = ["api2.json", "api1.jsonl"]


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(openreview, name)
    assert made == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_is_recognised_as_this_source_alone(name: str) -> None:
    head = (FIXTURES / openreview.SOURCE.value / name).read_bytes()
    assert [source for source, module in SOURCES.items() if module.recognise(head)] == [
        openreview.SOURCE
    ]


def test_something_else_is_refused() -> None:
    with pytest.raises(RefusedInput, match="--source"):
        parse(openreview, b'{"title": "no paper of this source"}')


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 4_000), st.binary(max_size=30))
def test_any_damage_gives_records_rejections_or_a_refusal(
    name: str, place: int, noise: bytes
) -> None:
    whole = (FIXTURES / openreview.SOURCE.value / name).read_bytes()
    try:
        made = parse(openreview, whole[:place] + noise + whole[place + len(noise) :])
    except RefusedInput:
        return
    assert made.records["record_id"].is_unique().all()


def test_an_abstract_that_is_no_text_is_counted_and_such_a_title_rejects_its_note() -> None:
    note = {"id": "AbCdEfGh12", "forum": "AbCdEfGh12", "domain": "x"}
    contents = [{"title": "T", "abstract": {"value": 1.5}}, {"title": {"value": False}}]
    notes = [note | {"content": content} for content in contents]
    made = parse(openreview, "".join(json.dumps(one) + "\n" for one in notes).encode())
    assert made.record["abstract"] is None
    assert made.unseen == {"content.abstract: float in the place of a text": 1}
    assert made.reasons == [(2, Reason.MALFORMED)]


def test_notes_by_their_ids_are_notes() -> None:
    note = {"id": "AbCdEfGh12", "forum": "AbCdEfGh12", "domain": "x", "content": {"title": "T"}}
    content = json.dumps({"AbCdEfGh12": note, "BbCdEfGh12": note | {"id": "BbCdEfGh12"}}).encode()
    assert parse(openreview, content).records.height == 1
    assert parse(openreview, content).reasons == [(2, Reason.OTHER_KIND)]


def test_names_in_one_text_are_parted() -> None:
    content = {"title": {"value": "A"}, "authors": {"value": "Ada Berg, Bo Dahl and Eva Ek"}}
    note = {"id": "a", "forum": "a", "invitations": ["ICLR.cc/2024/Conference/-/Submission"]}
    made = parse(openreview, json.dumps({"notes": [note | {"content": content}]}).encode())
    assert made.record["authors"] == ["Ada Berg", "Bo Dahl", "Eva Ek"]
