"""Cached features: everything that is compared of each record, and what comparing them gave.

Kept from one run to the next, they spare the next run all records that are as they were. They
depend on nothing but the records: a run may start from the cache of any other run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.author_names import AuthorNames
from flows.deduplicate.match.blocking import read_sketches
from flows.deduplicate.match.record_features import RecordFeatures, list_block_keys
from flows.deduplicate.match.word_sets import read_sets, show_as_lists
from flows.parts import Records, split_records
from schemas.vocabulary import STRONG_IDENTIFIERS

MATCHED = ("source", "title", "abstract", "authors", "published", *STRONG_IDENTIFIERS)
"""Columns of a record that matching reads."""

SETS = ("abstracts", "surnames", "bags")
"""Columns of `CachedMatch.records` that hold sets of word codes."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CachedMatch:
    """What is known of records that were matched, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """The columns of `RecordFeatures.records`, the ``fingerprint`` of what they were made from,
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
            chosen.drop("fingerprint", "sketch", *SETS),
            abstracts,
            read_sketches(chosen["sketch"]),
            AuthorNames(surnames, bags),
            pl.DataFrame(),
        )


def fingerprint_records(records: Records) -> pl.DataFrame:
    """Return ``record_id`` and the ``fingerprint`` of what matching reads of the record, sorted.

    polars hashes otherwise in other versions: fingerprints are compared within one version only.
    """
    read = (part.select("record_id", *MATCHED).collect() for part in split_records(records))
    marks = [
        part.select("record_id", part.select(MATCHED).hash_rows().alias("fingerprint"))
        for part in read
    ]
    return pl.concat(marks).sort("record_id")


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
