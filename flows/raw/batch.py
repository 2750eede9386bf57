"""Batches: the records and rejections that a parser makes of a raw file, as checked tables."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import polars as pl

from flows.errors import count_noun
from flows.raw.archives import ContentStream, Fault
from flows.raw.archives.content import PIECE_BYTES
from flows.raw.raw_file import RawFile
from schemas.record import Record
from schemas.rejection import EXCERPT_LENGTH, Rejection
from schemas.vocabulary import License, Reason


@dataclass(frozen=True)
class Batch:
    """What a parser read: at most some ten thousand records, so that memory stays bounded."""

    records: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=Record.dtypes()))
    rejections: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=Rejection.dtypes())
    )
    unseen: Counter[str] = field(default_factory=Counter)
    """Fields the parser neither reads nor ignores on purpose, with how often they occurred."""
    notes: tuple[str, ...] = ()
    """What the maintainer should know about the file, such as an encoding that was guessed."""
    unread_bytes: int = 0
    """Bytes of the file that no record was made of because they cannot be read.

    They are those of a record that is `Reason.TOO_LARGE`, or of what nobody knows how many
    records it held: then a rejection is `Reason.TRUNCATED`, by which a gate stops the release."""


REASONS = {reason.value: reason for reason in Reason}
"""A reason by its value, as expressions give it."""


def make_rejection(  # noqa: PLR0913  # a rejection is what it is made of
    raw: RawFile,
    line: int,
    reason: Reason,
    *,
    detail: str,
    excerpt: str,
    record_id: str | None = None,
) -> dict[str, object]:
    """Make one row of the `Rejection` table, its excerpt cut to the allowed length."""
    return {
        "source": raw.source.value,
        "snapshot": raw.snapshot,
        "file": raw.path.name,
        "member": raw.member,
        "line": line,
        "record_id": record_id,
        "reason": reason.value,
        "detail": detail,
        "excerpt": excerpt[:EXCERPT_LENGTH],
    }


def tabulate_rejections(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Make a `Rejection` table of rows made by `make_rejection`, in the order of the file."""
    frame = pl.DataFrame(list(rows), schema=REJECTION_DTYPES, orient="row")
    return frame.sort("line", maintain_order=True)


RECORD_DTYPES = Record.dtypes()
REJECTION_DTYPES = Rejection.dtypes()


def tabulate_records(raw: RawFile, frame: pl.DataFrame, license_: License) -> pl.DataFrame:
    """Make a `Record` table of a frame with ``line``, ``title`` and what else a source has.

    Columns that the source does not have become null, lists empty, flags false; a licence of its
    own for each row may be among them.
    """
    columns = {
        "record_id": pl.concat_str(pl.lit(raw.record_id_prefix), pl.col("line")),
        "source": pl.lit(raw.source.value),
        "snapshot": pl.lit(raw.snapshot),
        "file": pl.lit(raw.path.name),
        "member": pl.lit(raw.member, dtype=pl.String),
        "is_withdrawn": pl.lit(value=False),
        "is_retracted": pl.lit(value=False),
        "license": pl.lit(license_.value),
    } | {name: pl.col(name) for name in frame.columns}
    return frame.select(
        _cast_column(columns.get(name, pl.lit(None)), dtype).alias(name)
        for name, dtype in RECORD_DTYPES.items()
    )


