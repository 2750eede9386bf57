"""Papers with Code: links and papers of a site that anyone could edit."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.archives import ContentStream
from flows.raw.batch import Batch, parse_stream
from flows.raw.json_head import HEAD_BYTES
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import SOURCES, papers_with_code
from tests.source_files import FIXTURES, golden, parse, parse_fixture

LINK: dict[str, Any] = {
    "paper_url": "https://paperswithcode.com/paper/a-toy-paper",
    "paper_title": "A Toy Paper",
    "paper_arxiv_id": "2301.00001",
    "repo_url": "https://github.com/toy/paper",
    "is_official": False,
    "mentioned_in_paper": False,
    "mentioned_in_github": False,
    "framework": "none",
}
PAPER: dict[str, Any] = {
    "paper_url": "https://paperswithcode.com/paper/a-toy-paper",
    "arxiv_id": None,
    "title": "A Toy Paper",
    "abstract": "We play.",
    "authors": ["Ada Lovelace"],
    "tasks": ["Play"],
    "methods": [],
    "date": "2023-01-01",
}
HEADER = b"paper_title,paper_url,paper_arxiv_id,repo_url,is_official\n"


def links(*rows: dict[str, Any]) -> bytes:
    return json.dumps([LINK | row for row in rows or ({},)], indent=2).encode()


def papers(*rows: dict[str, Any]) -> bytes:
    return json.dumps([PAPER | row for row in rows or ({},)], indent=2).encode()


@pytest.mark.parametrize("name", ["links.json", "links.csv", "papers.json"])
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(papers_with_code, name)
    assert made == expected
    assert papers_with_code.recognise((FIXTURES / "papers_with_code" / name).read_bytes())


def test_every_record_is_share_alike() -> None:
    for content in (links(), papers()):
        assert parse(papers_with_code, content).record["license"] == "CC-BY-SA-4.0"


@pytest.mark.parametrize(
    ("flags", "field"),
    [
        ({}, "repo_url"),
        ({"is_official": True}, "repo_url:is_official"),
        (
            {"mentioned_in_github": True, "mentioned_in_paper": True},
            "repo_url:mentioned_in_paper:mentioned_in_github",
        ),
    ],
)
def test_what_is_said_about_a_repository_survives_in_the_name_of_its_field(
    flags: dict[str, bool], field: str
) -> None:
    record = parse(papers_with_code, links(flags)).record
    assert record["urls"] == [{"field": field, "url": "https://github.com/toy/paper"}]


def test_a_paper_keeps_its_text_and_what_people_said_of_it() -> None:
    record = parse(papers_with_code, papers({"proceeding": "Toys 2023 1"})).record
    assert record["abstract"] == "We play."
    assert record["authors"] == ["Ada Lovelace"]
    assert record["keywords"] == ["Play"]
    assert record["published"] == date(2023, 1, 1)
    assert record["venue"] == "Toys 2023 1"


def test_a_method_nobody_described_is_no_keyword() -> None:
    methods = [
        {"name": "Good", "description": "**Good** is good."},
        {"name": "ooJpi", "description": "Please enter a description about the method here"},
    ]
    assert parse(papers_with_code, papers({"methods": methods})).record["keywords"] == [
        "Play",
        "Good",
    ]


def test_accounts_of_people_are_stored_nowhere() -> None:
    rows = [b"A,u,,r,true,https://github.com/somebody\n", b",u,,r,true,somebody\n"]
    rows += [
        b'"A"x,u,,r,true,somebody\n',
        b"\xff,u,,r,true,somebody\n",
        b"A,u,,r,true,somebody,x\n",
    ]
    made = parse(papers_with_code, HEADER.strip() + b",contributors\n" + b"".join(rows))
    assert (made.records.height, made.rejections.height) == (1, 4)
    assert "somebody" not in made.records.write_ndjson() + made.rejections.write_ndjson()
    assert made.unseen == {}


@pytest.mark.parametrize(
    "title",
    [
        "How do I talk to someone at Toy Airlines?",
        "Toy Airlines Customer Service",
        "(+1-888-555-0100) Call now",
        "Dial 1→855→555→0100 for help",
        "Coinbase support number",
        "Please enter a title",
    ],
)
def test_spam_in_a_title_is_rejected(title: str) -> None:
    assert parse(papers_with_code, papers({"title": title})).reasons == [(1, "not-a-paper")]
    assert parse(papers_with_code, links({"paper_title": title})).reasons == [(1, "not-a-paper")]


@pytest.mark.parametrize(
    "abstract",
    [
        "Please enter a description about the method here",
        "Call customer service at +1 (888) 555-0100 today.",
    ],
)
def test_spam_in_an_abstract_is_rejected(abstract: str) -> None:
    made = parse(papers_with_code, papers({"abstract": abstract}))
    assert made.reasons == [(1, "not-a-paper")]


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("A Conversational Agent for Customer Support", "We help the customer service of a bank."),
        ("Comment on a letter [Am. J. Phys. 75, 844-845 (2007)]", "See 856, 100-120 (2011)."),
        ("Recovering Airline Schedules", "Airlines must change flights."),
        ("PhoneMD: Learning from Phone Numbers", "We ask for a phone number."),
        ("Please hold: queues at call centres", "We study 800 calls and 555 answers."),
    ],
)
def test_a_paper_about_what_spam_is_about_is_a_paper(title: str, abstract: str) -> None:
    assert parse(papers_with_code, papers({"title": title, "abstract": abstract})).reasons == []


@pytest.mark.parametrize("title", [None, "", "  "])
def test_a_row_without_a_title_is_rejected(title: str | None) -> None:
    assert parse(papers_with_code, papers({"title": title})).reasons == [(1, "no-title")]


def test_an_id_that_went_through_a_float_is_rejected_as_such() -> None:
    content = links({"paper_arxiv_id": "704.0291"}, {"paper_arxiv_id": 1501.0001})
    made = parse(papers_with_code, content)
    assert made.reasons == [(1, "float-identifier"), (2, "float-identifier")]


def test_unseen_fields_are_counted_with_dotted_names() -> None:
    content = papers({"stars": 5, "methods": [{"name": "X", "colour": "red"}]})
    assert parse(papers_with_code, content).unseen == {"stars": 1, "methods.colour": 1}


def test_a_value_of_another_type_rejects_its_row_alone() -> None:
    made = parse(papers_with_code, papers({"title": ["x"]}, {}, {"authors": {"x": 1}}))
    assert made.records["line"].to_list() == [2]
    assert made.reasons == [(1, "malformed"), (3, "malformed")]


def test_a_cut_array_keeps_the_rows_before_the_cut() -> None:
    made = parse(papers_with_code, papers({}, {}, {})[:-60])
    assert made.records["line"].to_list() == [1, 2]
    assert made.reasons == [(3, "truncated")]


def test_json_lines_are_read_too() -> None:
    content = b"".join(json.dumps(LINK).encode() + b"\n" for _ in range(3))
    assert parse(papers_with_code, content).records["line"].to_list() == [1, 2, 3]


def test_a_row_of_a_table_is_named_by_its_first_line() -> None:
    content = HEADER + b'"A\ntitle",u,,r,true\nB,u,,r,false\n'
    made = parse(papers_with_code, content)
    assert list(made.records.select("line", "title").iter_rows()) == [(2, "A\ntitle"), (4, "B")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"A,u\n", "malformed"),
        (b'"A" x,u,,r,true\n', "malformed"),
        (b"\xff,u,,r,true\n", "encoding"),
        (HEADER, "not-a-paper"),
        (b",u,,r,true\n", "no-title"),
    ],
)
def test_a_damaged_row_of_a_table_is_rejected_alone(row: bytes, reason: str) -> None:
    made = parse(papers_with_code, HEADER + b"A,u,,r,true\n" + row + b"B,u,,r,true\n")
    assert made.records["title"].to_list() == ["A", "B"]
    assert made.reasons == [(3, reason)]


def test_a_quote_that_never_ends_does_not_swallow_memory() -> None:
    content = HEADER + b'"A,u,,r,true\n' + b"B,u,,r,true\n" * 30_000
    made = parse(papers_with_code, content)
    assert made.rejections["reason"][0] == "malformed"
    assert made.records.height > 10_000


@pytest.mark.parametrize(
    "head",
    [b"", b'[{"paper_url": "x"}]', b'{"id": 1}', b"title,abstract\nA,B\n", b"paper_url\nx\n"],
)
def test_what_is_of_others_is_not_recognised(head: bytes) -> None:
    assert not papers_with_code.recognise(head)
    with pytest.raises(RefusedInput, match="neither links nor papers"):
        parse(papers_with_code, head)


HEADS = [links()[:-2], papers()[:-2], HEADER, HEADER + b'A,u,,r,true\n"', b""]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=60))
def test_any_bytes_give_records_rejections_or_a_refusal(head: bytes, tail: bytes) -> None:
    try:
        made = parse(papers_with_code, head + tail)
    except RefusedInput:
        return
    assert made.records.height <= 12


def write_archive(path: Path, rows: list[dict[str, object]]) -> RawFile:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return RawFile(path, papers_with_code.SOURCE, date(2026, 11, 23), "0123456789abcdef" * 4)


def parse_archive(raw: RawFile) -> list[Batch]:
    with raw.path.open("rb") as file:
        stream = ContentStream.wrap(file)
        return list(parse_stream(raw, stream, papers_with_code.parse))


@pytest.mark.parametrize(
    ("name", "fixture"),
    [("links", "links.json"), ("papers-with-abstracts", "papers.json")],
)
def test_the_archives_parquet_gives_what_the_dump_gives(
    name: str, fixture: str, tmp_path: Path
) -> None:
    dumped = parse_fixture(papers_with_code, fixture).records
    rows = json.loads((FIXTURES / "papers_with_code" / fixture).read_text())
    whole = [row for row in rows if isinstance(row, dict)]
    columns = {column for row in whole for column in row}
    texts = [{c: row.get(c) for c in columns if c != "methods"} for row in whole]
    raw = write_archive(tmp_path / f"{name}.parquet", texts)
    assert papers_with_code.recognise(raw.path.read_bytes()[:HEAD_BYTES])
    [batch] = parse_archive(raw)
    ours = batch.records.filter(pl.col("source_id").is_in(dumped["source_id"].implode()))
    same = ["source_id", "title", "abstract", "authors", "arxiv_id", "published", "urls"]
    assert (
        ours.select(same)
        .sort("source_id", "urls")
        .equals(dumped.select(same).sort("source_id", "urls"))
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"name": "LADDER", "introduced_year": 2020, "num_papers": 3}, "datasets|methods"),
        ({"task": "x", "subtasks": "y"}, "evaluation tables"),
        ({"a": 1}, "only papers-with-abstracts and links"),
    ],
)
def test_other_parquet_is_refused_by_its_name(
    row: dict[str, object], message: str, tmp_path: Path
) -> None:
    raw = write_archive(tmp_path / "other.parquet", [row])
    with pytest.raises(RefusedInput, match=message):
        parse_archive(raw)


def test_damaged_parquet_is_refused_or_cut(tmp_path: Path) -> None:
    raw = write_archive(
        tmp_path / "cut.parquet", [{"paper_url": "u", "title": "t", "abstract": "a"}]
    )
    raw.path.write_bytes(raw.path.read_bytes()[:-20])
    with pytest.raises(RefusedInput, match="no whole Parquet"):
        parse_archive(raw)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('[{"url": "x", "name": "L", "introduced_year": 2020, "code_snippet_url": ""}]', "methods"),
        ('[{"name": "D", "homepage": "", "modalities": [], "variants": []}]', "datasets"),
        ('[{"categories": [], "task": "x", "subtasks": []}]', "evaluation tables"),
    ],
)
def test_dumps_without_papers_are_refused_by_their_name(content: str, kind: str) -> None:
    assert papers_with_code.recognise(content.encode())
    with pytest.raises(RefusedInput, match=f"holds {kind} of Papers with Code"):
        parse(papers_with_code, content.encode())


def table(*rows: str) -> bytes:
    header = "paper_url,paper_title,paper_arxiv_id,repo_url"
    return "\n".join([header, *rows, ""]).encode()


def cells(number: int, title: str = "T") -> str:
    return f"https://p.org/p{number},{title},,https://github.com/a/b{number}"


@pytest.mark.parametrize("title", ['"never closed', 'closed "much later'])
def test_a_quote_that_is_not_closed_loses_one_row(title: str) -> None:
    rows = [cells(n) for n in range(3_000)]
    rows[7] = cells(7, title)
    made = parse(papers_with_code, table(*rows), "links.csv")
    assert made.records.height >= 2_999
    assert [line for line, _ in made.reasons] in ([9], [])


def test_a_quote_that_is_closed_in_a_later_row_loses_the_two() -> None:
    rows = [cells(n) for n in range(20)]
    rows[3], rows[9] = cells(3, '"opened'), cells(9, 'closed"')
    made = parse(papers_with_code, table(*rows), "links.csv")
    assert made.records.height >= 18
    assert made.records["line"].is_unique().all()


@pytest.mark.parametrize("place", [1, 7])
def test_two_rows_in_one_line_are_two_rejections(place: int) -> None:
    content = table(*(cells(n) for n in range(20)))
    lines = content.splitlines(keepends=True)
    lines[place] = lines[place].rstrip(b"\r\n")
    made = parse(papers_with_code, b"".join(lines), "links.csv")
    assert made.records.height == 18
    assert len(made.reasons) == 2


def test_a_row_in_the_line_of_the_header_costs_no_other() -> None:
    content = table(*(cells(n) for n in range(20)))
    made = parse(papers_with_code, content.replace(b"\n", b"", 1), "links.csv")
    assert made.records.height == 19
    assert len(made.reasons) == 1


def test_rows_that_went_through_a_table_keep_names_and_days() -> None:
    row = {"paper_url": "u", "title": "T", "abstract": "We.", "authors": "['A. Berg', 'B. Dahl']"}
    made = parse(papers_with_code, json.dumps([row | {"date": 1609459200000}]).encode()).record
    assert (made["authors"], str(made["published"])) == (["A. Berg", "B. Dahl"], "2021-01-01")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_a_spreadsheet_is_read_whatever_is_between_its_cells(delimiter: str) -> None:
    names = ["", "paper_url", "paper_title", "paper_arxiv_id", "repo_url", "is_official"]
    cells = ["0", "u", "Ladders; trees, and\tkelp", "2101.00001", "https://github.com/a/b", "True"]
    rows = [delimiter.join(f'"{cell}"' for cell in row) for row in (names, cells)]
    made = parse(papers_with_code, "\n".join(rows).encode())
    assert made.record["title"] == "Ladders; trees, and\tkelp"
    assert not made.unseen


@pytest.mark.parametrize("form", ["{}", "\n  \n{}", "\r\n{}"])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_table_is_read_however_its_lines_end_and_whatever_blanks_come_first(
    form: str, end: str
) -> None:
    content = form.format(table(*(cells(n) for n in range(20))).decode().replace("\n", end))
    made = parse(papers_with_code, content.replace("\n", end).encode(), "links.csv")
    assert (made.records.height, made.reasons) == (20, [])


def test_papers_of_another_site_under_the_same_names_are_not_share_alike() -> None:
    entry = {"title": "A", "paper_url": "https://huggingface.co/papers/2511.21631", "abstract": "B"}
    assert not papers_with_code.recognise(json.dumps([entry]).encode())
    dump = entry | {"paper_url": "https://paperswithcode.com/paper/a"}
    assert papers_with_code.recognise(json.dumps([dump]).encode())


def test_an_answer_of_the_api_is_share_alike_and_not_of_arxiv() -> None:
    paper = {
        "id": "ladders",
        "arxiv_id": "2301.00001",
        "nips_id": None,
        "title": "Ladders",
        "url_abs": "http://arxiv.org/abs/2301.00001v2",
        "url_pdf": None,
        "abstract": "We climb.",
        "authors": ["Ada Berg"],
        "published": "2023-01-02",
        "proceeding": None,
    }
    answer = json.dumps({"count": 1, "next": None, "previous": None, "results": [paper]}).encode()
    assert [source for source, module in SOURCES.items() if module.recognise(answer)] == [
        papers_with_code.SOURCE
    ]
    record = parse(papers_with_code, answer).record
    assert record["license"] == "CC-BY-SA-4.0"
    assert record["source_id"] == "https://paperswithcode.com/paper/ladders"
    assert (record["arxiv_id"], str(record["published"])) == ("2301.00001", "2023-01-02")


def test_columns_may_be_in_another_order_and_true_in_another_language() -> None:
    content = b"is_official;repo_url;paper_title;paper_url\nWAHR;https://github.com/a/b;A;u\n"
    assert papers_with_code.recognise(content)
    [url] = parse(papers_with_code, content).record["urls"]
    assert url == {"field": "repo_url:is_official", "url": "https://github.com/a/b"}
