"""A file that its reader refuses ends the run, or is left out by name where that was asked for."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from flows.hashing import hash_file
from flows.parse.report_rejections import report_rejections
from flows.parse.task import parse
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile, RefusedInput
from flows.runs.notices import take_notices
from schemas.vocabulary import Source

DAY = date(2026, 11, 23)


def raw_file(folder: Path, source: Source, content: bytes) -> RawFile:
    path = folder / "some.file"
    path.write_bytes(content)
    return RawFile(path, source, DAY, hash_file(path))


def test_a_refused_file_ends_the_run_by_name(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, Source.DAILY_PAPERS, b'[{"x": 1}]')
    with pytest.raises(RefusedInput, match=r"some\.file"):
        parse.fn(raw, tmp_path / "interim")


def test_a_refused_file_is_left_out_where_that_was_asked_for(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, Source.DAILY_PAPERS, b'[{"x": 1}]')
    parsed = parse.fn(raw, tmp_path / "interim", skip_refused=True)
    assert (parsed.records, parsed.rejections, parsed.parts("records")) == (0, 0, [])
    [note] = parsed.notes
    assert note.startswith("left out some.file: no item of the daily-papers API")


def test_a_file_that_changed_since_it_was_found_is_refused(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, Source.DAILY_PAPERS, b"[]")
    raw.path.write_bytes(b"[ ]")
    with pytest.raises(RefusedInput):
        parse.fn(raw, tmp_path / "interim")


@pytest.mark.parametrize("part", ["records-00000.parquet", "parsed.json"])
def test_a_flipped_bit_is_found_and_the_file_parsed_again(tmp_path: Path, part: str) -> None:
    item = b'[{"paper": {"id": "2301.00001", "title": "A title"}}]'
    raw = raw_file(tmp_path, Source.DAILY_PAPERS, item)
    parsed = parse.fn(raw, tmp_path / "interim")
    path = parsed.folder / part
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 20)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert parse.fn(raw, tmp_path / "interim") == parsed
        assert [notice.effect for notice in take_notices()] == ["damaged, parsed again"]
        assert path.read_bytes() == whole


def test_what_was_read_of_each_file_is_told_where_nothing_comes_of_it(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, Source.DAILY_PAPERS, b'[{"paper": {"id": "2301.00001"}}]')
    parsed = parse.fn(raw, tmp_path / "interim")
    assert parsed.notes == [
        (
            "some.file: gave no record, 1 rejection: "
            "no-title, neither the paper nor the item has a title"
        )
    ]
    text = report_rejections([parsed], tmp_path / "interim")
    assert "some.file: 0 records, 1 rejection, no-title, the first at place 1" in text
    assert (tmp_path / "interim" / "rejections.jsonl").read_text().count("\n") == 1


def test_without_rejections_no_file_of_them_is_named(tmp_path: Path) -> None:
    (tmp_path / "rejections.jsonl").write_text("of an earlier run")
    parsed = Parsed(tmp_path / "parsed", "arxiv", 0, 0, notes=["a.xml: holds no records"])
    text = report_rejections(
        [replace(parsed, file="a.xml")], tmp_path, ["left out b.txt: is empty"]
    )
    assert text == "What was read:\n  a.xml: 0 records, 0 rejections\n  left out b.txt: is empty"
    assert not (tmp_path / "rejections.jsonl").exists()


def test_a_file_that_broke_off_is_named_first(tmp_path: Path) -> None:
    whole = Parsed(tmp_path / "parsed", "arxiv", 9, 0, file="whole.xml")
    cut = replace(whole, file="cut.xml", truncated=["cut.xml was not read to its end"])
    first = report_rejections([whole, cut], tmp_path).splitlines()[1]
    assert first == "  cut.xml: 9 records, 0 rejections; cut.xml was not read to its end"
