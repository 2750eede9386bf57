"""Parquet as somebody else wrote it: what its columns are, and its rows in lists of bounded size.

A Parquet file names its columns at its end, and is read from there; only whole files can be, which
are neither packed nor members of an archive.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.raw.batch import Batch, make_rejection, tabulate_rejections
from flows.raw.json_cutter import RECORD_BYTES, Complaint
from flows.raw.raw_file import RawFile, RefusedInput
from schemas.vocabulary import Reason

PARQUET = b"PAR1"
"""What a Parquet file begins and ends with."""

GROUP_BYTES = 1 << 32
"""Unpacked size of a row group: the largest dump of papers has 2.2 GB."""

GROUP_VALUES = 1 << 28
"""Values of a column in a row group: the parts of the names of three million papers' authors."""

BATCH_ROWS = 1_000

PIECE_BYTES = 1 << 20

POINTER_BYTES = 8
"""What a value in a list takes in Python besides itself."""

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


def list_columns(path: Path) -> list[str]:
    """List the names of a Parquet file's columns; empty for a file that is none, or damaged."""
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError):
        return []


def open_parquet(raw: RawFile) -> pq.ParquetFile:
    """Open a file of Parquet. Raises `RefusedInput` for a damaged one and for one in an archive."""
    if raw.member is not None:
        raise RefusedInput(f"{raw.path.name}: holds Parquet: unpack {raw.member!r} first.")
    try:
        table = pq.ParquetFile(raw.path)
    # Names of columns are read as text here, and may be none.
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise RefusedInput(f"{raw.path.name}: is no whole Parquet file: {error}") from None
    # Sizes are told by the file itself; a row group is what is unpacked at a time.
    sizes = (table.metadata.row_group(n).total_byte_size for n in range(table.num_row_groups))
    if max(sizes, default=0) > GROUP_BYTES:
        raise RefusedInput(f"{raw.path.name}: a row group of more than {GROUP_BYTES:,} bytes")
    # Nothing, a billion times in a list, takes a few bytes in the file.
    if max(_count_values(table.metadata), default=0) > GROUP_VALUES:
        raise RefusedInput(f"{raw.path.name}: a row group of more than {GROUP_VALUES:,} values")
    return table


def _count_values(metadata: pq.FileMetaData) -> Iterator[int]:
    """Count the values of each column of each row group, as the file tells."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        yield from (group.column(column).num_values for column in range(group.num_columns))


def parse_parquet_rows(
    raw: RawFile,
    stream: BinaryIO,
    table: pq.ParquetFile,
    build_batch: Callable[[list[TableRow], list[Complaint]], Batch],
) -> Iterator[Batch]:
    """Build batches of the rows of a table. Damage within it is a rejection at its place."""
    position = 1
    # A text that is in the file once may be that of every row: it is unpacked once, and measured
    # before it is written out for each of them.
    packed = pq.ParquetFile(raw.path, read_dictionary=_list_text_columns(table))
    schema = pa.schema([_name_text(field) for field in table.schema_arrow])
    try:
        for piece in packed.iter_batches(BATCH_ROWS):
            for rows in cut_rows(piece):
                values = list(_read_rows(rows, schema, position))
                position += rows.num_rows
                complaints = [value for value in values if isinstance(value, Complaint)]
                yield build_batch([row for row in values if isinstance(row, tuple)], complaints)
    except (pa.ArrowException, OSError) as error:
        detail = f"the Parquet file is damaged behind this row: {error}"
        row = make_rejection(raw, position, Reason.TRUNCATED, detail=detail, excerpt="")
        yield Batch(rejections=tabulate_rejections([row]))
    # Whoever gave the stream hashes what is read of it: here, all of the file.
    while stream.read(PIECE_BYTES):
        pass


def _list_text_columns(table: pq.ParquetFile) -> list[str]:
    columns = (table.schema.column(number) for number in range(len(table.schema)))
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _name_text(field: pa.Field) -> pa.Field:
    """Return a column as text where its writer left out that its bytes are."""
    is_bytes = pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
    return field.with_type(pa.string()) if is_bytes else field


def cut_rows(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut rows in halves until each piece has `RECORD_BYTES` at most, or is a single row."""
    if rows.num_rows <= 1 or measure_rows(rows) <= RECORD_BYTES:
        yield rows
        return
    middle = rows.num_rows // 2
    yield from cut_rows(rows.slice(0, middle))
    yield from cut_rows(rows.slice(middle))


def measure_rows(rows: pa.RecordBatch) -> int:
    """Return the bytes that rows have as values of Python, about, each text counted in each row.

    >>> texts = pa.array(["ab" * 500]).dictionary_encode().take(pa.array([0, 0, 0]))
    >>> measure_rows(pa.record_batch({"title": texts}))
    3000
    """
    return sum(_measure_column(column) for column in rows.columns)


def _measure_column(values: pa.Array) -> int:
    if pa.types.is_dictionary(values.type):
        lengths = pc.binary_length(values.dictionary).take(values.indices)
        return pc.sum(lengths.cast(pa.int64())).as_py() or 0
    if not pa.types.is_nested(values.type):
        return int(values.nbytes)
    if pa.types.is_map(values.type):
        key, item = values.type.key_field, values.type.item_field
        values = values.cast(pa.list_(pa.struct([key, item])))
    inner = values.flatten()
    columns = inner if isinstance(inner, list) else [inner]
    return sum(len(column) * POINTER_BYTES + _measure_column(column) for column in columns)


def _read_rows(
    rows: pa.RecordBatch, schema: pa.Schema, position: int
) -> Iterator[TableRow | Complaint]:
    """Read rows, counted from a position; a row that cannot be read is a `Complaint`."""
    if rows.num_rows == 1 and (size := measure_rows(rows)) > RECORD_BYTES:
        yield Complaint(position, Reason.TOO_LARGE, f"has {size:,} bytes", "")
        return
    try:
        values = rows.cast(schema).to_pylist()
    # Days after the last one of Python, bytes that are no text, time zones that nobody knows.
    except (ValueError, OverflowError, KeyError, pa.ArrowException) as error:
        if rows.num_rows > 1:
            for place in range(rows.num_rows):
                yield from _read_rows(rows.slice(place, 1), schema, position + place)
            return
        is_text = isinstance(error, UnicodeError) or "UTF8" in str(error)
        reason = Reason.ENCODING if is_text else Reason.MALFORMED
        yield Complaint(position, reason, f"holds no value that can be read: {error}", "")
        return
    yield from enumerate(values, start=position)
