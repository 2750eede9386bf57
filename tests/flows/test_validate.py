"""Rows that a table does not allow are set aside with their reasons; no record is lost."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows import tables
from flows.parts import seal_step
from flows.paths import StepFolder
from flows.validate import (
    LostRecords,
    find_repeats,
    reject_origins,
    require_all_records,
    split_valid,
    validate,
)
from schemas.alias import Alias
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.resolution import Resolution
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
    with pytest.raises(LostRecords, match=r"1 record lost, such as \['arxiv:0+:2'\]"):
        require_all_records(ids(1, 2), origins(origin(1, "title:x")), rejections())


def test_record_that_is_both_kept_and_rejected_stops_the_run() -> None:
    with pytest.raises(LostRecords, match="1 counted twice"):
        require_all_records(ids(1), origins(origin(1, "title:x")), rejections(1))


@pytest.fixture
def merged(tmp_path: Path) -> StepFolder:
    """Nine papers with a record each, as deduplication leaves them, not looked at yet."""
    folder = StepFolder(tmp_path / "merged")
    folder.folder.mkdir()
    papers = builders.frame(Paper, [builders.paper(n) for n in range(1, 10)])
    origins = builders.frame(Origin, [builders.origin(n) for n in range(9, 0, -1)])
    papers.write_parquet(folder.papers)
    origins.write_parquet(folder.origins)
    origins.select(Record.dtypes().names()).write_parquet(folder.records)
    for model, path in ((Rejection, folder.rejections), (Alias, folder.aliases)):
        model.empty().write_parquet(path)
    Resolution.empty().write_parquet(folder.resolutions)
    seal_step(folder.folder)
    return folder


def test_tables_in_which_nothing_is_refused_are_not_written_again(
    merged: StepFolder, tmp_path: Path
) -> None:
    validated = StepFolder(validate.fn(merged.folder, [], tmp_path / "validated"))
    assert validated.papers.samefile(merged.papers)
    assert validated.origins.samefile(merged.origins)
    assert validated.resolutions.samefile(merged.resolutions)


@pytest.mark.parametrize("rows", [2, 100])
def test_a_refused_paper_takes_its_records_along_however_tables_are_cut(
    merged: StepFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(tables, "PART_ROWS", rows)
    papers = tables.load(Paper, merged.papers)
    title = pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("")).otherwise("title")
    papers.with_columns(title=title).write_parquet(merged.papers)
    seal_step(merged.folder)
    validated = StepFolder(validate.fn(merged.folder, [], tmp_path / "validated"))
    rejected = tables.load(Rejection, validated.rejections)
    assert tables.load(Paper, validated.papers).height == 8
    assert tables.load(Origin, validated.origins).height == 8
    assert rejected["record_id"].to_list() == [builders.origin(5)["record_id"]]
    assert rejected["detail"][0].startswith("column title: ")


def test_papers_that_share_an_identifier_are_found_over_all_parts(
    merged: StepFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PART_ROWS", 2)
    papers = tables.load(Paper, merged.papers)
    shared = pl.when(pl.int_range(pl.len()).is_in([0, 8])).then(pl.lit("2020.x-1.1"))
    papers.with_columns(acl_id=shared.otherwise("acl_id")).write_parquet(merged.papers)
    seal_step(merged.folder)
    validated = StepFolder(validate.fn(merged.folder, [], tmp_path / "validated"))
    rejected = tables.load(Rejection, validated.rejections)
    assert rejected["detail"].to_list() == ["column acl_id: unique_where_known"]
    assert tables.load(Paper, validated.papers).height == 8


def test_a_part_that_is_not_what_was_checked_is_checked_again(
    merged: StepFolder, tmp_path: Path
) -> None:
    validate.fn(merged.folder, [], tmp_path / "validated")
    papers = tables.load(Paper, merged.papers)
    state = merged.papers.stat()
    papers.with_columns(title=pl.lit("")).write_parquet(merged.papers)
    # As an edit within one tick of the clock would leave it.
    os.utime(merged.papers, ns=(state.st_atime_ns, state.st_mtime_ns))
    seal_step(merged.folder)
    validated = StepFolder(validate.fn(merged.folder, [], tmp_path / "validated"))
    assert tables.load(Paper, validated.papers).is_empty()


def test_values_that_are_unknown_are_no_repeats() -> None:
    columns = pl.DataFrame(
        {"paper_id": ["a", "b"], "arxiv_id": [None, None], "acl_id": ["x", "x"]},
        schema_overrides={"arxiv_id": pl.String},
    ).with_columns(openreview_id=pl.lit(None, pl.String))
    assert find_repeats(columns).rows() == [(1, "column acl_id: unique_where_known")]
