"""Merge in memory: what the step does through files, for tests that look at a few records."""

import tempfile
from pathlib import Path

import polars as pl

from flows.deduplicate.merge.last_merge import LastMerge
from flows.deduplicate.merge.merge_clusters import EVIDENCE, MergedTexts, merge_clusters
from flows.deduplicate.merge.paper_ids import make_ids_distinct
from flows.deduplicate.merge.paper_parts import (
    PaperParts,
    PaperReaders,
    Reader,
    finish_papers,
)
from flows.deduplicate.part_cache import PartCache
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
        texts = merge_clusters(records, clusters, Path(made))
        heads = texts.heads.with_columns(
            make_ids_distinct(texts.heads.select("paper_id", "first_record_id"))
        )
        papers = finished(texts, heads, PaperReaders(readable, readable_name))
    ids = heads.select("cluster", "paper_id")
    evidence = clusters.join(ids, on="cluster", validate="m:1").select(EVIDENCE)
    origins = evidence.join(records, on="record_id", validate="1:1").sort("record_id")
    return papers, origins.select(Origin.dtypes().names())


def finished(texts: MergedTexts, heads: pl.DataFrame, readers: PaperReaders) -> pl.DataFrame:
    """Give the `Paper` table of merged texts, sorted by its id."""
    last = LastMerge(PartCache(None))
    papers = PaperParts(heads, [], last, readers)
    nothing = pl.DataFrame(schema=Paper.dtypes())
    parts = [finish_papers(papers, part, nothing) for part in texts.read_with(heads)]
    return pl.concat([nothing, *parts]).sort("paper_id")
