"""Feature parts: what is compared of the records, in files, a file for each part of the records.

A file follows from the fingerprints of its records alone, so that it is used again for as long as
its part says the same, whatever its records are called. Memory holds
the place of every row, and the rows that are being compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows import external_sort
from flows.deduplicate.match.blocking import read_sketches
from flows.deduplicate.match.indexed_records import FINGERPRINTS, TEXT_HASHES, hash_compared
from flows.deduplicate.match.record_features import (
    KEY_COLUMNS,
    TEXT_KEYS,
    RecordFeatures,
    complete_records,
    describe_rows,
    hash_identifiers,
)
from flows.deduplicate.match.steps import MapSteps
from flows.deduplicate.match.word_sets import read_sets, show_as_lists
from flows.deduplicate.part_cache import PartCache, hash_frame, make_key
from flows.deduplicate.record_index import RecordParts, scan_identified
from flows.external_sort import copy_rows, map_part
from flows.parts import DamagedStep
from schemas.vocabulary import STRONG_IDENTIFIERS

COMPARED = (
    *("source", *STRONG_IDENTIFIERS, "title", "name", "year", "surname", "bag", "initials"),
    "is_bare",
)
"""Columns that `complete_records` asks for, but for the id, which is not compared."""

ABSTRACTS = "abstracts"
"""The column that holds sets of word codes."""

KEYS = {name: f"key {name}" for name in KEY_COLUMNS}
"""Columns of keys, by what they are the key of."""

PART_COLUMNS = (*FINGERPRINTS, *COMPARED, ABSTRACTS, "sketch", *KEYS.values())
"""All columns of a file."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PartJob:
    """A part of the records that is to be described."""

    number: int
    records: Path
    rows: Path
    """File of ``record_id``, the identifiers, `FINGERPRINTS`, and the ``file`` and ``place`` of a
    record that says the same and was described before; null where there is none."""
    target: Path


@dataclass(frozen=True)
class DescribedPart:
    """A part that was described."""

    file: Path
    records: int
    """Those of which the texts were read."""


@dataclass(frozen=True)
class FeatureParts:
    """The features of all records: rows are in the order of ``record_id``."""

    marks: pl.DataFrame
    """`FINGERPRINTS` of each record, row by row."""
    keys: Sequence[str]
    """The key of each part in the cache."""
    files: Sequence[Path]
    """The file of each part."""
    indexes: Sequence[Path]
    """The file of the index of each part, record by record as in ``files``."""
    part: npt.NDArray[np.uint32]
    """Per row, in which part it is."""
    place: npt.NDArray[np.uint32]
    """Per row, its place there."""
    rows: npt.NDArray[np.uint32]
    """Of each record of the parts, one part after the other, its row."""

    def list_rows(self) -> list[npt.NDArray[np.uint32]]:
        """List the rows of each part, in the order of their places."""
        sizes = np.bincount(self.part, minlength=len(self.files))
        return np.split(self.rows, np.cumsum(sizes)[:-1])

    def locate(self, rows: Rows) -> pl.DataFrame:
        """Return ``part`` and ``place`` of some rows."""
        return pl.DataFrame({"part": self.part[rows], "place": self.place[rows]})

    def gather(self, rows: Rows, columns: Sequence[str]) -> pl.DataFrame:
        """Read some columns of some rows, in the order of the rows."""
        return gather_rows(self.files, self.locate(rows), columns)


def gather_rows(
    files: Sequence[Path], places: pl.DataFrame, columns: Sequence[str]
) -> pl.DataFrame:
    """Read rows of several files; ``places``: the ``part`` and ``place`` of each."""
    part, place = places["part"].to_numpy(), places["place"].to_numpy()
    order = np.argsort(part, kind="stable")
    numbers, starts = np.unique(part[order], return_index=True)
    frames = [map_part(files[0], columns).clear()] if not len(order) else []
    for number, some in zip(numbers, np.split(order, starts[1:]), strict=False):
        frames.append(copy_rows(map_part(files[number], columns)[place[some]]))
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return pl.concat(frames, rechunk=True)[back]


def read_features(files: Sequence[Path], places: pl.DataFrame) -> RecordFeatures:
    """Read rows as they are compared, without their keys; ``places`` as in `gather_rows`."""
    chosen = gather_rows(files, places, [*COMPARED, ABSTRACTS, "sketch"])
    compared, names = complete_records(chosen.select(COMPARED))
    abstracts, sketches = read_sets(chosen[ABSTRACTS]), read_sketches(chosen["sketch"])
    return RecordFeatures(compared, abstracts, sketches, names, pl.DataFrame())


