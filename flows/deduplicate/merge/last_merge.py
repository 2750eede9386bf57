"""Last merge: the papers and origins of the last run, found again by what they were made from."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.deduplicate.merge.merge_clusters import HEAD, WORDING
from flows.deduplicate.part_cache import SEEDS, PartCache, make_key
from flows.deduplicate.record_index import CONTENT
from flows.paths import StepFolder
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.vocabulary import STRONG_IDENTIFIERS

MEMBERS = tuple(f"members{seed}" for seed in SEEDS)
"""Hashes of the records of a cluster: papers that have both in common were made alike."""

HEADS = pl.Schema(
    [
        *((name, Paper.dtypes().get(name, pl.String())) for name in HEAD),
        *((name, pl.UInt64()) for name in (*MEMBERS, *WORDING)),
        ("last_id", pl.String()),
    ]
)
"""One row per paper: `HEAD` as its cluster gave it, what it was made from, and the ``last_id``
that it had in the end."""

INDEX = pl.Schema(
    {"record_id": pl.String, "paper_id": pl.String, **dict.fromkeys(CONTENT, pl.UInt64)}
)
"""One row per record of the origins, under the id that its paper had in the end."""

PARTS = pl.Schema({"kind": pl.String, "key": pl.String, "first": pl.String})
"""One row per part: of which table, its key in the cache, and its first ``paper_id``."""


HEADS_KEY, INDEX_KEY, PARTS_KEY = (make_key(kind, "") for kind in ("heads", "index", "parts"))


@dataclass(frozen=True)
class MergeFolders:
    """Where merging leaves what it makes."""

    written: StepFolder
    """For the next step."""
    cache: PartCache
    """For the next run."""
    room: Path
    """For the time of the step: texts wait there."""


class LastMerge:
    """What the last run merged; empty where the cache is."""

    def __init__(self, cache: PartCache) -> None:
        """Read what the last run left in a cache."""
        self._cache = cache
        self.heads = self._read(HEADS_KEY, HEADS)
        """As `HEADS`."""
        self.index = self._read(INDEX_KEY, INDEX)
        """As `INDEX`."""
        self._parts = self._read(PARTS_KEY, PARTS)

    def _read(self, key: str, schema: pl.Schema) -> pl.DataFrame:
        frame = self._cache.find_frame(key)
        return schema.to_frame() if frame is None else frame

    def read_papers(self, paper_ids: pl.Series) -> pl.DataFrame:
        """Read the `Paper` rows of some ids, as they were in the end; others are absent."""
        return self._read_rows("papers", paper_ids, Paper.dtypes())

    def read_origins(self, paper_ids: pl.Series) -> pl.DataFrame:
        """Read the `Origin` rows of some papers; others are absent."""
        return self._read_rows("origins", paper_ids, Origin.dtypes())

    def _read_rows(self, kind: str, paper_ids: pl.Series, schema: pl.Schema) -> pl.DataFrame:
        parts = self._parts.filter(pl.col("kind") == kind)
        # Parts are sorted: an id is in the last one that does not begin behind it.
        places = parts["first"].search_sorted(paper_ids.unique(), side="right").unique().sort()
        keys = [parts["key"][place - 1] for place in places if place]
        files = [file for key in keys if (file := self._cache.find(key))]
        paper_id = pl.col("paper_id")
        # The bounds let the reader leave out row groups.
        is_near = paper_id.is_between(pl.lit(paper_ids.min()), pl.lit(paper_ids.max()))
        is_sought = is_near & paper_id.is_in(paper_ids.implode())
        rows = [pl.scan_parquet(file, glob=False).filter(is_sought).collect() for file in files]
        return pl.concat([pl.DataFrame(schema=schema), *rows])


def hash_clusters(members: pl.DataFrame) -> pl.DataFrame:
    """Hash the records of each cluster: ``cluster`` and `MEMBERS`, sorted by the cluster.

    ``members``: ``record_id``, ``cluster``, the identifiers and `CONTENT` of every record.
    """
    member = pl.struct("record_id", *STRONG_IDENTIFIERS, *CONTENT)
    hashed = members.select(
        "cluster", *(member.hash(seed).alias(f"members{seed}") for seed in SEEDS)
    )
    # No record comes twice, so that no two hashes cancel each other out, in whatever order.
    return hashed.group_by("cluster").agg(pl.col(MEMBERS).bitwise_xor()).sort("cluster")


def keep_merge(
    cache: PartCache, heads: pl.DataFrame, index: pl.DataFrame, parts: pl.DataFrame
) -> None:
    """Keep for the next run what `LastMerge` reads: `HEADS`, `INDEX` and `PARTS`."""
    cache.keep_frame(HEADS_KEY, heads.select(HEADS.names()))
    cache.keep_frame(INDEX_KEY, index.select(INDEX.names()))
    cache.keep_frame(PARTS_KEY, parts.select(PARTS.names()))
