"""What can be indexed and what can be asked for: releases, Parquet, lists of titles."""

import polars as pl
import pytest

from flows.deduplicate.resolve import NoTitles, read_reference, read_titles
from tests.processes import in_process

SCHEMA = {"arxiv_id": pl.String, "title": pl.String, "authors": pl.List(pl.String)}
ROWS = [
    ("2401.00001v2", "Sparse attention for very long documents", ["Ann Lee"]),
    (None, "A paper of which nobody knows the id", []),
]


@pytest.fixture
def records(tmp_path):
    folder = tmp_path / "parsed"
    folder.mkdir()
    pl.DataFrame(ROWS, schema=SCHEMA, orient="row").write_parquet(folder / "records-0.parquet")
    pl.DataFrame({"reason": ["x"]}).write_parquet(folder / "rejections-0.parquet")
    return folder


def test_a_reference_holds_papers_with_an_id_without_its_version(records):
    found = read_reference(records).drop("codes")
    assert found.rows() == [("2401.00001", ROWS[0][1], ["Ann Lee"])]


def test_only_papers_without_an_id_are_asked_for(records):
    assert read_titles(records)["title"].to_list() == [ROWS[1][1]]


def test_titles_may_be_lines_of_a_text(tmp_path):
    path = tmp_path / "titles.txt"
    path.write_text("\ufeffOne title\n\n  Another \n", encoding="utf-8")
    assert read_titles(path)["title"].to_list() == ["One title", "Another"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_text_of_titles_may_be_what_editors_write(tmp_path, encoding):
    path = tmp_path / "titles.txt"
    path.write_bytes("Café\r\nAnother".encode(encoding))
    assert read_titles(path)["title"].to_list() == ["Café", "Another"]


@pytest.mark.parametrize("content", ["Café".encode("latin-1"), bytes(range(128, 256))])
def test_a_text_in_an_unknown_encoding_is_named(tmp_path, content):
    (tmp_path / "titles.txt").write_bytes(content)
    with pytest.raises(NoTitles, match=r"titles\.txt: is no text in UTF-8, from byte"):
        read_titles(tmp_path / "titles.txt")


def test_a_folder_without_titles_says_what_to_name(tmp_path):
    with pytest.raises(NoTitles, match="neither a release nor Parquet"):
        read_reference(tmp_path)


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"junk")
    with pytest.raises(NoTitles, match=r"x\.parquet: cannot be read"):
        read_reference(tmp_path)


def test_an_index_is_made_and_asked_from_the_command_line(records, tmp_path):
    titles, index, out = tmp_path / "titles.txt", tmp_path / "index", tmp_path / "ids.parquet"
    titles.write_text("Sparse Attention for Very Long Documents\nNo such thing at all\n")
    made = in_process("index", records, "--out", index)
    assert made.stdout.startswith("1 title"), made.stderr
    found = in_process("resolve", titles, "--offline", index, "--out", out)
    assert "1 of 2 titles got an id" in found.stdout, found.stderr
    rows = pl.read_parquet(out)
    assert rows["arxiv_id"].to_list() == ["2401.00001", None]
    assert rows["resolver"].to_list() == ["index:title", None]


def test_an_index_never_replaces_something_else(records):
    refused = in_process("index", records, "--out", records)
    assert refused.exit_code == 1
    assert "holds something else" in refused.stderr
