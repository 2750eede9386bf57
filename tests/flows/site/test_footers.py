"""What is taken from a footer is what pyarrow reads chunk."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.site.footers import READ_COLUMNS, describe_parquet, describe_row_groups, read_footer
from tests.builders import written_release


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    release = written_release(tmp_path_factory.mktemp("footers") / "release")
    return release / "data" / "links" / "train-00000-of-00001.parquet"


def test_columns_lie_where_pyarrow_finds_them(path: Path) -> None:
    [group] = describe_row_groups(path, read_footer(path), READ_COLUMNS["links"])
    expected = pq.read_metadata(path).row_group(0)
    assert group["rows"] == expected.num_rows
    by_path = {
        expected.column(n).path_in_schema: expected.column(n) for n in range(expected.num_columns)
    }
    for column, _, _, values, raw, packed, data, dictionary, pages in group["columns"]:
        chunk = by_path[".".join(column)]
        assert (values, raw, packed) == (
            chunk.num_values,
            chunk.total_uncompressed_size,
            chunk.total_compressed_size,
        )
        assert (data, dictionary) == (
            chunk.data_page_offset,
            chunk.dictionary_page_offset,
        )
        start = data if dictionary is None else dictionary
        # The pages follow each other up to the end of the column, the first at its first row.
        assert [pages[0][0], pages[0][2]] == [data, 0]
        ends = [byte + size for byte, size, _ in pages]
        assert [byte for byte, _, _ in pages[1:]] + [start + packed] == ends


def test_a_row_is_found_in_its_page(tmp_path: Path) -> None:
    rows = [f"{n:06}" * 40 for n in range(3_000)]
    path = tmp_path / "table.parquet"
    table = pa.table({"abstract": rows})
    pq.write_table(
        table, path, write_page_index=True, max_rows_per_page=1_000, use_dictionary=False
    )
    [group] = describe_row_groups(path, read_footer(path), ("abstract",))
    [[*_, pages]] = group["columns"]
    assert [row for _, _, row in pages] == [0, 1_000, 2_000]
    assert all(size > 0 for _, size, _ in pages)


def test_a_file_without_an_index_of_pages_says_so(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"url": ["https://example.org/"]}), path, write_page_index=False)
    [group] = describe_row_groups(path, read_footer(path), ("url",))
    assert group["columns"][0][-1] is None


@pytest.mark.parametrize(
    "footer", [b"", b"\x80" * 200_000, b"\x19" * 50_000, b"\x15\x02\x00", b"\x28\xff\xff\xff\x7f"]
)
def test_a_footer_of_another_form_is_refused_at_once(footer: bytes, tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(pa.ArrowInvalid, match=r"the footer of table\.parquet"):
        describe_parquet(path, ("url",))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><p>no Parquet</p>")
    with pytest.raises(ValueError, match="no Parquet file"):
        read_footer(tmp_path / "page.html")
