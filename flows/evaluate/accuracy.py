"""Accuracy: the figures that the release and its card state, each with its set and interval."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows.errors import UserError
from flows.evaluate.intervals import measure_intervals
from schemas.vocabulary import SetKind

FACETS = ["area", "task", "method", "domain", "contribution"]
"""Facets whose accuracy is stated: the sets hold too few languages."""

HEADLINES = {
    "dedup": (
        "merging",
        {
            "pairwise precision": ("pairs", "precision"),
            "pairwise recall": ("pairs", "recall"),
        },
    ),
    "titles": (
        "titles",
        {
            "precision of answers": ("all", "precision"),
            "recall": ("all", "recall"),
            "recall of changed titles": ("changed", "recall"),
        },
    ),
    "links": (
        "links",
        {
            "F1 on canonical URLs": ("url", "f1"),
            "accuracy of the kind": ("kind", "precision"),
        },
    ),
    "topics": ("topics", {f"F1 of {facet}": (facet, "f1") for facet in FACETS}),
}
"""What is evaluated, the part of the pipeline, and its figures: group and measure by name."""

COLUMNS = {
    "part": pl.String,
    "metric": pl.String,
    "value": pl.String,
    "low": pl.String,
    "high": pl.String,
    "set": pl.String,
    "size": pl.Int64,
    "kind": pl.String,
    "measured": pl.String,
}
"""Columns of ``accuracy.csv``. Key: part, metric, set. ``low`` and ``high`` are the 95 % interval,
``size`` counts papers, texts or titles, ``kind`` is a `SetKind`, ``measured`` is the day."""

DIGITS = 4
"""Digits of a figure."""


@dataclass(frozen=True)
class Measurement:
    """What was counted on one set: its name, what it is to us, and the counts per unit."""

    set: str
    kind: SetKind
    counts: pl.DataFrame

    def measure(self) -> pl.DataFrame:
        """Measure precision, recall and F1 with intervals: see `intervals.FIGURES`."""
        return measure_intervals(self.counts)


def list_headlines(what: str, measurement: Measurement, day: date) -> pl.DataFrame:
    """List the headline figures of a part on a set: see `COLUMNS`."""
    part, names = HEADLINES[what]
    figures = {
        (group, measure): numbers for group, measure, *numbers in measurement.measure().iter_rows()
    }
    rows = [
        (
            part,
            metric,
            # As text of fixed length, so that the last bits of a float do not change the file.
            *(f"{number:.{DIGITS}f}" for number in numbers),
            measurement.set,
            size,
            measurement.kind.value,
            day.isoformat(),
        )
        for metric, key in names.items()
        if key in figures
        for *numbers, size in [figures[key]]
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


class InvalidAccuracy(UserError):
    """A file that holds something else than figures, and would be replaced by them."""


def read_accuracy(path: Path) -> pl.DataFrame:
    """Read the figures of ``accuracy.csv`` (`COLUMNS`); none where there is no such file.

    Raises `InvalidAccuracy` for a file of another form.
    """
    if not path.exists():
        return pl.DataFrame(schema=COLUMNS)
    try:
        # As bytes: polars takes a folder for the files in it.
        return pl.read_csv(path.read_bytes(), schema=COLUMNS)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise InvalidAccuracy(
            f"{path}: it holds no figures with the columns {', '.join(COLUMNS)} ({reason}). Repair "
            "it, or name a file that is yet to be made."
        ) from None


def record_accuracy(fresh: pl.DataFrame, path: Path) -> int:
    """Write figures (`COLUMNS`) to ``accuracy.csv``; return their number.

    They take the place of those of the same part and set; all others stay.
    """
    previous = read_accuracy(path)
    parts = pl.concat([previous, fresh])["part"].unique(maintain_order=True).to_list()
    # By part and set, not by metric: a metric that was given up must not stay.
    kept = previous.join(fresh, on=["part", "set"], how="anti", maintain_order="left")
    # Parts stay where the file has them, so that a new figure changes few of its lines.
    place = pl.col("part").replace_strict(parts, range(len(parts)), return_dtype=pl.Int64)
    kinds = pl.col("kind").replace_strict(
        SetKind.values(), range(len(SetKind.values())), return_dtype=pl.Int64
    )
    pl.concat([kept, fresh]).sort(place, kinds, "set", maintain_order=True).write_csv(path)
    return fresh.height
