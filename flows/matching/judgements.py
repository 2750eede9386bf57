"""Judgements: what people decided about two records; it outranks every rule."""

from pathlib import Path

import polars as pl

from flows.matching.nodes import IDENTIFIERS
from flows.refusal import Refusal

COLUMNS = ("left", "right", "verdict", "reason", "by", "on")
"""Columns of ``data/curation/judgements.csv``; the file says what they hold."""

VERDICTS = ("same", "different")
"""Same paper, or two papers."""

PREFIXES = dict(zip(("arxiv", "doi", "acl", "openreview"), IDENTIFIERS, strict=True))
"""How an identifier is written where a judgement names a record by it."""


class BadJudgement(Refusal):
    """A line of the judgements that cannot be followed; the message names file, line and reason."""


def read(path: Path) -> pl.DataFrame:
    """Read judgements: one row per line, columns as in `COLUMNS`, all text.

    ``left`` and ``right`` name a record by its ``record_id`` or by an identifier, such as
    ``arxiv:2312.00752``. Lines that begin with ``#`` explain the file. Raises `BadJudgement`.
    """
    frame = pl.read_csv(path, comment_prefix="#", infer_schema=False, truncate_ragged_lines=False)
    if tuple(frame.columns) != COLUMNS:
        raise BadJudgement(
            f"{path}: the columns are {', '.join(frame.columns)}; expected {', '.join(COLUMNS)}"
        )
    return checked(frame, str(path))


def checked(judgements: pl.DataFrame, name: str) -> pl.DataFrame:
    """Give the judgements back if each can be followed, else raise `BadJudgement`."""
    pair = pl.struct(
        first=pl.min_horizontal("left", "right"), last=pl.max_horizontal("left", "right")
    )
    flaws = {
        "names no record": pl.any_horizontal(pl.col("left", "right").is_null()),
        f"has a verdict other than {' or '.join(VERDICTS)}": ~pl.col("verdict")
        .is_in(VERDICTS)
        .fill_null(value=False),
        "names one record twice": pl.col("left") == pl.col("right"),
        "gives no reason": pl.col("reason").is_null(),
        "contradicts another line": pl.col("verdict").n_unique().over(pair) > 1,
    }
    for flaw, condition in flaws.items():
        bad = judgements.filter(condition)
        if len(bad):
            examples = [f"{left} / {right}" for left, right, *_ in bad.head(5).iter_rows()]
            raise BadJudgement(f"{name}: {len(bad)} judgement(s) {flaw}: {'; '.join(examples)}")
    return judgements


def resolved(judgements: pl.DataFrame, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find the rows that judgements are about.

    ``records`` holds ``record_id`` and the identifiers. Gives the judged pairs of rows (``left``,
    ``right``, ``verdict``, ``reason``) and the judgements that name an unknown record. A name
    that several records bear stands for all of them.
    """
    names = _names(records)
    found = (
        judgements.select("left", "right", "verdict", "reason")
        .with_row_index("line")
        .join(names.rename({"row": "left_row"}), left_on="left", right_on="name", how="left")
        .join(names.rename({"row": "right_row"}), left_on="right", right_on="name", how="left")
    )
    known = found.drop_nulls(["left_row", "right_row"]).sort("line", "left_row", "right_row")
    unknown = judgements.with_row_index("line").join(known, on="line", how="anti").sort("line")
    rows = known.select(
        pl.min_horizontal("left_row", "right_row").alias("left"),
        pl.max_horizontal("left_row", "right_row").alias("right"),
        "verdict",
        "reason",
    )
    return rows.filter(pl.col("left") != pl.col("right")), unknown.drop("line")


def _names(records: pl.DataFrame) -> pl.DataFrame:
    """List every name of every row: ``name``, ``row``."""
    rows = records.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    by_record = rows.select(pl.col("record_id").cast(pl.String).alias("name"), "row")
    by_identifier = [
        rows.filter(pl.col(column).is_not_null()).select(
            (pl.lit(f"{prefix}:") + pl.col(column)).alias("name"), "row"
        )
        for prefix, column in PREFIXES.items()
    ]
    return pl.concat([by_record, *by_identifier]).unique(maintain_order=True)
