"""arXiv: snapshots in every shape they are passed on in, and the query API's feeds."""

import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.json_cutter import SLICE_BYTES
from flows.raw.raw_file import RefusedInput
from flows.sources import arxiv
from flows.sources.arxiv import notices
from flows.sources.shared import arxiv_ids
from schemas.vocabulary import Reason
from tests.arxiv_lines import line, without
from tests.source_files import FIXTURES, golden, parse, parse_fixture


@pytest.mark.parametrize(
    "name",
    [
        "snapshot.jsonl",
        "pretty-printed-array-crlf.json",
        "concatenated-objects.jsonl",
        "feed.xml",
        "answer.json",
        "answer-error.json",
        "harvest.xml",
        "harvest-raw.xml",
        "harvest-dublin-core.xml",
        "announced.rss",
        "announced-2022.rdf",
        "announced.atom",
    ],
)
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(arxiv, name)
    assert made == expected
    assert arxiv.recognise((FIXTURES / "arxiv" / name).read_bytes())


def test_a_record_says_what_the_snapshot_says() -> None:
    record = parse(arxiv, line(doi="10.1/X", comments="5 pages")).record
    assert record["arxiv_id"] == record["source_id"] == "2301.00001"
    assert record["abstract"] == "  An abstract.\n"
    assert record["doi"] == "10.1/X"
    assert record["comments"] == "5 pages"
    assert record["categories"] == ["cs.LG", "stat.ML"]
    assert record["published"] == record["updated"] == date(2023, 1, 2)
    assert record["version_days"] == [date(2023, 1, 2)]
    assert record["line"] == 1


def test_a_parsed_name_keeps_the_border_between_last_and_first() -> None:
    assert parse(arxiv, line()).record["authors"] == ["Lovelace, Ada", "Evans II, Neal J."]


def test_a_group_has_no_first_name() -> None:
    parsed = line(authors_parsed=[["ATLAS Collaboration", "", ""], ["Aad", "G.", "", "CERN"]])
    assert parse(arxiv, parsed).record["authors"] == ["ATLAS Collaboration", "Aad, G."]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ada Lovelace and Charles Babbage", ["Ada Lovelace", "Charles Babbage"]),
        ("A. B, C. D, and E. F", ["A. B", "C. D", "E. F"]),
        ("A. B (MIT, USA (Boston)),\n  C. D (CERN)", ["A. B", "C. D"]),
        ("Neal J. Evans, II, Ada Lovelace", ["Neal J. Evans II", "Ada Lovelace"]),
        ("Anderson Andrews", ["Anderson Andrews"]),
        ("", []),
    ],
)
def test_names_come_from_the_text_where_none_are_parsed(written: str, names: list[str]) -> None:
    content = line(authors=written, authors_parsed=None)
    assert parse(arxiv, content).record["authors"] == names


def test_the_submitter_is_stored_nowhere() -> None:
    named = line(submitter='Zaphod "Z" Beeblebrox')
    damaged = [named[:-90] + b"\n", named.replace(b'"title"', b"title"), named[:60]]
    made = parse(arxiv, named * 3 + b"".join(damaged))
    assert made.records.height == made.rejections.height == 3
    for frame in (made.records, made.rejections):
        assert not any(name in frame.write_ndjson() for name in ("Zaphod", "Beeble"))


