"""What is copied for a paper's page is what its release says."""

from pathlib import Path

import orjson
import polars as pl

from flows.site.details import read_details
from flows.site.papers import list_data_files, locate_rows, read_papers
from tests.builders import written_release


def test_each_paper_has_its_own_rows_of_every_table(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    papers = read_papers(release)
    details = [orjson.loads(row) for row in read_details(release, papers, list_data_files(release))]
    newest = details[0]
    assert papers["paper_id"][0] == "arxiv:2603.00003"
    assert newest["links"][0]["url"] == "https://github.com/lab/sparse-3"
    assert newest["papers"][0]["abstract"].startswith("We study attention over 3 tokens.")
    assert [set(tables) for tables in details] == [
        {"papers", "links", "topics", "origins", "changes"}
    ] * 3
    assert newest["origins"][0]["snapshot"] == "2026-11-23"


def test_rows_of_a_paper_are_found_where_they_lie(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    data_files = list_data_files(release)
    papers = read_papers(release)
    places = locate_rows(release, papers, data_files)
    assert places["number"].to_list() == papers["number"].to_list()
    for paper_id, ranges in zip(papers["paper_id"], places["places"], strict=True):
        for file, first, rows in ranges:
            table = pl.read_parquet(release / data_files[file][1])
            assert set(table[first : first + rows]["paper_id"]) == {paper_id}
            assert rows == table.filter(pl.col("paper_id") == paper_id).height
