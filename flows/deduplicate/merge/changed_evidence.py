"""Changed evidence: records that are in their cluster for another reason than in the last run.

A record is known by what it says, and its evidence by a hash: of those that are alone none is kept.
"""

import numpy as np
import polars as pl

from flows.deduplicate.find_rows import Hashes, find_equal_rows
from flows.deduplicate.merge.members import ClusteredRecords
from flows.deduplicate.part_cache import SEEDS, make_key
from flows.deduplicate.record_index import CONTENT

WHY = ("cluster", "rule", "score", "matched_record_id")
"""Columns of evidence that are compared."""

EVIDENCE_KEY = make_key("evidence", "")


def hash_evidence(clustered: ClusteredRecords, contents: Hashes) -> pl.DataFrame:
    """Hash why records are in the clusters of others.

    ``contents``: what `ClusteredRecords.read_contents` returned.
    One row per record that joined another one: `CONTENT`, and ``why1`` and ``why2``.
    """
    # The first of a cluster, and who is alone, is what nothing says of it.
    later = clustered.evidence.filter(pl.col("matched_record_id").is_not_null())
    place = np.empty(len(clustered.roots), np.uint32)
    place[np.concatenate(clustered.rows)] = np.arange(len(place), dtype=np.uint32)
    places = place[later["row"].to_numpy()]
    why = later.select(pl.struct(WHY).hash(seed).alias(f"why{seed}") for seed in SEEDS)
    says = pl.DataFrame(
        {
            name: pl.Series(of[places], dtype=pl.UInt64)
            for name, of in zip(CONTENT, contents, strict=True)
        }
    )
    return says.hstack(why)


def find_changed_records(now: pl.DataFrame, last: pl.DataFrame) -> Hashes:
    """Find the records whose evidence has changed, by hashes of what they say."""
    # Both columns are hashes, so that one number stands for what a record says and for its why.
    mixed = [
        [(side[f"content{seed}"] ^ side[f"why{seed}"]).to_numpy() for seed in SEEDS]
        for side in (now, last)
    ]
    is_new, is_gone = (find_equal_rows(*sides) < 0 for sides in (mixed, mixed[::-1]))
    changed = pl.concat([now.filter(pl.Series(is_new)), last.filter(pl.Series(is_gone))])
    return [changed[name].to_numpy() for name in CONTENT]
