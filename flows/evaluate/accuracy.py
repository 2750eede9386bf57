"""Accuracy: the figures of an evaluation that the release and its card state, with their day."""

from datetime import date
from pathlib import Path

import polars as pl

HEADLINES = {
    "dedup": ("merging", {"pairwise precision": "precision", "pairwise recall": "recall"}),
    "titles": ("titles", {"precision of answers": "precision", "recall": "recall"}),
    "links": ("links", {"F1 on canonical URLs": "f1", "accuracy of the kind": "kind_accuracy"}),
    "topics": ("topics", {"F1": "f1"}),
}
"""What is evaluated, the part of the pipeline, and columns of its report's first table by the name
of the figure. The first row counts, or where rows are facets each of `FACETS`."""

FACETS = ["area", "task", "method", "domain", "contribution"]
"""Facets whose accuracy is stated: the sets hold too few languages."""

DIGITS = 4
"""Digits of a figure."""


def record_accuracy(what: str, table: pl.DataFrame, path: Path, day: date) -> int:
    """Write the headline figures of a report's first table to ``accuracy.csv``; count them.

    The file has ``part``, ``metric``, ``value``, ``measured``; figures of other parts stay.
    """
    part, names = HEADLINES[what]
    if "facet" in table.columns:
        facets = table.filter(pl.col("facet").is_in(FACETS))
        rows = [
            (f"{name} of {facet}", value)
            for name, column in names.items()
            for facet, value in facets.select("facet", column).iter_rows()
        ]
    else:
        rows = [(name, table[column][0]) for name, column in names.items()]
    fresh = pl.DataFrame(
        [(part, metric, f"{value:.{DIGITS}f}", day.isoformat()) for metric, value in rows],
        schema=dict.fromkeys(["part", "metric", "value", "measured"], pl.String),
        orient="row",
    )
    previous = pl.read_csv(path, schema=fresh.schema) if path.exists() else fresh.clear()
    parts = pl.concat([previous, fresh])["part"].unique(maintain_order=True).to_list()
    rows_of_file = pl.concat([previous.filter(pl.col("part") != part), fresh])
    place = pl.col("part").replace_strict(parts, range(len(parts)), return_dtype=pl.Int64)
    rows_of_file.sort(place, maintain_order=True).write_csv(path)
    return fresh.height
