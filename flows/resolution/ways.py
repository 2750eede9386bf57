"""Resolve titles by every way that is allowed: the index first, the services for what is left."""

from pathlib import Path

import polars as pl

from flows.resolution.answers import Answers
from flows.resolution.index import Index
from flows.resolution.offline import resolve
from flows.resolution.online import Online

RESOLVED = pl.Schema(
    {
        "title": pl.String,
        "arxiv_id": pl.String,
        "doi": pl.String,
        "resolver": pl.String,
        "score": pl.Float64,
        "evidence": pl.String,
        "reason": pl.String,
    }
)
"""One row per title, in order. ``resolver`` is ``index:<rule>`` or a service, null where nothing
was found; ``evidence`` the title found, also of what was refused; ``reason`` why there is no id."""


def resolve_all(titles: pl.DataFrame, index: Path | None, cache: Path | None) -> pl.DataFrame:
    """Resolve ``title, authors`` by an index and, where a cache folder is given, at services.

    The network is asked only with a cache folder, and only for what the index leaves open.
    """
    found = by_index(titles, Index.load(index)) if index else _unasked(titles)
    return by_services(titles, found, Online(Answers(cache))) if cache else found


def by_index(titles: pl.DataFrame, index: Index) -> pl.DataFrame:
    """Resolve titles offline: see `RESOLVED`."""
    is_found = pl.col("paper").is_not_null()
    return (
        resolve(titles, index)
        .select(
            "title",
            arxiv_id="paper",
            doi=pl.lit(None),
            resolver=pl.when(is_found).then(pl.lit("index:") + pl.col("rule")),
            score="score",
            evidence="matched_title",
            reason=pl.when(~is_found).then(pl.lit("index: ") + pl.col("rule")),
        )
        .cast(RESOLVED)
    )


def by_services(titles: pl.DataFrame, found: pl.DataFrame, online: Online) -> pl.DataFrame:
    """Ask services for the titles that have no id yet; what they say of one replaces its row."""
    rows = []
    for row, authors in zip(found.iter_rows(named=True), titles["authors"], strict=True):
        if row["arxiv_id"] is not None:
            rows.append(row)
            continue
        verdict = online.resolve(row["title"], authors.to_list() if authors is not None else None)
        reasons = [row["reason"], verdict.reason] if not verdict.arxiv_id else []
        told = {"title": row["title"], **vars(verdict)}
        rows.append(told | {"reason": "; ".join(filter(None, reasons)) or None})
    return pl.DataFrame(rows, schema=RESOLVED, orient="row")


def _unasked(titles: pl.DataFrame) -> pl.DataFrame:
    reason = pl.lit("not asked: give --offline INDEX or --online")
    nothing = {name: pl.lit(None, dtype) for name, dtype in RESOLVED.items() if name != "title"}
    return titles.select("title", **(nothing | {"score": pl.lit(0.0), "reason": reason}))
