"""Examples: the papers that people labelled, from which the labeller learns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.enrich.topics.taxonomy import (
    UNKNOWN,
    map_present_names,
    read_taxonomy,
    refuse_faults,
)
from flows.paths import CURATION
from schemas.vocabulary import Facet

LABELLED = (CURATION / "labelled_papers.jsonl", CURATION / "labelled_papers_acl.jsonl")
"""Papers that people labelled with primary, secondary and ambiguous topics per facet, the number of
annotators, and whether the lexicon was mended for their errors: metadata of arXiv (CC0), and of the
ACL Anthology (CC BY 4.0) in a file of its own."""

UNREAD = (CURATION / "unread_papers.jsonl", CURATION / "unread_papers_acl.jsonl")
"""More of them, which nothing may be learned from or chosen by: the final figures are theirs."""

LATER_UNREAD = (
    CURATION / "later_unread_papers.jsonl",
    CURATION / "later_unread_papers_acl.jsonl",
)
"""More of `UNREAD`, measured for the first time after the others had been measured four times."""

LAST_UNREAD = (CURATION / "last_unread_papers.jsonl", CURATION / "last_unread_papers_acl.jsonl")
"""Still more, read with their whole abstracts, half of them daily papers."""

ALL_UNREAD = (*UNREAD, *LATER_UNREAD, *LAST_UNREAD)

PAGE = (CURATION / "page_papers.jsonl",)
"""The 73 papers of the page that ships, read on 2026-11-30 by one reader before any label of ours
was looked at: they are measured on, and nothing is learned from them."""

FOLDS = 5
"""Parts of the labelled papers; each part is scored by weights that never saw it."""

ROLES = ["primary", "secondary", "ambiguous"]
"""How annotators judge a topic: the paper's own subject, true, or not to be scored."""


def assign_fold() -> pl.Expr:
    """Assign a labelled paper to a fold by its place in the file."""
    return pl.col("row").cast(pl.Int64) % FOLDS


@dataclass(frozen=True)
class Examples:
    """Labelled papers.

    ``texts`` has ``row``, ``paper``, ``title``, ``abstract``, ``annotators`` (their number) and
    ``errors_read`` (false where nobody looked at what the labeller got wrong); ``truth`` has
    ``row``, ``facet``, ``topic`` and ``role``, one of `ROLES`.
    """

    texts: pl.DataFrame
    truth: pl.DataFrame

    def select_papers(self, chosen: pl.Expr) -> "Examples":
        """Select the papers that an expression on ``row`` chooses."""
        return Examples(self.texts.filter(chosen), self.truth.filter(chosen))


def read_examples(paths: Sequence[Path] = LABELLED) -> Examples:
    """Read labelled papers, in the order of the files, with the present names of topics.

    Raises `InvalidCuration` for a topic that the taxonomy lacks.
    """
    texts, truth, first_row = [], [], 0
    for path in paths:
        # All lines decide the columns: a role may first be used far down.
        rows = pl.read_ndjson(path, infer_schema_length=None).with_row_index("row", first_row)
        columns = ["title", "abstract", "annotators", "errors_read"]
        texts.append(rows.select("row", pl.col("arxiv_id").alias("paper"), *columns))
        truth.append(_rename_topics(list_labels(rows), path, first_row))
        first_row += rows.height
    return Examples(pl.concat(texts), pl.concat(truth))


def _rename_topics(truth: pl.DataFrame, path: Path, first_row: int) -> pl.DataFrame:
    names = map_present_names(read_taxonomy())
    keys = [(facet, topic) for _, facet, topic, _ in truth.iter_rows()]
    strange = [
        f"line {row - first_row + 1}: {'/'.join(key)} {UNKNOWN}"
        for row, key in zip(truth["row"], keys, strict=True)
        if key not in names
    ]
    refuse_faults(path, strange)
    return truth.with_columns(topic=pl.Series([names[key] for key in keys], dtype=pl.String))


def list_labels(rows: pl.DataFrame, number: str = "row") -> pl.DataFrame:
    """List labels, one row per paper and topic: the ``number``, ``facet``, ``topic``, ``role``."""
    return pl.concat(
        rows.select(
            number, pl.lit(facet).alias("facet"), pl.col(facet).struct.field(role).alias("topic")
        )
        .explode("topic", empty_as_null=True)
        .drop_nulls("topic")
        .select(number, "facet", pl.col("topic").cast(pl.String), role=pl.lit(role))
        for facet in Facet.values()
        if facet in rows.columns
        for role in ROLES
    )
