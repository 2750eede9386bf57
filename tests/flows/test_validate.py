"""Rows that a table does not allow are set aside with their reasons; no record is lost."""

from datetime import date

import polars as pl
import pytest

from flows import tables
from flows.validate import LostRecords, reject_origins, require_all_records, split_valid
from schemas.origin import Origin
from schemas.release import Alias, Rejection
from tests import builders

DAY = date(2026, 11, 23)


def aliases(*alias_ids: str) -> pl.DataFrame:
    rows = [{"alias_id": a, "paper_id": "title:x", "since": DAY} for a in alias_ids]
    return pl.DataFrame(rows, schema=Alias.dtypes())


def origin(record: int, paper_id: str, **given: object) -> dict[str, object]:
    given = {"record_id": f"arxiv:{'0' * 12}:{record}", "paper_id": paper_id} | given
    return builders.origin(record, **given)


def origins(*rows: dict[str, object]) -> pl.DataFrame:
    return builders.frame(Origin, rows)


def ids(*records: int) -> pl.DataFrame:
    return pl.DataFrame({"record_id": [f"arxiv:{'0' * 12}:{record}" for record in records]})


def test_valid_rows_all_stay() -> None:
    valid, refused = split_valid(Alias, aliases("title:a", "title:b"))
    assert valid.equals(aliases("title:a", "title:b"))
    assert refused.is_empty()


def test_refused_row_keeps_its_values_and_every_reason() -> None:
    valid, refused = split_valid(Alias, aliases("title:a", "spam"))
    assert valid.equals(aliases("title:a"))
    assert refused.row(0, named=True) == {
        "alias_id": "spam",
        "paper_id": "title:x",
        "since": DAY,
        "detail": refused["detail"][0],
    }
    assert refused["detail"][0].startswith("column alias_id: str_matches(")


def test_of_rows_with_one_key_the_first_stays() -> None:
    frame = aliases("title:a", "title:b", "title:a").with_columns(
        paper_id=pl.Series(["title:1", "title:2", "title:3"])
    )
    valid, refused = split_valid(Alias, frame)
    assert valid["paper_id"].to_list() == ["title:1", "title:2"]
    assert refused["paper_id"].to_list() == ["title:3"]


def test_null_where_none_is_allowed_is_refused() -> None:
    frame = aliases("title:a", "title:b").with_columns(since=pl.Series([None, DAY], dtype=pl.Date))
    valid, refused = split_valid(Alias, frame)
    assert valid["alias_id"].to_list() == ["title:b"]
    assert refused["detail"].to_list() == ["column since: not_nullable"]


def test_wrong_column_type_is_a_fault_of_the_code_and_stops() -> None:
    with pytest.raises(tables.InvalidTable, match="since"):
        split_valid(Alias, aliases("title:a").with_columns(pl.col("since").cast(pl.String)))


def test_every_record_of_a_refused_paper_is_rejected_with_the_reason() -> None:
    refused = pl.DataFrame(
        {
            "paper_id": ["title:x"],
            "detail": ["column title: empty"],
            "title_as_written": ["T" * 300],
        }
    )
    found = reject_origins(
        origins(origin(1, "title:x", title="T" * 300), origin(2, "title:y")), refused
    )
    tables.check(Rejection, found)
    assert found.select("record_id", "reason", "detail", "excerpt").row(0) == (
        f"arxiv:{'0' * 12}:1",
        "invalid",
        "column title: empty",
        "T" * 200,
    )


def rejections(*records: int) -> pl.DataFrame:
    return ids(*records)


def test_records_in_papers_or_rejections_are_all_accounted_for() -> None:
    require_all_records(ids(1, 2), origins(origin(1, "title:x")), rejections(2))


def test_lost_record_stops_the_run_and_is_named() -> None:
    with pytest.raises(LostRecords, match=r"1 records were lost, such as \['arxiv:0+:2'\]"):
        require_all_records(ids(1, 2), origins(origin(1, "title:x")), rejections())


def test_record_that_is_both_kept_and_rejected_stops_the_run() -> None:
    with pytest.raises(LostRecords, match="1 stand twice"):
        require_all_records(ids(1), origins(origin(1, "title:x")), rejections(1))
