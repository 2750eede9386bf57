"""Knowledge: everything the labeller consults, read once."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from flows.enrich.topics.lexicon import cues, lexicon, variants
from flows.enrich.topics.phrase_search import key_of
from flows.enrich.topics.taxonomy import (
    CURATION,
    UNKNOWN,
    number_faults,
    present_names,
    read_rows,
    refuse,
    split,
    taxonomy,
)


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
    companions: pl.DataFrame
    """``facet``, ``topic``, ``key``, ``beside_facet``, ``beside_topic``: phrases that count only
    where the paper mentions a certain other topic."""
    archives: pl.DataFrame
    """``facet``, ``topic``, ``archive``, ``weight``: parts of arXiv that speak for a topic."""


@cache
def knowledge(folder: Path = CURATION) -> Knowledge:
    """Read the curated files of a folder. Raises `InvalidCuration`, naming each faulty line."""
    topics = taxonomy(folder / "taxonomy.csv")
    spoken = lexicon(topics, folder / "phrases.csv")
    return Knowledge(
        topics=topics,
        lexicon=spoken,
        companions=_companions(folder / "companions.csv", topics, spoken),
        cues=cues(folder / "cues.csv"),
        implications=_implications(folder / "implications.csv", topics),
        venues=_venues(folder / "venues.csv", topics),
        archives=_archives(folder / "archives.csv", topics),
    )


def _companions(path: Path, topics: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["facet", "topic", "phrases", "companions", "reason"])
    keys = spoken.select(pl.col("facet", "topic", "key").cast(pl.String))
    known, found, faults = set(keys.iter_rows()), [], []
    named = [
        (line, (facet, topic))
        for line, row in rows
        for facet, _, topic in _parted(f"{row['facet']}/{row['topic']}|{row['companions']}")
    ]
    names = _named(path, topics, named)
    for line, row in rows:
        own, *beside = [(key[0], names[key]) for at, key in named if at == line]
        for phrase in split(row["phrases"]):
            spelled = {(*own, key_of(each)) for each in variants(phrase)} & known
            if not spelled:
                faults.append(f"line {line}: {phrase!r} is no phrase of {'/'.join(own)}")
            found += [(*each, *name) for each in sorted(spelled) for name in [own, *beside]]
    refuse(path, faults)
    columns = ["facet", "topic", "key", "beside_facet", "beside_topic"]
    return pl.DataFrame(found, schema=columns, orient="row").unique(maintain_order=True)


def _parted(cell: str) -> list[tuple[str, str, str]]:
    return [name.partition("/") for name in split(cell)]


def _implications(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["area", "facet", "topics", "reason"])
    implied = [
        (line, (row["facet"], topic), ("area", row["area"]))
        for line, row in rows
        for topic in split(row["topics"])
    ]
    names = _named(path, topics, [(line, key) for line, *keys in implied for key in keys])
    return pl.DataFrame(
        [(key[0], names[key], names[area]) for _, key, area in implied],
        schema=["facet", "topic", "area"],
        orient="row",
    )


def _venues(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["area", "keywords", "weight", "reason"])
    refuse(path, number_faults(rows, "weight"))
    names = _named(path, topics, [(line, ("area", row["area"])) for line, row in rows])
    named = [
        (names["area", row["area"]], word, row["weight"])
        for _, row in rows
        for word in split(row["keywords"])
    ]
    frame = pl.DataFrame(named, schema=["area", "keyword", "weight"], orient="row")
    return frame.with_columns(pl.col("weight").cast(pl.Float64))


def _archives(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_rows(path, ["facet", "topic", "archives", "weight", "reason"])
    refuse(path, number_faults(rows, "weight"))
    names = _named(path, topics, [(line, (row["facet"], row["topic"])) for line, row in rows])
    named = [
        (row["facet"], names[row["facet"], row["topic"]], archive, row["weight"])
        for _, row in rows
        for archive in split(row["archives"])
    ]
    frame = pl.DataFrame(named, schema=["facet", "topic", "archive", "weight"], orient="row")
    return frame.with_columns(pl.col("weight").cast(pl.Float64))


def _named(
    path: Path, topics: pl.DataFrame, keys: list[tuple[int, tuple[str, str]]]
) -> dict[tuple[str, str], str]:
    """Give the present names of topics. Raises `InvalidCuration` for lines about unknown ones."""
    names = present_names(topics)
    refuse(
        path, [f"line {line}: {'/'.join(key)} {UNKNOWN}" for line, key in keys if key not in names]
    )
    return names
