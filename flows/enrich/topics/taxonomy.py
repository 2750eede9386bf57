"""The controlled vocabulary: read from its CSV, checked line by line, known by its hash."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.errors import UserError, count_noun
from flows.paths import CURATION
from schemas.vocabulary import Facet

TAXONOMY = CURATION / "taxonomy.csv"
"""One line per topic: facet, topic, parent, name, definition and aliases, separated by `|`."""

COLUMNS = ["facet", "topic", "parent", "name", "definition", "aliases"]
"""The columns of the taxonomy, in order."""

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A topic's id: small letters and digits, joined by hyphens. It is public and never reused."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
"""A weight, as people write it."""

VERSION_DIGITS = 12
"""Hex digits of the hash that names a version: enough to tell any two apart."""

UNKNOWN = "is not in the taxonomy (a renamed topic keeps its old name as an alias)"
"""The fault of a line about a topic that is not there."""


class InvalidCuration(UserError):
    """A curated file that a person has to correct: the message names each line and its fault."""


def read_taxonomy(path: Path = TAXONOMY) -> pl.DataFrame:
    """Read the taxonomy: one row per topic, key ``facet``, ``topic``, in the file's order.

    ``parent`` is null for a topic without one, ``aliases`` is a list, ``line`` is the 1-based line
    of the CSV. Raises `InvalidCuration` with every faulty line.
    """
    rows = read_curated_rows(path, COLUMNS)
    faults = [*_find_row_faults(rows), *_find_reference_faults(rows)]
    refuse_faults(path, faults)
    return pl.DataFrame(
        [
            {
                **row,
                "parent": row["parent"] or None,
                "aliases": split_cell(row["aliases"]),
                "line": line,
            }
            for line, row in rows
        ],
        schema={
            **dict.fromkeys(COLUMNS[:-1], pl.String),
            "aliases": pl.List(pl.String),
            "line": pl.Int64,
        },
    )


def map_present_names(topics: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Map facet and name to the topic they mean, a renamed topic's old name (an alias) too."""
    rows = topics.select("facet", "topic", "aliases").rows()
    old = {(facet, alias): topic for facet, topic, names in rows for alias in names}
    # A present name wins over an alias of the same letters.
    return old | {(facet, topic): topic for facet, topic, _ in rows}


def taxonomy_version(path: Path = TAXONOMY) -> str:
    """Name the version of the taxonomy: the first digits of the sha256 of its file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:VERSION_DIGITS]


def read_curated_rows(path: Path, columns: list[str]) -> list[tuple[int, dict[str, str]]]:
    """Read a curated CSV with exactly these columns: each row with the line it starts on.

    Rows without any text, as spreadsheets leave them, are skipped. Raises `InvalidCuration` when
    the file is not UTF-8, the header differs or a row has other than its cells.
    """
    reader = csv.DictReader(io.StringIO(_decode_file(path), newline=""))
    try:
        return _read_rows(path, reader, columns)
    # A longer cell than the process lets one be: the quote that ends it is missing.
    except csv.Error as fault:
        raise InvalidCuration(
            f"{path.name} line {reader.line_num}: {fault}. Is a quote missing before it? Mend it "
            "and run again."
        ) from None


def _read_rows(
    path: Path, reader: "csv.DictReader[str]", columns: list[str]
) -> list[tuple[int, dict[str, str]]]:
    if reader.fieldnames != columns:
        raise InvalidCuration(
            f"{path.name} line 1: the columns are {','.join(reader.fieldnames or [])!r}; they have "
            f"to be {','.join(columns)!r}, separated by commas. Correct the line and run again."
        )
    rows, faults, line = [], [], 2
    for row in reader:
        if None in row or None in row.values():
            faults.append(f"line {line}: it has not {len(columns)} cells; quote texts with ,")
        elif any(cell.strip() for cell in row.values()):
            rows.append((line, {name: cell.strip() for name, cell in row.items()}))
        # A quoted cell may hold line ends, so rows are not counted.
        line = reader.line_num + 1
    refuse_faults(path, faults)
    return rows


def _decode_file(path: Path) -> str:
    try:
        raw = path.read_bytes()
        # Spreadsheets put a byte-order mark in front, which would be a part of the first column.
        return raw.decode("utf-8-sig")
    except OSError as fault:
        raise InvalidCuration(
            f"{path}: cannot be read: {fault.strerror}. Put it back and run again."
        ) from None
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise InvalidCuration(
            f"{path.name} line {line}: it is not UTF-8. Save it as CSV in UTF-8 and run again."
        ) from fault


def find_number_faults(rows: list[tuple[int, dict[str, str]]], column: str) -> list[str]:
    """Name the lines whose cell of a column is not a number."""
    return [
        f"line {line}: {column} {row[column]!r} is no number, such as 1.5"
        for line, row in rows
        if not NUMBER.fullmatch(row[column])
    ]


def refuse_faults(path: Path, faults: list[str]) -> None:
    """Raise `InvalidCuration` if there are faults, all of them in one message."""
    if faults:
        raise InvalidCuration(
            f"{path.name} has {count_noun(len(faults), 'fault')}: {'; '.join(faults)}. "
            "Correct them and run again."
        )


def split_cell(cell: str) -> list[str]:
    """Split a cell of several values at `|`."""
    return [value.strip() for value in cell.split("|") if value.strip()]


def _find_row_faults(rows: list[tuple[int, dict[str, str]]]) -> Iterator[str]:
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


def _find_reference_faults(rows: list[tuple[int, dict[str, str]]]) -> Iterator[str]:
    parents = {(row["facet"], row["topic"]): row["parent"] for _, row in rows}
    for line, row in rows:
        facet, topic, parent = row["facet"], row["topic"], row["parent"]
        if parent == topic and topic:
            yield f"line {line}: topic {topic!r} is its own parent"
        elif parent and (facet, parent) not in parents:
            yield f"line {line}: parent {parent!r} is no topic of facet {facet}"
        elif _is_circular(parents, (facet, topic)):
            yield f"line {line}: following the parents of {topic!r} leads back to it"
    yield from _find_name_faults(rows)


def _is_circular(parents: dict[tuple[str, str], str], start: tuple[str, str]) -> bool:
    facet, above = start[0], parents[start]
    # A chain of parents is no longer than all topics: a cycle elsewhere ends the walk.
    for _ in parents:
        if above in ("", start[1]):
            break
        above = parents.get((facet, above), "")
    return above != "" and above == start[1]


def _find_name_faults(rows: list[tuple[int, dict[str, str]]]) -> Iterator[str]:
    """Find names that mean two topics of a facet: they could not be told apart in a text."""
    owners: dict[tuple[str, str], tuple[int, str]] = {}
    for line, row in rows:
        for name in {_fold_name(row["topic"]), _fold_name(row["name"])} - {""}:
            where, other = owners.setdefault((row["facet"], name), (line, row["topic"]))
            if other != row["topic"]:
                yield f"line {line}: {name!r} is a name of {other!r} on line {where} too"
    for line, row in rows:
        for alias in split_cell(row["aliases"]):
            if "," in alias:
                yield f"line {line}: alias {alias!r} has a comma; separate aliases with |"
            key = (row["facet"], _fold_name(alias))
            where, other = owners.setdefault(key, (line, row["topic"]))
            if other != row["topic"]:
                yield f"line {line}: alias {alias!r} is a name of {other!r} on line {where} too"


def _fold_name(name: str) -> str:
    return name.casefold().replace("-", " ")
