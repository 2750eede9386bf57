"""Merge: one paper from the records of a cluster, as its sources wrote it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import external_sort
from flows.deduplicate.merge.merge_fields import CHOSEN, copy_single_records, merge_fields
from flows.deduplicate.merge.paper_ids import claim_ids
from flows.deduplicate.merge.preference import is_contributing, licence_openness
from flows.deduplicate.part_cache import SEEDS
from flows.parts import Records, map_in_order, split_records
from schemas.vocabulary import STRONG_IDENTIFIERS

EVIDENCE = ("record_id", "paper_id", "rule", "score", "matched_record_id")
"""Why a record is in its paper."""

HEAD = ("paper_id", "first_record_id", "first_seen", *STRONG_IDENTIFIERS)
"""Columns of a paper that ids depend on, and what ids decide."""

WRITTEN = ("title_as_written", "abstract_as_written", "authors")
"""Columns of a paper as its sources wrote them that readers have yet to make readable."""

WORDING = tuple(f"wording{seed}" for seed in SEEDS)
"""Hashes of what is `WRITTEN`: papers that have both in common read alike."""


@dataclass(frozen=True)
class MergedTexts:
    """Papers before it is settled which ids they keep."""

    heads: pl.DataFrame
    """One row per paper: its ``cluster``, its ``place`` in the texts, `HEAD` and `WORDING`. Ids and
    identifiers may be those of several papers."""
    files: Sequence[Path]
    """Files with all else of the papers, as written, in the order of their places."""

    def read_with(self, heads: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Put texts and heads side by side: a row for each place, under the ids of ``heads``."""
        placed, start = heads.sort("place"), 0
        for path in self.files:
            part = external_sort.read_part(path)
            yield pl.concat([part, placed.slice(start, part.height)], how="horizontal")
            start += part.height


def merge_clusters(records: Records, clusters: pl.DataFrame, room: Path) -> MergedTexts:
    """Merge the records of each cluster into a paper, some after others.

    ``records``: the `Record` table, its identifiers canonical or null, of which `CHOSEN` is read.
    ``clusters``: one row per record with ``record_id`` and ``cluster``. Texts wait in the folder
    ``room``. Raises `ValueError` when a record has no cluster or a cluster no record.
    """
    heads, texts = [], []
    for number, part in enumerate(
        map_in_order(_merge_part, _read_whole_clusters(records, clusters, room))
    ):
        wording = (pl.struct(WRITTEN).hash(seed).alias(f"wording{seed}") for seed in SEEDS)
        heads.append(part.select("cluster", *HEAD, *wording))
        texts.append(
            external_sort.write_part(part.drop("cluster", *HEAD), room / f"texts-{number:05}.arrow")
        )
    return MergedTexts(pl.concat(heads).with_row_index("place"), texts)


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
