"""Indexed records: what is known of the records to match without reading their texts."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from flows.deduplicate.part_cache import SEEDS
from flows.parts import Records, split_records
from schemas.vocabulary import STRONG_IDENTIFIERS

TEXTS = ("source", "title", "abstract", "authors", "published")
"""Columns of a record that matching reads beside its identifiers."""

TEXT_HASHES = tuple(f"text{seed}" for seed in SEEDS)
"""Columns that hash them."""

FINGERPRINTS = tuple(f"fingerprint{seed}" for seed in SEEDS)
"""Columns that hash all that matching reads of a record: where both are equal, so is that."""


@dataclass(frozen=True)
class IndexedRecords:
    """Records to match, and what is known of them without reading their texts."""

    index: pl.DataFrame
    """One row per record: ``record_id``, the identifiers, ``source``, and ``source_id`` unless the
    records lack it."""
    scan: Callable[[pl.DataFrame], Records]
    """Returns the records of some rows of the index, each part read when it is looked at."""


def hash_texts() -> list[pl.Expr]:
    """Return `TEXT_HASHES`: polars hashes otherwise in other versions, so they last within one."""
    return [pl.struct(TEXTS).hash(seed).alias(f"text{seed}") for seed in SEEDS]


def hash_compared() -> list[pl.Expr]:
    """Return `FINGERPRINTS` of the rows of an index that has `TEXT_HASHES`."""
    content = pl.struct(*TEXT_HASHES, *STRONG_IDENTIFIERS)
    return [content.hash(seed).alias(f"fingerprint{seed}") for seed in SEEDS]


def index_in_memory(records: Records) -> IndexedRecords:
    """Index records by reading all of them."""
    parts = split_records(records)
    columns = ("record_id", *STRONG_IDENTIFIERS, "source", "source_id")
    known = [name for name in columns if name in parts[0].collect_schema()]
    index = pl.concat([part.select(*known).collect() for part in parts])
    return IndexedRecords(
        index,
        lambda rows: [part.join(rows.lazy(), on="record_id", how="semi") for part in parts],
    )
