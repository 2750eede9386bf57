"""Evaluation: predictions on a folder laid out like the project's evaluation sets, and their score.

Each module here has ``predict(folder)``, which returns the predictions, and
``report(predictions, folder)``, which yields titled tables of figures, none where
the truth is withheld from the folder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import polars as pl

from flows.errors import UserError, count_noun
from flows.evaluate import unit_counts
from flows.evaluate.accuracy import Measurement, list_headlines, read_accuracy, record_accuracy
from flows.evaluate.gold_rows import check_gold
from flows.evaluate.gold_tables import check_tables
from flows.evaluate.topic_gold import list_own_sets, read_gold
from flows.evaluate.topic_scores import score_gold, select_assigned
from schemas.vocabulary import SetKind

LAYOUT = {
    "dedup": ("records.parquet",),
    "titles": ("queries.parquet", "reference.parquet"),
    "links": ("gold.jsonl",),
    "topics": ("gold.jsonl",),
}
"""What can be evaluated, and the files that its folder must hold."""


class NotAnEvaluationSet(UserError):
    """A folder that lacks a file of the evaluation's layout."""


@dataclass(frozen=True)
class EvaluationSet:
    """A folder laid out like the project's evaluation sets, its name, and what it is to us."""

    folder: Path
    name: str
    kind: SetKind = SetKind.DEVELOPMENT


def evaluate_part(
    what: str,
    evaluation_set: EvaluationSet,
    out: Path,
    accuracy: Path | None = None,
    day: date | None = None,
) -> Iterator[str]:
    """Write predictions as Parquet to ``out``; yield the score as lines of text.

    The headline figures go to ``accuracy`` as of ``day`` (today), where that file is named.
    Raises `NotAnEvaluationSet` when a file of the layout is missing, `InvalidGold` when lines of
    it are not of their layout, `InvalidAccuracy` when that file holds something else.
    """
    folder = evaluation_set.folder
    _check_layout(what, folder)
    if accuracy:
        # Before minutes of work, at whose end it is written.
        read_accuracy(accuracy)
    module = import_module(f"flows.evaluate.{what}")
    predictions: pl.DataFrame = module.predict(folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Written before they are scored: where the truth is withheld, others judge this file.
    predictions.write_parquet(out)
    yield f"{count_noun(len(predictions), 'prediction')} in {out}"
    has_truth = False
    for title, table in module.report(predictions, folder):
        has_truth = True
        yield from align_columns(title, table)
    if not has_truth:
        yield "no truth in the folder, so there is no score"
        return
    rows = []
    for measurement in _measure_sets(what, predictions, evaluation_set):
        title = f"95 % intervals on {measurement.set} ({measurement.kind.value})"
        yield from align_columns(title, measurement.measure())
        rows.append(list_headlines(what, measurement, day or datetime.now(UTC).date()))
    if accuracy:
        # In one go, after all sets were measured: a run that failed halfway changes no figure.
        yield f"{count_noun(record_accuracy(pl.concat(rows), accuracy), 'figure')} in {accuracy}"


def _check_layout(what: str, folder: Path) -> None:
    missing = [name for name in LAYOUT[what] if not (folder / name).is_file()]
    if missing:
        raise NotAnEvaluationSet(
            f"{folder}: lacks {', '.join(missing)}, so it is no evaluation set for {what}. "
            "Name a folder that holds them."
        )
    if "gold.jsonl" in LAYOUT[what]:
        check_gold(what, folder / "gold.jsonl")
    check_tables(what, folder)


def _measure_sets(
    what: str, predictions: pl.DataFrame, evaluation_set: EvaluationSet
) -> Iterator[Measurement]:
    """Count what was right on the set; for topics also on the labelled papers of the project."""
    counts = COUNTERS[what](predictions, evaluation_set.folder)
    yield Measurement(evaluation_set.name, evaluation_set.kind, counts)
    # On a foreign set the own papers would be measured again and say the same.
    if what == "topics" and evaluation_set.kind == SetKind.DEVELOPMENT:
        for name, kind, gold in list_own_sets():
            own = select_assigned(score_gold(gold))
            yield Measurement(name, kind, unit_counts.count_topic_answers(own, gold))


def _count_topics(predictions: pl.DataFrame, folder: Path) -> pl.DataFrame:
    return unit_counts.count_topic_answers(predictions, read_gold(folder))


COUNTERS: dict[str, Callable[[pl.DataFrame, Path], pl.DataFrame]] = {
    "dedup": unit_counts.count_dedup,
    "titles": unit_counts.count_titles,
    "links": unit_counts.count_link_answers,
    "topics": _count_topics,
}
"""How the answers of a part are counted."""


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
