"""Details: what the page of a paper reads when it is opened, from the release or from a copy."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from flows.release.layout import TABLES
from flows.release.open_release import Release
from flows.site.blocks import DETAIL_ROWS, encode_row, write_blocks
from flows.site.footers import READ_COLUMNS, describe_parquet
from flows.site.papers import load_file
from flows.site.search_index import pack

PAPERS_AT_A_TIME = 20_000
"""Papers whose rows are in memory at a time while they are copied."""


def write_footers(release: Path, data_files: Sequence[tuple[str, str]], folder: Path) -> None:
    """Write where columns lie: ``footers.bin``, one line a row group, and ``files.json``.

    The latter has per data file: ``table``, ``path``, its ``schema``, and ``first_group``, the line
    of its first row group, with the ``first_rows`` of each.
    """
    described: list[Any] = []
    lines: list[bytes] = []
    opened = Release.open(release)
    for table, path in data_files:
        with opened.explain_unreadable(table):
            schema, groups = describe_parquet(opened.root / path, READ_COLUMNS[table])
        firsts = list(accumulate((group["rows"] for group in groups[:-1]), initial=0))
        described.append(
            {
                "table": table,
                "path": path,
                "schema": schema,
                "first_group": len(lines),
                "first_rows": firsts if groups else [],
            }
        )
        lines += [encode_row(group) for group in groups]
    # A page reads one row group of a table, never its neighbours.
    write_blocks(lines, folder / "footers.bin", size=1)
    (folder / "files.json").write_bytes(pack(encode_row(described)))


def write_details(
    release: Path, papers: pl.DataFrame, data_files: Sequence[tuple[str, str]], folder: Path
) -> None:
    """Copy what a page reads of each paper: for sites that are built without a Parquet reader.

    Line ``n`` of ``details.bin`` is about the paper with the number ``n``: its rows by table.
    """
    write_blocks(read_details(release, papers, data_files), folder / "details.bin", DETAIL_ROWS)


def read_details(
    release: Path, papers: pl.DataFrame, data_files: Sequence[tuple[str, str]]
) -> Iterator[bytes]:
    """Read the rows of each paper in the order of the explorer, some papers at a time."""
    opened = Release.open(release)
    for at in range(0, papers.height, PAPERS_AT_A_TIME):
        ids = papers["paper_id"][at : at + PAPERS_AT_A_TIME].to_list()
        rows: dict[str, dict[str, list[Any]]] = {paper_id: {} for paper_id in ids}
        # The files are read again for each part: all rows as Python objects fill the memory.
        for table, path in data_files:
            for row in read_shown_rows(opened, table, path, ids):
                rows[row.pop("paper_id")].setdefault(table, []).append(row)
        yield from (encode_row(rows[paper_id]) for paper_id in ids)


def read_shown_rows(opened: Release, table: str, path: str, ids: list[str]) -> list[dict[str, Any]]:
    """Read the columns that a page shows of the rows of some papers, in the order of the file."""
    shown = [name for name in READ_COLUMNS[table] if name in TABLES[table].model.dtypes()]
    frame = load_file(opened, table, opened.root / path, ["paper_id", *shown])
    return frame.filter(pl.col("paper_id").is_in(ids)).to_dicts()
