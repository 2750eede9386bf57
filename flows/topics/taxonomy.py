"""The controlled vocabulary: read from its CSV, checked line by line, known by its hash."""

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.refusal import Refusal
from schemas.vocabulary import Facet

CURATION = Path(__file__).parents[2] / "data" / "curation"
"""Where people edit what the labeller knows."""

TAXONOMY = CURATION / "taxonomy.csv"
"""One line per topic: facet, topic, parent, name, definition and aliases, separated by `|`."""

COLUMNS = ["facet", "topic", "parent", "name", "definition", "aliases"]
"""The columns of the taxonomy, in order."""

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A topic's id: small letters and digits, joined by hyphens. It is public and never reused."""

VERSION_DIGITS = 12
"""Hex digits of the hash that names a version: enough to tell any two apart."""

NO_DOMAIN = "none"
"""The domain of a paper without one."""


UNKNOWN = "is not in the taxonomy (a renamed topic keeps its old name as an alias)"
"""The fault of a line about a topic that is not there."""


class InvalidCuration(Refusal):
    """A curated file that a person has to correct: the message names each line and its fault."""


def taxonomy(path: Path = TAXONOMY) -> pl.DataFrame:
    """Read the taxonomy: one row per topic, key ``facet``, ``topic``, in the file's order.

    ``parent`` is null for a topic without one, ``aliases`` is a list, ``line`` is the 1-based line
    of the CSV. Raises `InvalidCuration` with every faulty line.
    """
    rows = read_rows(path, COLUMNS)
    faults = [*_row_faults(rows), *_reference_faults(rows)]
    refuse(path, faults)
    return pl.DataFrame(
        [
            {**row, "parent": row["parent"] or None, "aliases": split(row["aliases"]), "line": line}
            for line, row in rows
        ],
        schema={
            **dict.fromkeys(COLUMNS[:-1], pl.String),
            "aliases": pl.List(pl.String),
            "line": pl.Int64,
        },
    )


def present_names(topics: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Give the topic that each facet and name means, a renamed topic's old name (an alias) too."""
    rows = topics.select("facet", "topic", "aliases").rows()
    old = {(facet, alias): topic for facet, topic, names in rows for alias in names}
    return old | {(facet, topic): topic for facet, topic, _ in rows}


def taxonomy_version(path: Path = TAXONOMY) -> str:
    """Name the version of the taxonomy: the first digits of the sha256 of its file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:VERSION_DIGITS]


def read_rows(path: Path, columns: list[str]) -> list[tuple[int, dict[str, str]]]:
    """Read a curated CSV with exactly these columns: each row with the line it starts on.

    Raises `InvalidCuration` when the header differs or a row has other than its cells.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != columns:
            raise InvalidCuration(
                f"{path.name} line 1: the columns are {','.join(reader.fieldnames or [])}; "
                f"they have to be {','.join(columns)}"
            )
        rows, faults, line = [], [], 2
        for row in reader:
            if None in row or None in row.values():
                faults.append(f"line {line}: it has not {len(columns)} cells; quote texts with ,")
            else:
                rows.append((line, {name: cell.strip() for name, cell in row.items()}))
            line = reader.line_num + 1
    refuse(path, faults)
    return rows


def refuse(path: Path, faults: list[str]) -> None:
    """Raise `InvalidCuration` if there are faults, all of them in one message."""
    if faults:
        raise InvalidCuration(
            f"{path.name} has {len(faults)} faulty lines: {'; '.join(faults)}. "
            "Correct them and run again."
        )


def split(cell: str) -> list[str]:
    """Split a cell of several values at `|`."""
    return [value.strip() for value in cell.split("|") if value.strip()]


def _row_faults(rows: list[tuple[int, dict[str, str]]]) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        key = (row["facet"], row["topic"])
        if row["facet"] not in Facet.values():
            yield f"line {line}: facet {row['facet']!r} is none of {', '.join(Facet.values())}"
        if not SLUG.fullmatch(row["topic"]):
            yield f"line {line}: topic {row['topic']!r} is not small letters, digits and hyphens"
        if not row["name"] or not row["definition"]:
            yield f"line {line}: topic {row['topic']!r} lacks its name or its definition"
        if key in seen:
            yield f"line {line}: {'/'.join(key)} is on line {seen[key]} already"
        seen.setdefault(key, line)


def _reference_faults(rows: list[tuple[int, dict[str, str]]]) -> Iterator[str]:
    topics = {(row["facet"], row["topic"]) for _, row in rows}
    aliases: dict[tuple[str, str], tuple[int, str]] = {}
    for line, row in rows:
        if row["parent"] and (row["facet"], row["parent"]) not in topics:
            yield f"line {line}: parent {row['parent']!r} is no topic of facet {row['facet']}"
        if row["parent"] == row["topic"]:
            yield f"line {line}: topic {row['topic']!r} is its own parent"
        for alias in split(row["aliases"]):
            key = (row["facet"], alias.casefold())
            if key in aliases:
                yield (
                    f"line {line}: alias {alias!r} is an alias of {aliases[key][1]!r} "
                    f"on line {aliases[key][0]} too"
                )
            aliases.setdefault(key, (line, row["topic"]))
