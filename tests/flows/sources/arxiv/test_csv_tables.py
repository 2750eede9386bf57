"""arXiv's papers as CSV: what data frames, spreadsheets and editors make of them."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.raw_file import RefusedInput
from flows.sources import SOURCES, arxiv
from schemas.vocabulary import Reason
from tests.source_files import parse

COLUMNS = (
    *("id", "submitter", "authors", "title", "comments", "journal-ref", "doi", "report-no"),
    *("categories", "license", "abstract", "versions", "update_date", "authors_parsed"),
)
ROW = {
    "id": "0704.0001",
    "submitter": "Grace Hopper",
    "authors": "Ada Lovelace and Alan Turing",
    "title": 'Ladders of\n  "Attention"',
    "comments": "5 pages, no figures",
    "journal-ref": "J. Ladders 3, 2007",
    "doi": "10.1234/ladders",
    "categories": "cs.LG stat.ML",
    "abstract": '  We climb; twice,\nand "again",\nas ladders do.\n',
    "versions": "[{'version': 'v1', 'created': 'Mon, 2 Apr 2007 19:18:42 GMT'}]",
    "update_date": "2008-11-26",
    "authors_parsed": "[['Lovelace', 'Ada', ''], [\"O'Hara\", 'Alan', '']]",
}
ENTRY = {
    "id": "2511.20651v1",
    "title": "Ladders",
    "authors": "['Ada Lovelace', 'Alan Turing']",
    "published": "2025-11-25",
    "summary": "We climb.",
    "pdf_url": "https://arxiv.org/pdf/2511.20651v1",
}


def write(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, **dialect: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_a_snapshot_of_a_data_frame_is_read() -> None:
    record = parse(arxiv, write(ROW)).record
    assert (record["title"], record["abstract"]) == (ROW["title"], ROW["abstract"])
    assert record["authors"] == ["Lovelace, Ada", "O'Hara, Alan"]
    assert (record["categories"], record["venue"]) == (["cs.LG", "stat.ML"], "J. Ladders 3, 2007")
    assert (record["published"], record["updated"]) == (date(2007, 4, 2), date(2007, 4, 2))


def test_the_submitter_is_stored_nowhere() -> None:
    made = parse(arxiv, write(ROW, columns=("submitter", *COLUMNS[:1], *COLUMNS[2:])) + b"Hopper,x")
    assert "Hopper" not in str((made.records.to_dicts(), made.rejections.to_dicts()))
    assert (made.records.height, made.rejections.height) == (1, 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_marks_of_spreadsheets_change_nothing(delimiter: str, end: str) -> None:
    table = write(ROW, ROW | {"id": "0704.0002"}, delimiter=delimiter, lineterminator=end)
    made = parse(arxiv, b"\xef\xbb\xbf" + table)
    assert made.records["arxiv_id"].to_list() == ["0704.0001", "0704.0002"]
    assert made.records["line"].to_list() == [2, 7]


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"authors_parsed": ""}, "authors", ["Ada Lovelace", "Alan Turing"]),
        ({"authors_parsed": "[Lovelace, Ada]"}, "authors", ["Ada Lovelace", "Alan Turing"]),
        ({"authors_parsed": '[["Bo", "A", ""]]'}, "authors", ["Bo, A"]),
        ({"categories": "['cs.LG' 'cs.AI']"}, "categories", ["cs.LG", "cs.AI"]),
        ({"doi": "nan"}, "doi", None),
        ({"comments": "None"}, "comments", None),
        ({"versions": "v1, v2"}, "updated", date(2008, 11, 26)),
    ],
)
def test_a_cell_is_read_as_what_its_program_meant(
    cells: dict[str, str], column: str, expected: object
) -> None:
    assert parse(arxiv, write(ROW | cells)).record[column] == expected


def test_names_of_columns_may_be_spelt_otherwise_and_numbers_of_rows_stand_before() -> None:
    columns = ("", *COLUMNS)
    table = write({"": "0"} | ROW, columns=columns)
    header, _, rows = table.partition(b"\n")
    table = header.upper().replace(b"-", b"_") + b"\n" + rows
    made = parse(arxiv, table)
    assert (made.record["venue"], made.unseen) == ("J. Ladders 3, 2007", {})


def test_what_is_written_for_excel_is_no_part_of_a_table() -> None:
    plain = parse(arxiv, write(ENTRY, columns=tuple(ENTRY))).record
    for mark in ('="{}"', "'{}"):
        row = ENTRY | {"id": mark.format(ENTRY["id"]), "summary": "We climb.\nAgain."}
        text = write(row, columns=tuple(ENTRY), delimiter=";").replace(b"\r\n", b"\r")
        record = parse(arxiv, b"sep=;\r" + text).record
        assert record["abstract"] == "We climb.\nAgain."
        assert record["source_id"] == "2511.20651v1"
        assert {name: record[name] for name in ("title", "authors", "published")} == {
            name: plain[name] for name in ("title", "authors", "published")
        }


def test_a_day_is_read_in_the_order_of_iso_and_counted_in_any_other() -> None:
    for row, column in ((ENTRY, "published"), (ROW | {"versions": ""}, "update_date")):
        made = parse(arxiv, write(row | {column: "2007/04/02 10:00"}, columns=tuple(row)))
        assert date(2007, 4, 2) in (made.record["published"], made.record["updated"])
        assert not made.unseen
        for written in ("7/6/2023", "45123"):
            made = parse(arxiv, write(row | {column: written}, columns=tuple(row)))
            assert made.unseen == {f"{column}: a text in the place of a day": 1}


def test_entries_of_the_query_api_are_read_as_csv() -> None:
    record = parse(arxiv, write(ENTRY, columns=tuple(ENTRY))).record
    assert (record["arxiv_id"], record["abstract"]) == ("2511.20651v1", "We climb.")
    assert record["authors"] == ["Ada Lovelace", "Alan Turing"]


def test_an_index_of_ids_is_an_id_where_there_is_no_other() -> None:
    table = b"index,title,tags,abstract\n2505.24868,Ladders,\"['cs.LG', 'stat.ML']\",We climb.\n"
    record = parse(arxiv, table).record
    assert (record["arxiv_id"], record["categories"]) == ("2505.24868", ["cs.LG", "stat.ML"])


def test_cells_that_an_editor_aligned_are_read() -> None:
    table = (
        b"id         ,title          ,categories,abstract\n"
        b'2505.24868 ,"Ladders, once  "   ,cs.LG     ,  "We, too"   \n'
    )
    record = parse(arxiv, table).record
    assert (record["arxiv_id"], record["title"]) == ("2505.24868", "Ladders, once")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'0704.0002,x,"A, "B" and C",T\nwith more\nlines,,,\n', Reason.MALFORMED),
        (b'0704.0002,x,A,"never closed\nand more,\n', Reason.MALFORMED),
        (b'0704.0002,x,A,T,"too",few,cells\n', Reason.MALFORMED),
        (b"704.291,x,A,T,,,,,cs.LG,,An abstract,,,\n", Reason.FLOAT_IDENTIFIER),
        (b"0704.0002,x,A,,,,,,cs.LG,,An abstract,,,\n", Reason.NO_TITLE),
        (b'0704.0002,x,A,T\xff,,,,,cs.LG,,"An\nabstract",,,\n', Reason.ENCODING),
    ],
)
def test_a_row_that_cannot_be_read_is_one_rejection(broken: bytes, reason: Reason) -> None:
    whole = write(ROW, lineterminator="\n")
    rows = whole.partition(b"\n")[2]
    made = parse(arxiv, whole + broken + rows.replace(b"0704.0001", b"0704.0003"))
    assert made.records["arxiv_id"].to_list() == ["0704.0001", "0704.0003"]
    assert made.rejections["reason"].to_list() == [reason.value]
    assert made.rejections["line"].to_list() == [7]


@pytest.mark.parametrize(
    "line", ["math.CV/0402278; 55 (2005), 733", "1.5, with a ratio of 2, as in"]
)
def test_a_line_of_an_abstract_that_begins_like_a_row_is_of_its_abstract(line: str) -> None:
    abstract = f"We climb.\n{line}\narXiv:0704.0123, arXiv:0901.0449 and others."
    made = parse(arxiv, write(ROW | {"abstract": abstract}, ROW | {"id": "0704.0002"}))
    assert made.records["arxiv_id"].to_list() == ["0704.0001", "0704.0002"]
    assert line in made.records["abstract"][0]
    assert made.rejections.is_empty()


def test_rows_inside_a_quote_that_ends_late_are_read() -> None:
    rows = b'0704.0001,T,"never closed\n0704.0002,T,A"\n0704.0003,T,A\n'
    made = parse(arxiv, b"id,title,abstract\n" + rows)
    assert made.records["line"].to_list() == [3, 4]
    assert made.rejections["line"].to_list() == [2]
    many = b"".join(b"0704.%04d,T,A\n" % number for number in range(1, 40))
    made = parse(arxiv, b'id,title,abstract\n0704.0400,T,"A\n' + many)
    assert made.records["line"].to_list() == list(range(3, 42))


def test_rows_with_spoilt_ids_are_no_rest_of_the_broken_row_before_them() -> None:
    rows = b'0704.0002,x,A,"T" and,more\n704.291,x,A,T,,,,,cs.LG,,B,,,\n'
    rows += b"http://arxiv.org/abs/0704.0003v1,x,A,T,,,,,cs.LG,,B,,,\n"
    made = parse(arxiv, write(ROW, lineterminator="\n") + rows)
    assert made.records["line"].to_list() == [2, 9]
    assert made.rejections["reason"].to_list() == ["malformed", "float-identifier"]


def test_a_file_that_is_cut_off_keeps_its_whole_rows() -> None:
    table = write(ROW, ROW | {"id": "0704.0002"})
    made = parse(arxiv, table[:-150])
    assert (made.records.height, made.rejections.height) == (1, 1)


def test_the_names_of_three_thousand_authors_are_one_cell() -> None:
    names = str(
        [["Lovelace-Turing-Hopper", f"Ada {number}", "", "CERN"] for number in range(3_303)]
    )
    assert len(names) > 1 << 17
    assert len(parse(arxiv, write(ROW | {"authors_parsed": names})).record["authors"]) == 3_303


@pytest.mark.parametrize(
    "table",
    [
        b"id,title,abstract,full_text\n1,A,B,C\n",
        b"title,summary,category\nA,B,cs.LG\n",
        b"paperId,title,abstract,url\nx,A,B,https://arxiv.org/abs/2301.00001\n",
        b"title,authors,link\nA,B,https://arxiv.org/abs/2301.00001\n",
    ],
)
def test_a_table_that_is_not_of_arxivs_papers_is_of_no_source(table: bytes) -> None:
    assert not any(module.recognise(table) for module in SOURCES.values())


@pytest.mark.parametrize("table", [write(ROW), write(ENTRY, columns=tuple(ENTRY))])
def test_a_table_is_of_arxiv_alone(table: bytes) -> None:
    assert [source for source, module in SOURCES.items() if module.recognise(table)] == ["arxiv"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 900), st.binary(max_size=20))
def test_any_damage_gives_records_rejections_or_a_refusal(place: int, noise: bytes) -> None:
    whole = write(ROW, ROW | {"id": "0704.0002"}, ROW | {"id": "0704.0003"})
    try:
        made = parse(arxiv, whole[:place] + noise + whole[place + len(noise) :])
    except RefusedInput:
        return
    assert made.records["record_id"].is_unique().all()
