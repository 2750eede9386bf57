"""How the tests of the sources parse: a text of some bytes, or a file under ``fixtures``."""

import io
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from flows.paths import PROJECT
from flows.raw.archives import ContentStream
from flows.raw.batch import parse_stream
from flows.raw.raw_file import RawFile
from flows.tables import check
from schemas.record import Record
from schemas.rejection import Rejection

FIXTURES = PROJECT / "tests" / "fixtures"


@dataclass(frozen=True)
class Parsed:
    """Everything a parser made of one text."""

    records: pl.DataFrame
    rejections: pl.DataFrame
    unseen: Counter[str]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Place and reason of each rejection."""
        return list(self.rejections.select("line", "reason").iter_rows())

    @property
    def record(self) -> dict[str, Any]:
        """The only record there is."""
        [only] = self.records.to_dicts()
        return only


def parse(source: ModuleType, content: bytes, name: str = "some.file") -> Parsed:
    """Parse some bytes, and check both tables."""
    raw = RawFile(Path(name), source.SOURCE, date(2026, 11, 23), "0123456789abcdef" * 4)
    stream = ContentStream.wrap(io.BytesIO(content))
    batches = list(parse_stream(raw, stream, source.parse))
    empty = [pl.DataFrame(schema=Record.dtypes()), pl.DataFrame(schema=Rejection.dtypes())]
    return Parsed(
        check(Record, pl.concat([empty[0], *(each.records for each in batches)])),
        check(Rejection, pl.concat([empty[1], *(each.rejections for each in batches)])),
        sum((each.unseen for each in batches), start=Counter()),
    )


def parse_fixture(source: ModuleType, name: str) -> Parsed:
    """Parse a file of the source's fixtures."""
    path = FIXTURES / source.SOURCE.value / name
    return parse(source, path.read_bytes(), name)


def golden(source: ModuleType, name: str) -> tuple[list[Any], list[Any]]:
    """Give what a fixture was parsed to, and what it should be: one JSON object per line.

    A golden file that is missing is written and fails the test, to be read and committed.
    """
    parsed = parse_fixture(source, name)
    made = [row for frame in (parsed.records, parsed.rejections) for row in _rows(frame)]
    path = FIXTURES / source.SOURCE.value / f"{name}.golden"
    if not path.exists():
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made))
        return made, []
    return made, [json.loads(line) for line in path.read_text().splitlines()]


def _rows(frame: pl.DataFrame) -> list[Any]:
    kept = [json.loads(line) for line in frame.write_ndjson().splitlines()]
    return [{name: value for name, value in row.items() if value not in (None, [])} for row in kept]
