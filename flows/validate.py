"""Validate: rows that a table does not allow become rejections; every record is accounted for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandera
import pandera.errors
import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows import tables
from flows.errors import UserError, count_noun
from flows.parts import (
    NotedFiles,
    break_seal,
    identify_file,
    link_file,
    link_table,
    require_whole_step,
    seal_step,
)
from flows.paths import StepFolder
from flows.raw.parsed import Parsed, require_whole_parse
from flows.runs.notices import note_damage
from flows.runs.progress import watch_task
from flows.version import hash_code
from schemas.alias import Alias
from schemas.distinct import are_distinct, are_same_values
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.rejection import EXCERPT_LENGTH, Rejection
from schemas.table import Table
from schemas.vocabulary import Reason

UNIQUE = {
    "paper_id": "field_uniqueness",
    "arxiv_id": "unique_where_known",
    "acl_id": "unique_where_known",
    "openreview_id": "unique_where_known",
}
"""Columns of `Paper` whose values no two papers share, and the check that says so."""


CHECKED = "checked.json"
"""The file, beside the validated tables, that lists the parts in which nothing was refused."""

CODE = ("schemas/*.py", "flows/validate.py")
"""What decides whether a row is allowed."""

PACKAGES = ("pandera", "polars")
"""Packages that read the tables' rules."""


class LostRecords(UserError):
    """Records that are neither in a paper nor rejected: a fault of the pipeline."""


@watch_task
@task(
    name="Validate",
    task_run_name="Validate papers, account for every record",
    cache_policy=NO_CACHE,
)
def validate(merged: Path, parsed: Sequence[Parsed], validated: Path) -> Path:
    """Check the merged papers part by part and move what fails into the rejections.

    Raises `LostRecords` unless every record is in a paper or in the rejections.
    """
    read, written = StepFolder(merged), StepFolder(validated)
    break_seal(validated)
    for file in parsed:
        require_whole_parse(file)
    hashes = require_whole_step(merged)
    checked = NotedFiles(written.folder / CHECKED, hash_code(CODE, PACKAGES))
    if checked.is_damaged:
        note_damage("notes of checked parts", written.folder / CHECKED, "all parts are checked")
    refused = find_refused_papers(read.papers, checked, hashes)
    checked.write()
    # Mostly none is refused, and all records would be read to find none.
    origins = tables.scan_parts(Origin, read.origins) if refused.height else []
    refused_rows = [reject_origins(part.collect(), refused) for part in origins]
    unread = tables.load(Rejection, [part for file in parsed for part in file.parts("rejections")])
    require_parts(parsed, read=unread.height, table="rejections")
    removed = tables.load(Rejection, read.rejections)
    rejections = pl.concat([unread, removed, *refused_rows])
    require_parts(parsed, read=count_rows(parsed, "records"), table="records")
    drop_refused(Paper, read.papers, written.papers, refused)
    drop_refused(Origin, read.origins, written.origins, refused)
    require_all_records(
        tables.load(Record, read.records, columns=["record_id"]),
        tables.load(Origin, written.origins, columns=["record_id"]),
        rejections,
    )
    tables.save(Rejection, rejections, written.rejections)
    tables.save(Alias, tables.load(Alias, read.aliases), written.aliases)
    # A copy would be written into the file of the last run, which the next step gave another name.
    link_file(read.resolutions, written.resolutions)
    seal_step(validated, {identify_file(path): digest for path, digest in hashes.items()})
    return validated


def find_refused_papers(
    path: Path, checked: NotedFiles, hashes: Mapping[Path, str]
) -> pl.DataFrame:
    """Find the papers that their table does not allow: ``paper_id`` and ``detail``, the reasons.

    ``hashes``: the sha256 of each part, by which those that were ``checked`` before are known.

    Values that must be unique are compared over all parts, from single columns; of papers that
    share one, the first stays.
    """
    repeated = find_repeats(tables.load(Paper, path, [*UNIQUE]))
    refused, start = [pl.DataFrame(schema={"paper_id": pl.String, "detail": pl.String})], 0
    for part in tables.list_part_files(path):
        end = start + tables.read_file_footer(part).rows
        again = repeated.filter(pl.col("row").is_between(start, end, closed="left"))
        is_valid = again.is_empty() and checked.has(hashes[part])
        if not is_valid:
            again = again.with_columns(pl.col("row") - start)
            refused.append(_refuse_rows(tables.load(Paper, [part]), again))
            is_valid = refused[-1].is_empty()
        if is_valid:
            checked.add(hashes[part])
        start = end
    return pl.concat(refused)


