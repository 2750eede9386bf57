"""Record index: what is known of every record without its texts, part by part.

A part is indexed once: the next run finds its index by the hash of the part's bytes.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import tables
from flows.deduplicate import resolve
from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.match.indexed_records import hash_texts
from flows.deduplicate.match.record_features import require_distinct_ids
from flows.deduplicate.part_cache import SEEDS, PartCache, make_key
from flows.hashing import hash_once
from flows.parts import map_in_order
from schemas.record import Record
from schemas.vocabulary import STRONG_IDENTIFIERS

CONTENT = tuple(f"content{seed}" for seed in SEEDS)
"""Columns that hash all that a source wrote of a record, and where."""


@dataclass(frozen=True)
class RecordParts:
    """All records of a run as their sources wrote them, in files, and their index in memory."""

    files: list[Path]
    index: pl.DataFrame
    """One row per record in the order of the files: ``record_id``, the ``part`` that it is in, the
    identifiers, canonical and with those that its title led to, `CONTENT`, and what matching asks:
    ``source``, ``source_id`` and `TEXT_HASHES`."""

    def scan(self, rows: pl.DataFrame | None = None) -> list[pl.LazyFrame]:
        """Return the records with canonical identifiers, part by part, each read when needed.

        ``rows``: those of the index that are wanted; parts without any are left out.
        """
        chosen = self.index if rows is None else rows
        by_part = chosen.select("record_id", "part", *STRONG_IDENTIFIERS).partition_by(
            "part", maintain_order=True, as_dict=True
        )
        parts = [
            scan_identified(self.files[int(part)], some.drop("part"))
            for (part,), some in sorted(by_part.items())
        ]
        # A table has one part at least, or nobody could read its columns.
        return parts or [
            scan_identified(self.files[0], chosen.clear().select("record_id", *STRONG_IDENTIFIERS))
        ]


def scan_identified(file: Path, identified: pl.DataFrame) -> pl.LazyFrame:
    """Read the records of a part that have a row, with its identifiers in the place of theirs."""
    records = pl.scan_parquet(file, glob=False)
    names = records.collect_schema().names()
    return (
        records.drop(STRONG_IDENTIFIERS)
        .join(identified.lazy(), on="record_id", how="inner", maintain_order="left")
        .select(names)
    )


def index_records(files: list[Path], cache: PartCache, resolutions: pl.DataFrame) -> RecordParts:
    """Index the records in files; ``resolutions`` give identifiers to those without any.

    Raises `ValueError` when a record id occurs twice.
    """

    def index_part(file: Path) -> pl.DataFrame:
        key = make_key("records", hash_once(file))
        known = cache.find_frame(key)
        if known is None:
            known = describe_part(tables.load(Record, file))
            cache.keep_frame(key, known)
        else:
            cache.keep_found(key)
        return known

    parts = [
        indexed.with_columns(part=pl.lit(number, pl.UInt32))
        for number, indexed in enumerate(map_in_order(index_part, files))
    ]
    index = pl.concat(parts)
    require_distinct_ids(index["record_id"])
    return RecordParts(files, index.pipe(resolve.fill_resolved_ids, resolutions))


def describe_part(records: pl.DataFrame) -> pl.DataFrame:
    """Return what the index holds of some records, before titles lead to identifiers."""
    content = pl.struct(pl.all())
    hashed = records.select(content.hash(seed).alias(f"content{seed}") for seed in SEEDS)
    ids = records.pipe(canonicalize_ids).select("record_id", *STRONG_IDENTIFIERS)
    return ids.hstack(hashed).hstack(records.select("source", "source_id", *hash_texts()))


def identify_records(records: pl.DataFrame, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Return records with canonical identifiers, and those that their titles led to."""
    return records.pipe(canonicalize_ids).pipe(resolve.fill_resolved_ids, resolutions)
