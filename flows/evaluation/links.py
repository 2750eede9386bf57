"""Links against abstracts that people marked: ``gold.jsonl``, one abstract per line."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.links import extraction, kinds

PREDICTIONS = pl.Schema(
    {"i": pl.Int64, "url": pl.String, "start": pl.Int64, "end": pl.Int64, "kind": pl.String}
)
"""One row per abstract and canonical URL, at its first place."""

_GOLD_LINK = pl.Struct(
    {
        "url": pl.String,
        "kind": pl.String,
        "kind_alternatives": pl.List(pl.String),
        "url_alternatives": pl.List(pl.String),
        "optional": pl.Boolean,
    }
)


def texts(folder: Path) -> pl.DataFrame:
    """Read the abstracts as `extraction.extract` wants them; the gold columns may be missing."""
    read = pl.read_ndjson(
        folder / "gold.jsonl", schema={"i": pl.Int64, "abstract": pl.String}, ignore_errors=False
    )
    return read.select(
        record_id=pl.col("i").cast(pl.String), field=pl.lit("abstract"), text="abstract"
    )


def predict(folder: Path) -> pl.DataFrame:
    """Find the links of the abstracts in a folder: see `PREDICTIONS`."""
    found = extraction.extract(texts(folder)).pipe(kinds.with_kinds)
    return (
        found.with_columns(i=pl.col("record_id").cast(pl.Int64))
        .sort("i", "start")
        .unique(["i", "url"], keep="first", maintain_order=True)
        .select(PREDICTIONS.names())
    )


def score(predictions: pl.DataFrame, folder: Path) -> dict[str, float]:
    """Give precision, recall and F1 on canonical URLs, and kind accuracy on the found ones.

    An alternative spelling or kind counts as right; an optional link counts only where found.
    Gives an empty dictionary where the folder has no gold.
    """
    gold = _gold(folder)
    if gold is None:
        return {}
    spellings = gold.explode("spellings").rename({"spellings": "url"})
    right = predictions.join(spellings, on=["i", "url"], how="inner", maintain_order="left").unique(
        ["i", "link"], keep="first", maintain_order=True
    )
    wanted = gold.filter(~pl.col("optional")).height
    missed = wanted - right.filter(~pl.col("optional")).height
    extra = predictions.height - right.height
    return _scores(right, missed, extra)


def _scores(right: pl.DataFrame, missed: int, extra: int) -> dict[str, float]:
    precision = right.height / max(right.height + extra, 1)
    recall = right.height / max(right.height + missed, 1)
    agreed = {"kind_accuracy": float(right["kind"].is_in(right["kinds"]).mean() or 0)}  # type: ignore[arg-type]  # a mean of booleans
    total = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
        **(agreed if "kind" in right.columns and "kinds" in right.columns else {}),
    }


def _gold(folder: Path) -> pl.DataFrame | None:
    """Read the marked links, one row each; None where the lines hold no links."""
    schema: dict[str, pl.DataType] = {"i": pl.Int64(), "links": pl.List(_GOLD_LINK)}
    read = pl.read_ndjson(folder / "gold.jsonl", schema=schema)
    if read["links"].is_null().all():
        return None
    return (
        read.explode("links", empty_as_null=False)
        .drop_nulls("links")
        .unnest("links")
        .with_row_index("link")
        .select(
            "i",
            "link",
            pl.col("optional").fill_null(value=False),
            spellings=pl.concat_list("url", pl.col("url_alternatives").fill_null([])),
            kinds=pl.concat_list("kind", pl.col("kind_alternatives").fill_null([])),
        )
    )


def report(predictions: pl.DataFrame, folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give the score; nothing where the folder has no truth."""
    if figures := score(predictions, folder):
        yield "links, by canonical URL", pl.DataFrame([figures])