def _cast_column(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    typed = value.cast(dtype)
    # A list of nothing is empty, never null, in every table here.
    return typed.fill_null(pl.lit([], dtype=dtype)) if isinstance(dtype, pl.List) else typed


NAME_LISTS = tuple(name for name, dtype in RECORD_DTYPES.items() if dtype == pl.List(pl.String))
"""Columns of records that list names: authors, categories, classes, keywords."""


def drop_blank_entries(records: pl.DataFrame) -> pl.DataFrame:
    """Return records without the entries of their lists that name nothing.

    >>> records = pl.DataFrame({"keywords": [["nlp", "", None, " "], []]})
    >>> drop_blank_entries(records)["keywords"].to_list()
    [['nlp'], []]
    """
    entry = pl.element()
    is_filled = entry.is_not_null() & (entry.str.strip_chars() != "")
    present = [name for name in NAME_LISTS if name in records.columns]
    return records.with_columns(pl.col(present).list.eval(entry.filter(is_filled)))


Parse = Callable[[RawFile, BinaryIO], Iterator[Batch]]


def parse_stream(raw: RawFile, stream: ContentStream, parse: Parse) -> Iterator[Batch]:
    """Parse a stream, and say once what of its content was not read, in bytes where it is known.

    That is what follows damage of the packing, and what a parser left when it gave up. The
    records before it are kept. A parser that met the end in the middle of a record says so too;
    that row gives way to the one about the file.
    """
    last, excerpt = 0, ""
    bounded = BoundedRejections(raw)
    for batch in map(bounded.cut, parse(raw, stream.as_binary())):
        last = max(last, _find_last_line(batch))
        if stream.fault is None:
            yield batch
            if bounded.is_hopeless():
                break
            continue
        is_cut = pl.col("reason") == Reason.TRUNCATED.value
        excerpt = next(iter(batch.rejections.filter(is_cut)["excerpt"]), excerpt)
        yield replace(batch, rejections=batch.rejections.filter(~is_cut))
    yield from bounded.report()
    unread = _count_rest(stream)
    if stream.fault is not None or unread:
        yield _report_unread(raw, max(last, 1), stream.fault, unread, excerpt)


SAME_REJECTIONS = 50_000
"""Rejections of a file for one reason, after which more of them are only counted."""


@dataclass
class BoundedRejections:
    """Keeps so many rejections of a file for each reason, and counts those after them.

    A few kilobytes can unpack to millions of empty entries. The table must not grow with them, and
    the release must not come out as if they had been fine: what is counted only is reported as a
    file that was not read to its end.
    """

    raw: RawFile
    records: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The first and the last place of what was only counted, by reason."""

    def cut(self, batch: Batch) -> Batch:
        """Take out of a batch the rejections that are too many of their kind."""
        frame = batch.rejections
        self.records += batch.records.height
        already = dict(self.counts)
        self.counts.update(dict(frame["reason"].value_counts().iter_rows()))
        if not any(count > SAME_REJECTIONS for count in self.counts.values()):
            return batch
        rank = pl.int_range(pl.len()).over("reason") + pl.col("reason").replace_strict(
            already, default=0, return_dtype=pl.Int64
        )
        # A rejection of a record with an id is what accounts for that record: it stays.
        is_kept = (rank < SAME_REJECTIONS) | pl.col("record_id").is_not_null()
        for reason, first, last in (
            frame.filter(~is_kept)
            .group_by("reason")
            .agg(first=pl.col("line").min(), last=pl.col("line").max())
            .iter_rows()
        ):
            self.lines[reason] = (self.lines.get(reason, (first, last))[0], last)
        return replace(batch, rejections=frame.filter(is_kept))

    def is_hopeless(self) -> bool:
        """Return whether so much was refused, and so little read, that the rest is left unread."""
        return self.counts.total() > max(4 * SAME_REJECTIONS, 10 * self.records)

    def report(self) -> Iterator[Batch]:
        """Report what was only counted, if anything was: how many, the first and the last."""
        for reason, (first, last) in sorted(self.lines.items()):
            more = self.counts[reason] - SAME_REJECTIONS
            count = count_noun(more, "more/more", "is/are")
            detail = f"{count} {reason}, the first at {first:,}, the last at {last:,}"
            row = make_rejection(self.raw, last, Reason.TRUNCATED, detail=detail, excerpt="")
            yield Batch(rejections=tabulate_rejections([row]))


def _count_rest(stream: ContentStream) -> int:
    """Count the bytes that a parser left unread, up to the last one that is no space."""
    count = seen = 0
    while piece := stream.read(PIECE_BYTES):
        # White space behind the last record is no loss; white space between texts is.
        if text := piece.rstrip():
            count = seen + len(text)
        seen += len(piece)
    return count


def _report_unread(
    raw: RawFile, line: int, fault: Fault | None, unread: int, excerpt: str
) -> Batch:
    count = count_noun(unread, "byte of the file/bytes of the file", "was/were")
    detail = f"{count} not read" if unread else ""
    detail = "; ".join(part for part in (fault.detail if fault else "", detail) if part)
    row = make_rejection(raw, line, Reason.TRUNCATED, detail=detail, excerpt=excerpt)
    return Batch(rejections=tabulate_rejections([row]), unread_bytes=unread)


def _find_last_line(batch: Batch) -> int:
    lines = [frame["line"].max() for frame in (batch.records, batch.rejections)]
    # The largest line of an empty frame is None.
    return max((line for line in lines if isinstance(line, int)), default=0)
