"""What somebody asked to be left out is left out, and stays out."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.deduplicate import removals
from flows.deduplicate.match import record_keys
from flows.errors import UserError
from schemas.record import Record
from tests.builders import frame, origin


def record(n: int, **given: Any) -> dict[str, Any]:
    return {name: value for name, value in origin(n, **given).items() if name in Record.dtypes()}


def records(*rows: dict[str, Any]) -> pl.DataFrame:
    return frame(Record, rows)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "removals.csv"
    path.write_text("\n".join(["# why there is this file", *lines]) + "\n", encoding="utf-8")
    return path


HEADER = "identifier,day,reason"


def test_a_record_that_somebody_asked_to_remove_is_rejected_with_that_reason() -> None:
    both = records(record(1, arxiv_id="2312.00752"), record(2))
    bearers = removals.find_removed(both, pl.Series(["arxiv:2312.00752"]))
    assert bearers.rows() == [("arxiv:2312.00752", both["record_id"][0])]
    removed = removals.reject_records(both.head(1).lazy())
    assert removed.select("record_id", "reason", "excerpt").rows() == [
        (both["record_id"][0], "on-request", "")
    ]


def test_a_record_without_identifier_stays_removed_when_its_file_is_fetched_again() -> None:
    names = record_keys.name_records(records(record(1)))
    refetched = record(1, record_id="papers_page:fedcba987654:7")
    bearers = removals.find_removed(records(refetched, record(2)), names)
    assert bearers["record_id"].to_list() == [refetched["record_id"]]


def test_a_removal_of_nobody_is_reported() -> None:
    asked = pl.Series(["arxiv:2312.00752", "doi:10.1000/x"])
    told = removals.report_unknown_removals(asked, pl.Series(["doi:10.1000/x"]))
    assert told["record_id"].to_list() == ["arxiv:2312.00752"]
    assert "nothing was left out" in told["detail"][0]


def test_names_are_read_whatever_is_around_them(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, " arXiv:2312.00752v2 ,2026-01-01,".replace("X", "x"), "", ",,")
    assert removals.read_removals(path).to_list() == ["arxiv:2312.00752"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2312.00752,2026-01-01,asked", r"line 3 names no record \(2312.00752\)"),
        (",2026-01-01,asked", r"line 3 names no record \(it is empty\)"),
        ("arxiv:2312.00752,2026-01-01,asked, twice", "line 3 has 4 cells; expected 3"),
    ],
)
def test_a_line_that_cannot_be_followed_is_refused(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(UserError, match=f"removals.csv: {fault}.*put texts with commas in quotes"):
        removals.read_removals(written(tmp_path, HEADER, line))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected identifier, day, reason"):
        removals.read_removals(written(tmp_path, "id,why"))


def test_the_removals_that_ship_can_be_read() -> None:
    assert removals.read_removals().dtype == pl.String
