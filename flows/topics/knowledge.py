"""Knowledge: everything the labeller consults, read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from flows.topics.lexicon import cues, lexicon
from flows.topics.taxonomy import CURATION, read_rows, refuse, split, taxonomy


@dataclass(frozen=True)
class Knowledge:
    """What people wrote down about topics, as frames."""

    topics: pl.DataFrame
    """The taxonomy."""
    lexicon: pl.DataFrame
    """Every phrase to seek, with its topic and strength."""
    cues: pl.DataFrame
    """Words that say how the words near them are meant."""
    implications: pl.DataFrame
    """``facet``, ``topic``, ``area``: tasks and methods that lie in an area."""
    venues: pl.DataFrame
    """``area``, ``keyword``, ``weight``: names in a venue that speak for an area, in log odds."""
    archives: pl.DataFrame
    """``facet``, ``topic``, ``archive``, ``weight``: parts of arXiv that speak for a topic."""


@cache
def knowledge(folder: Path = CURATION) -> Knowledge:
    """Read the curated files of a folder. Raises `InvalidCuration`, naming each faulty line."""
    topics = taxonomy(folder / "taxonomy.csv")
    return Knowledge(
        topics=topics,
        lexicon=lexicon(topics, folder / "phrases.csv"),
        cues=cues(folder / "cues.csv"),
        implications=_implications(folder / "implications.csv", topics),
        venues=_venues(folder / "venues.csv", topics),
        archives=_archives(folder / "archives.csv", topics),
    )


def _implications(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["area", "facet", "topics", "reason"])
    known = set(topics.select("facet", "topic").iter_rows())
    implied = [
        (line, row["facet"], topic, row["area"])
        for line, row in rows
        for topic in split(row["topics"])
    ]
    refuse(path, list(_unknown(implied, known)))
    return pl.DataFrame(
        [cells[1:] for cells in implied], schema=["facet", "topic", "area"], orient="row"
    )


def _unknown(
    implied: list[tuple[int, str, str, str]], known: set[tuple[str, ...]]
) -> Iterator[str]:
    for line, facet, topic, area in implied:
        for key in [(facet, topic), ("area", area)]:
            if key not in known:
                yield f"line {line}: {'/'.join(key)} is not in the taxonomy"


def _venues(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["area", "keywords", "weight", "reason"])
    areas = set(topics.filter(pl.col("facet") == "area")["topic"])
    refuse(
        path,
        [
            f"line {line}: area/{row['area']} is not in the taxonomy"
            for line, row in rows
            if row["area"] not in areas
        ],
    )
    named = [
        (row["area"], word, row["weight"]) for _, row in rows for word in split(row["keywords"])
    ]
    frame = pl.DataFrame(named, schema=["area", "keyword", "weight"], orient="row")
    return frame.with_columns(pl.col("weight").cast(pl.Float64))


def _archives(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["facet", "topic", "archives", "weight", "reason"])
    known = set(topics.select("facet", "topic").iter_rows())
    refuse(
        path,
        [
            f"line {line}: {row['facet']}/{row['topic']} is not in the taxonomy"
            for line, row in rows
            if (row["facet"], row["topic"]) not in known
        ],
    )
    named = [
        (row["facet"], row["topic"], archive, row["weight"])
        for _, row in rows
        for archive in split(row["archives"])
    ]
    frame = pl.DataFrame(named, schema=["facet", "topic", "archive", "weight"], orient="row")
    return frame.with_columns(pl.col("weight").cast(pl.Float64))
