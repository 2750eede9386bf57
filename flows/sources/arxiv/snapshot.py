"""arXiv's metadata snapshot: one JSON object per paper, in lines, arrays or one after another."""

import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

import polars as pl

from flows.raw.discovery import REASONS, Batch, RawFile, records, rejection, rejections
from flows.raw.json_cutter import Complaint, Slice, elements, lines
from flows.sources.arxiv import fields, notices
from flows.sources.arxiv.reading import read
from flows.sources.shared import arxiv_ids
from flows.sources.shared.dates import parse_day
from schemas.vocabulary import License, Reason

WORKERS = min(4, os.cpu_count() or 1)
"""Slices that are parsed at a time. Four slices in flight stay under a gigabyte."""


def parse(raw: RawFile, stream: BinaryIO, shape: str) -> Iterator[Batch]:
    """Give the records of a snapshot of some ``shape``: lines, array or objects."""
    slices = lines(stream) if shape == "lines" else elements(stream, is_array=shape == "array")
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for slice_ in slices:
            waiting.append(pool.submit(batch, raw, slice_))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def batch(raw: RawFile, slice_: Slice) -> Batch:
    """Read one slice."""
    reading = read(slice_)
    judged = reading.frame.with_columns(reason=fault())
    refused = [
        rejection(raw, line, REASONS[reason], detail=_detail(reason, identifier), excerpt=text)
        for line, reason, identifier, text in judged.filter(pl.col("reason").is_not_null())
        .select("line", "reason", "id", _excerpt())
        .iter_rows()
    ]
    refused += [
        rejection(raw, each.position, each.reason, detail=each.detail, excerpt=_impersonal(each))
        for each in reading.complaints
    ]
    kept = judged.filter(pl.col("reason").is_null()).select("line", *columns())
    return Batch(records(raw, kept, License.CC0), rejections(refused), reading.unseen)


def fault() -> pl.Expr:
    """Give the `Reason` for which a snapshot's row is no record; null where it is one."""
    has_title = pl.col("title").str.strip_chars() != ""
    return pl.coalesce(
        arxiv_ids.fault(pl.col("id").fill_null("")),
        pl.when(~has_title.fill_null(value=False)).then(pl.lit(Reason.NO_TITLE.value)),
    )


SUBMITTER = re.compile(r'("submitter"\s*:\s*")(?:[^"\\]|\\.)*', re.DOTALL)


def _impersonal(complaint: Complaint) -> str:
    """Give an excerpt without the submitter's name, which is stored nowhere."""
    return SUBMITTER.sub(r"\1...", complaint.excerpt)


def _excerpt() -> pl.Expr:
    text = pl.concat_str("id", "title", separator=" ", ignore_nulls=True).fill_null("")
    return text.alias("excerpt")


def _detail(reason: str, identifier: str | None) -> str:
    if reason == Reason.NO_TITLE:
        return f"{identifier} has no title"
    if reason == Reason.FLOAT_IDENTIFIER:
        return f"the id {identifier!r} went through a float and lost or gained digits"
    return f"{identifier!r} is no arXiv id" if identifier else "has no id"


def columns() -> list[pl.Expr | str]:
    """Give the columns of `Record` that a snapshot's row fills."""
    created = pl.col("versions").list
    first = created.get(0, null_on_oob=True).struct.field("created")
    last = created.get(-1, null_on_oob=True).struct.field("created")
    written = parse_day(pl.col("update_date"))
    return [
        pl.col("id").alias("source_id"),
        pl.col("id").alias("arxiv_id"),
        "title",
        "abstract",
        fields.names(pl.col("authors_parsed"), pl.col("authors")).alias("authors"),
        "doi",
        "comments",
        pl.col("journal-ref").alias("venue"),
        fields.categories(pl.col("categories")).alias("categories"),
        fields.classes(pl.col("categories")).alias("classes"),
        parse_day(first).alias("published"),
        pl.coalesce(parse_day(last), written).alias("updated"),
        notices.is_withdrawn(pl.col("abstract"), pl.col("comments")).alias("is_withdrawn"),
        notices.is_retracted(pl.col("abstract"), pl.col("comments")).alias("is_retracted"),
    ]
