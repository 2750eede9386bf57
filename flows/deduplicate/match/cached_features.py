"""Cached features: everything that is compared of each record, and what comparing them gave.

Kept from one run to the next, they spare the next run all records that are as they were. They
depend on nothing but the records: a run may start from the cache of any other run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.author_names import AuthorNames
from flows.deduplicate.match.blocking import read_sketches
from flows.deduplicate.match.record_features import RecordFeatures, list_block_keys
from flows.deduplicate.match.word_sets import read_sets, show_as_lists
from flows.deduplicate.part_cache import SEEDS
from flows.parts import Records, split_records
from schemas.vocabulary import STRONG_IDENTIFIERS

TEXTS = ("source", "title", "abstract", "authors", "published")
"""Columns of a record that matching reads beside its identifiers."""

TEXT_HASHES = tuple(f"text{seed}" for seed in SEEDS)
"""Columns that hash them."""

FINGERPRINTS = tuple(f"fingerprint{seed}" for seed in SEEDS)
"""Columns that hash all that matching reads of a record: where both are equal, so is that."""

SETS = ("abstracts", "surnames", "bags")
"""Columns of `CachedMatch.records` that hold sets of word codes."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CachedMatch:
    """What is known of records that were matched, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """The columns of `RecordFeatures.records`, the `FINGERPRINTS` of what they were made from,
    `SETS`, and the ``sketch`` of the abstract."""
    keys: Mapping[str, pl.DataFrame]
    """The blocks, by kind of key: one row per ``key`` and ``row`` that has it, sorted by key."""
    verified: pl.DataFrame
    """The verified pairs as in `PairDecisions`, sorted by their rows."""
    near: pl.DataFrame
    """The near misses as in `PairDecisions`, sorted by their rows."""

    def features(self, rows: Rows) -> RecordFeatures:
        """Return some rows as they are compared, without their keys."""
        chosen = self.records[rows]
        abstracts, surnames, bags = (read_sets(chosen[name]) for name in SETS)
        return RecordFeatures(
            chosen.drop(*FINGERPRINTS, "sketch", *SETS),
            abstracts,
            read_sketches(chosen["sketch"]),
            AuthorNames(surnames, bags),
            pl.DataFrame(),
        )


@dataclass(frozen=True)
class IndexedRecords:
    """Records to match, and what is known of them without reading their texts."""

    index: pl.DataFrame
    """One row per record: ``record_id``, the identifiers, `TEXT_HASHES`, ``source``, and
    ``source_id`` unless the records lack it."""
    scan: Callable[[pl.DataFrame], Records]
    """Returns the records of some rows of the index, each part read when it is looked at."""

    def fingerprint(self) -> pl.DataFrame:
        """Return ``record_id`` and `FINGERPRINTS` of each record, sorted by the id."""
        content = pl.struct(*TEXT_HASHES, *STRONG_IDENTIFIERS)
        marks = (content.hash(seed).alias(f"fingerprint{seed}") for seed in SEEDS)
        return self.index.select("record_id", *marks).sort("record_id")


def hash_texts() -> list[pl.Expr]:
    """Return `TEXT_HASHES`: polars hashes otherwise in other versions, so they last within one."""
    return [pl.struct(TEXTS).hash(seed).alias(f"text{seed}") for seed in SEEDS]


def index_in_memory(records: Records, hashes: Sequence[pl.Expr] = ()) -> IndexedRecords:
    """Index records by reading all of them; ``hashes`` of their texts are for incremental runs."""
    parts = split_records(records)
    columns = ("record_id", *STRONG_IDENTIFIERS, "source", "source_id")
    known = [name for name in columns if name in parts[0].collect_schema()]
    index = pl.concat([part.select(*known, *hashes).collect() for part in parts])
    return IndexedRecords(
        index,
        lambda rows: [part.join(rows.lazy(), on="record_id", how="semi") for part in parts],
    )


def store_features(features: RecordFeatures, marks: pl.DataFrame) -> pl.DataFrame:
    """Return features as `CachedMatch.records`; ``marks``: the fingerprints of their records."""
    sets = (features.abstracts, features.names.surnames, features.names.bags)
    return features.records.join(
        marks, on="record_id", how="left", validate="1:1", maintain_order="left"
    ).with_columns(
        *(show_as_lists(words).alias(name) for name, words in zip(SETS, sets, strict=True)),
        pl.Series("sketch", features.sketches),
    )


def sort_block_keys(features: RecordFeatures) -> dict[str, pl.DataFrame]:
    """Return the block keys of records by kind, sorted: one row per ``key`` and ``row``."""
    return {
        kind: keys.select("key", "row").sort("key", "row")
        for kind, keys in list_block_keys(features).items()
    }
