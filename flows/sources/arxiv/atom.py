"""Answers of arXiv's query API: Atom feeds, plain or kept as the ``body`` of a JSON object."""

import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl
from lxml import etree

from flows.raw.batch import REASONS, Batch, make_rejection, tabulate_records, tabulate_rejections
from flows.raw.json_cutter import RECORD_BYTES
from flows.raw.json_stream import Unreadable
from flows.raw.json_stream import parse_value as parse_json
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.xml_stream import collect_text, free_element, read_events
from flows.sources.arxiv import fields, notices
from flows.sources.shared.dates import parse_day
from schemas.vocabulary import License, Reason

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"

TEXT_COLUMNS = (
    "id",
    "title",
    "abstract",
    "comments",
    "venue",
    "doi",
    "terms",
    "published",
    "updated",
)
ENTRY_SCHEMA = pl.Schema(
    {"line": pl.Int64(), "authors": pl.List(pl.String), **dict.fromkeys(TEXT_COLUMNS, pl.String())}
)

READ_TAGS = {
    f"{ATOM}title": "title",
    f"{ATOM}summary": "abstract",
    f"{ATOM}published": "published",
    f"{ATOM}updated": "updated",
    f"{ARXIV}comment": "comments",
    f"{ARXIV}journal_ref": "venue",
    f"{ARXIV}doi": "doi",
}
OTHER_TAGS = {
    f"{ATOM}id": "read as the arXiv id",
    f"{ATOM}author": "its name is read, its affiliation is not",
    f"{ATOM}category": "read",
    f"{ARXIV}primary_category": "read",
    f"{ATOM}link": "ignored: made from the id and the DOI",
}

BODY_BYTES = RECORD_BYTES
"""An answer holds 2,000 entries at most, some 8 MB."""


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of one feed. Its errors come as an entry that poses as a paper."""
    rows: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    counts: Counter[str] = Counter()
    position = 0
    try:
        for event, element in read_events(stream, raw.path.name):
            if event == "start" or element.tag != f"{ATOM}entry":
                continue
            position += 1
            counts.update(_list_unseen_tags(element))
            row = _read_entry(element, position)
            if "api/errors" in str(row["id"]):
                refused.append(_reject_error(raw, row))
            else:
                rows.append(row)
            free_element(element)
    except Unreadable as error:
        refused.append(
            make_rejection(raw, position + 1, error.reason, detail=error.detail, excerpt="")
        )
    yield _build_batch(raw, rows, refused, counts)


def parse_wrapped(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read the records of a feed that was saved as ``{"url", "status_code", "body"}``."""
    content = stream.read(BODY_BYTES + 1)
    if len(content) > BODY_BYTES:
        raise RefusedInput(f"{raw.path.name}: an answer of more than {BODY_BYTES:,} bytes")
    try:
        answer = parse_json(content)
    except Unreadable as error:
        row = make_rejection(raw, 1, Reason.TRUNCATED, detail=error.detail, excerpt="")
        yield Batch(rejections=tabulate_rejections([row]))
        return
    body = answer.get("body") if isinstance(answer, dict) else None
    if not isinstance(body, str):
        raise RefusedInput(f"{raw.path.name}: a JSON object without a feed as its `body`")
    yield from parse(raw, io.BytesIO(body.encode("utf-8", "replace")))


def _read_entry(entry: etree._Element, position: int) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(ENTRY_SCHEMA)
    for tag, name in READ_TAGS.items():
        row[name] = collect_text(entry.find(tag))
    names = (collect_text(name) for name in entry.iterfind(f"{ATOM}author/{ATOM}name"))
    primary = [element.get("term", "") for element in entry.iterfind(f"{ARXIV}primary_category")]
    terms = [element.get("term", "") for element in entry.iterfind(f"{ATOM}category")]
    identifier = (collect_text(entry.find(f"{ATOM}id")) or "").strip()
    return row | {
        "line": position,
        "id": identifier.partition("/abs/")[2] or identifier,
        "authors": [name for name in names if name],
        "terms": " ".join(dict.fromkeys(primary + terms)),
    }


def _list_unseen_tags(entry: etree._Element) -> Iterator[str]:
    for child in entry:
        if child.tag not in READ_TAGS and child.tag not in OTHER_TAGS:
            yield f"entry.{etree.QName(child).localname}"


def _reject_error(raw: RawFile, row: dict[str, object]) -> dict[str, object]:
    return make_rejection(
        raw,
        int(str(row["line"])),
        Reason.SOURCE_ERROR,
        detail=f"arXiv answered with an error: {row['abstract']}",
        excerpt=f"{row['id']}",
    )


def _build_batch(
    raw: RawFile,
    rows: list[dict[str, object]],
    refused: list[dict[str, object]],
    counts: Counter[str],
) -> Batch:
    frame = pl.DataFrame(rows, schema=ENTRY_SCHEMA, orient="row").with_columns(
        reason=fields.find_record_fault()
    )
    refused += [
        make_rejection(
            raw, line, REASONS[reason], detail=f"{identifier!r}: {reason}", excerpt=title
        )
        for line, reason, identifier, title in frame.filter(pl.col("reason").is_not_null())
        .select("line", "reason", "id", pl.col("title").fill_null(""))
        .iter_rows()
    ]
    accepted = frame.filter(pl.col("reason").is_null()).select(
        "line",
        pl.col("id").alias("source_id"),
        pl.col("id").alias("arxiv_id"),
        *("title", "abstract", "authors", "comments", "venue", "doi"),
        fields.pick_categories(pl.col("terms")).alias("categories"),
        fields.pick_classes(pl.col("terms")).alias("classes"),
        parse_day(pl.col("published")).alias("published"),
        parse_day(pl.col("updated")).alias("updated"),
        notices.is_withdrawn(pl.col("abstract"), pl.col("comments")).alias("is_withdrawn"),
        notices.is_retracted(pl.col("abstract"), pl.col("comments")).alias("is_retracted"),
    )
    return Batch(tabulate_records(raw, accepted, License.CC0), tabulate_rejections(refused), counts)
