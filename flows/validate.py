"""Validate: rows that a table does not allow become rejections; every record is accounted for."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandera.errors
import polars as pl
from prefect import task

from flows import tables
from flows.errors import UserError
from flows.paths import StepFolder
from flows.raw.parsed import Parsed
from flows.runs.progress import watch_task
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.release import EXCERPT_LENGTH, Alias, Rejection
from schemas.table import Table
from schemas.vocabulary import Reason


class LostRecords(UserError):
    """Records that are neither in a paper nor rejected: a fault of the pipeline."""


@watch_task
@task(
    name="Validate",
    task_run_name="Validate papers, account for every record",
)
def validate(merged: Path, parsed: Sequence[Parsed], validated: Path) -> Path:
    """Check the merged papers and move what fails into the rejections.

    Raises `LostRecords` unless every record is in a paper or in the rejections.
    """
    read, written = StepFolder(merged), StepFolder(validated)
    papers, refused = split_valid(Paper, tables.load(Paper, read.papers))
    origins = tables.load(Origin, read.origins)
    unread = tables.load(Rejection, [part for one in parsed for part in one.parts("rejections")])
    require_parts(parsed, read=unread.height, table="rejections")
    removed = tables.load(Rejection, read.rejections)
    rejections = pl.concat([unread, removed, reject_origins(origins, refused)])
    origins = origins.join(papers, on="paper_id", how="semi", maintain_order="left")
    parts = [part for one in parsed for part in one.parts("records")]
    require_parts(parsed, read=tables.load(Record, parts, ["line"]).height, table="records")
    records = tables.load(Record, read.records, columns=["record_id"])
    require_all_records(records, origins, rejections)
    tables.save(Paper, papers, written.papers)
    tables.save(Origin, origins, written.origins)
    tables.save(Rejection, rejections, written.rejections)
    tables.save(Alias, tables.load(Alias, read.aliases), written.aliases)
    shutil.copyfile(read.resolutions, written.resolutions)
    return validated


def split_valid(model: type[Table], frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split a frame into its valid rows and the others, which gain a ``detail`` column.

    Of rows that share a value that must be unique, the first stays. Raises
    `tables.InvalidTable` when a column is missing or of another type: that is a fault of
    the code, not of a row.
    """
    indexed = frame.with_row_index("index")
    refused = pl.DataFrame(schema={**indexed.schema, "detail": pl.String})
    while (faults := find_row_faults(model, indexed.drop("index"))).height:
        places = faults.with_columns(
            indexed["index"].gather(faults["position"]).alias("index")
        ).drop("position")
        refused.extend(indexed.join(places, on="index", validate="1:1", maintain_order="left"))
        indexed = indexed.join(places, on="index", how="anti", maintain_order="left")
    return indexed.drop("index"), refused.sort("index").drop("index")


def find_row_faults(model: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """Give the positions of the rows a table refuses, with every reason in ``detail``."""
    try:
        model.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return pl.DataFrame(schema={"position": pl.UInt32, "detail": pl.String})
    if cases["index"].null_count():
        tables.check(model, frame)
    faults: pl.DataFrame = (
        cases.select(
            position=pl.col("index").cast(pl.UInt32),
            repeats=pl.col("check").str.contains("unique"),
            column="column",
            detail=pl.format("column {}: {}", "column", "check"),
        )
        .pipe(_drop_first_of_each, frame)
        .group_by("position", maintain_order=True)
        .agg(pl.col("detail").unique(maintain_order=True).str.join("; "))
    )
    return faults.sort("position")


def _drop_first_of_each(faults: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    repeated = faults.filter("repeats")["column"].unique(maintain_order=True)
    firsts = [
        frame.select(
            position=pl.int_range(pl.len(), dtype=pl.UInt32),
            is_first=pl.col(column).is_first_distinct(),
        )
        .filter("is_first")
        .select("position", column=pl.lit(column), repeats=pl.lit(value=True))
        for column in repeated
    ]
    if not firsts:
        return faults
    return faults.join(
        pl.concat(firsts), on=["position", "column", "repeats"], how="anti", maintain_order="left"
    )


def reject_origins(origins: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """Give a `Rejection` for every record of a refused paper."""
    return (
        origins.join(
            refused.select("paper_id", "detail"),
            on="paper_id",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(
            reason=pl.lit(Reason.INVALID.value),
            excerpt=pl.col("title").str.head(EXCERPT_LENGTH),
        )
        .select(Rejection.dtypes().names())
    )


def require_parts(parsed: Sequence[Parsed], read: int, table: str) -> None:
    """Raise `LostRecords` unless the parts on disk hold as many rows as were parsed."""
    expected = sum(getattr(one, table) for one in parsed)
    if read != expected:
        raise LostRecords(
            f"{expected:,} {table} were parsed and {read:,} are on disk: something removed parts "
            "of data/interim. Run again with --fresh."
        )


def require_all_records(
    read: pl.DataFrame, origins: pl.DataFrame, rejections: pl.DataFrame
) -> None:
    """Raise `LostRecords` unless each record read is in exactly one of the two tables."""
    kept = pl.concat(
        [
            origins.select("record_id"),
            rejections.select("record_id").drop_nulls(),
        ]
    )
    lost = read.join(kept, on="record_id", how="anti").sort("record_id")
    twice = kept.filter(pl.col("record_id").is_duplicated()).unique().sort("record_id")
    if lost.is_empty() and twice.is_empty():
        return
    raise LostRecords(
        f"{lost.height} records were lost, such as {lost['record_id'].head(5).to_list()}, and "
        f"{twice.height} stand twice, such as {twice['record_id'].head(5).to_list()}. "
        "This is a fault of the pipeline: please report it with these record ids."
    )
