"""Shards: how many files a config has, and what each holds."""

import math
from collections.abc import Mapping
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from flows import tables
from flows.release.layout import CONFIG_FOLDER, Config

SHARD_BYTES = 100_000_000
"""Size of a shard that is aimed at: large enough for few files, small enough to send again."""

SIZE_TOLERANCE = (0.25, 1.5)
"""Shards may shrink and grow to these parts of the size aimed at before their number changes:
another number gives every file another name, and whoever mirrors the files fetches them all."""


def write_shards(  # noqa: PLR0913  # each decides about the files
    config: Config,
    rows: pl.DataFrame,
    folder: Path,
    *,
    before: int,
    metadata: Mapping[str, str],
    shard_bytes: int = SHARD_BYTES,
) -> list[Path]:
    """Write the sorted rows of a config in as many files as their size asks for."""
    whole = _save_shard(config, rows, _name_shard(folder, config, 0, 1), metadata)
    number = count_shards(whole.stat().st_size, before, shard_bytes)
    if number == 1:
        return [whole]
    bounds = find_shard_bounds(whole, number)
    # The bytes of a shard are known only once it was written; so it is written whole, then cut.
    whole.unlink()
    return [
        _save_shard(config, rows[start:end], _name_shard(folder, config, shard, number), metadata)
        for shard, (start, end) in enumerate(pairwise(bounds))
    ]


def find_shard_bounds(whole: Path, number: int) -> list[int]:
    """Return the rows at which a file has to be cut for as many shards of about the same size."""
    footer = pq.read_metadata(whole)
    groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
    rows = list(accumulate((group.num_rows for group in groups), initial=0))
    sizes = (
        sum(group.column(n).total_compressed_size for n in range(group.num_columns))
        for group in groups
    )
    ends = list(accumulate(sizes, initial=0))
    cuts = [ends[-1] * shard / number for shard in range(number + 1)]
    # Bytes are known by row group only: within one, all rows are taken to be equally large.
    return [round(row) for row in np.interp(cuts, ends, rows).tolist()]


def count_shards(size: int, before: int, shard_bytes: int = SHARD_BYTES) -> int:
    """Count the shards for a config's size in bytes, staying with ``before`` if it can."""
    smallest, largest = SIZE_TOLERANCE
    fits = size <= before * shard_bytes * largest
    # A single file has no lower bound: it cannot be cut into fewer.
    if before and fits and (before == 1 or size >= before * shard_bytes * smallest):
        return before
    return max(1, math.ceil(size / shard_bytes))


def _name_shard(folder: Path, config: Config, shard: int, number: int) -> Path:
    return folder / CONFIG_FOLDER / config.name / f"train-{shard:05}-of-{number:05}.parquet"


def _save_shard(
    config: Config, rows: pl.DataFrame, path: Path, metadata: Mapping[str, str]
) -> Path:
    return tables.save(config.specification.model, rows, path, metadata)
