"""Parquet layout: where row groups and pages of a file end, and which columns have a dictionary.

Borders follow from ids, so that new rows move few of them, and most bytes of a file stay.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import pyarrow as pa

from flows.id_hashes import find_borders

ROW_GROUP_IDS = 5_000
"""Ids from one border of row groups to the next, on average. `bench_upload` sends more with smaller
ones when every row is seen again, and more with larger ones when papers come in between."""

ROW_GROUP_ROWS = (1_250, 30_000)
"""Fewest and most rows of a row group. The most are about 60 MB of abstracts: the Hub's viewer
wants them well below 100 MB."""


PAGE_BYTES = 131_072
"""Bytes of a page before it is compressed, about a hundred abstracts. Whoever reads one paper
unpacks one page of each column. With the usual megabyte `papers` would be 1.7 % smaller."""

PAGE_ROWS = 2_000
"""Most rows of a page: thousands of short values would fit in `PAGE_BYTES`."""

BATCH_ROWS = 128
"""Values after which the writer looks whether a page is full: with the usual 1,024 it never ends an
abstracts' page before a megabyte."""

SELDOM_TWICE = frozenset(
    (
        *("paper_id", "record_id", "matched_record_id", "source_id", "arxiv_id", "doi"),
        *("acl_id", "openreview_id", "title", "title_as_written", "abstract"),
        *("abstract_as_written", "authors", "url", "urls", "repo", "code_url", "code_urls"),
        *("arxiv_url", "arxiv_doi", "hf_paper_url", "pdf_url", "acl_url", "identifier"),
        *("written", "sentence", "phrase"),
    )
)
"""Columns whose values hardly repeat, by name at any depth. A dictionary of them saves nothing and
is new as a whole, with all pages that count its entries, when one row is."""


def cut_row_groups(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """Cut rows into row groups whose borders follow from the ids: before some, whatever surrounds.

    So rows that are new or gone move the borders of their own group only, and the bytes of all
    others stay. The id is the ``paper_id`` where there is one, else the first column.
    """
    # The border follows from a hash of the id alone, so that both releases of a pair cut alike.
    ids = frame["paper_id" if "paper_id" in frame.columns else frame.columns[0]].cast(pl.String)
    firsts = ids.ne_missing(ids.shift()).arg_true()
    distinct = ids.gather(firsts).fill_null("")
    borders = firsts.gather(find_borders(distinct, ROW_GROUP_IDS)).to_list()
    fewest, most = ROW_GROUP_ROWS
    start, groups = 0, []
    for border in [*borders, frame.height]:
        while border - start > most:
            groups.append((start, start + most))
            start += most
        if border - start >= fewest or border == frame.height:
            groups.append((start, border))
            start = border
    return groups


def choose_options(schema: pa.Schema) -> dict[str, Any]:
    """Choose how a file with a schema is packed and laid out: what its writer is opened with."""
    return {
        "compression": "zstd",
        "use_dictionary": [path for path in _list_leaves(schema) if not _is_seldom_twice(path)],
        "use_content_defined_chunking": True,
        "write_page_index": True,
        "data_page_size": PAGE_BYTES,
        "write_batch_size": BATCH_ROWS,
        "max_rows_per_page": PAGE_ROWS,
    }


def _list_leaves(fields: Iterable[pa.Field], above: str = "") -> Iterator[str]:
    """Name the columns of a schema as Parquet does, with those inside of lists and structs."""
    for field in fields:
        path, dtype = above + field.name, field.type
        if pa.types.is_list(dtype):
            yield from _list_leaves([pa.field("list.element", dtype.value_type)], f"{path}.")
        elif pa.types.is_struct(dtype):
            yield from _list_leaves(dtype, f"{path}.")
        else:
            yield path


def _is_seldom_twice(path: str) -> bool:
    return not SELDOM_TWICE.isdisjoint(path.split("."))
