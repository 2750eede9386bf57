"""Say what became of each file where a run ends without a release, and keep every rejection."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows import tables
from flows.raw.parsed import Parsed
from flows.redact import escape_unprintable
from schemas.release import Rejection

SHOWN_FILES = 10
"""Files that are listed one by one; the others are counted."""

REJECTIONS = "rejections.jsonl"
"""Name of the file with every rejection of a run that ended without a release."""


def report_rejections(parsed: Sequence[Parsed], interim: Path) -> str:
    """Write the rejections of a run to a file, and list the files that lost most, with reasons."""
    parts = [part for file in parsed for part in file.parts("rejections")]
    path = interim / REJECTIONS
    rejections = tables.load(Rejection, parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    # JSON lines, as no program takes a text in them for a formula.
    rejections.write_ndjson(path)
    files = sorted(parsed, key=lambda file: (-file.rejections, file.file))
    shown = [f"  {_describe_file(file)}" for file in files[:SHOWN_FILES]]
    more = len(files) - len(shown)
    shown += [f"  and {more:,} files more"] if more > 0 else []
    return "What was read:\n" + "\n".join(shown) + f"\nEvery rejection is in {path}."


def _describe_file(file: Parsed) -> str:
    counted = f"{file.file}: {file.records:,} records, {file.rejections:,} rejections"
    if not file.rejections:
        return f"{counted}{'; '.join(['', *file.notes])}"
    reasons = (
        tables.load(Rejection, file.parts("rejections"))
        .group_by("reason")
        .agg(pl.len(), pl.col("line").first(), pl.col("detail").first())
    )
    [most] = reasons.sort("len", "reason", descending=[True, False]).head(1).to_dicts()
    example = escape_unprintable(f"{most['detail']}")[:200]
    return (
        f"{counted}, {most['len']:,} of them {most['reason']}, first at {most['line']}: {example}"
    )
