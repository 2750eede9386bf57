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
    figures measured on them are those of papers that nothing was learned from. Raises
    `polars.exceptions.PolarsError` for files that hold none.
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
        return _read_table(path)
    rows = pl.scan_ndjson(path, schema=SNAPSHOT).collect()
    return _split_categories(rows.rename({"id": "arxiv_id"}))


def _read_table(path: Path) -> pl.DataFrame:
    rows = pl.read_parquet(path, columns=COLUMNS, glob=False)
    held = rows.schema["categories"]
    types: dict[str, pl.DataType] = dict.fromkeys(COLUMNS, pl.String())
    types["categories"] = pl.List(pl.String)
    # A column that is empty throughout is written without a type.
    rows = rows.cast({name: types[name] for name in COLUMNS if rows.schema[name] == pl.Null})
    rows = _split_categories(rows) if held == pl.String else rows.select(COLUMNS)
    for name in COLUMNS:
        if rows.schema[name] != types[name]:
            raise pl.exceptions.SchemaError(f"`{name}` holds {rows.schema[name]}")
    return rows


def _split_categories(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("categories").str.split(" ")).select(COLUMNS)
