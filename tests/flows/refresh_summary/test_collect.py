"""The summary of a run counts what its release has of earlier ones."""

from pathlib import Path

import polars as pl
import pytest

from flows.raw.parsed import Parsed
from flows.refresh_summary.collect import count_carried_over


@pytest.mark.parametrize(
    ("in_papers", "refused"),
    [(["a", "b", "old"], []), (["a", "b", "old"], [None]), (["a", "old"], ["b", None])],
)
def test_records_of_no_file_of_the_run_are_counted(
    tmp_path: Path, in_papers: list[str], refused: list[str | None]
) -> None:
    pl.DataFrame({"record_id": ["a", "b"]}).write_parquet(tmp_path / "records-00000.parquet")
    parsed = [Parsed(tmp_path, "arxiv", records=2, rejections=len(refused))]
    origins = pl.LazyFrame({"record_id": in_papers})
    rejections = pl.DataFrame({"record_id": refused}, schema={"record_id": pl.String})
    assert count_carried_over(parsed, origins, rejections) == 1
