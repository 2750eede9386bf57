"""Records whose only links are those that a test writes, and what is found in them."""

from collections.abc import Sequence

import polars as pl

from flows.enrich.links import build_link_table, find_links, find_links_in_texts
from tests.records import record, records


def bare_record(number: int = 1, **values: object) -> dict[str, object]:
    """Return one row of the `Record` table without abstract, authors and links of its own."""
    return record(number, **({"title": "A title", "abstract": None, "authors": []} | values))


def origins_of(frame: pl.DataFrame, paper_id: str = "arxiv:2312.00752") -> pl.DataFrame:
    """Return the origins of records that are one paper."""
    return frame.select("record_id", paper_id=pl.lit(paper_id))


def links_of_text(text: str) -> pl.DataFrame:
    """Find the links of one text."""
    return find_links(pl.DataFrame({"record_id": ["r"], "field": ["abstract"], "text": [text]}))


def links_of_abstracts(abstracts: Sequence[str]) -> list[pl.DataFrame]:
    """Find the links of abstracts, all at once: each call compiles the long pattern."""
    rows = [bare_record(number, abstract=text) for number, text in enumerate(abstracts)]
    mentions = find_links_in_texts(records(*rows))
    return [mentions.filter(record_id=str(row["record_id"])) for row in rows]


def link_table_of_abstract(abstract: str, **values: object) -> pl.DataFrame:
    """Build the `Link` table of one record."""
    frame = records(bare_record(abstract=abstract, **values))
    return build_link_table(frame, origins_of(frame))
