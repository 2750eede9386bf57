"""Gold: papers with the topics that people gave them."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.enrich.topics import phrase_search
from flows.enrich.topics.examples import Examples, assign_fold, list_labels
from schemas.vocabulary import Facet


@dataclass(frozen=True)
class Gold:
    """Papers to score the labeller on.

    ``texts`` has ``row``, ``i``, ``title``, ``abstract`` on one line each; ``truth`` has ``i``,
    ``facet``, ``topic``, ``role``, and is None where the labels are withheld.
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
    rows = pl.read_ndjson(folder / "gold.jsonl", infer_schema_length=None).with_row_index("row")
    texts = rows.select(
        "row", "i", *(pl.col(name).str.replace_all(r"\s+", " ") for name in ("title", "abstract"))
    )
    has_labels = any(facet in rows.columns for facet in Facet.values())
    return Gold(texts, list_labels(rows, "i") if has_labels else None)


def select_unread(examples: Examples) -> Gold:
    """Select the labelled papers whose errors nobody read: the lexicon was not made for them."""
    texts = examples.texts.filter(~pl.col("errors_read"))
    number = pl.col("row").cast(pl.Int64).alias("i")
    truth = examples.truth.join(texts, on="row", how="semi").select(
        number, "facet", "topic", "role"
    )
    return Gold(texts.select("row", number, "title", "abstract"), truth)


def find_folds(texts: pl.DataFrame, examples: Examples) -> pl.DataFrame:
    """Find the fold of each paper: ``row``, ``fold``, -1 if the model never saw it."""
    title = phrase_search.make_phrase_key(pl.col("title")).alias("title")
    taught = examples.texts.select(title, fold=assign_fold())
    return (
        texts.select("row", title)
        .join(
            taught.unique("title", keep="first", maintain_order=True),
            on="title",
            how="left",
            validate="m:1",
        )
        .select("row", pl.col("fold").fill_null(-1))
    )