def _refuse_rows(papers: pl.DataFrame, repeated: pl.DataFrame) -> pl.DataFrame:
    """Find the papers of a part that are refused, ``repeated`` ones among them."""
    numbered = papers.with_row_index("row")
    again = numbered.join(repeated, on="row", validate="1:1", maintain_order="left")
    first = numbered.join(repeated, on="row", how="anti", maintain_order="left").drop("row")
    invalid = split_valid(Paper, first)[1]
    return pl.concat(frame.select("paper_id", "detail") for frame in (again, invalid))


def find_repeats(columns: pl.DataFrame) -> pl.DataFrame:
    """Find rows with a value that an earlier row has: ``row`` and ``detail``, the reasons."""
    numbered = columns.with_row_index("row")
    repeats = [
        numbered.filter(pl.col(name).is_not_null() & ~pl.col(name).is_first_distinct()).select(
            "row", detail=pl.lit(f"column {name}: {check}")
        )
        for name, check in UNIQUE.items()
        if not are_distinct(columns[name].drop_nulls())
    ]
    none = pl.DataFrame(schema={"row": numbered.schema["row"], "detail": pl.String})
    return pl.concat([none, *repeats]).group_by("row").agg(pl.col("detail").sort().str.join("; "))


def drop_refused(model: type[Table], source: Path, target: Path, refused: pl.DataFrame) -> None:
    """Write a table without the rows of refused papers; share the file where none is refused."""
    # Steps replace their files and never write into them, so one file may have two names.
    link_table(source, target)
    if refused.is_empty():
        return
    for part in tables.list_part_files(target):
        rows = tables.load(model, [part])
        allowed = rows.join(refused, on="paper_id", how="anti", maintain_order="left")
        if allowed.height < rows.height:
            tables.save_part(model, allowed, part)


def count_rows(parsed: Sequence[Parsed], table: str) -> int:
    """Count the rows on disk of a table that parsing left, without reading them."""
    return sum(tables.read_file_footer(part).rows for file in parsed for part in file.parts(table))


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
    """Return the positions of the rows a table refuses, with every reason in ``detail``."""
    try:
        model.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return pl.DataFrame(schema={"position": pl.UInt32, "detail": pl.String})
    # Without a row it is the table that is wrong, which no rejection can mend: `check` raises.
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
    """Return a `Rejection` for every record of a refused paper."""
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
    expected = sum(getattr(file, table) for file in parsed)
    if read != expected:
        raise LostRecords(
            f"{count_noun(expected, table.removesuffix('s'), 'was/were')} parsed and {read:,} on "
            "disk: something removed parts of data/interim. Run again with --fresh."
        )


def require_all_records(
    read: pl.DataFrame, origins: pl.DataFrame, rejections: pl.DataFrame
) -> None:
    """Raise `LostRecords` unless each record read is in exactly one of the two tables."""
    accounted = pl.concat(
        [
            origins.select("record_id"),
            rejections.select("record_id").drop_nulls(),
        ]
    )
    if are_same_values(read["record_id"], accounted["record_id"]):
        return
    lost = read.join(accounted, on="record_id", how="anti").sort("record_id")
    twice = accounted.filter(pl.col("record_id").is_duplicated()).unique().sort("record_id")
    if lost.is_empty() and twice.is_empty():
        return
    raise LostRecords(
        f"{count_noun(lost.height, 'record')} lost, such as {lost['record_id'].head(5).to_list()}, "
        f"and {twice.height} counted twice, such as {twice['record_id'].head(5).to_list()}. "
        "This is a fault of the pipeline: please report it with these record ids."
    )
