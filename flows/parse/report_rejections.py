"""Say what became of each file where a run ends without a release, and keep every rejection.

A place is that of the table: the line in texts, the ordinal of the record in JSON and XML.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows import tables
from flows.errors import count_noun
from flows.raw.parsed import Parsed, require_whole_parse
from flows.redact import escape_unprintable
from schemas.rejection import Rejection

SHOWN_FILES = 10
"""Files that are listed one by one; the others are counted."""

REJECTIONS = "rejections.jsonl"
"""Name of the file with every rejection of a run."""


def report_rejections(parsed: Sequence[Parsed], interim: Path, notes: Sequence[str] = ()) -> str:
    """Write the rejections of a run to a file, and list the files that lost most, with reasons.

    ``notes``: what was noticed before anything was read, such as files that were left out.
    """
    path = save_rejections(parsed, interim)
    files = sorted(parsed, key=lambda file: (-len(file.truncated), -file.rejections, file.file))
    shown = [f"  {_describe_file(file)}" for file in files[:SHOWN_FILES]]
    more = len(files) - len(shown)
    shown += [f"  and {count_noun(more, 'more file')}"] if more > 0 else []
    lines = ["What was read:", *shown, *(f"  {note}" for note in notes)]
    lines += [f"Every rejection is in {path}."] if path else []
    return "\n".join(lines)


def save_rejections(parsed: Sequence[Parsed], interim: Path) -> Path | None:
    """Write the rejections of a run as JSON lines; return the file, None where there are none."""
    path = interim / REJECTIONS
    # One of an earlier run would be taken for this run's.
    path.unlink(missing_ok=True)
    parts = [part for file in parsed for part in file.parts("rejections")]
    if not parts:
        return None
    for file in parsed:
        require_whole_parse(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    # JSON lines, as no program takes a text in them for a formula.
    with path.open("wb") as lines:
        for part in parts:
            tables.load(Rejection, [part]).write_ndjson(lines)
    return path


def _describe_file(file: Parsed) -> str:
    counted = (
        f"{file.file}: {count_noun(file.records, 'record')}, "
        f"{count_noun(file.rejections, 'rejection')}"
    )
    if file.truncated:
        return f"{counted}; {file.truncated[0]}"
    # That a file holds no records was just said.
    notes = [note for note in file.notes if not note.endswith(": holds no records")]
    if not file.rejections:
        return "; ".join([counted, *notes])
    reasons = (
        tables.load(Rejection, file.parts("rejections"))
        .group_by("reason")
        .agg(pl.len(), pl.col("line").first(), pl.col("detail").first())
    )
    [most] = reasons.sort("len", "reason", descending=[True, False]).head(1).to_dicts()
    example = escape_unprintable(f"{most['detail']}")[:200]
    share = "" if most["len"] == file.rejections else f"{most['len']:,} of them "
    return f"{counted}, {share}{most['reason']}, the first at place {most['line']}: {example}"
