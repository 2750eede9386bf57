"""Evaluation: predictions on a folder laid out like the project's evaluation sets, and their score.

Each module here has ``predict(folder)``, which returns the predictions, and
``report(predictions, folder)``, which yields titled tables of figures, none where
the truth is withheld from the folder.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import polars as pl

from flows.errors import UserError
from flows.evaluate.accuracy import record_accuracy

LAYOUT = {
    "dedup": ("records.parquet",),
    "titles": ("queries.parquet", "reference.parquet"),
    "links": ("gold.jsonl",),
    "topics": ("gold.jsonl",),
}
"""What can be evaluated, and the files that its folder must hold."""


class NotAnEvaluationSet(UserError):
    """A folder that lacks a file of the evaluation's layout."""


def evaluate_part(
    what: str, folder: Path, out: Path, accuracy: Path | None = None, day: date | None = None
) -> Iterator[str]:
    """Write predictions as Parquet to ``out``; yield the score as lines of text.

    The headline figures go to ``accuracy`` as of ``day`` (today), where that file is named.
    Raises `NotAnEvaluationSet` when a file of the layout is missing.
    """
    missing = [name for name in LAYOUT[what] if not (folder / name).exists()]
    if missing:
        raise NotAnEvaluationSet(
            f"{folder}: lacks {', '.join(missing)}, so it is no evaluation set for {what}. "
            "Name a folder that holds them."
        )
    module = import_module(f"flows.evaluate.{what}")
    predictions: pl.DataFrame = module.predict(folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    predictions.write_parquet(out)
    yield f"{len(predictions):,} predictions in {out}"
    tables = []
    for title, table in module.report(predictions, folder):
        tables.append(table)
        yield from align_columns(title, table)
    if not tables:
        yield "no truth in the folder, so there is no score"
    elif accuracy:
        figures = record_accuracy(what, tables[0], accuracy, day or datetime.now(UTC).date())
        yield f"{figures} figures in {accuracy}"


def align_columns(title: str, table: pl.DataFrame) -> Iterator[str]:
    """Lay figures out as columns: ratios with four digits, counts as they are, a dash for none."""
    cells = [list(table.columns), *([_format_cell(value) for value in row] for row in table.rows())]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    yield from ("", title)
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(padded).rstrip()


def _format_cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
