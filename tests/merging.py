"""Merge in memory: what the step does through files, for tests that look at a few records."""

import tempfile
from pathlib import Path

import polars as pl

from flows import merging
from flows.merging.merge import Reader
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
        whole = merging.merge(records, clusters, room)
        papers = merging.papers(
            whole, whole.heads, room, readable=readable, readable_name=readable_name
        )
        origins = merging.origins([records.lazy()], whole.evidence, room)
        return (
            pl.concat([pl.DataFrame(schema=Paper.dtypes()), *papers]),
            pl.concat([pl.DataFrame(schema=Origin.dtypes()), *origins]),
        )
