from datetime import date
from pathlib import Path

import polars as pl

from flows import tables
from flows.deduplicate.collect_records import collect_records
from flows.deduplicate.deletions import mark_deleted_records, read_deletions
from flows.paths import StepFolder
from flows.publish.write_release import write_tables
from schemas.origin import Origin
from schemas.record import Record
from schemas.rejection import Rejection
from tests.builders import (
    frame,
    manifest,
    not_loaded_back,
    number,
    origin,
    rejection,
    release_tables,
    template,
)
from tests.records import record, records


def deletions(tmp_path: Path, *rows: dict[str, object]) -> pl.DataFrame:
    path = tmp_path / "rejections.parquet"
    tables.save(Rejection, frame(Rejection, rows), path)
    return read_deletions([path])


def deleted(identifier: str, day: date, **given: object) -> dict[str, object]:
    row = rejection(1, source="arxiv", reason="removed", excerpt=identifier, snapshot=day)
    return row | given


def test_the_newest_report_of_a_deletion_counts(tmp_path: Path) -> None:
    days = [date(2026, 11, 1), date(2026, 11, 9)]
    found = deletions(tmp_path, *(deleted("2608.00012", day) for day in days))
    assert found.rows() == [("2608.00012", date(2026, 11, 9))]


def test_only_deletions_that_arxiv_reports_are_read(tmp_path: Path) -> None:
    day = date(2026, 11, 1)
    other = deleted("2608.00012", day, source="acl_anthology")
    misread = deleted("2608.00012", day, reason="malformed")
    assert deletions(tmp_path, other, misread).is_empty()


def test_records_of_a_deleted_paper_are_withdrawn_unless_they_are_newer(tmp_path: Path) -> None:
    report = deletions(tmp_path, deleted("2608.00012", date(2026, 11, 9)))
    records = pl.DataFrame(
        [
            record(1, "arxiv", arxiv_id="2608.00012v1", snapshot=date(2026, 11, 9)),
            record(2, "arxiv", arxiv_id="2608.00012", snapshot=date(2026, 11, 10)),
            record(3, "arxiv", arxiv_id="2608.00013", snapshot=date(2026, 11, 1)),
            record(4, "papers_page", arxiv_id="2608.00012", snapshot=date(2026, 11, 1)),
        ],
        schema=Record.dtypes(),
    )
    marked = mark_deleted_records(records, report)
    assert marked["is_withdrawn"].to_list() == [True, False, False, False]
    assert marked.columns == records.columns


def test_a_record_that_only_the_previous_release_holds_is_withdrawn_when_it_is_deleted(
    tmp_path: Path,
) -> None:
    rows = [origin(n, source="arxiv", arxiv_id=number(n), source_id=number(n)) for n in (1, 2)]
    held = release_tables(2) | {"origins": frame(Origin, rows)}
    previous, news = tmp_path / "release", tmp_path / "records.parquet"
    with not_loaded_back():
        write_tables(held, template(tmp_path), manifest(), previous)
    tables.save(Record, records(record(3)), news)
    report = tmp_path / "rejections.parquet"
    tables.save(Rejection, frame(Rejection, [deleted(number(2), date(2026, 12, 9))]), report)
    collect_records(
        [news], previous, tmp_path / "merged", None, tmp_path / "index", rejections=[report]
    )
    collected = tables.load(Record, StepFolder(tmp_path / "merged").records)
    assert collected["is_withdrawn"].to_list() == [False, False, True]
