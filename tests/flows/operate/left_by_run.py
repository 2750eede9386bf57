"""What a run leaves for people, in small: two records that nearly were one paper."""

import io
from pathlib import Path

from rich.console import Console

from flows import tables
from flows.parts import seal_step
from flows.paths import StepFolder
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.record import Record
from schemas.resolution import Resolution
from tests.builders import frame, origin


def write_traces(folder: Path) -> StepFolder:
    """Write near misses, reports and records of two nearly equal records; return their folder."""
    step, names = StepFolder(folder), Record.dtypes()
    rows = [{name: value for name, value in origin(n).items() if name in names} for n in (1, 2)]
    left, right = (row["record_id"] for row in rows)
    near = {"left": left, "right": right, "probability": 0.4, "why": None, "title": 0.9}
    report = {"kind": "block-overflow", "record_id": left, "count": 60, "detail": "(title)"}
    tables.save(Record, frame(Record, rows), step.records)
    tables.save(Resolution, Resolution.empty(), step.resolutions)
    tables.save(NearMiss, frame(NearMiss, [near]), step.near_misses)
    tables.save(MatchReport, frame(MatchReport, [report]), step.match_reports)
    tables.save(Origin, frame(Origin, [origin(1), origin(2)]), step.origins)
    seal_step(folder)
    return step


def print_wide(shown: object) -> str:
    """Print on a terminal wide enough for every line; return the text."""
    console = Console(file=io.StringIO(), width=300)
    console.print(shown)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]  # it is ours