def test_dates_are_read_in_each_spelling() -> None:
    versions = [
        {"version": "v1", "created": "2007-04-01"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ]
    record = parse(arxiv, line(versions=versions)).record
    assert record["published"] == date(2007, 4, 1)
    assert record["updated"] == date(2007, 7, 24)


def test_the_update_date_stands_in_for_missing_versions() -> None:
    record = parse(arxiv, without("versions")).record
    assert record["published"] is None
    assert record["updated"] == date(2023, 1, 5)


@pytest.mark.parametrize(
    "categories",
    [
        "cs.CL I.2.7; I.2.8 68T50",
        ["cs.CL", "I.2.7; I.2.8", "68T50 (Primary)"],
        ["cs.CL\nI.2.7", "I.2.8\n 68T50"],
        '["cs.CL", "I.2.7", "I.2.8", "68T50"]',
    ],
)
def test_classes_are_kept_apart_from_categories(categories: object) -> None:
    record = parse(arxiv, line(categories=categories)).record
    assert record["categories"] == ["cs.CL"]
    assert record["classes"] == ["I.2.7", "I.2.8", "68T50"]


@pytest.mark.parametrize(
    "category", ["hep-th", "math.GT", "cond-mat.mes-hall", "q-bio.QM", "acc-phys", "physics.gen-ph"]
)
def test_every_kind_of_category_is_one(category: str) -> None:
    record = parse(arxiv, line(categories=category)).record
    assert (record["categories"], record["classes"]) == ([category], [])


@pytest.mark.parametrize(
    "identifier",
    ["0704.0001", "1412.9999", "1501.00001", "2301.00001v12", "hep-th/9901001", "math.GT/0309136"],
)
def test_a_whole_id_is_kept_as_written(identifier: str) -> None:
    assert parse(arxiv, line(id=identifier)).record["arxiv_id"] == identifier


@pytest.mark.parametrize(
    "identifier",
    ["704.0001", "704.001", "0704.001", "1501.0001", "1501.0001200000001", "704.0291", "1501"],
)
def test_an_id_that_went_through_a_float_is_rejected_as_such(identifier: str) -> None:
    assert parse(arxiv, line(id=identifier)).reasons == [(1, "float-identifier")]


def test_a_number_that_lost_its_zeros_is_a_damaged_id() -> None:
    assert parse(arxiv, line(id=704.001)).reasons == [(1, "float-identifier")]


@pytest.mark.parametrize("identifier", ["", "abc", "0713.0001", "0704.00010", None, "10.1/x"])
def test_what_is_no_id_is_rejected(identifier: str | None) -> None:
    assert parse(arxiv, line(id=identifier)).reasons == [(1, "bad-identifier")]


@settings(deadline=None)
@given(st.integers(8, 30), st.integers(1, 12), st.integers(1, 99_999))
def test_no_id_survives_a_float_that_changed_it(year: int, month: int, number: int) -> None:
    digits = 5 if year >= 15 else 4
    whole = f"{year:02d}{month:02d}.{number % 10**digits:0{digits}d}"
    through = str(float(whole))
    faults = pl.DataFrame({"id": [whole, through]}).select(arxiv_ids.find_id_fault(pl.col("id")))
    expected = None if through == whole else Reason.FLOAT_IDENTIFIER.value
    assert faults.to_series().to_list() == [None, expected]


@pytest.mark.parametrize("title", [None, "", " \n"])
def test_a_paper_without_a_title_is_rejected(title: str | None) -> None:
    assert parse(arxiv, line(title=title)).reasons == [(1, "no-title")]


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        ("This paper has been withdrawn by the author due to an error.", None),
        ("We prove X. UPDATE: Manuscript withdrawn, as the results are wrong.", None),
        ("Withdrawn.", None),
        ("The authors would like to withdraw this version.", None),
        ("Good science.", "Withdrawn by the authors; see v1"),
        ("Good science.", "This submission has been withdrawn by arXiv administrators"),
    ],
)
def test_a_notice_of_withdrawal_is_seen(abstract: str, comments: str | None) -> None:
    assert parse(arxiv, line(abstract=abstract, comments=comments)).record["is_withdrawn"]


@pytest.mark.parametrize(
    "abstract",
    [
        "Natural gas is injected or withdrawn from the system.",
        "One of the causes to withdraw some drugs from the market.",
        "Cash withdrawals are an electron-withdrawing business.",
        "The claim is retracted by a retraction onto a subspace.",
    ],
)
def test_a_paper_about_withdrawing_is_not_withdrawn(abstract: str) -> None:
    record = parse(arxiv, line(abstract=abstract)).record
    assert not record["is_withdrawn"]
    assert not record["is_retracted"]


