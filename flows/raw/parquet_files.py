"""Parquet as somebody else wrote it: what its columns are, and its rows in lists of bounded size.

A Parquet file names its columns at its end, and is read from there; only whole files can be, which
are neither packed nor members of an archive.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from flows.raw.batch import Batch, make_rejection, tabulate_rejections
from flows.raw.raw_file import RawFile, RefusedInput
from schemas.vocabulary import Reason

PARQUET = b"PAR1"
"""What a Parquet file begins and ends with."""

GROUP_BYTES = 1 << 32
"""Unpacked size of a row group: the largest dump of papers has 2.2 GB."""

BATCH_ROWS = 1_000

PIECE_BYTES = 1 << 20

TableRow = tuple[int, dict[str, object]]
"""Ordinal and fields of a row."""


def read_schema_bytes(path: Path, size: int) -> bytes:
    """Read the beginning of what a Parquet file says of itself: the names of its columns.

    ``size``: bytes at most. Empty for a file that is no Parquet, or not whole.
    """
    with path.open("rb") as file:
        is_parquet = file.read(len(PARQUET)) == PARQUET
        end = file.seek(0, 2)
        # The length of the footer is in the eight bytes behind it.
        file.seek(max(0, end - 8))
        length, mark = int.from_bytes(file.read(4), "little"), file.read(4)
        if not is_parquet or mark != PARQUET or length > end - 12:
            return b""
        file.seek(end - 8 - length)
        return file.read(min(length, size))


def open_parquet(raw: RawFile) -> pq.ParquetFile:
    """Open a file of Parquet. Raises `RefusedInput` for a damaged one and for one in an archive."""
    if raw.member is not None:
        raise RefusedInput(f"{raw.path.name}: holds Parquet: unpack {raw.member!r} first.")
    try:
        table = pq.ParquetFile(raw.path)
    except (pa.ArrowException, OSError) as error:
        raise RefusedInput(f"{raw.path.name}: is no whole Parquet file: {error}") from None
    # Sizes are told by the file itself; a row group is what is unpacked at a time.
    sizes = (table.metadata.row_group(n).total_byte_size for n in range(table.num_row_groups))
    if max(sizes, default=0) > GROUP_BYTES:
        raise RefusedInput(f"{raw.path.name}: a row group of more than {GROUP_BYTES:,} bytes")
    return table


def parse_parquet_rows(
    raw: RawFile,
    stream: BinaryIO,
    table: pq.ParquetFile,
    build_batch: Callable[[list[TableRow]], Batch],
) -> Iterator[Batch]:
    """Build batches of the rows of a table. Damage within it is a rejection at its place."""
    position = 1
    try:
        for piece in table.iter_batches(BATCH_ROWS):
            rows = list(enumerate(piece.to_pylist(), start=position))
            position += len(rows)
            yield build_batch(rows)
    except (pa.ArrowException, OSError) as error:
        detail = f"the Parquet file is damaged behind this row: {error}"
        row = make_rejection(raw, position, Reason.TRUNCATED, detail=detail, excerpt="")
        yield Batch(rejections=tabulate_rejections([row]))
    # Whoever gave the stream hashes what is read of it: here, all of the file.
    while stream.read(PIECE_BYTES):
        pass
