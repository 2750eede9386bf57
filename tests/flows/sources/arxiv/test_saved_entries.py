"""arXiv: entries of the query API as programs keep them, in JSON of many forms."""

import json
from datetime import date

import pytest

from flows.raw.json_cutter import RECORD_BYTES
from flows.sources import arxiv
from tests.source_files import parse

SCRAPED = {
    "id": "2503.11731",
    "pdf": "https://arxiv.org/pdf/2503.11731",
    "abs": "https://arxiv.org/abs/2503.11731",
    "authors": ["Ada Lovelace", "Alan Turing"],
    "title": "Ladders of\n  Attention",
    "categories": ["cs.CV", "cs.RO"],
    "comment": "5 pages",
    "summary": "We climb.\nTwice.",
}
CLIENT = {
    "entry_id": "http://arxiv.org/abs/2503.11731v2",
    "title": "Ladders of Attention",
    "authors": [{"name": "Ada Lovelace"}, {"name": "Alan Turing"}],
    "summary": "We climb.",
    "published": "2025-03-18 17:59:59+00:00",
    "updated": "2025-03-20T01:00:00Z",
    "comment": None,
    "journal_ref": "J. Ladders 3 (2025)",
    "doi": "10.1234/ladders",
    "primary_category": "cs.LG",
    "categories": ["cs.CV", "cs.LG"],
    "pdf_url": "http://arxiv.org/pdf/2503.11731v2",
}
FEED_READER = {
    "id": "http://arxiv.org/abs/hep-th/9711200v3",
    "title": "The Large N Limit",
    "summary": "We show.",
    "authors": [{"name": "Juan Maldacena"}],
    "tags": [{"term": "hep-th", "scheme": "http://arxiv.org/schemas/atom", "label": None}],
    "arxiv_primary_category": {"term": "hep-th"},
    "arxiv_comment": "20 pages",
    "published": "1997-11-27T23:52:00Z",
}
OWN = {
    "arxiv_id": "2501.00001",
    "title": "Ladders",
    "abstract": "We climb.",
    "authors": "Ada Lovelace, Alan Turing",
    "categories": "cs.AI cs.LG",
    "published_date": "2025-01-01",
    "abs_url": "https://arxiv.org/abs/2501.00001",
}


def encode(*entries: object) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def test_an_entry_that_was_scraped_is_a_record() -> None:
    record = parse(arxiv, encode(SCRAPED)).record
    assert record["arxiv_id"] == "2503.11731"
    assert record["authors"] == ["Ada Lovelace", "Alan Turing"]
    assert record["categories"] == ["cs.CV", "cs.RO"]
    assert (record["abstract"], record["comments"]) == ("We climb.\nTwice.", "5 pages")


def test_an_entry_of_a_client_has_the_fields_of_the_feed() -> None:
    record = parse(arxiv, encode(CLIENT)).record
    assert record["arxiv_id"] == "2503.11731v2"
    assert record["categories"] == ["cs.LG", "cs.CV"]
    assert (record["published"], record["updated"]) == (date(2025, 3, 18), date(2025, 3, 20))
    assert (record["venue"], record["doi"]) == ("J. Ladders 3 (2025)", "10.1234/ladders")


def test_an_entry_of_a_feed_reader_has_its_terms_as_categories() -> None:
    record = parse(arxiv, encode(FEED_READER)).record
    assert (record["arxiv_id"], record["categories"]) == ("hep-th/9711200v3", ["hep-th"])
    assert (record["authors"], record["comments"]) == (["Juan Maldacena"], "20 pages")


def test_an_entry_may_have_names_of_its_own() -> None:
    record = parse(arxiv, encode(OWN)).record
    assert (record["arxiv_id"], record["published"]) == ("2501.00001", date(2025, 1, 1))
    assert record["authors"] == ["Ada Lovelace", "Alan Turing"]
    assert record["categories"] == ["cs.AI", "cs.LG"]


