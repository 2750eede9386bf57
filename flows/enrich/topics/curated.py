"""Curated: every table of topics that people edit, read once for the labeller."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from threading import Lock

import polars as pl

from flows.enrich.topics.field_words import ARXIV_FIELDS
from flows.enrich.topics.folding import fold_phrase
from flows.enrich.topics.lexicon import build_lexicon, read_cues, spell_variants
from flows.enrich.topics.phrase_search import PhraseLookup, build_phrase_lookup
from flows.enrich.topics.taxonomy import (
    UNKNOWN,
    find_number_faults,
    map_present_names,
    read_curated_rows,
    read_taxonomy,
    refuse_faults,
    split_cell,
)
from flows.paths import CURATION


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
    """``facet``, ``topic``, ``area``: tasks and methods that belong to an area."""
    venues: pl.DataFrame
    """``area``, ``keyword``, ``weight``: names in a venue that speak for an area, in log odds."""
    required_topics: pl.DataFrame
    """``facet``, ``topic``, ``key``, ``required_facet``, ``required_topic``: phrases that count
    only where the paper mentions a certain other topic."""
    topic_fields: pl.DataFrame
    """``facet``, ``topic``, ``field``: the fields of arXiv that a topic is at home in."""
    since: pl.DataFrame
    """``facet``, ``topic``, ``since``: the year in which a topic came up."""
    archives: pl.DataFrame
    """``facet``, ``topic``, ``archive``, ``weight``: parts of arXiv that speak for a topic."""

    @cached_property
    def phrase_lookup(self) -> PhraseLookup:
        """Lexicon and cues, indexed when the first texts are read."""
        return build_phrase_lookup(self.lexicon, self.cues)


_READING = Lock()


def load_knowledge(folder: Path = CURATION) -> Knowledge:
    """Read the curated files of a folder. Raises `InvalidCuration`, naming each faulty line."""
    # Two parts of the papers begin at once: without the lock each would read the files.
    with _READING:
        return _read_knowledge(folder)


@cache
def _read_knowledge(folder: Path) -> Knowledge:
    topics = read_taxonomy(folder / "taxonomy.csv")
    # Built once: required topics are checked against its spellings.
    lexicon_table = build_lexicon(topics, folder / "phrases.csv")
    implications = _read_implications(folder / "implications.csv", topics)
    return Knowledge(
        topics=topics,
        lexicon=lexicon_table,
        required_topics=_read_required_topics(
            folder / "required_topics.csv", topics, lexicon_table
        ),
        cues=read_cues(folder / "cues.csv"),
        implications=implications,
        topic_fields=_read_topic_fields(folder / "fields.csv", topics, implications),
        venues=_read_venues(folder / "venues.csv", topics),
        since=_read_since(folder / "since.csv", topics),
        archives=_read_archives(folder / "archives.csv", topics),
    )


def _read_required_topics(
    path: Path, topics: pl.DataFrame, lexicon_table: pl.DataFrame
) -> pl.DataFrame:
    rows = read_curated_rows(path, ["facet", "topic", "phrases", "required_topics", "reason"])
    keys = lexicon_table.select(pl.col("facet", "topic", "key").cast(pl.String))
    lexicon_keys, conditions, faults = set(keys.iter_rows()), [], []
    topic_keys = [
        (line, (facet, topic))
        for line, row in rows
        for facet, _, topic in _split_names(
            f"{row['facet']}/{row['topic']}|{row['required_topics']}"
        )
    ]
    names = _resolve_names(path, topics, topic_keys)
    for line, row in rows:
        own, *beside = [(key[0], names[key]) for at, key in topic_keys if at == line]
        for phrase in split_cell(row["phrases"]):
            # The lexicon has only some spellings of a phrase: its plural may be another topic.
            spelled = {
                (*own, fold_phrase(variant)) for variant in spell_variants(phrase)
            } & lexicon_keys
            if not spelled:
                faults.append(f"line {line}: {phrase!r} is no phrase of {'/'.join(own)}")
            conditions += [
                (*variant, *name) for variant in sorted(spelled) for name in [own, *beside]
            ]
    refuse_faults(path, faults)
    columns = ["facet", "topic", "key", "required_facet", "required_topic"]
    return pl.DataFrame(conditions, schema=columns, orient="row").unique(maintain_order=True)


def _split_names(cell: str) -> list[tuple[str, str, str]]:
    return [name.partition("/") for name in split_cell(cell)]


def _read_implications(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_curated_rows(path, ["area", "facet", "topics", "reason"])
    implied = [
        (line, (row["facet"], topic), ("area", row["area"]))
        for line, row in rows
        for topic in split_cell(row["topics"])
    ]
    names = _resolve_names(path, topics, [(line, key) for line, *keys in implied for key in keys])
    return pl.DataFrame(
        [(key[0], names[key], names[area]) for _, key, area in implied],
        schema=dict.fromkeys(("facet", "topic", "area"), pl.String),
        orient="row",
    )


def _read_topic_fields(
    path: Path, topics: pl.DataFrame, implications: pl.DataFrame
) -> pl.DataFrame:
    """Read the fields of topics; tasks and methods have those of the areas that they imply."""
    rows = read_curated_rows(path, ["facet", "topic", "fields", "reason"])
    names = _resolve_names(
        path, topics, [(line, (row["facet"], row["topic"])) for line, row in rows]
    )
    entries = [(line, row, field) for line, row in rows for field in split_cell(row["fields"])]
    refuse_faults(
        path,
        [
            f"line {line}: field {field!r} is none of {', '.join(ARXIV_FIELDS)}"
            for line, _, field in entries
            if field not in ARXIV_FIELDS
        ],
    )
    stated = pl.DataFrame(
        [(row["facet"], names[row["facet"], row["topic"]], field) for _, row, field in entries],
        schema=dict.fromkeys(("facet", "topic", "field"), pl.String),
        orient="row",
    )
    of_areas = stated.filter(pl.col("facet") == "area").select(area="topic", field="field")
    followed = implications.join(of_areas, on="area", how="inner", validate="m:m")
    return pl.concat([stated, followed.select(stated.columns)]).unique(maintain_order=True)


def _read_venues(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_curated_rows(path, ["area", "keywords", "weight", "reason"])
    refuse_faults(path, find_number_faults(rows, "weight"))
    names = _resolve_names(path, topics, [(line, ("area", row["area"])) for line, row in rows])
    entries = [
        (names["area", row["area"]], word, row["weight"])
        for _, row in rows
        for word in split_cell(row["keywords"])
    ]
    frame = pl.DataFrame(entries, schema=["area", "keyword", "weight"], orient="row")
    return frame.with_columns(pl.col("weight").cast(pl.Float64))


def _read_since(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_curated_rows(path, ["facet", "topics", "since", "reason"])
    refuse_faults(path, find_number_faults(rows, "since"))
    entries = [
        (line, (row["facet"], topic), row["since"])
        for line, row in rows
        for topic in split_cell(row["topics"])
    ]
    names = _resolve_names(path, topics, [(line, key) for line, key, _ in entries])
    frame = pl.DataFrame(
        [(key[0], names[key], year) for _, key, year in entries],
        schema=["facet", "topic", "since"],
        orient="row",
    )
    return frame.with_columns(pl.col("since").cast(pl.Int32))


def _read_archives(path: Path, topics: pl.DataFrame) -> pl.DataFrame:
    rows = read_curated_rows(path, ["facet", "topic", "archives", "weight", "reason"])
    refuse_faults(path, find_number_faults(rows, "weight"))
    names = _resolve_names(
        path, topics, [(line, (row["facet"], row["topic"])) for line, row in rows]
    )
    entries = [
        (row["facet"], names[row["facet"], row["topic"]], archive, row["weight"])
        for _, row in rows
        for archive in split_cell(row["archives"])
    ]
    frame = pl.DataFrame(entries, schema=["facet", "topic", "archive", "weight"], orient="row")
    return frame.with_columns(pl.col("weight").cast(pl.Float64))


def _resolve_names(
    path: Path, topics: pl.DataFrame, keys: list[tuple[int, tuple[str, str]]]
) -> dict[tuple[str, str], str]:
    """Map topics to their present names. Raises `InvalidCuration` for lines about unknown ones."""
    names = map_present_names(topics)
    refuse_faults(
        path, [f"line {line}: {'/'.join(key)} {UNKNOWN}" for line, key in keys if key not in names]
    )
    return names
