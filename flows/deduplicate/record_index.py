"""Record index: what is known of every record without its texts, in a file for each part.

A part is indexed once: the next run finds its index by the hash of the part's bytes. What is asked
of it is read column by column, so that nobody holds the whole index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import external_sort, tables
from flows.deduplicate import resolve
from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.match.indexed_records import hash_texts
from flows.deduplicate.match.record_features import require_distinct_ids
from flows.deduplicate.part_cache import SEEDS, PartCache, make_key
from flows.hashing import hash_once
from flows.parts import link_file, map_in_order
from schemas.distinct import are_distinct
from schemas.record import Record
from schemas.vocabulary import STRONG_IDENTIFIERS

CONTENT = tuple(f"content{seed}" for seed in SEEDS)
"""Columns that hash all that a source wrote of a record, and where."""


@dataclass(frozen=True)
class RecordParts:
    """All records of a run as their sources wrote them, and their index, in files."""

    files: Sequence[Path]
    indexes: Sequence[Path]
    """One file per part: in the order of its records, ``record_id``, the identifiers, canonical and
    with those that its title led to, `CONTENT`, and what matching asks: ``source``, ``source_id``
    and `TEXT_HASHES`. Records that take no part in the run are absent."""

    def count_records(self) -> int:
        """Count the records that take part."""
        return sum(external_sort.map_part(path, ["record_id"]).height for path in self.indexes)

    def read_index(self, columns: Sequence[str]) -> pl.DataFrame:
        """Read columns of the index of all records, and ``part``, the number of their file."""
        read = [external_sort.copy_columns(path, columns) for path in self.indexes]
        return pl.concat(
            rows.with_columns(part=pl.lit(number, pl.UInt32)) for number, rows in enumerate(read)
        )

    def scan(self) -> list[pl.LazyFrame]:
        """Return the records with canonical identifiers, part by part, each read when needed."""
        pairs = zip(self.files, self.indexes, strict=True)
        return [scan_identified(file, pl.scan_ipc(index, glob=False)) for file, index in pairs]

    def leave_out(self, record_ids: pl.Series) -> list[pl.DataFrame]:
        """Leave records out of the index, and return them as they were written, part by part."""
        is_left_out, left_out = pl.col("record_id").is_in(record_ids.implode()), []
        for file, path in zip(self.files, self.indexes, strict=True):
            index = external_sort.read_part(path)
            if (rows := index.filter(is_left_out)).height:
                left_out.append(scan_identified(file, rows.lazy()).collect())
                # Replaced, not filled: the file is mapped while its rows are written.
                partial = path.with_name(f"{path.name}.partial")
                external_sort.write_part(index.filter(~is_left_out), partial).replace(path)
        return left_out


def scan_identified(file: Path, identified: pl.LazyFrame) -> pl.LazyFrame:
    """Read the records of a part that have a row, with its identifiers in the place of theirs."""
    records = pl.scan_parquet(file, glob=False)
    names = records.collect_schema().names()
    return (
        records.drop(STRONG_IDENTIFIERS)
        .join(
            identified.select("record_id", *STRONG_IDENTIFIERS),
            on="record_id",
            how="inner",
            maintain_order="left",
        )
        .select(names)
    )


def index_records(
    files: Sequence[Path], cache: PartCache, resolutions: pl.DataFrame, folder: Path
) -> RecordParts:
    """Index the records in files; ``resolutions`` give identifiers to those without any.

    The index goes into files in ``folder``. Raises `RepeatedRecords` when a record id occurs twice.
    """

    def index_part(number: int) -> Path:
        key, target = make_key("records", hash_once(files[number])), folder / f"{number:05}.arrow"
        if known := cache.find(key):
            cache.keep_found(key)
            link_file(known, target)
        else:
            external_sort.write_part(describe_part(tables.load(Record, files[number])), target)
            cache.keep(key, target)
        if resolutions.height:
            # Replaced, not filled: the cache has the same file under another name.
            rows = resolve.fill_resolved_ids(external_sort.read_part(target), resolutions)
            partial = target.with_name(f"{target.name}.partial")
            external_sort.write_part(rows, partial).replace(target)
        return target

    folder.mkdir(parents=True, exist_ok=True)
    records = RecordParts(files, list(map_in_order(index_part, range(len(files)))))
    # Numbers first: nearly always all ids are distinct, and none of them has to be copied.
    ids = (external_sort.map_part(index, ["record_id"])["record_id"] for index in records.indexes)
    if not are_distinct(*ids):
        require_distinct_ids(records.read_index(["record_id"])["record_id"])
    return records


def describe_part(records: pl.DataFrame) -> pl.DataFrame:
    """Return what the index holds of some records, before titles lead to identifiers."""
    content = pl.struct(pl.all())
    hashed = records.select(content.hash(seed).alias(f"content{seed}") for seed in SEEDS)
    ids = records.pipe(canonicalize_ids).select("record_id", *STRONG_IDENTIFIERS)
    return ids.hstack(hashed).hstack(records.select("source", "source_id", *hash_texts()))


def identify_records(records: pl.DataFrame, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Return records with canonical identifiers, and those that their titles led to."""
    return records.pipe(canonicalize_ids).pipe(resolve.fill_resolved_ids, resolutions)