@pytest.mark.parametrize(
    "content",
    [
        encode(SCRAPED, OWN),
        encode([SCRAPED, OWN]),
        json.dumps([SCRAPED, OWN], indent=2).encode(),
        json.dumps({"date": "2025-03-18", "total": 2, "papers": [SCRAPED, OWN]}, indent=1).encode(),
        json.dumps({"status": "ok", "data": {"cs.CV": [SCRAPED], "cs.AI": [OWN]}}).encode(),
        json.dumps({SCRAPED["id"]: SCRAPED, OWN["arxiv_id"]: OWN}).encode(),
        b"\xef\xbb\xbf" + encode(SCRAPED, OWN),
    ],
    ids=["lines", "list", "pretty", "wrapped", "by category", "by id", "byte order mark"],
)
def test_entries_are_found_in_whatever_is_around_them(content: bytes) -> None:
    made = parse(arxiv, content)
    assert made.records["arxiv_id"].to_list() == ["2503.11731", "2501.00001"]
    assert made.records["line"].to_list() == [1, 2]
    assert made.rejections.is_empty()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({**SCRAPED, "title": " "}, "no-title"),
        ({**SCRAPED, "id": "x", "abs": None, "pdf": None}, "bad-identifier"),
        ({**SCRAPED, "authors": [7]}, "malformed"),
        ({**SCRAPED, "title": 7}, "malformed"),
        ({**SCRAPED, "id": 2503.1, "abs": None, "pdf": None}, "float-identifier"),
        ("no entry", "malformed"),
    ],
)
def test_what_is_no_record_between_entries_is_a_rejection(entry: object, reason: str) -> None:
    made = parse(arxiv, json.dumps([SCRAPED, entry, OWN], indent=1).encode())
    wrapped = parse(arxiv, json.dumps({"papers": [SCRAPED, entry, OWN]}, indent=1).encode())
    for batch in (made, wrapped):
        assert batch.records.height == 2
        assert batch.rejections.select("line", "reason").rows() == [(2, reason)]


def test_an_abstract_that_is_no_text_is_counted_and_costs_no_record() -> None:
    made = parse(arxiv, json.dumps([{**SCRAPED, "summary": ["We climb."]}, OWN]).encode())
    assert made.records["abstract"].is_null().to_list() == [True, False]
    assert made.unseen == {"summary: list in the place of a text": 1}


@pytest.mark.parametrize("around", ['{"papers": %s}', '{"day": 1, "found": {"cs.LG": %s}}'])
def test_an_object_around_entries_is_read_however_long_and_past_what_is_broken(around: str) -> None:
    long = {**OWN, "abstract": "x" * RECORD_BYTES}
    entries = [SCRAPED, long, SCRAPED]
    made = parse(arxiv, (around % json.dumps(entries)).encode())
    assert (made.records.height, made.reasons) == (2, [(2, "too-large")])
    written = json.dumps([SCRAPED, CLIENT, SCRAPED]).replace('"comment": ', '"comment": x', 1)
    made = parse(arxiv, (around % written).encode())
    assert (made.records.height, made.reasons) == (2, [(1, "malformed")])


def test_what_programs_add_is_counted_and_never_stored() -> None:
    made = parse(arxiv, encode({**SCRAPED, "AI": {"tldr": "climbs"}}, SCRAPED))
    assert made.unseen == {"AI": 1}


@pytest.mark.parametrize(
    "fields",
    [
        {"upvotes": 7, "submittedBy": {}},
        {"paper_url": "https://paperswithcode.com/paper/ladders"},
        {"paperId": "abc"},
        {"corpus_id": 77},
        {"paper_id": "77"},
        {"record_id": "papers_with_code:0123456789ab:1"},
        {"license": "CC-BY-SA-4.0"},
    ],
)
def test_papers_of_other_sites_are_no_entries(fields: dict[str, object]) -> None:
    assert not arxiv.recognise(encode({**SCRAPED, **fields}))


def test_no_rejection_has_the_place_of_a_record() -> None:
    page = json.dumps({"papers": [SCRAPED, CLIENT, OWN]}).encode()
    made = parse(arxiv, b"\n".join([page, b'{"id": broken', page, b'"x"', encode(OWN)]))
    assert made.records["line"].to_list() == [1, 2, 3, 5, 6, 7, 9]
    assert made.rejections["line"].to_list() == [4, 8]


def test_lines_without_wrappers_keep_their_numbers() -> None:
    made = parse(arxiv, encode(SCRAPED) + b'\n{"id": broken\n' + encode(OWN))
    assert (made.records["line"].to_list(), made.rejections["line"].to_list()) == ([1, 4], [3])


@pytest.mark.parametrize(
    "entry",
    [
        {"title": "Ladders", "abstract": "We climb.", "arxiv_id": "2501.00001", "authors": ["A B"]},
        {"title": "Ladders", "summary": "We climb.", "id": "http://arxiv.org/abs/2501.00001v1"},
        {"title": "Ladders", "arxiv_id": "2501.00001", "version": 1, "categories": ["cs.AI"]},
    ],
)
def test_an_id_of_arxiv_by_its_own_name_is_mark_enough(entry: dict[str, object]) -> None:
    assert arxiv.recognise(encode(entry))
    assert parse(arxiv, encode(entry)).record["title"] == "Ladders"


def test_a_wrapper_without_entries_is_one_rejection_that_says_so() -> None:
    empty = {"day": "2025-01-01", "papers": [{"id": "openalex:W1", "name": "x"}]}
    made = parse(arxiv, encode(OWN, empty))
    assert made.records.height == 1
    assert "holds no paper" in made.rejections["detail"].item()
