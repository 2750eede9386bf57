"""The archive of Papers with Code on the Hub: its tables as Parquet, with the dumps' columns."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources.papers_with_code import links
from flows.sources.shared.row_batches import SourceRow
from schemas.release import EXCERPT_LENGTH

PARQUET = b"PAR1"
"""What a Parquet file begins and ends with; its columns are named at its end."""

REQUIRED = {"links": set(links.READ), "papers": {"paper_url", "title", "abstract"}}

OTHER_TABLES = {
    "evaluation tables": {"sota", "leaderboard", "subtasks"},
    "datasets": {"modalities", "variants", "num_papers"},
    "methods": {"introduced_year", "code_snippet_url", "main_collection"},
}
"""Tables of the archive that hold no papers, by columns that only they have."""

BATCH_ROWS = 1_000

GROUP_BYTES = 1 << 32
"""Unpacked size of a row group: the whole dump of abstracts has 2.2 GB."""

PIECE_BYTES = 1 << 20


def identify_table(columns: set[str]) -> str | None:
    """Identify a table by its columns: ``links`` or ``papers``; None for others."""
    return next((name for name, needed in REQUIRED.items() if needed <= columns), None)


def open_table(raw: RawFile) -> tuple[pq.ParquetFile, str]:
    """Open a Parquet file that is one of the two tables. Raises `RefusedInput` for others."""
    if raw.member is not None:
        raise RefusedInput(f"{raw.path.name}: holds Parquet: unpack {raw.member!r} first.")
    try:
        table = pq.ParquetFile(raw.path)
    except (pa.ArrowException, OSError) as error:
        raise RefusedInput(f"{raw.path.name}: is no whole Parquet file: {error}") from None
    columns = set(table.schema_arrow.names)
    if (name := identify_table(columns)) is None:
        raise RefusedInput(f"{raw.path.name}: {_describe_other(columns)}")
    # Sizes are told by the file itself; a row group is what is unpacked at a time.
    sizes = (table.metadata.row_group(n).total_byte_size for n in range(table.num_row_groups))
    if max(sizes, default=0) > GROUP_BYTES:
        raise RefusedInput(f"{raw.path.name}: a row group of more than {GROUP_BYTES:,} bytes")
    return table, name


def _describe_other(columns: set[str]) -> str:
    kind = next((name for name, some in OTHER_TABLES.items() if some & columns), None)
    if kind and "paper_url" not in columns:
        return f"holds {kind} of Papers with Code, which are not read: only papers and links are."
    return (
        f"is Parquet with the columns {', '.join(sorted(columns)[:8])}. Of Parquet, only "
        "papers-with-abstracts and links-between-papers-and-code of Papers with Code are read."
    )


def read_archive_rows(table: pq.ParquetFile) -> Iterator[list[SourceRow]]:
    """Yield the rows of a table in lists of bounded size; the position of a row is its ordinal.

    Raises `pyarrow.ArrowException` or `OSError` where the file is damaged.
    """
    position = 0
    for batch in table.iter_batches(BATCH_ROWS):
        rows: list[SourceRow] = []
        for fields in batch.to_pylist():
            position += 1
            rows.append((position, str(fields.get("title") or "")[:EXCERPT_LENGTH], fields))
        yield rows


def drain_stream(stream: BinaryIO) -> None:
    """Read a stream to its end: Parquet is read from the file itself, from its end on."""
    while stream.read(PIECE_BYTES):
        pass
