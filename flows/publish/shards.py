"""Shards: how many files a config has, and what each holds."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.hashing import hash_once
from flows.parts import DamagedStep
from flows.publish.segments import Segment
from flows.release.final_files import is_final_file, save_final_file
from flows.release.id_ranges import IdRange, RangedTable
from flows.release.layout import CONFIG_FOLDER, Config, select_licence

FEWEST_ROWS = 10_000
"""Rows of a shard below which the next segment comes into the same file: users open every file."""


@dataclass(frozen=True)
class Shard:
    """One file of a config: the rows of some segments, one after the other, that have its licence.

    Where a file begins follows from the ids alone, so that new papers change the files they are in
    and no other, and the same rows are the same files whatever releases there were before.
    """

    config: Config
    segments: tuple[int, ...]
    """Their places among the segments of the table."""
    rows: int
    number: int
    of: int

    @property
    def path(self) -> str:
        """Its path in the folder of a release."""
        name = f"train-{self.number:05}-of-{self.of:05}.parquet"
        return f"{CONFIG_FOLDER}/{self.config.name}/{name}"


def plan_shards(config: Config, rows: Sequence[int], fewest_rows: int = FEWEST_ROWS) -> list[Shard]:
    """Plan the files of a config from its rows in each segment.

    >>> [shard.segments for shard in plan_shards(Config("papers", "CC0-1.0"), [3, 1, 4, 1], 3)]
    [(0,), (1, 2, 3)]
    """
    groups: list[list[int]] = []
    missing = 0
    for place, number in enumerate(rows):
        if missing <= 0:
            groups.append([])
            missing = fewest_rows
        groups[-1].append(place)
        missing -= number
    # What is too little for a file of its own goes into the one before.
    if missing > 0 and len(groups) > 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    totals = [sum(rows[place] for place in group) for group in groups]
    return [
        Shard(config, tuple(group), total, number, len(groups))
        for number, (group, total) in enumerate(zip(groups, totals, strict=True))
    ]


def write_shard(
    shard: Shard,
    table: RangedTable,
    segments: Sequence[Segment],
    folder: Path,
) -> Path:
    """Write a file block by block: one is in memory at a time, and the bytes do not show it."""
    blocks = _read_blocks(shard, table, [segments[place] for place in shard.segments])
    return save_final_file(shard.config.table, blocks, folder / shard.path)


def find_final_file(shard: Shard, table: RangedTable, segments: Sequence[Segment]) -> Path | None:
    """Find the part of a table that has the bytes of a file already; None where there is none."""
    ids = IdRange(segments[shard.segments[0]].ids.start, segments[shard.segments[-1]].ids.end)
    files = table.list_files(ids) or []
    # A file that ends where a part does may begin in the one before.
    if len(files) != 1 or not is_final_file(files[0], shard.config.license, shard.rows):
        return None
    return files[0]


def _read_blocks(
    shard: Shard, table: RangedTable, segments: Sequence[Segment]
) -> Iterator[pl.DataFrame]:
    has_licence = select_licence(shard.config.table) == shard.config.license
    for segment in segments:
        for ids in segment.blocks:
            yield table.scan_range(ids).filter(has_licence).collect()


def copy_part(part: Path, target: Path) -> Path:
    """Copy a part that has the bytes of a file.

    It is no hard link: what becomes of a folder of steps or of a cache, of which anybody may
    think little, would become of the release and of all that are kept beside it. Raises
    `DamagedStep` where the part is not what this run has compared any more.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(part, target)
    if hash_once(target) != hash_once(part):
        raise DamagedStep.of_file(part)
    return target


def link_or_copy(source: Path, target: Path) -> Path:
    """Link a file, or copy it where the disk has no hard links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
