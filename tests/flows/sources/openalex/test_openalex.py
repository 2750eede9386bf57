import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.raw_file import RefusedInput
from flows.sources import SOURCES, openalex
from tests.source_files import FIXTURES, golden, parse

NAMES = ["page.json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(openalex, name)
    assert made == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_is_recognised_as_this_source_alone(name: str) -> None:
    head = (FIXTURES / openalex.SOURCE.value / name).read_bytes()
    assert [source for source, module in SOURCES.items() if module.recognise(head)] == [
        openalex.SOURCE
    ]


def test_something_else_is_refused() -> None:
    with pytest.raises(RefusedInput, match="--source"):
        parse(openalex, b'{"title": "no paper of this source"}')


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 4_000), st.binary(max_size=30))
def test_any_damage_gives_records_rejections_or_a_refusal(
    name: str, place: int, noise: bytes
) -> None:
    whole = (FIXTURES / openalex.SOURCE.value / name).read_bytes()
    try:
        made = parse(openalex, whole[:place] + noise + whole[place + len(noise) :])
    except RefusedInput:
        return
    assert made.records["record_id"].is_unique().all()


def test_a_work_of_before_2023_has_its_venue() -> None:
    host = {"display_name": "NeurIPS", "type": "conference", "url": "https://toy.org"}
    work = {"id": "https://openalex.org/W1", "title": "T", "host_venue": host}
    made = parse(openalex, json.dumps(work).encode())
    assert (made.record["venue"], dict(made.unseen)) == ("NeurIPS", {})
