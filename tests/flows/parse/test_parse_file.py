"""A raw file is parsed once per parser version, into a folder that is there whole or not at all."""

import gzip
import os
import sys
import zipfile
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from flows import hashing, tables
from flows.hashing import hash_file
from flows.parse.parse_file import hash_reader, load_parsed, name_parse, parse_file
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import SOURCES
from flows.version import hash_code
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.vocabulary import Source

TOY = '''
"""Toy: one title a line."""

from collections import Counter

import polars as pl

from flows.raw.batch import Batch, make_rejection, tabulate_records, tabulate_rejections
from schemas.vocabulary import License, Reason, Source

SOURCE = Source.ARXIV
LICENSE = License.CC0
VERSION = "1"
COLUMNS = {"line": pl.Int64, "title": pl.String}


def recognise(head):
    return head.startswith(b"toy")


def parse(raw, stream):
    titles, refused = [], []
    for number, line in enumerate(stream.read().decode().splitlines()[1:], start=2):
        if line:
            titles.append({"line": number, "title": line})
        else:
            refused.append(
                make_rejection(raw, number, Reason.NO_TITLE, detail="the line is empty", excerpt="")
            )
    yield Batch(
        records=tabulate_records(raw, pl.DataFrame(titles, schema=COLUMNS), LICENSE),
        rejections=tabulate_rejections(refused),
        unseen=Counter({"toy.field": 2}),
        notes=("a toy",),
    )
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Add a source: one file, one line."""
    (tmp_path / "toy.py").write_text(TOY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "toy", raising=False)
    import toy  # type: ignore[import-not-found]  # noqa: PLC0415  # it exists from here on

    monkeypatch.setitem(SOURCES, toy.SOURCE, toy)
    return toy  # type: ignore[no-any-return]  # a module


def raw_file(tmp_path: Path, content: str, name: str = "dump.txt") -> RawFile:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return RawFile(path, Source.ARXIV, date(2026, 11, 23), hash_file(path))


@pytest.mark.usefixtures("toy")
def test_a_new_source_is_one_file_and_one_line(tmp_path: Path) -> None:
    parsed = parse_file(raw_file(tmp_path, "toy\nA title\n\nAnother"), tmp_path / "parsed")
    records = tables.load(Record, parsed.parts("records"))
    rejections = tables.load(Rejection, parsed.parts("rejections"))
    assert records["title"].to_list() == ["A title", "Another"]
    assert rejections["line"].to_list() == [3]
    assert (parsed.records, parsed.rejections) == (2, 1)
    assert parsed.unseen == {"toy.field": 2}
    assert parsed.notes == ["dump.txt: a toy"]


@pytest.mark.usefixtures("toy")
def test_finished_parse_is_found_again(tmp_path: Path) -> None:
    parsed = parse_file(raw_file(tmp_path, "toy\nA title"), tmp_path / "parsed")
    assert load_parsed(tmp_path / "parsed") == parsed


@pytest.mark.usefixtures("toy")
def test_interrupted_parse_is_done_anew_with_the_same_bytes(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, "toy\nA title")
    whole = parse_file(raw, tmp_path / "whole")
    partial = tmp_path / "parsed.partial"
    partial.mkdir()
    (partial / "records-00007.parquet").write_bytes(b"half a file")
    assert load_parsed(tmp_path / "parsed") is None
    again = parse_file(raw, tmp_path / "parsed")
    assert [p.read_bytes() for p in again.parts("records")] == [
        p.read_bytes() for p in whole.parts("records")
    ]


@pytest.mark.usefixtures("toy")
def test_parse_that_lost_a_part_is_done_anew(tmp_path: Path) -> None:
    parsed = parse_file(raw_file(tmp_path, "toy\nA title"), tmp_path / "parsed")
    parsed.parts("records")[0].unlink()
    assert load_parsed(tmp_path / "parsed") is None
    assert not (tmp_path / "parsed").exists()


@pytest.mark.usefixtures("toy")
def test_a_parse_whose_summary_was_deleted_is_no_obstacle(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, "toy\nA title")
    parsed = parse_file(raw, tmp_path / "parsed")
    (tmp_path / "parsed" / "parsed.json").unlink()
    # Nobody writes into it: whoever opens it to read waits for ever.
    os.mkfifo(tmp_path / "parsed" / "parsed.json")
    assert load_parsed(tmp_path / "parsed") is None
    assert parse_file(raw, tmp_path / "parsed") == parsed


@pytest.mark.usefixtures("toy")
def test_a_file_that_breaks_off_is_called_truncated(tmp_path: Path) -> None:
    path = tmp_path / "dump.gz"
    path.write_bytes(gzip.compress(b"toy\nA title\nAnother", mtime=0)[:-6])
    raw = RawFile(path, Source.ARXIV, date(2026, 11, 23), hash_file(path))
    parsed = parse_file(raw, tmp_path / "parsed")
    [cut] = parsed.truncated
    assert cut.startswith("dump.gz was not read to its end")
    assert load_parsed(tmp_path / "parsed") == parsed


def test_code_that_all_sources_are_read_with_is_part_of_what_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.version.PROJECT", tmp_path)
    monkeypatch.setattr("flows.parse.parse_file.hash_code", hash_code.__wrapped__)
    module = tmp_path / "flows" / "raw" / "json_stream.py"
    module.parent.mkdir(parents=True)
    module.write_text("before = 1")
    before = hash_reader("arxiv")
    module.write_text("after = 2")
    assert hash_reader("arxiv") != before


def test_parse_is_named_by_content_place_and_what_reads_it(
    toy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = raw_file(tmp_path, "toy\nA title")
    key = name_parse(raw)
    assert name_parse(raw) == key
    assert name_parse(raw_file(tmp_path, "toy\nAnother")) != key
    assert name_parse(raw_file(tmp_path, "toy\nA title", name="other.txt")) != key
    with monkeypatch.context() as other:
        other.setattr("flows.parse.parse_file.hash_reader", lambda _: "another")
        assert name_parse(raw) != key
    toy.VERSION = "2"
    assert name_parse(raw) != key


@pytest.mark.usefixtures("toy")
def test_day_without_papers_is_noted_not_refused(tmp_path: Path) -> None:
    parsed = parse_file(raw_file(tmp_path, "toy"), tmp_path / "parsed")
    assert parsed.records == 0
    assert parsed.notes == ["dump.txt: a toy", "dump.txt: holds no records"]


@pytest.mark.usefixtures("toy")
def test_an_archive_is_hashed_once_and_not_for_each_of_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.txt", "toy\nA title")
        archive.writestr("2.txt", "toy\nAnother")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    reads: list[Path] = []

    def count_read(file: Path) -> str:
        reads.append(file)
        return hash_file(file)

    monkeypatch.setattr(hashing, "hash_file", count_read)
    for index in (1, 2):
        raw = RawFile(path, Source.ARXIV, date(2026, 11, 23), hash_file(path), f"{index}", index)
        assert parse_file(raw, tmp_path / f"{index}").records == 1
    assert reads.count(path) == 1


@pytest.mark.usefixtures("toy")
def test_a_file_that_is_deleted_meanwhile_is_refused_by_name(tmp_path: Path) -> None:
    raw = raw_file(tmp_path, "toy\nA\n")
    raw.path.unlink()
    with pytest.raises(RefusedInput, match=r"dump\.txt: it was deleted"):
        parse_file(raw, tmp_path / "parsed")
    raw.path.mkdir()
    with pytest.raises(RefusedInput, match="or replaced while it was read"):
        parse_file(raw, tmp_path / "again")