def prepare_features(
    records: RecordParts,
    last_keys: Sequence[str],
    cache: PartCache,
    room: Path,
    map_steps: MapSteps,
) -> FeatureParts:
    """Describe the parts of records that the cache does not know, and keep all for the next run.

    ``last_keys``: the parts of the last run, of which records are taken over that are elsewhere
    now. Files of this run are written into the folder ``room``.
    """
    columns = [*STRONG_IDENTIFIERS, *TEXT_HASHES]
    every = [external_sort.map_part(index, columns) for index in records.indexes]
    # A part of which all records were left out has none to describe.
    numbers = [number for number, rows in enumerate(every) if rows.height]
    pieces = [every[number].select(hash_compared()) for number in numbers]
    indexes = [records.indexes[number] for number in numbers]
    keys = [make_key("features", hash_frame(piece)) for piece in pieces]
    known = {key: file for key in keys if (file := cache.find(key))}
    fresh = {key: place for place, key in enumerate(keys) if key not in known}
    former = [file for key in last_keys if key not in known and (file := cache.find(key))]
    located = _locate_described_rows([pieces[place] for place in fresh.values()], former)
    jobs = [
        _write_job(
            PartJob(number, records.files[numbers[place]], room / f"{key}.rows", room / key),
            indexes[place],
            piece,
        )
        for number, ((key, place), piece) in enumerate(zip(fresh.items(), located, strict=True))
    ]
    map_steps(describe_feature_part, jobs, "Parts that are described")
    for key, job in zip(fresh, jobs, strict=True):
        cache.keep(key, job.target)
    for key in known:
        cache.keep_found(key)
    part, place = _count_places(pieces)
    order = records.read_index(["record_id"])["record_id"].arg_sort().to_numpy()
    rows = np.empty(len(order), np.uint32)
    rows[order] = np.arange(len(order), dtype=np.uint32)
    files = [known.get(key, room / key) for key in keys]
    marks = pl.concat(pieces)[order]
    return FeatureParts(marks, keys, files, indexes, part[order], place[order], rows)


def _count_places(
    pieces: Sequence[pl.DataFrame],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return for each row of some parts, one after the other, the part and the place in it."""
    sizes = [piece.height for piece in pieces]
    starts = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
    part = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
    return part, (np.arange(len(starts)) - starts).astype(np.uint32)


def _locate_described_rows(
    pieces: Sequence[pl.DataFrame], former: Sequence[Path]
) -> list[pl.DataFrame]:
    """Add to `FINGERPRINTS` ``file`` and ``place`` of a row described before, null if none.

    ``former``: the files in which rows were described before.
    """
    if not pieces:
        return []
    before = _list_described_rows(former)
    # One join for all parts: one for each would take as many times all that was described before.
    rows = pl.concat(pieces).join(
        before, on=FINGERPRINTS, how="left", validate="m:1", maintain_order="left"
    )
    ends = np.cumsum([piece.height for piece in pieces]).tolist()
    return [rows[start:end] for start, end in pairwise([0, *ends])]


def _list_described_rows(files: Sequence[Path]) -> pl.DataFrame:
    """List where records lie that were described before: `FINGERPRINTS`, ``file``, ``place``."""
    schema = {**dict.fromkeys(FINGERPRINTS, pl.UInt64), "file": pl.String, "place": pl.UInt32}
    frames = [
        map_part(file, FINGERPRINTS)
        .with_row_index("place")
        .with_columns(file=pl.lit(str(file)))
        .select(*FINGERPRINTS, "file", "place")
        for file in files
    ]
    rows = pl.concat([pl.DataFrame(schema=schema), *frames])
    return rows.unique(FINGERPRINTS, keep="first", maintain_order=True)


def _write_job(job: PartJob, index: Path, located: pl.DataFrame) -> PartJob:
    names = external_sort.map_part(index, ["record_id", *STRONG_IDENTIFIERS])
    external_sort.write_part(names.hstack(located), job.rows)
    return job


def describe_feature_part(job: PartJob) -> DescribedPart:
    """Describe the records of a part, those by reading that were not described before."""
    rows = external_sort.read_part(job.rows).with_row_index("here")
    known, fresh = rows.filter(pl.col("file").is_not_null()), rows.filter(pl.col("file").is_null())
    frames = [_describe_fresh_rows(job.records, fresh)] if fresh.height else []
    if known.height:
        files = known["file"].unique(maintain_order=True)
        part = known["file"].replace_strict(files, range(len(files)), return_dtype=pl.UInt32)
        places = known.select("place", part=part)
        frames.append(gather_rows([Path(file) for file in files], places, PART_COLUMNS))
    order = np.argsort(np.concatenate([fresh["here"].to_numpy(), known["here"].to_numpy()]))
    external_sort.write_part(pl.concat(frames, rechunk=True)[order], job.target)
    return DescribedPart(job.target, fresh.height)


def _describe_fresh_rows(records: Path, fresh: pl.DataFrame) -> pl.DataFrame:
    """Read and describe some records of a file: the columns of a feature part."""
    written = scan_identified(records, fresh.lazy())
    described, keys, abstracts, sketches = describe_rows(written)
    if not described["record_id"].equals(fresh["record_id"]):
        raise DamagedStep.of_records(records, fresh.height)
    by_text = keys.select(pl.col(name).alias(KEYS[name]) for name in TEXT_KEYS)
    return fresh.select(FINGERPRINTS).hstack(
        [
            *described.select(COMPARED),
            show_as_lists(abstracts).alias(ABSTRACTS),
            pl.Series("sketch", sketches),
            *hash_identifiers(described).rename(lambda name: KEYS[name]),
            *by_text,
        ]
    )
