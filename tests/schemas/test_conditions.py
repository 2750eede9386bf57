"""Conditions of a schema are known whatever was imported, or made of the schema, before them."""

import subprocess
import sys

from flows.paths import PROJECT

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
