"""Answers of arXiv's OAI-PMH interface, records of the prefix ``arXiv``.

The protocol is that of http://www.openarchives.org/OAI/openarchivesprotocol.html; the fields are
those of http://arxiv.org/OAI/arXiv.xsd. A deleted record has a header and no metadata.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl
from lxml import etree

from flows.raw.batch import REASONS, Batch, make_rejection, tabulate_records, tabulate_rejections
from flows.raw.json_stream import Unreadable
from flows.raw.raw_file import RawFile
from flows.raw.xml_stream import collect_text, free_element, read_events
from flows.sources.arxiv import fields, notices
from flows.sources.shared.dates import parse_day
from schemas.vocabulary import License, Reason

OAI = "{http://www.openarchives.org/OAI/2.0/}"
ARXIV = "{http://arxiv.org/OAI/arXiv/}"

READ_TAGS = {
    "id": "id",
    "title": "title",
    "abstract": "abstract",
    "comments": "comments",
    "journal-ref": "venue",
    "doi": "doi",
    "categories": "categories",
    "acm-class": "acm",
    "msc-class": "msc",
    "created": "published",
    "updated": "updated",
}
OTHER_TAGS = {
    "authors": "read name by name; affiliations are not",
    "report-no": "ignored: of no use here",
    "license": "ignored: that of the full text, not of its metadata",
    "proxy": "ignored: who submitted in the place of the authors",
}
PAPER_SCHEMA = pl.Schema(
    {
        "line": pl.Int64(),
        "authors": pl.List(pl.List(pl.String)),
        **dict.fromkeys(READ_TAGS.values(), pl.String()),
    }
)

BATCH_RECORDS = 5_000
"""arXiv gives some 1,000 to 2,000 records in an answer; a file may hold more."""


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of one answer. Its errors are rejections, as are deleted records."""
    pile, position = _PendingBatch(raw), 0
    try:
        for event, element in read_events(stream, raw.path.name):
            if event == "start" or element.tag not in (f"{OAI}record", f"{OAI}error"):
                continue
            position += 1
            pile.add(element, position)
            free_element(element)
            if len(pile.rows) == BATCH_RECORDS:
                yield pile.batch()
                pile = _PendingBatch(raw)
    except Unreadable as error:
        pile.refuse(position + 1, error.reason, error.detail)
    yield pile.batch()


@dataclass
class _PendingBatch:
    """Rows and rejections of one batch."""

    raw: RawFile
    rows: list[dict[str, object]] = field(default_factory=list)
    refused: list[dict[str, object]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, element: etree._Element, position: int) -> None:
        """Read one record, or one error of the protocol."""
        header, paper = element.find(f"{OAI}header"), element.find(f"{OAI}metadata/{ARXIV}arXiv")
        if element.tag == f"{OAI}error":
            answer = f"arXiv answered with an error: {element.get('code')}: {collect_text(element)}"
            self.refuse(position, Reason.SOURCE_ERROR, answer)
        elif header is not None and header.get("status") == "deleted":
            name = collect_text(header.find(f"{OAI}identifier"))
            self.refuse(position, Reason.SOURCE_ERROR, f"{name} was deleted by arXiv")
        elif paper is None:
            self.refuse(position, Reason.MALFORMED, "a record without arXiv's metadata")
        else:
            self.counts.update(_list_unseen_tags(paper))
            self.rows.append(_read_paper(paper, position))

    def refuse(self, position: int, reason: Reason, detail: str) -> None:
        """Keep the place of what cannot be read, and why."""
        self.refused.append(make_rejection(self.raw, position, reason, detail=detail, excerpt=""))

    def batch(self) -> Batch:
        """Build a batch of what was read so far."""
        frame = pl.DataFrame(self.rows, schema=PAPER_SCHEMA, orient="row").with_columns(
            reason=fields.find_record_fault()
        )
        for line, reason, identifier in (
            frame.filter(pl.col("reason").is_not_null()).select("line", "reason", "id").iter_rows()
        ):
            self.refuse(line, REASONS[reason], f"{identifier!r}: {reason}")
        accepted = frame.filter(pl.col("reason").is_null()).select("line", *_build_columns())
        return Batch(
            tabulate_records(self.raw, accepted, License.CC0),
            tabulate_rejections(self.refused),
            self.counts,
        )


def _read_paper(paper: etree._Element, position: int) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(PAPER_SCHEMA)
    for tag, name in READ_TAGS.items():
        row[name] = collect_text(paper.find(f"{ARXIV}{tag}"))
    authors = [
        [collect_text(author.find(f"{ARXIV}{part}")) for part in ("keyname", "forenames", "suffix")]
        for author in paper.iterfind(f"{ARXIV}authors/{ARXIV}author")
    ]
    return row | {"line": position, "authors": authors}


def _list_unseen_tags(paper: etree._Element) -> Iterator[str]:
    for child in paper:
        name = etree.QName(child).localname
        if name not in READ_TAGS and name not in OTHER_TAGS:
            yield f"arXiv.{name}"


def _build_columns() -> list[pl.Expr | str]:
    words = pl.concat_str("acm", "msc", separator=" ", ignore_nulls=True)
    published = parse_day(pl.col("published"))
    return [
        pl.col("id").alias("source_id"),
        pl.col("id").alias("arxiv_id"),
        *("title", "abstract", "comments", "venue", "doi"),
        fields.read_author_names(pl.col("authors"), pl.lit(None, pl.String)).alias("authors"),
        fields.pick_categories(pl.col("categories")).alias("categories"),
        fields.pick_classes(words).alias("classes"),
        published.alias("published"),
        pl.coalesce(parse_day(pl.col("updated")), published).alias("updated"),
        notices.is_withdrawn(pl.col("abstract"), pl.col("comments")).alias("is_withdrawn"),
        notices.is_retracted(pl.col("abstract"), pl.col("comments")).alias("is_retracted"),
    ]
