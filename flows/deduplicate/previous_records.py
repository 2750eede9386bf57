"""Previous records: which of them stay, decided by ids; texts are read where ids leave it open."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort, release, tables
from flows.deduplicate.carry_over import SAME_ID, carry_over_records, map_successors
from flows.deduplicate.find_rows import find_equal_rows, hash_values
from flows.deduplicate.record_index import RecordParts
from flows.release import Release
from schemas.origin import Origin
from schemas.record import Record

COMPARED = ("record_id", *SAME_ID, "snapshot", "line", "title", "abstract", "authors", "urls")
"""Columns by which a record is found to replace another one."""


@dataclass(frozen=True)
class ComparedRecords:
    """How the records of the inputs and those of the previous release go together."""

    carried_over: pl.DataFrame
    """``record_id`` and ``snapshot`` of the previous records that no input replaces."""
    paper_ids: pl.DataFrame
    """One row per old record, and per new one whose predecessor is known: ``record_id``,
    ``paper_id`` of the previous release."""


def compare_with_previous(previous: Path, paths: Sequence[Path]) -> ComparedRecords:
    """Find the records of the previous release that stay, and whom the new ones succeed.

    ``paths``: the parts of the inputs' records.
    """
    narrow = ["record_id", "paper_id", *SAME_ID]
    old = release.read_columns(previous, {"origins": narrow})["origins"]
    current = tables.load(Record, paths if len(old) else [], ["record_id", *SAME_ID])
    place = find_equal_rows(hash_values(current["record_id"]), hash_values(old["record_id"]))
    new, is_gone = current.filter(pl.Series(place < 0)), np.ones(old.height, np.bool_)
    is_gone[place[place >= 0]] = False
    absent = old.filter(pl.Series(is_gone))
    # A record that both have is its own successor; of the others those matter that share a key.
    rivals = _share_key(current, absent)
    forebears = pl.concat([absent, _share_key(old, new)]).unique("record_id", maintain_order=True)
    if forebears.is_empty():
        return ComparedRecords(
            pl.DataFrame(schema={"record_id": pl.String, "snapshot": pl.Date}),
            old.select("record_id", "paper_id"),
        )
    now = pl.concat([new, rivals]).unique("record_id", maintain_order=True)["record_id"]
    now_read = _read_shortened(_load_inputs(paths, now), ())
    old_read = _read_shortened(_load_previous(previous, forebears["record_id"]), ("paper_id",))
    # As the release sorts them: where two are equal, the first one counts.
    old_read = old_read.sort("paper_id", "record_id")
    is_absent = pl.col("record_id").is_in(absent["record_id"].implode())
    is_new = pl.col("record_id").is_in(new["record_id"].implode())
    carried_over = carry_over_records(old_read.filter(is_absent), now_read)
    successors = map_successors(old_read, now_read.filter(is_new))
    return ComparedRecords(
        carried_over.select("record_id", "snapshot"),
        pl.concat([old.select("record_id", "paper_id"), successors]),
    )


def find_successors(previous: Path, records: RecordParts, fresh: Collection[int]) -> pl.DataFrame:
    """Map new records to their predecessors' papers, where all others are of the last release.

    ``fresh``: the numbers of the parts of the new ones. One row per new record whose predecessor is
    known: ``record_id``, ``paper_id`` of the previous release.
    """
    columns = ["record_id", *SAME_ID]
    indexes = [external_sort.map_part(index, columns) for index in records.indexes]
    none = indexes[0].clear()
    new = pl.concat([none, *(indexes[number] for number in fresh)])
    # Of most parts no id is sought, so that nothing of them is joined.
    is_near = pl.col("source_id").is_in(new["source_id"].implode())
    if new["source_id"].null_count():
        is_near |= pl.col("source_id").is_null()
    near = [part.filter(is_near) for number, part in enumerate(indexes) if number not in fresh]
    forebears = _share_key(pl.concat([none, *near]), new)["record_id"]
    if forebears.is_empty():
        return pl.DataFrame(schema={"record_id": pl.String, "paper_id": pl.String})
    files = [records.files[number] for number in sorted(fresh)]
    now = _read_shortened(_load_inputs(files, new["record_id"]), ())
    old = _read_shortened(_load_previous(previous, forebears), ("paper_id",))
    return map_successors(old.sort("paper_id", "record_id"), now)


def _share_key(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose source and id in it one of the others has, too; no id equals no id."""
    if others.is_empty():
        return rows.clear()
    return rows.join(others, on=SAME_ID, how="semi", nulls_equal=True, maintain_order="left")


def _load_inputs(paths: Sequence[Path], record_ids: pl.Series) -> Iterator[pl.DataFrame]:
    for path in paths:
        ids = tables.load(Record, [path], ["record_id"])["record_id"]
        if ids.is_in(record_ids.implode()).any():
            yield _select_records(tables.load(Record, [path], COMPARED), record_ids)


def _load_previous(previous: Path, record_ids: pl.Series) -> Iterator[pl.DataFrame]:
    for part in _scan_previous(previous):
        ids = part.select("record_id").collect()["record_id"]
        if ids.is_in(record_ids.implode()).any():
            yield _select_records(part.select(*COMPARED, "paper_id").collect(), record_ids)


def _scan_previous(previous: Path) -> Iterator[pl.LazyFrame]:
    """Return the records of the previous release with their papers, some rows at a time."""
    opened = Release.open_previous(previous)
    absent = opened.list_absent_columns("origins")
    for path in opened.list_files("origins"):
        yield from tables.scan_parts(Origin, path, absent)


def _select_records(rows: pl.DataFrame, record_ids: pl.Series) -> pl.DataFrame:
    return rows.filter(pl.col("record_id").is_in(record_ids.implode()))


def _read_shortened(parts: Iterator[pl.DataFrame], more: Sequence[str]) -> pl.DataFrame:
    dtypes = Origin.dtypes()
    none = pl.DataFrame(schema={name: dtypes[name] for name in (*COMPARED, *more)})
    return pl.concat([shorten_texts(part) for part in (none, *parts)])


def shorten_texts(records: pl.DataFrame) -> pl.DataFrame:
    """Put hashes in the place of texts, where only equality and presence count.

    So the records of a release that is listed again whole are compared in a tenth of the memory.
    """
    title, abstract, authors = (pl.col(name) for name in ("title", "abstract", "authors"))
    field = pl.element().struct.field("field")
    return records.with_columns(
        title.hash(),
        pl.when(abstract.is_not_null()).then(abstract.hash()).alias("abstract"),
        pl.when(authors.list.len() > 0)
        .then(pl.concat_list(pl.struct("authors").hash()))
        .otherwise(pl.lit([], pl.List(pl.UInt64)))
        .alias("authors"),
        pl.col("urls").list.eval(pl.struct(field)),
    )


def read_carried_over(previous: Path, record_ids: pl.Series) -> Iterator[pl.DataFrame]:
    """Return the records of the previous release that are carried over, some rows at a time."""
    if record_ids.is_empty():
        return
    for part in _scan_previous(previous):
        rows = _select_records(part.select(Record.dtypes().names()).collect(), record_ids)
        if rows.height:
            yield rows
