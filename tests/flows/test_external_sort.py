"""Rows that wait in files come back whole, in order, and leave nothing behind."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import external_sort
from flows.external_sort import partition, spill_dir

FRAME = {"key": pl.String, "n": pl.Int64}


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=5), max_size=5))
@settings(
    deadline=None,
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_row_comes_back_in_the_range_of_its_key(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[str]]
) -> None:
    frames = [pl.DataFrame({"key": part, "n": range(len(part))}, FRAME) for part in parts]
    borders = pl.Series("key", ["c", "f"])
    read_range = partition(frames, "key", borders, tmp_path_factory.mktemp("spill"))
    for number, range_keys in enumerate(("ab", "cde", "fgh")):
        expected = sorted(key for part in parts for key in part if key in range_keys)
        rows = read_range(number)
        assert sorted(rows["key"] if rows is not None else []) == expected


def test_rows_of_one_key_keep_the_order_of_their_parts(tmp_path: Path) -> None:
    # Brackets in the name of a folder are a pattern to polars, unless it is told otherwise.
    tmp_path /= "d[1]"
    tmp_path.mkdir()
    frames = [pl.DataFrame({"key": ["b", "a"], "n": [n, n]}) for n in range(3)]
    read_range = partition(frames, "key", pl.Series("key", ["b"]), tmp_path)
    assert [read_range(number)["n"].to_list() for number in (0, 1)] == [[0, 1, 2], [0, 1, 2]]


def fill_and_fail(spilled: Path) -> None:
    with spill_dir(spilled) as folder:
        (folder / "rows.arrow").write_bytes(b"rows")
        raise OSError("No space left on device")


def test_a_failure_leaves_no_files(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        fill_and_fail(tmp_path / "spilled")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_mapped_and_only_what_is_looked_at_is_read(tmp_path: Path) -> None:
    rows = pl.DataFrame({"n": range(5_000), "text": ["x" * 100] * 5_000, "list": [[1, 2]] * 5_000})
    path = external_sort.write_part(rows, tmp_path / "rows.arrow")
    before = pa.total_allocated_bytes()
    mapped = external_sort.map_part(path, ("list", "text"))
    # What the file says of itself is read; its rows, 580 kB, are not.
    assert pa.total_allocated_bytes() - before < 10_000
    assert mapped.equals(rows.select("list", "text"))


def test_copied_rows_hold_no_texts_of_the_rows_they_were_taken_from() -> None:
    texts = pl.DataFrame({"text": [f"{number:0100}" for number in range(5_000)], "n": 1})
    few = texts[[3, 4_000]]
    copied = external_sort.copy_rows(few)
    assert copied.equals(few)
    assert copied.schema == few.schema
    assert count_buffer_bytes(few) > 100 * 5_000
    assert count_buffer_bytes(copied) < 1_000


def count_buffer_bytes(rows: pl.DataFrame) -> int:
    array = rows["text"].to_arrow(compat_level=pl.CompatLevel.newest())
    return sum(buffer.size for buffer in array.buffers() if buffer)
