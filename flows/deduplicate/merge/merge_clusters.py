"""Merge: one paper from the records of a cluster, and the evidence that says so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from flows import external_sort
from flows.deduplicate.merge.merge_fields import CHOSEN, copy_single_records, merge_fields
from flows.deduplicate.merge.paper_ids import claim_ids, make_ids_distinct
from flows.deduplicate.merge.preference import is_contributing, licence_openness
from flows.parts import Records, map_in_order, split_records
from flows.text import drop_title_notes
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.vocabulary import STRONG_IDENTIFIERS

Reader: TypeAlias = Callable[[pl.Expr], pl.Expr]
"""What makes written text readable."""


EVIDENCE = ("record_id", "paper_id", "rule", "score", "matched_record_id")
"""Why a record is in its paper."""

HEAD = ("paper_id", "first_record_id", "first_seen", *STRONG_IDENTIFIERS)
"""Columns of a paper that ids depend on, and what ids decide."""


@dataclass(frozen=True)
class MergedPapers:
    """Papers before it is settled which ids they keep."""

    heads: pl.DataFrame
    """One row per paper: its ``place`` in the texts and `HEAD`, each id at one paper only; other
    identifiers may stand at several until `inherit_ids`."""
    evidence: pl.DataFrame
    """One row per record, sorted by it, with the ``paper_id`` of the heads: see `EVIDENCE`."""
    texts: Sequence[Path]
    """Files with all else of the papers, as written, in the order of their places."""


def merge_clusters(records: Records, clusters: pl.DataFrame, room: Path) -> MergedPapers:
    """Merge the records of each cluster into a paper, some after others.

    ``records``: the `Record` table, its identifiers canonical or null, of which `CHOSEN` is read.
    ``clusters``: one row per record with ``record_id``, ``cluster``, ``rule``, ``score``,
    ``matched_record_id``. Texts wait in the folder ``room``; `papers` makes the `Paper` table of
    them, and `origins` the `Origin` table of the evidence. Raises `ValueError` when a record has no
    cluster or a cluster no record.
    """
    heads, texts = [], []
    for number, part in enumerate(
        map_in_order(_merge_part, _read_whole_clusters(records, clusters, room))
    ):
        heads.append(part.select("cluster", *HEAD))
        texts.append(
            external_sort.write_part(part.drop("cluster", *HEAD), room / f"texts-{number:05}.arrow")
        )
    settled = pl.concat(heads)
    settled = settled.with_columns(make_ids_distinct(settled))
    ids = settled.select("cluster", "paper_id")
    evidence = clusters.join(ids, on="cluster", how="left", validate="m:1").select(EVIDENCE)
    placed = settled.drop("cluster").with_row_index("place")
    return MergedPapers(placed, evidence.sort("record_id"), texts)


def write_papers(
    merged: MergedPapers,
    heads: pl.DataFrame,
    room: Path,
    *,
    readable: Reader,
    readable_name: Reader,
) -> Iterator[pl.DataFrame]:
    """Return the `Paper` table sorted by its id, some rows at a time; links and topics are empty.

    ``heads``: those of ``merged``, under the ids that they keep. ``readable`` makes a text
    readable, ``readable_name`` a name.
    """
    placed = _join_heads(merged.texts, heads.sort("place"))
    sorted_parts = external_sort.sort_parts(placed, heads["paper_id"], room / "papers")
    yield from map_in_order(partial(_finish_papers, readable, readable_name), sorted_parts)


def _join_heads(texts: Sequence[Path], heads: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Put texts and heads side by side: they are in one order."""
    start = 0
    for path in texts:
        part = external_sort.read_part(path)
        yield pl.concat([part, heads.slice(start, part.height)], how="horizontal")
        start += part.height


def write_origins(
    records: Sequence[pl.LazyFrame], evidence: pl.DataFrame, room: Path
) -> Iterator[pl.DataFrame]:
    """Return the `Origin` table sorted by ``record_id``, some rows at a time.

    It is each record as its source wrote it, and why it is in its paper. ``evidence`` is sorted by
    ``record_id``.
    """
    record_ids = evidence["record_id"]
    with_evidence = (_add_evidence(part.collect(), evidence) for part in records)
    for part in external_sort.sort_parts(with_evidence, record_ids, room / "origins"):
        yield part.select(Origin.dtypes().names())


