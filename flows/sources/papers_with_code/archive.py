"""The archive of Papers with Code on the Hub: its tables as Parquet, with the dumps' columns."""

import pyarrow.parquet as pq

from flows.raw.parquet_files import TableRow, open_parquet
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources.papers_with_code import links
from flows.sources.shared.row_batches import SourceRow
from schemas.rejection import EXCERPT_LENGTH

REQUIRED = {"links": set(links.READ), "papers": {"paper_url", "title", "abstract"}}

OTHER_TABLES = {
    "evaluation tables": {"sota", "leaderboard", "subtasks"},
    "datasets": {"modalities", "variants", "num_papers"},
    "methods": {"introduced_year", "code_snippet_url", "main_collection"},
}
"""Tables of the archive that hold no papers, by columns that only they have."""


def name_archive_table(columns: set[str]) -> str | None:
    """Name a table by its columns: ``links`` or ``papers``; None for others."""
    return next((name for name, needed in REQUIRED.items() if needed <= columns), None)


def open_archive_table(raw: RawFile) -> tuple[pq.ParquetFile, str]:
    """Open a Parquet file that is one of the two tables. Raises `RefusedInput` for others."""
    table = open_parquet(raw)
    columns = set(table.schema_arrow.names)
    if (name := name_archive_table(columns)) is None:
        raise RefusedInput(f"{raw.path.name}: {_describe_other(columns)}")
    return table, name


def _describe_other(columns: set[str]) -> str:
    kind = next((name for name, some in OTHER_TABLES.items() if some & columns), None)
    if kind and "paper_url" not in columns:
        return f"holds {kind} of Papers with Code, which are not read: only papers and links are."
    return (
        f"is Parquet with the columns {', '.join(sorted(columns)[:8])}. Of Papers with Code, only "
        "papers-with-abstracts and links-between-papers-and-code are read."
    )


def add_excerpts(rows: list[TableRow]) -> list[SourceRow]:
    """Add to each row what its rejection would show: its title."""
    return [
        (position, str(fields.get("title") or "")[:EXCERPT_LENGTH], fields)
        for position, fields in rows
    ]
