"""Topic gold: papers with the topics that people gave them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.enrich.topics import folding
from flows.enrich.topics.examples import (
    LAST_UNREAD,
    LATER_UNREAD,
    PAGE,
    UNREAD,
    Examples,
    assign_fold,
    list_labels,
    read_examples,
)
from schemas.vocabulary import Facet, SetKind

METADATA = (
    pl.lit([], pl.List(pl.String)).alias("categories"),
    pl.lit(None, pl.String).alias("venue"),
    pl.lit(None, pl.Date).alias("published"),
)
"""Columns of what a source says beside the text: unknown, so that figures are of texts alone."""


@dataclass(frozen=True)
class Gold:
    """Papers to score the labeller on.

    ``texts`` has ``row``, ``i``, ``title``, ``abstract`` on one line each, and `METADATA`;
    ``truth`` has ``i``, ``facet``, ``topic``, ``role``, and is None where labels are withheld.
    """

    texts: pl.DataFrame
    truth: pl.DataFrame | None

    def require_truth(self) -> pl.DataFrame:
        """Return the truth. Raises `ValueError` when it is withheld."""
        if self.truth is None:
            raise ValueError("The papers have no labels: there is nothing to score against.")
        return self.truth


def read_gold(folder: Path) -> Gold:
    """Read ``gold.jsonl`` of a folder, with or without labels."""
    roles = pl.Struct(dict.fromkeys(("primary", "secondary", "ambiguous"), pl.List(pl.String)))
    # What else lines hold is not read, and need not be of one type.
    known = {"i": pl.Int64(), **dict.fromkeys(("title", "abstract"), pl.String())}
    rows = pl.read_ndjson(
        folder / "gold.jsonl", schema=known | dict.fromkeys(Facet.values(), roles)
    ).with_row_index("row")
    judged = [facet for facet in Facet.values() if not rows[facet].is_null().all()]
    texts = rows.select(
        "row",
        "i",
        *(pl.col(name).str.replace_all(r"\s+", " ") for name in ("title", "abstract")),
        *METADATA,
    )
    if not judged:
        return Gold(texts, None)
    labels = list_labels(rows.select("i", *judged), "i")
    # A list may name a topic twice, and would count it twice.
    return Gold(texts, labels.unique(["i", "facet", "topic"], keep="first", maintain_order=True))


def list_own_sets() -> Iterator[tuple[str, SetKind, Gold]]:
    """List the labelled papers of the project that tell how good it is, with name and kind."""
    # Labels that the model doubted were asked once more, which moves them towards what it says.
    name = "labelled papers, errors unread, doubts settled"
    yield name, SetKind.CROSS_VALIDATED, select_unread(read_examples())
    yield "unread papers", SetKind.UNREAD, make_gold(read_examples(UNREAD))
    later = make_gold(read_examples(LATER_UNREAD))
    yield "unread papers, later ones", SetKind.UNREAD, later
    yield "unread papers, last ones", SetKind.UNREAD, make_gold(read_examples(LAST_UNREAD))
    yield "papers of the bundled page", SetKind.UNREAD, make_gold(read_examples(PAGE))


def select_unread(examples: Examples) -> Gold:
    """Select labelled papers whose errors nobody read: no phrase was written for them."""
    unread = examples.texts.filter(~pl.col("errors_read"))
    return make_gold(
        Examples(unread, examples.truth.join(unread, on="row", how="semi", maintain_order="left"))
    )


def make_gold(examples: Examples) -> Gold:
    """Make labelled papers a set to be scored, each by the number of its row."""
    number = pl.col("row").cast(pl.Int64).alias("i")
    return Gold(
        examples.texts.select("row", number, "title", "abstract", *METADATA),
        examples.truth.select(number, "facet", "topic", "role"),
    )


def find_folds(texts: pl.DataFrame, examples: Examples) -> pl.DataFrame:
    """Find papers among the examples: ``row``, ``paper``, ``fold``; null and -1 if never seen."""
    # By title: sets of others number their papers by themselves, and know no ids of ours.
    title = folding.make_phrase_key(pl.col("title")).alias("title")
    labelled = examples.texts.select(title, "paper", fold=assign_fold())
    return (
        texts.select("row", title)
        .join(
            labelled.unique("title", keep="first", maintain_order=True),
            on="title",
            how="left",
            validate="m:1",
        )
        .select("row", "paper", pl.col("fold").fill_null(-1))
    )
