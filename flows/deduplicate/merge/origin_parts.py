"""Origin parts: every record and why it is in its paper, in files cut where those of papers are."""

from collections.abc import Iterator

import polars as pl

from flows import external_sort, tables
from flows.deduplicate.merge.last_merge import LastMerge, MergeFolders
from flows.deduplicate.merge.merge_clusters import EVIDENCE
from flows.deduplicate.merge.paper_parts import PaperParts
from flows.deduplicate.part_cache import hash_frame, make_key
from flows.deduplicate.record_index import CONTENT, RecordParts
from flows.parts import empty_folder, link_file, map_in_order
from schemas.origin import Origin
from schemas.record import Record

FOLLOWED = (*EVIDENCE, *CONTENT)
"""Columns of the evidence that a row of the `Origin` table follows from."""


def write_origins(
    records: RecordParts,
    evidence: pl.DataFrame,
    papers: PaperParts,
    folders: MergeFolders,
) -> list[str]:
    """Write the `Origin` table, sorted by paper and record, in as many parts as that of papers.

    It is each record as its source wrote it, and why it is in its paper. ``evidence``: `EVIDENCE`,
    `CONTENT` and ``part`` of each record. Returns the key of each part in the cache.
    """
    folder, cache = empty_folder(folders.written.origins), folders.cache
    last, borders = papers.last, papers.borders()
    evidence = evidence.sort("paper_id", "record_id")
    pieces = _cut_evidence(evidence, borders)
    parts = [[pieces[piece.number] for piece in part] for part in papers.parts]
    keys = [make_key("origins", hash_frame(pl.concat(part).select(FOLLOWED))) for part in parts]
    unknown = [part for key, part in zip(keys, parts, strict=True) if not cache.find(key)]
    fresh = pl.concat([evidence.clear(), *(piece for part in unknown for piece in part)]).join(
        last.index, on=["record_id", *CONTENT], how="anti"
    )
    read_fresh = external_sort.partition(
        _read_records(records, fresh), "paper_id", borders, folders.room / "origins"
    )

    def write_part(number: int) -> None:
        key, target = keys[number], folder / f"{number:05}.parquet"
        if known := cache.find(key):
            link_file(known, target)
            cache.keep_found(key)
        else:
            rows = (
                _make_rows(pieces[piece.number], read_fresh(piece.number), last)
                for piece in papers.parts[number]
            )
            cache.keep(key, tables.save_part(Origin, rows, target))

    for _ in map_in_order(write_part, range(len(parts))):
        pass  # the files are the result
    return keys


def _cut_evidence(evidence: pl.DataFrame, borders: pl.Series) -> list[pl.DataFrame]:
    """Cut sorted evidence where the pieces of papers are cut."""
    starts = evidence["paper_id"].search_sorted(borders, side="left").to_list()
    return [
        evidence[start:end]
        for start, end in zip([0, *starts], [*starts, evidence.height], strict=True)
    ]


def _read_records(records: RecordParts, evidence: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Read records as they were written, with the ``paper_id`` of each."""
    by_part = evidence.select("record_id", "paper_id", "part").partition_by(
        "part", as_dict=True, include_key=False
    )
    for (part,), rows in sorted(by_part.items()):
        written = tables.load(Record, [records.files[int(part)]])
        yield written.join(rows, on="record_id", how="inner", validate="1:1")


def _make_rows(evidence: pl.DataFrame, fresh: pl.DataFrame | None, last: LastMerge) -> pl.DataFrame:
    """Put the evidence beside its records: those of the last run, and ``fresh`` ones."""
    names = Record.dtypes().names()
    known = evidence.join(last.index, on=["record_id", *CONTENT], how="inner", suffix="_last")
    before = last.read_origins(known["paper_id_last"])
    before = before.join(known, on="record_id", how="semi").select(names)
    records = before if fresh is None else pl.concat([before, fresh.select(names)])
    rows = evidence.select(EVIDENCE).join(
        records, on="record_id", how="inner", validate="1:1", maintain_order="left"
    )
    if rows.height != evidence.height:
        raise ValueError(f"{evidence.height - rows.height} records of the run are not there")
    return rows.select(Origin.dtypes().names())
