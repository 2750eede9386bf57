"""arXiv: the snapshot as Parquet, as it is passed on for tables of data."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.parse.find_raw_files import recognise_files
from flows.raw import parquet_files
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch, parse_stream
from flows.raw.json_head import HEAD_BYTES
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import arxiv
from schemas.vocabulary import Source
from tests.arxiv_lines import line
from tests.source_files import parse


def write_table(path: Path, rows: list[dict[str, object]]) -> RawFile:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return RawFile(path, arxiv.SOURCE, date(2026, 11, 23), "0123456789abcdef" * 4)


def parse_table(raw: RawFile) -> Batch:
    with raw.path.open("rb") as file:
        [batch] = parse_stream(raw, ContentStream.wrap(file), arxiv.parse)
    return batch


def test_a_table_gives_what_its_lines_give(tmp_path: Path) -> None:
    lines = [line(), line(id="2301.00002", doi="10.1/X")]
    batch = parse_table(write_table(tmp_path / "arxiv.parquet", [json.loads(x) for x in lines]))
    columns = batch.records.columns
    expected = parse(arxiv, b"".join(lines)).records
    paths = {"file", "record_id"}
    same = [name for name in columns if name not in paths]
    assert batch.records.select(same).equals(expected.select(same))


def test_days_and_lists_may_be_values_or_text(tmp_path: Path) -> None:
    record = json.loads(line(versions=None))
    names = json.dumps(record.pop("authors_parsed"))
    rows = [{**record, "update_date": datetime(2023, 5, 6, tzinfo=UTC), "authors_parsed": names}]
    batch = parse_table(write_table(tmp_path / "arxiv.parquet", rows))
    assert batch.records["updated"].to_list() == [date(2023, 5, 6)]
    assert batch.records["authors"].to_list() == [["Lovelace, Ada", "Evans II, Neal J."]]


def test_a_row_that_is_no_record_is_a_rejection_at_its_place(tmp_path: Path) -> None:
    rows = [json.loads(line()), json.loads(line(title=" ")), json.loads(line(id="x"))]
    batch = parse_table(write_table(tmp_path / "arxiv.parquet", rows))
    assert batch.records.height == 1
    reasons = batch.rejections.select("line", "reason").rows()
    assert reasons == [(2, "no-title"), (3, "bad-identifier")]


def test_a_table_is_recognised_by_its_columns_however_long_it_is(tmp_path: Path) -> None:
    texts = [hashlib.sha512(str(n).encode()).hexdigest() * 2 for n in range(900)]
    rows = [json.loads(line(id=f"2301.{n:05}", abstract=text)) for n, text in enumerate(texts)]
    raw = write_table(tmp_path / "arxiv.parquet", rows)
    # The names of the columns must not be in what is read of any other file.
    assert raw.path.stat().st_size > 2 * HEAD_BYTES
    [found] = recognise_files([raw.path]).raw
    assert found.source == Source.ARXIV


def test_a_table_of_others_is_not_recognised_and_refused_by_name(tmp_path: Path) -> None:
    raw = write_table(tmp_path / "other.parquet", [{"id": "2301.00001", "title": "A title"}])
    assert not arxiv.recognise(raw.path.read_bytes())
    with pytest.raises(RefusedInput, match=r"Parquet with the columns id, title\. A snapshot of"):
        parse_table(raw)


def test_a_table_whose_columns_have_no_readable_names_is_none_to_read(tmp_path: Path) -> None:
    raw = write_table(tmp_path / "arxiv.parquet", [json.loads(line())])
    raw.path.write_bytes(raw.path.read_bytes().replace(b"abstract", b"abstrac\xad"))
    with pytest.raises(RefusedInput, match="no whole Parquet"):
        parse_table(raw)


@pytest.mark.parametrize("end", [-20, 100])
def test_a_table_that_breaks_off_is_none_to_read(end: int, tmp_path: Path) -> None:
    raw = write_table(tmp_path / "arxiv.parquet", [json.loads(line())])
    raw.path.write_bytes(raw.path.read_bytes()[:end])
    with pytest.raises(RefusedInput, match="packed or not whole"):
        recognise_files([raw.path])
    with pytest.raises(RefusedInput, match="no whole Parquet"):
        parse_table(raw)


def parse_columns(path: Path, **columns: pa.Array) -> tuple[list[Batch], list[tuple[int, str]]]:
    """Return the batches of a table with such columns, and where rows were refused and why."""
    rows = [
        json.loads(line(id=f"2301.{n:05}")) for n in range(1, len(next(iter(columns.values()))) + 1)
    ]
    table = pa.Table.from_pylist(rows).drop_columns([*columns.keys() & rows[0].keys()])
    for name, values in columns.items():
        table = table.append_column(name, values)
    pq.write_table(table, path)
    raw = RawFile(path, arxiv.SOURCE, date(2026, 11, 23), "0123456789abcdef" * 4)
    with path.open("rb") as file:
        batches = list(arxiv.parse(raw, ContentStream.wrap(file).as_binary()))
    return batches, [row for batch in batches for row in batch.rejections["line", "reason"].rows()]


def test_a_text_of_all_rows_is_not_written_out_for_all_at_once(tmp_path: Path) -> None:
    texts = pa.array(["y" * 1_000_000]).dictionary_encode().take(pa.array([0] * 40))
    batches, refused = parse_columns(tmp_path / "arxiv.parquet", full_text=texts)
    assert (tmp_path / "arxiv.parquet").stat().st_size < 100_000
    assert [max(0, batch.records.height - 8) for batch in batches] == [0] * len(batches)
    assert sum(batch.records.height for batch in batches) == 40
    assert refused == []


def test_a_row_that_is_too_large_is_refused_alone(tmp_path: Path) -> None:
    texts = pa.array(["A title", "y" * 9_000_000, "A title"])
    batches, refused = parse_columns(tmp_path / "arxiv.parquet", title=texts)
    assert refused == [(2, "too-large")]
    places = [place for batch in batches for place in batch.records["line"]]
    assert places == [1, 3]


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("title", pa.array([b"A \xff", b"C"]), "encoding"),
        ("update_date", pa.array([2**31 - 1, 19_000], pa.date32()), "malformed"),
        ("note", pa.array([2**62, 1], pa.duration("s")), "malformed"),
    ],
)
def test_a_value_that_is_none_refuses_its_row_only(
    name: str, values: pa.Array, reason: str, tmp_path: Path
) -> None:
    batches, refused = parse_columns(tmp_path / "arxiv.parquet", **{name: values})
    assert refused == [(1, reason)]
    assert sum(batch.records.height for batch in batches) == 1


def test_bytes_that_are_text_are_read_as_text(tmp_path: Path) -> None:
    notes = pa.array([[("a", "b")]], pa.map_(pa.string(), pa.string()))
    batches, refused = parse_columns(
        tmp_path / "arxiv.parquet", title=pa.array(["Über".encode()]), note=notes
    )
    assert refused == []
    assert batches[0].records["title"].to_list() == ["Über"]


def test_a_table_of_more_values_than_memory_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A list of a billion nulls takes a few bytes; here ten are too many.
    monkeypatch.setattr(parquet_files, "GROUP_VALUES", 9)
    with pytest.raises(RefusedInput, match="a row group of more than 9 values"):
        parse_columns(tmp_path / "arxiv.parquet", note=pa.array([[None] * 10]))
