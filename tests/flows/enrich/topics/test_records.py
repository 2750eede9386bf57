"""Records with categories come from Parquet and from arXiv's snapshot, labelled papers excepted."""

import json
from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics.examples import LABELLED
from flows.enrich.topics.records import read_records


def test_both_layouts_are_read_and_papers_are_there_once(tmp_path: Path) -> None:
    columns = {"title": ["A"], "abstract": ["a"], "categories": [["cs.CL", "cs.LG"]]}
    pl.DataFrame({"arxiv_id": ["2401.00001"], **columns}).write_parquet(tmp_path / "a.parquet")
    lines = [
        {"id": "2401.00001", "title": "A", "abstract": "a", "categories": "cs.CL"},
        {"id": "2401.00002", "title": "B", "abstract": "b", "categories": "hep-th math.AG"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "b.jsonl").write_text(text, encoding="utf-8")
    records = read_records([tmp_path / "a.parquet", tmp_path / "b.jsonl"])
    assert records["arxiv_id"].to_list() == ["2401.00001", "2401.00002"]
    assert records["categories"].to_list() == [["cs.CL", "cs.LG"], ["hep-th", "math.AG"]]


def test_labelled_papers_are_left_out(tmp_path: Path) -> None:
    labelled = json.loads(LABELLED[0].read_text("utf-8").splitlines()[0])
    row = {"id": labelled["arxiv_id"], "title": "A", "abstract": "a", "categories": "cs.CL"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert read_records([tmp_path / "a.jsonl"]).is_empty()


ROW = pl.DataFrame({"arxiv_id": ["2401.00001"], "title": ["A"], "abstract": ["a"]})


def test_categories_of_a_table_may_be_one_text(tmp_path: Path) -> None:
    table = ROW.with_columns(categories=pl.lit("cs.CL cs.LG"), abstract=None)
    table.write_parquet(tmp_path / "a.parquet")
    records = read_records([tmp_path / "a.parquet"])
    assert records.schema == ROW.schema | {"categories": pl.List(pl.String)}
    assert records["categories"].to_list() == [["cs.CL", "cs.LG"]]


@pytest.mark.parametrize("name", ["arxiv_id", "title", "abstract", "categories"])
def test_a_column_of_another_type_is_named(name: str, tmp_path: Path) -> None:
    table = ROW.with_columns(categories=pl.lit("cs.CL")).with_columns(pl.lit(7).alias(name))
    table.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(pl.exceptions.SchemaError, match=f"`{name}` holds Int32"):
        read_records([tmp_path / "a.parquet"])
