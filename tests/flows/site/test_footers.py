"""What is taken from a footer is what pyarrow reads chunk."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows.site.footers import READ_COLUMNS, describe_row_groups, read_footer
from tests.builders import written_release


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    release = written_release(tmp_path_factory.mktemp("footers") / "release")
    return release / "data" / "links" / "train-00000-of-00001.parquet"


def test_columns_lie_where_pyarrow_finds_them(path: Path) -> None:
    [group] = describe_row_groups(read_footer(path), READ_COLUMNS["links"])
    expected = pq.read_metadata(path).row_group(0)
    assert group["rows"] == expected.num_rows
    by_path = {
        expected.column(n).path_in_schema: expected.column(n) for n in range(expected.num_columns)
    }
    for column, _, _, values, raw, packed, pages, dictionary, index, length in group["columns"]:
        chunk = by_path[".".join(column)]
        assert (values, raw, packed) == (
            chunk.num_values,
            chunk.total_uncompressed_size,
            chunk.total_compressed_size,
        )
        assert (pages, dictionary) == (
            chunk.data_page_offset,
            chunk.dictionary_page_offset,
        )
        assert index > pages
        assert length > 0


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><p>no Parquet</p>")
    with pytest.raises(ValueError, match="no Parquet file"):
        read_footer(tmp_path / "page.html")
