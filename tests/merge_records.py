"""Merge in memory: what the step does through files, for tests that look at a few records."""

import tempfile
from pathlib import Path

import polars as pl

from flows.deduplicate.merge.merge_clusters import (
    Reader,
    merge_clusters,
    write_origins,
    write_papers,
)
from schemas.origin import Origin
from schemas.paper import Paper


def as_written(text: pl.Expr) -> pl.Expr:
    """Leave texts as they are."""
    return text


def merged(
    records: pl.DataFrame,
    clusters: pl.DataFrame,
    *,
    readable: Reader = as_written,
    readable_name: Reader = as_written,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the `Paper` and the `Origin` table of records, under the ids that papers claim."""
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        whole = merge_clusters(records, clusters, room)
        papers = write_papers(
            whole, whole.heads, room, readable=readable, readable_name=readable_name
        )
        origins = write_origins([records.lazy()], whole.evidence, room)
        return (
            pl.concat([pl.DataFrame(schema=Paper.dtypes()), *papers]),
            pl.concat([pl.DataFrame(schema=Origin.dtypes()), *origins]),
        )
