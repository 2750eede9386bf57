from datetime import date
from pathlib import Path

import polars as pl

from flows import tables
from flows.deduplicate.deletions import mark_deleted_records, read_deletions
from schemas.record import Record
from schemas.release import Rejection
from tests.builders import frame, rejection
from tests.records import record


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
