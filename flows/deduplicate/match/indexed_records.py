"""Indexed records: what is known of the records to match without reading their texts."""

import polars as pl

from flows.deduplicate.part_cache import SEEDS
from schemas.vocabulary import STRONG_IDENTIFIERS

TEXTS = ("source", "title", "abstract", "authors", "published")
"""Columns of a record that matching reads beside its identifiers."""

TEXT_HASHES = tuple(f"text{seed}" for seed in SEEDS)
"""Columns that hash them."""

FINGERPRINTS = tuple(f"fingerprint{seed}" for seed in SEEDS)
"""Columns that hash all that matching reads of a record: where both are equal, so is that."""


def hash_texts() -> list[pl.Expr]:
    """Return `TEXT_HASHES`: polars hashes otherwise in other versions, so they last within one."""
    return [pl.struct(TEXTS).hash(seed).alias(f"text{seed}") for seed in SEEDS]


def hash_compared() -> list[pl.Expr]:
    """Return `FINGERPRINTS` of the rows of an index that has `TEXT_HASHES`."""
    content = pl.struct(*TEXT_HASHES, *STRONG_IDENTIFIERS)
    return [content.hash(seed).alias(f"fingerprint{seed}") for seed in SEEDS]
