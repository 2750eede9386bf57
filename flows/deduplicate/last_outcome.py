"""Last outcome: the tables of the last run, for one of the same inputs that follows its release.

Where nothing is new, as when the taxonomy changed or a schedule came round, neither matching nor
merging has anything to find. A paper then keeps its id: it holds all records that had the id, and
bears all its identifiers, so that no other paper has a better claim on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flows import tables
from flows.deduplicate.merge.last_merge import LastMerge, read_last_merge
from flows.deduplicate.part_cache import SEEDS, PartCache, make_key
from flows.hashing import hash_once
from flows.parts import empty_folder, hash_notes, link_file
from flows.paths import StepFolder
from flows.release import Release
from schemas.alias import Alias
from schemas.vocabulary import STRONG_IDENTIFIERS

SMALL = ("aliases", "match_reports", "near_misses", "rejections", "resolutions")
"""Tables of the step that are a file each."""

RELEASED = {
    "papers": ("paper_id", "first_seen", *STRONG_IDENTIFIERS),
    "origins": ("record_id", "paper_id"),
}
"""Columns of a release on which it depends what the next run leaves of the same records."""


@dataclass(frozen=True)
class LastOutcome:
    """The tables that the last run left."""

    small: Mapping[str, Path]
    merge: LastMerge


def name_inputs(*inputs: Sequence[Path | None]) -> str:
    """Name all that a run reads, but for the previous release: file by file, list by list."""
    digests = [
        [hash_once(path) if path and path.exists() else None for path in some] for some in inputs
    ]
    return hash_notes(digests)


def keep_outcome(cache: PartCache, inputs: str, written: StepFolder) -> None:
    """Keep the small tables for a run of the same inputs; the others are kept part by part."""
    for name in SMALL:
        cache.keep(make_key(f"outcome_{name}", inputs), written.table(name))


def find_outcome(cache: PartCache, inputs: str, previous: Path) -> LastOutcome | None:
    """Find what the last run left, if this one has the same inputs and follows what it left.

    None where the release before has other papers, ids or records than the last run has merged.
    """
    outcome = find_kept_outcome(cache, inputs)
    return outcome if outcome and is_released(outcome, previous) else None


def find_kept_outcome(cache: PartCache, inputs: str) -> LastOutcome | None:
    """Find what the run of some inputs left, if it was the last one, whatever was released."""
    files = {name: cache.find(make_key(f"outcome_{name}", inputs)) for name in SMALL}
    small = {name: file for name, file in files.items() if file}
    last = read_last_merge(cache)
    if len(small) < len(SMALL) or not last.papers.files:
        return None
    return LastOutcome(small, last)


def place_outcome(outcome: LastOutcome, written: StepFolder) -> None:
    """Link the tables of the last run, all but the records, where this run is to leave its own."""
    for name, file in outcome.small.items():
        link_file(file, written.table(name))
    for name in RELEASED:
        folder = empty_folder(written.table(name))
        for number, file in enumerate(getattr(outcome.merge, name).files):
            link_file(file, folder / f"{number:05}.parquet")


def is_released(outcome: LastOutcome, previous: Path) -> bool:
    """Return whether a release has the papers, records and aliases of an outcome."""
    release = Release.open_previous(previous)
    aliases = tables.load(Alias, [outcome.small["aliases"]]).sort("alias_id")
    if not release.read_table("aliases").equals(aliases):
        return False
    for name, columns in RELEASED.items():
        table = release.scan_table(name)
        last = (pl.scan_parquet(file, glob=False) for file in getattr(outcome.merge, name).files)
        with table.explain():
            released = _sum_rows((part.rows for part in table.parts), columns)
        if released != _sum_rows(last, columns):
            return False
    return True


def _sum_rows(parts: Iterable[pl.LazyFrame], columns: Sequence[str]) -> list[int]:
    """Count rows and sum two hashes of each: the same rows have the same sums in any order."""
    sums = np.zeros(1 + len(SEEDS), np.uint64)
    for hashes in _hash_rows(parts, columns):
        sums += np.array(
            [hashes.height, *(hashes[name].to_numpy().sum() for name in hashes.columns)], np.uint64
        )
    return sums.tolist()


def _hash_rows(parts: Iterable[pl.LazyFrame], columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    row = pl.struct(columns)
    for part in parts:
        yield part.select(row.hash(seed).alias(f"row{seed}") for seed in SEEDS).collect()
