"""Tables need neither pandas nor Hypothesis, and others still get them."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

TRIED = (
    "import sys, polars as pl, schemas.release as of; "
    "assert not {'pandas', 'hypothesis'} & set(sys.modules), 'every command starts later'; "
    "from schemas.conditions import is_valid; "
    "wrong = pl.DataFrame([[None] * 9], schema=of.Rejection.dtypes(), orient='row'); "
    "assert is_valid(of.Rejection, wrong.clear()) and not is_valid(of.Rejection, wrong); "
    "import pandas, hypothesis; print(pandas.DataFrame.__name__)"
)


def test_tables_are_imported_and_checked_without_pandas_which_stays_importable() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRIED], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("DataFrame\n", "")
