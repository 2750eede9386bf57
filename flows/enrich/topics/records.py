"""Records: papers with arXiv categories, from which words of fields and categories are learned."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows.enrich.topics.examples import ALL_UNREAD, LABELLED

SNAPSHOT = {"id": pl.String, "title": pl.String, "abstract": pl.String, "categories": pl.String}
"""Fields of arXiv's snapshot in JSON lines; categories are separated by blanks."""

COLUMNS = ["arxiv_id", "title", "abstract", "categories"]
"""Columns of records; ``categories`` is a list."""


def read_records(paths: Sequence[Path]) -> pl.DataFrame:
    """Read records from Parquet files with `COLUMNS` and from snapshots of arXiv in JSON lines.

    One row per paper, `COLUMNS`, in the order of the files. Labelled papers are left out, so that
    figures measured on them are those of papers that nothing was learned from.
    """
    records = pl.concat([_read_file(path) for path in paths])
    labelled = pl.concat(
        pl.read_ndjson(path, infer_schema_length=None)["arxiv_id"]
        for path in (*LABELLED, *ALL_UNREAD)
    )
    return records.unique("arxiv_id", keep="first", maintain_order=True).filter(
        ~pl.col("arxiv_id").is_in(labelled.implode())
    )


def _read_file(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path, columns=COLUMNS, glob=False).select(COLUMNS)
    rows = pl.scan_ndjson(path, schema=SNAPSHOT).collect()
    return rows.select(
        "title", "abstract", arxiv_id="id", categories=pl.col("categories").str.split(" ")
    ).select(COLUMNS)