def test_a_retraction_is_seen() -> None:
    assert parse(arxiv, line(comments="This article has been retracted")).record["is_retracted"]


def test_notices_hold_for_each_text_alone() -> None:
    texts = pl.DataFrame({"a": [None, "x"], "c": ["paper withdrawn", None]})
    said = texts.select(notices.is_withdrawn(pl.col("a"), pl.col("c"))).to_series()
    assert said.to_list() == [True, False]


def test_unseen_fields_are_counted_and_never_stored() -> None:
    made = parse(arxiv, line(influence=17) + line() + line(influence=17))
    assert made.unseen == {"influence": 2}
    assert made.records.height == 3


def test_an_abstract_in_parts_beside_the_object_of_the_snapshot_is_ignored() -> None:
    content = (FIXTURES / "arxiv" / "concatenated-objects.jsonl").read_bytes()
    assert b'"abstract": {' in content
    unseen = parse(arxiv, content).unseen
    assert unseen
    assert all(name.startswith("metadata.") for name in unseen)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b'{"id": "2301.00001", "title": oops}\n', "malformed"),
        (b'{"id": "2301.00001", "title": "\xff\xfe"}\n', "encoding"),
        (b'{"id": "2301.00001", "title": "\x00"}\n', "malformed"),
        (b"[1, 2]\n", "malformed"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"\n", "malformed"),
        (line(title={"en": "A title"}), "malformed"),
        (line(title=True), "malformed"),
        (line(title=1.5), "malformed"),
        (line(versions="v1"), "malformed"),
    ],
)
def test_a_damaged_line_is_rejected_and_its_neighbours_are_kept(
    damaged: bytes, reason: str
) -> None:
    made = parse(arxiv, line() + damaged + line())
    assert made.records["line"].to_list() == [1, 3]
    assert made.reasons == [(2, reason)]


def test_a_line_of_several_slices_is_one_rejection() -> None:
    made = parse(arxiv, line() + line(abstract="x" * 3 * SLICE_BYTES) + line())
    assert made.records["line"].to_list() == [1, 3]
    assert made.reasons == [(2, "too-large")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end_is_one(end: bytes) -> None:
    content = (line() * 3).replace(b"\n", end).replace(b"\\" + end, b"\\n")
    assert parse(arxiv, content).records.height == 3


def test_blank_lines_count_but_hold_nothing() -> None:
    made = parse(arxiv, b"\n" + line() + b"  \n\n" + line())
    assert made.records["line"].to_list() == [2, 5]
    assert made.reasons == []


def test_a_file_cut_in_a_record_keeps_those_before_it() -> None:
    made = parse(arxiv, line() + line()[:100])
    assert made.records["line"].to_list() == [1]
    assert made.reasons == [(2, "truncated")]


def test_an_error_that_poses_as_an_entry_is_a_source_error() -> None:
    made = parse_fixture(arxiv, "answer-error.json")
    assert made.records.is_empty()
    assert made.reasons == [(1, "source-error")]
    assert "incorrect id format for abc" in made.rejections["detail"].item()


FEED = b"<feed xmlns='http://www.w3.org/2005/Atom' xmlns:arxiv='http://arxiv.org/schemas/atom'>%s</feed>"
ENTRY = (
    b"<entry><id>http://arxiv.org/abs/2301.00001v2</id><title>A title</title>"
    b"<summary>Text</summary><published>2023-01-01T00:00:00Z</published>"
    b"<author><name>Ada Lovelace</name><arxiv:affiliation>X</arxiv:affiliation></author>"
    b"<category term='cs.LG'/><category term='68T50'/><arxiv:primary_category term='cs.CL'/>"
    b"<rating>5</rating></entry>"
)


@pytest.mark.parametrize(
    "wrapper",
    [
        b'{"0": %b, "1": %b}',
        (
            b'{"took": 3, "shards": {"total": 1, "failed": 0}, "hits": {"total": {"value": 2}, '
            b'"hits": [{"_index": "a", "_source": %b}, {"_index": "a", "_source": %b}]}}'
        ),
        b'{"names": ["a", "b"], "rows": [{"row_idx": 0, "row": %b}, {"row_idx": 1, "row": %b}]}',
    ],
    ids=["by number", "search engine", "dataset server"],
)
def test_records_of_a_snapshot_are_found_in_what_programs_put_around_them(wrapper: bytes) -> None:
    made = parse(arxiv, wrapper % (line()[:-1], line(id="0704.0002")[:-1]))
    assert made.records["source_id"].to_list() == [json.loads(line())["id"], "0704.0002"]
    assert not made.reasons


def test_an_entry_of_a_feed_is_a_record() -> None:
    made = parse(arxiv, FEED % ENTRY)
    assert made.record["arxiv_id"] == "2301.00001v2"
    assert made.record["authors"] == ["Ada Lovelace"]
    assert made.record["categories"] == ["cs.CL", "cs.LG"]
    assert made.record["classes"] == ["68T50"]
    assert made.unseen == {"entry.rating": 1}


def test_an_empty_feed_has_no_records_and_no_rejections() -> None:
    made = parse(arxiv, FEED % b"")
    assert made.records.is_empty()
    assert made.rejections.is_empty()


def test_a_cut_feed_keeps_the_entries_before_the_cut() -> None:
    made = parse(arxiv, (FEED % (ENTRY * 2))[:-80])
    assert made.records.height == 1
    assert made.reasons == [(2, "truncated")]


def test_a_cut_answer_is_truncated() -> None:
    content = (FIXTURES / "arxiv" / "answer.json").read_bytes()[:-200]
    assert parse(arxiv, content).reasons == [(1, "truncated")]


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE feed SYSTEM "http://127.0.0.1:9/evil.dtd">',
    ],
)
def test_a_feed_that_declares_entities_is_refused(declaration: bytes) -> None:
    with pytest.raises(RefusedInput, match="document type declaration"):
        parse(arxiv, declaration + FEED % ENTRY)


