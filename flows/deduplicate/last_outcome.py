"""Last outcome: the tables of the last run, for one of the same inputs that follows its release.

Where nothing is new, as when the taxonomy changed or a schedule came round, neither matching nor
merging has anything to find. A paper then keeps its id: it holds all records that had the id, and
bears all its identifiers, so that no other paper has a better claim on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
    return outcome if outcome and is_released(outcome, previous, cache) else None


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


def is_released(outcome: LastOutcome, previous: Path, cache: PartCache) -> bool:
    """Return whether a release has the papers, records and aliases of an outcome.

    The ``cache`` has the sums of files that the last run has looked through.
    """
    release = Release.open_previous(previous)
    aliases = tables.load(Alias, [outcome.small["aliases"]]).sort("alias_id")
    if not release.read_table("aliases").equals(aliases):
        return False
    for name, columns in RELEASED.items():
        table, files = release.scan_table(name), getattr(outcome.merge, name).files
        # A column that a release of an older version lacks is null in what is read of its files.
        about = " ".join([name, *release.list_absent_columns(name)])
        released = {hash_once(part.path): part.rows for part in table.parts if part.path}
        last = {hash_once(file): pl.scan_parquet(file, glob=False) for file in files}
        # A part that became a file of the release has the same rows on both sides.
        for digest in released.keys() & last.keys():
            del released[digest], last[digest]
        with table.explain():
            sums = add_up_files(cache, about, released, columns)
        if sums != add_up_files(cache, name, last, columns):
            return False
    return True


def add_up_files(
    cache: PartCache, about: str, files: Mapping[str, pl.LazyFrame], columns: Sequence[str]
) -> list[int]:
    """Add up the sums of the rows of files, by the sha256 of each: see `sum_rows`.

    ``about``: what the rows are. Files that the last run has looked through are not read.
    """
    sums = [
        cache.sum_once(f"{about} {digest}", partial(sum_rows, rows, columns))
        for digest, rows in files.items()
    ]
    return add_sums(sums)


def sum_rows(rows: pl.LazyFrame, columns: Sequence[str]) -> list[int]:
    """Count rows and sum two hashes of each: the same rows have the same sums in any order."""
    row = pl.struct(columns)
    hashes = rows.select(row.hash(seed).alias(f"row{seed}") for seed in SEEDS).collect()
    return [hashes.height, *(int(column.to_numpy().sum()) for column in hashes)]


def add_sums(parts: Iterable[Sequence[int]]) -> list[int]:
    """Add up sums of 64 bits.

    >>> add_sums([[1, 2**64 - 1, 5], [1, 3, 5]])
    [2, 2, 10]
    """
    nothing = [0] * (1 + len(SEEDS))
    return [sum(column) % 2**64 for column in zip(nothing, *parts, strict=True)]
