"""Damaged or malformed tables of a set are refused by file, column and row."""

from pathlib import Path

import polars as pl
import pytest

from flows.evaluate import EvaluationSet, dedup, evaluate_part
from flows.evaluate.gold_rows import InvalidGold
from flows.evaluate.gold_tables import check_tables

RECORDS = pl.DataFrame(
    {
        "record_id": ["a", "b"],
        "source": "arxiv",
        "title": "Parsing tables",
        "abstract": None,
        "authors": [["Ann Lee"]] * 2,
    }
)
TRUTH = pl.DataFrame({"record_id": ["a", "b"], "cluster": [1, 1]})
PAIRS = pl.DataFrame({"left": ["a"], "right": ["b"], "same": [True]})
QUERIES = pl.DataFrame({"title": ["Parsing tables"], "arxiv_id": ["2401.00001"]})
REFERENCE = pl.DataFrame({"arxiv_id": ["2401.00001"], "title": ["Parsing tables"]})
SETS = {
    "dedup": {"records": RECORDS, "truth": TRUTH, "pairs": PAIRS},
    "titles": {"queries": QUERIES, "reference": REFERENCE},
}


def write_set(what: str, folder: Path, **changed: pl.DataFrame) -> None:
    for name, table in (SETS[what] | changed).items():
        table.write_parquet(folder / f"{name}.parquet")


NULL = pl.lit(None, pl.String)


@pytest.mark.parametrize(
    ("what", "name", "table", "fault"),
    [
        ("dedup", "records", RECORDS.drop("authors"), "`authors` is missing"),
        ("dedup", "records", RECORDS.with_columns(title=3), "`title` holds Int32"),
        ("dedup", "records", RECORDS.with_columns(authors=pl.lit("A")), "`authors` holds String"),
        ("dedup", "records", RECORDS.with_columns(doi=3), "`doi` holds Int32"),
        ("dedup", "records", RECORDS.with_columns(year=pl.lit([1])), "`year` holds List"),
        ("dedup", "records", RECORDS.head(0), "it has no rows"),
        ("dedup", "records", pl.concat([RECORDS, RECORDS]), "4 rows share their `record_id`"),
        (
            "dedup",
            "records",
            RECORDS.with_columns(record_id=NULL),
            "empty in 2 rows, such as row 1",
        ),
        ("dedup", "truth", TRUTH.drop("cluster"), "`cluster` is missing"),
        ("dedup", "truth", TRUTH.with_columns(record_id=pl.Series([1, 2])), "of records String"),
        ("dedup", "truth", TRUTH.head(1), "1 record has no row, such as 'b'"),
        ("dedup", "truth", TRUTH.with_columns(cluster=NULL), "`cluster` is empty"),
        ("dedup", "pairs", PAIRS.drop("same"), "`same` is missing"),
        ("dedup", "pairs", PAIRS.with_columns(same=pl.lit("yes")), "`same` holds String"),
        (
            "dedup",
            "pairs",
            PAIRS.with_columns(left=pl.lit("z")),
            "`left` (is|are) of no record.*'z'",
        ),
        ("titles", "queries", QUERIES.drop("title"), "`title` is missing"),
        ("titles", "queries", QUERIES.with_columns(arxiv_id=3), "`arxiv_id` holds Int32"),
        ("titles", "queries", QUERIES.with_columns(same_norm=pl.lit("x")), "`same_norm` holds"),
        ("titles", "queries", QUERIES.with_columns(authors=pl.lit("A")), "`authors` holds String"),
        ("titles", "reference", REFERENCE.drop("arxiv_id"), "`arxiv_id` is missing"),
        ("titles", "reference", REFERENCE.with_columns(arxiv_id=NULL), "`arxiv_id` is empty"),
    ],
)
def test_a_malformed_table_is_refused_by_file_and_column(
    what: str, name: str, table: pl.DataFrame, fault: str, tmp_path: Path
) -> None:
    write_set(what, tmp_path, **{name: table})
    with pytest.raises(InvalidGold, match=rf"{name}\.parquet: .*{fault}.*run again"):
        check_tables(what, tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"PAR1" + bytes(20) + b"PAR1"])
@pytest.mark.parametrize(("what", "name"), [("dedup", "truth"), ("titles", "reference")])
def test_a_file_that_is_no_parquet_is_named(
    what: str, name: str, content: bytes, tmp_path: Path
) -> None:
    write_set(what, tmp_path)
    (tmp_path / f"{name}.parquet").write_bytes(content)
    with pytest.raises(InvalidGold, match=rf"{name}\.parquet: it cannot be read as Parquet"):
        list(evaluate_part(what, EvaluationSet(tmp_path, "broken"), tmp_path / "out.parquet"))
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("what", ["dedup", "titles", "links"])
def test_good_tables_and_sets_without_tables_pass(what: str, tmp_path: Path) -> None:
    if what in SETS:
        write_set(what, tmp_path)
    check_tables(what, tmp_path)


def test_labels_of_pairs_may_be_numbers(tmp_path: Path) -> None:
    write_set("dedup", tmp_path, pairs=PAIRS.with_columns(same=pl.lit(1)))
    (tmp_path / "truth.parquet").unlink()
    judged = EvaluationSet(tmp_path, "numbers")
    lines = list(evaluate_part("dedup", judged, tmp_path / "out.parquet"))
    assert any("pairs of records" in line for line in lines)


def test_columns_of_their_own_are_not_read(tmp_path: Path) -> None:
    strange = {"published": "1999", "cluster_predicted": 1, "cluster_left": 1, "of_left": "x"}
    strange |= {"paper": "x", "answer": 1, "codes": "x", "score": "x"}
    own = [pl.lit(value).alias(name) for name, value in strange.items()]
    for what, tables in SETS.items():
        write_set(what, tmp_path, **{n: table.with_columns(own) for n, table in tables.items()})
        lines = list(evaluate_part(what, EvaluationSet(tmp_path, "own"), tmp_path / "out.parquet"))
        assert any("1.0000" in line for line in lines)


@pytest.mark.parametrize(
    "years", [["1e11", "x"], [float("nan"), 2019.0], [-5, 300_000], [None] * 2]
)
def test_years_that_are_none_are_unknown(years: list[object], tmp_path: Path) -> None:
    write_set("dedup", tmp_path, records=RECORDS.with_columns(year=pl.Series(years)))
    check_tables("dedup", tmp_path)
    assert dedup.predict(tmp_path)["record_id"].to_list() == ["a", "b"]
