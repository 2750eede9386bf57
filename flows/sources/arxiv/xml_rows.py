"""Rows of arXiv's XML answers and feeds: one shape for all of them, made into batches."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from flows.raw.batch import REASONS, Batch, make_rejection, tabulate_records, tabulate_rejections
from flows.raw.raw_file import RawFile
from flows.raw.rows import tabulate_rows
from flows.raw.xml_recovery import Damage
from flows.sources.arxiv import fields, notices
from flows.sources.shared.author_strings import clean_names, count_unnamed_authors
from flows.sources.shared.dates import count_lost_days, list_days, parse_day
from flows.sources.shared.excerpts import show_elements
from schemas.vocabulary import License, Reason

TEXT_COLUMNS = ("id", "title", "abstract", "comments", "venue", "doi")
WORD_COLUMNS = ("category_words", "class_words")
DAY_COLUMNS = ("published", "updated", "listed")

ROW_SCHEMA = pl.Schema(
    {
        "line": pl.Int64(),
        "author_text": pl.String(),
        "authors": pl.List(pl.String),
        "keywords": pl.List(pl.String),
        "version_days": pl.List(pl.String),
        **dict.fromkeys((*TEXT_COLUMNS, *WORD_COLUMNS, *DAY_COLUMNS), pl.String()),
    }
)
"""A record as its XML has it: days as written, categories and classes among other words; the text
of the authors where it names all of them in one."""

BATCH_RECORDS = 5_000
"""arXiv gives some 1,000 to 2,000 records in an answer; a file may hold more."""


@dataclass
class PendingRows:
    """Rows and rejections of one batch, gathered element by element."""

    raw: RawFile
    rows: list[dict[str, object]] = field(default_factory=list)
    refused: list[dict[str, object]] = field(default_factory=list)
    unseen: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    unread_bytes: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the rows are a batch, or what was refused: that has its bound by file, too."""
        return max(len(self.rows), len(self.refused)) >= BATCH_RECORDS

    def refuse(self, line: int, reason: Reason, detail: str, excerpt: str = "") -> None:
        """Keep the place of what cannot be read, and why."""
        row = make_rejection(self.raw, line, reason, detail=detail, excerpt=excerpt)
        self.refused.append(row)

    def refuse_damage(self, line: int, damage: Damage) -> None:
        """Keep the place of a part that is no XML, and how many bytes of it are unknown."""
        # OAI-PMH's records name their submitters, who are stored nowhere.
        shown = show_elements(damage.excerpt, ("identifier", "id", "guid", "title"))
        self.refuse(line, damage.reason, damage.detail, shown)
        self.unread_bytes += damage.unread_bytes

    def build_batch(self) -> Batch:
        """Build a batch of what was read so far; rows without a usable id or title are refused."""
        frame = tabulate_rows(self.rows, ROW_SCHEMA).with_columns(reason=fields.find_record_fault())
        for line, reason, identifier, title in (
            frame.filter(pl.col("reason").is_not_null())
            .select("line", "reason", "id", pl.col("title").fill_null(""))
            .iter_rows()
        ):
            self.refuse(line, REASONS[reason], _describe_fault(identifier, reason), title)
        passed = frame.filter(pl.col("reason").is_null())
        accepted = passed.select("line", *_build_columns())
        self.unseen += count_lost_days(passed, accepted, {name: name for name in DAY_COLUMNS})
        return Batch(
            tabulate_records(self.raw, accepted, License.CC0),
            tabulate_rejections(self.refused),
            self.unseen,
            notes=tuple(self.notes),
            unread_bytes=self.unread_bytes,
        )


def _describe_fault(identifier: str | None, reason: str) -> str:
    if reason == Reason.NO_TITLE:
        return f"{identifier} has no title"
    return f"{identifier!r} is no arXiv id" if identifier else "has no id"


def _build_columns() -> list[pl.Expr | str]:
    """Return the columns of `Record` that a row fills."""
    # arXiv has no field for withdrawals: authors write them into their texts.
    notice_texts = (pl.col("abstract"), pl.col("comments"))
    return [
        pl.col("id").alias("source_id"),
        pl.col("id").alias("arxiv_id"),
        *("title", "abstract", "comments", "venue", "doi", "keywords"),
        clean_names(pl.col("authors")).alias("authors"),
        count_unnamed_authors(pl.col("author_text")).alias("unnamed_authors"),
        fields.pick_categories(pl.col("category_words")).alias("categories"),
        fields.pick_classes(pl.col("class_words")).alias("classes"),
        *(parse_day(pl.col(name)).alias(name) for name in DAY_COLUMNS),
        list_days(pl.col("version_days")).alias("version_days"),
        notices.is_withdrawn(*notice_texts).alias("is_withdrawn"),
        notices.is_retracted(*notice_texts).alias("is_retracted"),
    ]


def format_name(last: str | None, first: str | None, suffix: str | None) -> str:
    """Write a name whose parts are known as ``Last suffix, First``; a group has no first name.

    >>> format_name("Evans", "Neal J.", "II"), format_name("ATLAS Collaboration", None, None)
    ('Evans II, Neal J.', 'ATLAS Collaboration')
    """
    family = " ".join(filter(None, (last, suffix))).strip()
    return ", ".join(filter(None, (family, (first or "").strip())))