@pytest.mark.parametrize(
    "head",
    [
        b'{"paperId": "1", "title": "x", "abstract": "y"}',
        b'[{"paper": {"id": "2301.00001", "title": "x", "summary": "y"}}]',
        b'{"id": 1, "title": "x"}',
        b'{"coreId": "1", "arxivId": "2301.00001", "title": "x", "abstract": "y"}',
        b"<collection id='2022.acl'>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>",
        (
            b"<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>arXiv in brief</title>"
            b"<atom:link href='feed.xml'/><item><title>A day</title></item></channel></rss>"
        ),
        # A feed of others that has papers of arXiv, and Zotero's own form.
        (
            b"<rss><channel><title>Good papers</title><link>https://a.org</link><item><title>A</title>"
            b"<link>https://arxiv.org/abs/2301.00001</link></item></channel></rss>"
        ),
        b"<rdf:RDF><bib:Article rdf:about='http://arxiv.org/abs/2301.00001'/></rdf:RDF>",
        b"",
    ],
)
def test_what_is_of_others_is_not_recognised(head: bytes) -> None:
    assert not arxiv.recognise(head)
    with pytest.raises(RefusedInput, match="neither an arXiv snapshot nor"):
        parse(arxiv, head)


HEADS = [line()[:-1], b"[" + line()[:-1], line(), FEED % ENTRY, b""]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=60))
def test_any_bytes_give_records_rejections_or_a_refusal(head: bytes, tail: bytes) -> None:
    try:
        made = parse(arxiv, head + tail)
    except RefusedInput:
        return
    assert made.records.height <= 2


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_changed_byte_never_stops_the_others(changes: list[tuple[int, int]]) -> None:
    damaged = [bytearray(line()) for _ in changes]
    for one, (at, value) in zip(damaged, changes, strict=True):
        one[at % (len(one) - 1)] = value
    content = b"".join([line(), *damaged, line()])
    made = parse(arxiv, content)
    assert {1, content.count(b"\n")} <= set(made.records["line"])
    assert made.records.height + made.rejections.height >= len(changes) + 2
