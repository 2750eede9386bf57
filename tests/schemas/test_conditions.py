"""Conditions of a schema are known whatever was made first, and hold for any cut of a table."""

import subprocess
import sys

import polars as pl
import pytest

from flows.paths import PROJECT
from flows.release.layout import TABLES
from schemas.conditions import is_valid
from tests.builders import release_tables

FIRST_A_SCHEMA = (
    "from schemas.record import Record; Record.to_schema(); "
    "from schemas.conditions import is_valid; print(is_valid(Record, Record.empty()))"
)


def test_a_schema_that_was_made_first_has_its_conditions() -> None:
    # Modules hold schemas from when they are imported, so a process of its own is needed.
    done = subprocess.run(
        [sys.executable, "-c", FIRST_A_SCHEMA],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr


@pytest.mark.parametrize("name", sorted(release_tables(1)))
def test_rows_are_checked_one_at_a_time_however_they_were_cut(name: str) -> None:
    model, rows = TABLES[name].model, release_tables(3)[name]
    # Chunks of two rows, of which one is left: polars can panic on lists of such a row.
    chunks = pl.concat([rows.head(2)] * 3, rechunk=False).with_row_index("place")
    for place in range(chunks.height):
        row = chunks.lazy().filter(pl.col("place") == place).drop("place").collect()
        assert is_valid(model, row)
