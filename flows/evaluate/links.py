"""Links against abstracts that people marked: ``gold.jsonl``, one abstract per line."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.enrich.links import extract_links
from flows.enrich.links.describe_links import describe_links
from flows.evaluate import link_peers, link_roles

PREDICTIONS = pl.Schema(
    {
        "i": pl.Int64,
        "url": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
        "kind": pl.String,
        "role": pl.String,
    }
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


def read_abstracts(folder: Path) -> pl.DataFrame:
    """Read the abstracts for `find_links`; the gold columns may be missing."""
    read = pl.read_ndjson(
        folder / "gold.jsonl", schema={"i": pl.Int64, "abstract": pl.String}, ignore_errors=False
    )
    return read.select(
        record_id=pl.col("i").cast(pl.String), field=pl.lit("abstract"), text="abstract"
    )


def predict(folder: Path) -> pl.DataFrame:
    """Find the links of the abstracts in a folder: see `PREDICTIONS`."""
    return predict_links(read_abstracts(folder))


def predict_links(abstracts: pl.DataFrame) -> pl.DataFrame:
    """Find the links of texts whose ``record_id`` is a number: see `PREDICTIONS`."""
    return (
        extract_links.find_links(abstracts)
        .pipe(describe_links)
        .with_columns(i=pl.col("record_id").cast(pl.Int64))
        .sort("i", "start")
        .unique(["i", "url"], keep="first", maintain_order=True)
        .select(PREDICTIONS.names())
    )


def score(predictions: pl.DataFrame, folder: Path) -> dict[str, float]:
    """Calculate precision, recall and F1 on canonical URLs, and the accuracy of kinds.

    An alternative spelling or kind counts as right; an optional link counts only where found.
    Predictions without a column ``kind`` get no kind accuracy.
    Returns an empty dictionary where the folder has no gold.
    """
    gold = _read_gold(folder)
    if gold is None:
        return {}
    right = match_gold_links(predictions, gold)
    # Optional links count where they were found, and cannot be missed.
    required = gold.filter(~pl.col("optional")).height
    missed = required - right.filter(~pl.col("optional")).height
    extra = predictions.height - right.height
    return _calculate_scores(right, missed, extra)


def match_gold_links(predictions: pl.DataFrame, gold: pl.DataFrame) -> pl.DataFrame:
    """Join predictions with the marked links that they are: one of each at most.

    Where two spellings of one marked link were found, one is right and the other is extra.
    """
    spellings = gold.explode("spellings").rename({"spellings": "url"})
    matched = predictions.join(spellings, on=["i", "url"], how="inner", maintain_order="left")
    for single in ("link", "url"):
        matched = matched.unique(["i", single], keep="first", maintain_order=True)
    return matched


def _calculate_scores(right: pl.DataFrame, missed: int, extra: int) -> dict[str, float]:
    precision = right.height / max(right.height + extra, 1)
    recall = right.height / max(right.height + missed, 1)
    total = precision + recall
    figures = {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
    }
    if "kind" not in right.columns:
        return figures
    agreed = right.select(pl.col("kind").is_in("kinds").mean().fill_null(0.0)).item()
    return figures | {"kind_accuracy": agreed}


def _read_gold(folder: Path) -> pl.DataFrame | None:
    """Read the marked links, see `read_gold_links`; None where the lines hold no links."""
    if _read_link_lists(folder)["links"].is_null().all():
        return None
    return read_gold_links(folder)


def _read_link_lists(folder: Path) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {"i": pl.Int64(), "links": pl.List(_GOLD_LINK)}
    return pl.read_ndjson(folder / "gold.jsonl", schema=schema)


def read_gold_links(folder: Path) -> pl.DataFrame:
    """Read the marked links, one row each: text ``i``, ``link``, the right spellings and kinds.

    A link that is marked at several places of a text is one, as it is where links are found.
    """
    return (
        _read_link_lists(folder)
        .explode("links", empty_as_null=False)
        .drop_nulls("links")
        .unnest("links")
        .unique(["i", "url"], keep="first", maintain_order=True)
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
    """Yield our score with that of every peer below it; nothing where the folder has no truth.

    Peers tell no kinds. One that is not installed has a row without figures.
    """
    if not (figures := score(predictions, folder)):
        return
    abstracts = read_abstracts(folder)
    rows = [{"finder": "open-papers", **figures}]
    rows += [
        {"finder": name, **score(link_peers.run_finder(finder, abstracts), folder)}
        for name, finder in link_peers.list_finders()
    ]
    rows += [{"finder": f"{name} (not installed)"} for name in link_peers.list_missing_finders()]
    ranked = pl.DataFrame(rows).sort("f1", descending=True, nulls_last=True)
    yield "links, by canonical URL", ranked
    if not (gold_roles := link_roles.read_gold_roles(folder)).is_empty():
        yield (
            f"roles of links in {folder.resolve().name}",
            link_roles.score_roles(predictions, gold_roles),
        )
