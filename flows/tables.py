"""Load and save tables: the only place that reads or writes Parquet."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pandera.errors
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import UserError, count_noun
from flows.hashing import read_once
from flows.parquet_layout import ROW_GROUP_ROWS, choose_options, cut_row_groups
from schemas.conditions import is_valid, narrow_schema
from schemas.table import Table

PART_ROWS = 50_000
"""Rows that `scan_parts` gives at a time: some 70 MB of abstracts."""

EXAMPLES = 5
"""How many offending values an error shows."""


class InvalidTable(UserError):
    """Rows that their table does not allow."""


class SchemaMismatch(UserError):
    """A file whose columns are not those of the table it is read as."""


def save(
    model: type[Table],
    frame: pl.DataFrame | pl.LazyFrame,
    path: Path,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Validate a frame and write it as Parquet, whole or not at all.

    ``metadata`` is kept in the file's footer.

    A lazy frame is collected first, because pandera checks only the schema of those. Raises
    `InvalidTable` with the columns, counts and examples of what is wrong.
    """
    eager = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    return save_table_parts(model, [eager], path, metadata)


def save_table_parts(
    model: type[Table],
    parts: Iterable[pl.DataFrame],
    path: Path,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Do the same with a table that comes in parts, one of which is in memory at a time.

    The file is the same however the table is cut. Each part is checked on its own: that values are
    unique in all of them is for the caller to know.
    """
    with open_table(model, path) as table:
        for part in parts:
            table.add(part)
        table.describe(metadata or {})
    return path


class OpenTable:
    """A table that is being written: rows come in order, and a row group of them is kept."""

    def __init__(self, model: type[Table], writer: pq.ParquetWriter) -> None:
        """Write rows of a model."""
        self._model, self._writer = model, writer
        self._begun = pl.DataFrame(schema=model.dtypes())

    def add(self, part: pl.DataFrame) -> None:
        """Check more rows and write them. Raises `InvalidTable`."""
        rows = pl.concat([self._begun, check(self._model, part)])
        # The last group of a part may go on in the next part: where parts end must not show.
        *whole, (last, _) = cut_row_groups(rows)
        for start, end in whole:
            self._write(rows[start:end])
        self._begun = rows[last:]

    def describe(self, metadata: Mapping[str, str]) -> None:
        """Say in the file's footer what may be known only once all rows are."""
        self._writer.add_key_value_metadata(dict(metadata))

    def finish(self) -> None:
        """Write the last row group."""
        self._write(self._begun)

    def _write(self, group: pl.DataFrame) -> None:
        # Pages end where a chunk in memory does, and chunks show how the table came.
        rows = convert_to_arrow(group.rechunk())
        self._writer.write_table(rows, row_group_size=ROW_GROUP_ROWS[1])


@contextmanager
def open_table(model: type[Table], path: Path) -> Iterator[OpenTable]:
    """Open a table as `save_table_parts` writes it, whole or not at all, to add rows to it."""
    with _write_whole(path) as partial, _open_writer(model, partial) as writer:
        table = OpenTable(model, writer)
        yield table
        table.finish()


def save_part(model: type[Table], rows: pl.DataFrame | Iterable[pl.DataFrame], path: Path) -> Path:
    """Write a part of a table on its way from step to step, whole or not at all.

    ``rows`` may come in pieces, each a row group and one at a time in memory. Packed with LZ4: zstd
    takes a third less room, and as much longer to write and twice as long to read. Columns are
    looked at and not rows, see `check`. Raises `InvalidTable`.
    """
    pieces = [rows] if isinstance(rows, pl.DataFrame) else rows
    dtypes = model.dtypes()
    schema = convert_to_arrow(pl.DataFrame(schema=dtypes)).schema
    options = {"compression": "lz4", "use_dictionary": False}
    with _write_whole(path) as partial, pq.ParquetWriter(partial, schema, **options) as writer:
        for piece in pieces:
            if piece.schema != dtypes:
                raise InvalidTable(f"{model.__name__}: has columns {piece.schema}")
            writer.write_table(convert_to_arrow(piece))
    return path


@contextmanager
def _write_whole(path: Path) -> Iterator[Path]:
    """Give the block a file to write beside ``path``, which becomes it if nothing is raised."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _open_writer(model: type[Table], path: Path) -> pq.ParquetWriter:
    schema = convert_to_arrow(pl.DataFrame(schema=model.dtypes())).schema
    return pq.ParquetWriter(path, schema, **choose_options(schema))


def check(model: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame if it is a valid table; raise `InvalidTable` if not."""
    if is_valid(model, frame):
        return frame
    try:
        narrow_schema(model, frame).validate(frame, lazy=True)
        # Nothing is valid by its parts alone: the whole schema has the last word.
        return cast("pl.DataFrame", model.validate(frame, lazy=True))
    except pandera.errors.SchemaErrors as errors:
        raise InvalidTable(
            f"{model.__name__}: {_describe_failures(errors.failure_cases)}"
        ) from None


def _describe_failures(failures: pl.DataFrame) -> str:
    summary = failures.group_by("column", "check", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("failure_case").cast(pl.String).head(EXAMPLES)
    )
    return "; ".join(
        f"column {column}: {rule} fails in {count_noun(rows, 'row')}, such as {examples}"
        for column, rule, rows, examples in summary.iter_rows()
    )


def convert_to_arrow(frame: pl.DataFrame) -> pa.Table:
    """Return the frame with plain Arrow types: `string` and `list`, not their large variants."""
    table = frame.to_arrow()
    return table.cast(
        pa.schema([field.with_type(_plain_type(field.type)) for field in table.schema])
    )


def _plain_type(dtype: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
        return pa.string()
    if pa.types.is_large_list(dtype):
        return pa.list_(_plain_type(dtype.value_type))
    if pa.types.is_struct(dtype):
        return pa.struct([field.with_type(_plain_type(field.type)) for field in dtype])
    return dtype


def load(
    model: type[Table],
    path: Path | Sequence[Path],
    columns: Sequence[str] | None = None,
    absent: Collection[str] = (),
) -> pl.DataFrame:
    """Read one table from one file or from its parts, in the order given.

    ``absent`` names columns that the files do not have yet: they are null, or empty lists.

    Raises `SchemaMismatch`, naming the difference, when a file holds another schema.
    """
    paths = list_part_files(path) if isinstance(path, Path) else list(path)
    for part in paths:
        _require_schema(model, part, absent)
    if not paths:
        return pl.DataFrame(schema=model.dtypes()).select(columns or pl.all())
    frame = _add_absent(model, pl.scan_parquet(paths, glob=False), absent)
    return frame.select(columns or model.dtypes().names()).collect()


def scan_file(model: type[Table], path: Path, absent: Collection[str] = ()) -> pl.LazyFrame:
    """Return one table from one file as a scan: what is selected of it is read when it is needed.

    Raises `SchemaMismatch` as `load` does.
    """
    _require_schema(model, path, absent)
    rows = pl.scan_parquet(path, glob=False)
    return _add_absent(model, rows, absent).select(model.dtypes().names())


def _add_absent(model: type[Table], rows: pl.LazyFrame, absent: Collection[str]) -> pl.LazyFrame:
    return rows.with_columns(
        pl.lit([] if isinstance(dtype, pl.List) else None, dtype).alias(name)
        for name, dtype in model.dtypes().items()
        if name in absent
    )


@dataclass(frozen=True)
class FileFooter:
    """What the footer of a Parquet file says of it."""

    rows: int
    unpacked: int
    """Bytes of its columns in memory, as Parquet counts them."""
    columns: Mapping[str, pl.DataType]
    metadata: Mapping[bytes, bytes]
    """What its writer said of it besides."""


def read_file_footer(path: Path) -> FileFooter:
    """Read the footer of a file, once a run: a hundred thousand rows have 150 kB of it."""
    return read_once("footer", path, _read_file_footer)


def _read_file_footer(path: Path) -> FileFooter:
    footer = pq.read_metadata(path)
    unpacked = sum(footer.row_group(n).total_byte_size for n in range(footer.num_row_groups))
    # Brackets in the name of a folder are no pattern.
    columns = dict(pl.scan_parquet(path, glob=False).collect_schema())
    return FileFooter(footer.num_rows, unpacked, columns, footer.metadata or {})


def list_part_files(path: Path) -> list[Path]:
    """List the files of a table in order: the parts in a folder, or the file itself."""
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def scan_parts(model: type[Table], path: Path, absent: Collection[str] = ()) -> list[pl.LazyFrame]:
    """Return one table, from one file or a folder of parts, some rows at a time, read when needed.

    ``absent`` and what is raised as in `load`.
    """
    return [
        scan_file(model, file, absent).slice(at, PART_ROWS)
        for file in list_part_files(path)
        for at in range(0, max(read_file_footer(file).rows, 1), PART_ROWS)
    ]


def _require_schema(model: type[Table], path: Path, absent: Collection[str] = ()) -> None:
    expected = {name: dtype for name, dtype in model.dtypes().items() if name not in absent}
    actual = read_file_footer(path).columns
    differences = [f"lacks {name}" for name in expected if name not in actual]
    differences += [f"has {name}, which is not in the table" for name in actual.keys() - expected]
    differences += [
        f"has {name} as {actual[name]} instead of {dtype}"
        for name, dtype in expected.items()
        if name in actual and actual[name] != dtype
    ]
    if not differences and list(actual) != list(expected):
        differences = ["has its columns in another order"]
    if differences:
        raise SchemaMismatch(
            f"{path} is not a {model.__name__} table: it {'; '.join(sorted(differences))}. "
            "It was written by another version. If it is in data/interim, run with --fresh; if "
            "it is a release, use the version that made it, or move it away to start over."
        )