def _add_evidence(records: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Put the evidence beside records; those of which there is none are left out.

    Looked up, not joined: a join reads all evidence again for each part.
    """
    ids = records["record_id"]
    # Both are sorted by id, so a search finds the row; where there is none it finds a neighbour,
    # whose id differs.
    rows = evidence["record_id"].search_sorted(ids).clip(upper_bound=max(evidence.height - 1, 0))
    beside = evidence[rows]
    return pl.concat([records, beside.drop("record_id")], how="horizontal").filter(
        beside["record_id"] == ids
    )


def _read_whole_clusters(
    records: Records, clusters: pl.DataFrame, room: Path
) -> Iterator[pl.DataFrame]:
    """Return the records some at a time, with their ``cluster``, and no cluster in two parts.

    Most records are alone, and come as they are read; the others wait in files until the end.
    """
    parts, shared, start = split_records(records), [], 0
    places = _look_up_clusters([part.select("record_id").collect() for part in parts], clusters)
    for number, part in enumerate(parts):
        rows = part.select(CHOSEN).collect()
        rows = rows.with_columns(places.slice(start, len(rows)))
        start += len(rows)
        # Most records are alone and need not wait for those that other parts hold.
        yield rows.filter("is_alone")
        together = rows.filter(~pl.col("is_alone"))
        shared.append(external_sort.write_part(together, room / f"shared-{number:05}.arrow"))
    several = places.filter(~pl.col("is_alone"))["cluster"]
    yield from external_sort.sort_parts(
        map(external_sort.read_part, shared), several, room / "shared"
    )


def _look_up_clusters(ids: list[pl.DataFrame], clusters: pl.DataFrame) -> pl.DataFrame:
    """Return the ``cluster`` of each record, and whether it ``is_alone`` in it."""
    whole = pl.concat(ids)
    labelled = clusters.select("record_id", "cluster", is_alone=pl.col("cluster").is_unique())
    joined = whole.join(
        labelled, on="record_id", how="inner", validate="1:1", maintain_order="left"
    )
    if not len(joined) == len(whole) == len(clusters):
        raise ValueError(
            f"{len(whole)} records and {len(clusters)} rows of clusters have {len(joined)} "
            "records in common: match exactly the records that are merged"
        )
    return joined.select("cluster", "is_alone")


def _merge_part(records: pl.DataFrame) -> pl.DataFrame:
    """Merge whole clusters: papers as written, under the ids that they claim.

    Records that are alone have nothing to choose from, which is most of the work.
    """
    several = records.filter(~pl.col("is_alone"))
    rated = several.with_columns(licence_openness(), is_contributing().alias("is_contributing"))
    alone = records.filter("is_alone").pipe(copy_single_records)
    papers = pl.concat([alone, merge_fields(rated).select(alone.columns)])
    return papers.with_columns(claim_ids(papers))


def _fill_title() -> pl.Expr:
    """Keep the written title where nothing readable is left of it."""
    title = pl.col("title")
    return (
        pl.when(title.fill_null("") != "").then(title).otherwise("title_as_written").alias("title")
    )


def _finish_papers(readable: Reader, readable_name: Reader, papers: pl.DataFrame) -> pl.DataFrame:
    """Return rows of the `Paper` table, readable; the columns of later steps are empty."""
    read = papers.with_columns(
        readable(drop_title_notes(pl.col("title_as_written"))).alias("title"),
        readable(pl.col("abstract_as_written")).alias("abstract"),
        pl.col("authors").list.eval(readable_name(pl.element())),
    ).with_columns(_fill_title())
    dtypes = Paper.dtypes()
    columns = [
        pl.col(name) if name in read.columns else _empty_column(dtype).alias(name)
        for name, dtype in dtypes.items()
    ]
    return read.select(columns).cast(dtypes)


def _empty_column(dtype: pl.DataType) -> pl.Expr:
    return pl.lit([] if isinstance(dtype, pl.List) else None, dtype)
