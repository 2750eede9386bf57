"""Signatures: everything that is compared of each record, and what comparing them gave.

Kept from one run to the next, they spare the next run all records that are as they were. They hang
on nothing but the records: a run may start from the signatures of any other run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from flows.deduplicate.match.author_names import Names
from flows.deduplicate.match.blocking import sketches_in
from flows.deduplicate.match.record_features import Nodes, blocks
from flows.deduplicate.match.word_sets import Sets
from flows.parts import Records, split_records
from schemas.vocabulary import STRONG_IDENTIFIERS

MATCHED = ("source", "title", "abstract", "authors", *STRONG_IDENTIFIERS)
"""Columns of a record that matching reads."""

SETS = ("abstracts", "surnames", "bags")
"""Columns of `Signatures.records` that hold sets of word codes."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Signatures:
    """What is known of records that were matched, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """The columns of `Nodes.records`, the ``fingerprint`` of what they were made from, `SETS`, and
    the ``sketch`` of the abstract."""
    keys: Mapping[str, pl.DataFrame]
    """The blocks, by kind of key: one row per ``key`` and ``row`` that has it, sorted by key."""
    verified: pl.DataFrame
    """The verified pairs as `match.verified` gives them, sorted by their rows."""
    near: pl.DataFrame
    """The near misses as `match.verified` gives them, sorted by their rows."""

    def nodes(self, rows: Rows) -> Nodes:
        """Give some rows as they are compared, without their keys."""
        chosen = self.records[rows]
        abstracts, surnames, bags = (sets_in(chosen[name]) for name in SETS)
        return Nodes(
            chosen.drop("fingerprint", "sketch", *SETS),
            abstracts,
            sketches_in(chosen["sketch"]),
            Names(surnames, bags),
            pl.DataFrame(),
        )


def fingerprints(records: Records) -> pl.DataFrame:
    """Give ``record_id`` and the ``fingerprint`` of what matching reads of the record, sorted.

    polars hashes otherwise in other versions: fingerprints are compared within one version only.
    """
    read = (part.select("record_id", *MATCHED).collect() for part in split_records(records))
    marks = [
        part.select("record_id", part.select(MATCHED).hash_rows().alias("fingerprint"))
        for part in read
    ]
    return pl.concat(marks).sort("record_id")


def signed(given: Nodes, marks: pl.DataFrame) -> pl.DataFrame:
    """Give nodes as `Signatures.records`; ``marks`` are the `fingerprints` of their records."""
    sets = (given.abstracts, given.names.surnames, given.names.bags)
    return given.records.join(
        marks, on="record_id", how="left", validate="1:1", maintain_order="left"
    ).with_columns(
        *(_lists(one).alias(name) for name, one in zip(SETS, sets, strict=True)),
        pl.Series("sketch", given.sketches),
    )


def keys_of(given: Nodes) -> dict[str, pl.DataFrame]:
    """Give the keys of nodes by kind, sorted."""
    return {
        kind: keys.select("key", "row").sort("key", "row") for kind, keys in blocks(given).items()
    }


def _lists(sets: Sets) -> pl.Series:
    """Show sets as a column of lists, without copying them."""
    array = pa.LargeListArray.from_arrays(pa.array(sets.starts), pa.array(sets.values))
    return pl.Series(values=array)


def sets_in(column: pl.Series) -> Sets:
    """Take sets out of a column of lists, without copying them."""
    array = column.rechunk().to_arrow()
    starts = array.offsets.to_numpy().astype(np.int64)
    return Sets(starts - starts[0], array.values.to_numpy()[starts[0] : starts[-1]])
