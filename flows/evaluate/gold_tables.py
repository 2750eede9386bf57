"""Gold tables: the Parquet files of a set, checked before anything is predicted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from flows.errors import count_noun
from flows.evaluate.gold_rows import MOST_FAULTS, InvalidGold

TEXT, TEXTS, FLAG, LABEL = "text", "lists of text", "true or false", "text or whole numbers"
YEAR = "years, as numbers or text"
"""What a column may hold."""

TABLES: Final[dict[str, dict[str, dict[str, str]]]] = {
    "dedup": {
        "records.parquet": {
            "record_id": LABEL,
            "source": LABEL,
            "title": TEXT,
            "abstract": TEXT,
            "authors": TEXTS,
        },
        "truth.parquet": {"record_id": LABEL, "cluster": LABEL},
        "pairs.parquet": {"left": LABEL, "right": LABEL, "same": FLAG},
    },
    "titles": {
        "queries.parquet": {"title": TEXT},
        "reference.parquet": {"arxiv_id": TEXT, "title": TEXT},
    },
}
"""The tables of a part and the columns that each needs. A truth may be withheld."""

OPTIONAL: Final = {
    "queries.parquet": {"arxiv_id": TEXT, "same_norm": FLAG, "authors": TEXTS, "abstract": TEXT},
    "reference.parquet": {"authors": TEXTS, "abstract": TEXT},
    "records.parquet": dict.fromkeys(("arxiv_id", "doi", "acl_id", "openreview_id"), TEXT)
    | {"year": YEAR},
}
"""Columns that count where they are there."""

KEYS: Final = {
    "records.parquet": ("record_id",),
    "truth.parquet": ("record_id", "cluster"),
    "pairs.parquet": ("left", "right", "same"),
    "reference.parquet": ("arxiv_id",),
}
"""Columns in which no value may be missing."""

UNIQUE: Final = ("records.parquet", "truth.parquet")
"""Tables with one row per ``record_id``."""


def check_tables(what: str, folder: Path) -> None:
    """Check the tables of a set in a folder; other parts than `TABLES` have none.

    Raises `InvalidGold` with the file, its faults, and what to do.
    """
    tables = {}
    for name, columns in TABLES.get(what, {}).items():
        if (folder / name).exists():
            tables[name] = _read_table(folder / name)
            _refuse(folder / name, list(_find_faults(tables[name], name, columns)))
    if what == "dedup":
        records = tables["records.parquet"]["record_id"]
        for name in tables.keys() & {"truth.parquet", "pairs.parquet"}:
            _refuse(folder / name, list(_find_strangers(tables[name], records)))


def read_gold_table(folder: Path, name: str) -> pl.DataFrame:
    """Read a table of a set that was checked: the columns that are known, and no others.

    Sets of others have columns of their own, whose names may be those of ours along the way. A
    column that is empty throughout has the type that it should have.
    """
    table = _read_table(folder / name)
    needed = next((part[name] for part in TABLES.values() if name in part), {})
    known = needed | OPTIONAL.get(name, {})
    types = {TEXTS: pl.List(pl.String), FLAG: pl.Boolean()}
    return table.select(
        pl.col(column).cast(types.get(known[column], pl.String()) if dtype == pl.Null else dtype)
        for column, dtype in table.schema.items()
        if column in known
    )


def _read_table(path: Path) -> pl.DataFrame:
    try:
        # Without `glob=False`, brackets in the folder's name would be read as a pattern.
        return pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidGold(
            f"{path}: it cannot be read as Parquet ({str(error).splitlines()[0]}). "
            "Write the file again, or name another folder."
        ) from error


def _refuse(path: Path, faults: list[str]) -> None:
    if faults:
        rest = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise InvalidGold(
            f"{path}: {'; '.join(faults[:MOST_FAULTS])}{rest}. Correct the table and run again."
        )


def _find_faults(table: pl.DataFrame, name: str, columns: dict[str, str]) -> Iterator[str]:
    if table.is_empty():
        yield "it has no rows"
    for column in columns.keys() - {*table.columns}:
        yield f"the column `{column}` is missing (it has to hold {columns[column]})"
    for column, held in (OPTIONAL.get(name, {}) | columns).items():
        if column in table.columns and not _is_held(table.schema[column], held):
            yield f"`{column}` holds {table.schema[column]}, and has to hold {held}"
    for column in KEYS.get(name, ()):
        if column in table.columns and (missing := table[column].null_count()):
            place = table[column].is_null().arg_true()[0]
            yield f"`{column}` is empty in {count_noun(missing, 'row')}, such as row {place + 1}"
    if name in UNIQUE and "record_id" in table.columns:
        twice = table["record_id"].drop_nulls()
        twice = twice.filter(twice.is_duplicated())
        if len(twice):
            yield f"{len(twice)} rows share their `record_id` with another, such as {twice[0]!r}"


def _is_held(dtype: pl.DataType, held: str) -> bool:
    # A column that is empty throughout is written without a type.
    if dtype == pl.Null:
        return True
    if held == TEXTS:
        return isinstance(dtype, pl.List) and dtype.inner in (pl.String, pl.Null)
    if held == FLAG:
        return dtype == pl.Boolean or dtype.is_integer()
    if held == YEAR:
        return dtype == pl.String or dtype.is_integer() or dtype.is_float()
    return dtype == pl.String or (held == LABEL and dtype.is_integer())


def _find_strangers(truth: pl.DataFrame, records: pl.Series) -> Iterator[str]:
    """Find ids in the gold that no record has, and records that the gold lacks."""
    sides = [side for side in ("record_id", "left", "right") if side in truth.columns]
    for side in sides:
        if truth.schema[side] != records.dtype:
            yield f"`{side}` holds {truth.schema[side]}, and `record_id` of records {records.dtype}"
            return
        strangers = truth[side].filter(~truth[side].is_in(records.implode()))
        if len(strangers):
            count = count_noun(len(strangers), f"id of `{side}`/ids of `{side}`", "is/are")
            yield f"{count} of no record, such as {strangers[0]!r}"
    if "record_id" in sides:
        lacking = records.filter(~records.is_in(truth["record_id"].implode()))
        if len(lacking):
            yield f"{count_noun(len(lacking), 'record', 'has/have')} no row, such as {lacking[0]!r}"
