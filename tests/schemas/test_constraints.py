"""Every declared constraint bites: each is broken alone, and the table is refused by its name.

The constraints are derived from the schemas, so that none can be declared without being tried. Run
with `-rP` to see how many there are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

import polars as pl
import pytest

from flows import tables
from schemas.conditions import is_valid
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.release import Alias, Change, Rejection
from schemas.resolution import Resolution
from schemas.table import Table
from schemas.topic import TopicLabel
from tests import builders
from tests.builders import FILE_SHA256, frame

DAY = date(2026, 3, 1)


def record(n: int) -> dict[str, Any]:
    return {name: value for name, value in builders.origin(n).items() if name in Record.dtypes()}


def link_check(n: int) -> dict[str, Any]:
    return {
        "url": f"https://example.org/{n}",
        "checked_at": DAY,
        "status": "alive",
        "http_status": 200,
        "moved_to": "https://example.org/moved",
        "first_seen": DAY,
        "last_seen": DAY,
        "stars": 1,
    }


def near_miss(n: int) -> dict[str, Any]:
    left, right = (f"arxiv:{FILE_SHA256}:{place}" for place in (n, n + 1))
    return {"left": left, "right": right, "probability": 0.5, "why": "strangers"}


def match_report(n: int) -> dict[str, Any]:
    return {"kind": "large-cluster", "record_id": f"r{n}", "count": 9, "detail": "nine records"}


ROWS = {
    Record: record,
    Paper: builders.paper,
    Link: builders.link,
    LinkCheck: link_check,
    TopicLabel: builders.topic,
    Origin: builders.origin,
    Resolution: builders.resolution,
    Alias: builders.alias,
    Change: builders.change,
    Rejection: builders.rejection,
    NearMiss: near_miss,
    MatchReport: match_report,
}
"""A valid row of every table, by its number."""

MENTION = {"record_id": "r", "field": "title", "written": "w", "sentence": "s"}

WRONG_VALUES: Mapping[str, Any] = {
    "entries_are_filled": [["a", ""], ["a", " "], ["a", None]],
    "entries_are_urls": [["javascript:alert(1)"]],
    "has_a_mention": [[]],
    "is_lower_case": ["10.1000/ABC", "10.1000/É"],
    "isin": ["no such value"],
    "mentions_end_after_their_start": [
        [MENTION | {"start": 5, "end": 4}],
        [MENTION | {"start": 5, "end": 5}],
        [MENTION | {"start": -1, "end": 4}],
    ],
    "sources_are_known": [["papers_page", "a blog"]],
    "str_matches": ["", "\x00", " ", 'no\nmatch <">'],
}
"""Values that break a check, whatever its column, by the name of the check."""

WRONG_ROWS: Mapping[str, Mapping[str, Any]] = {
    "code_url_is_one_of_code_urls": {"code_url": "https://example.org/another"},
    "first_seen_is_not_after_last_seen": {"first_seen": DAY + timedelta(9), "last_seen": DAY},
    "into_is_filled_where_merged": {"change": "merged", "into": None},
    "leads_to_another_id": {"alias_id": "arxiv:1", "paper_id": "arxiv:1"},
    "left_is_smaller_than_right": {
        "left": f"arxiv:{FILE_SHA256}:2",
        "right": f"arxiv:{FILE_SHA256}:1",
    },
}
"""Values that break a check on whole rows, by the name of the check."""


@dataclass(frozen=True)
class Break:
    """A valid table made wrong in one point of some columns, and the words that name each."""

    words: list[tuple[str, ...]]
    table: pl.DataFrame
    alone: list[pl.DataFrame]
    """The tables that are wrong in one of the points."""


def valid(model: type[Table]) -> pl.DataFrame:
    return frame(model, [ROWS[model](n) for n in (1, 2)])


def with_value(table: pl.DataFrame, column: str, value: Any) -> pl.DataFrame:
    """Put a value into the first row, in the type of its column."""
    dtype = table.schema[column]
    first = pl.Series(column, [value], dtype=dtype)
    return table.with_columns(pl.concat([first, table[column][1:]]))


def list_breaks(model: type[Table]) -> Iterator[Break]:
    """Derive from a schema every way to make its table wrong.

    A check of a table takes its time for each column, however many are wrong: columns are broken
    together, each in one point.
    """
    table = valid(model)
    names = table.columns
    # An error shows a few examples, here the names of the columns. Neighbours are a key together,
    # and pandera fails without a word where all columns of a key are absent.
    turns = -(-len(names) // tables.EXAMPLES)
    for start in range(turns):
        absent = names[start::turns]
        alone = [table.drop(name) for name in absent]
        yield Break([(repr(name),) for name in absent], table.drop(absent), alone)
    untyped = [pl.Series(name, [None, None], dtype=wrong_type(table, name)) for name in names]
    yield Break(
        [(f"column {name}: ", "dtype") for name in names],
        table.with_columns(untyped),
        [table.with_columns(column) for column in untyped],
    )
    for turn in zip_longest(*(list_column_breaks(model, name) for name in names)):
        points = [point for point in turn if point]
        values = [value for _, value in points]
        alone = [table.with_columns(value) for value in values]
        yield Break([words for words, _ in points], table.with_columns(values), alone)
    for words, broken in list_breaks_of_rows(model):
        yield Break([words], broken, [broken])


def list_breaks_of_rows(model: type[Table]) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    """Derive the ways that are not about one column, each with the words that must name it."""
    schema, table = model.to_schema(), valid(model)
    yield ("surplus",), table.with_columns(surplus=1)
    yield (table.columns[-1], "column_ordered"), table.select(reversed(table.columns))
    if schema.unique:
        yield (*schema.unique,), table[[0, 0]]
    for check in schema.checks:
        row = {**ROWS[model](1), **WRONG_ROWS[str(check.name)]}
        yield (str(check.name),), frame(model, [row, ROWS[model](2)])


def wrong_type(table: pl.DataFrame, name: str) -> pl.DataType | type[pl.DataType]:
    return pl.List(pl.Int8) if isinstance(table.schema[name], pl.List) else pl.Binary


def list_column_breaks(model: type[Table], name: str) -> list[tuple[tuple[str, str], pl.Series]]:
    """List the values of a column that break it, each with the words that must name it."""
    column, table = model.to_schema().columns[name], valid(model)
    wrong = [] if column.nullable else [("not_nullable", None)]
    wrong += [("field_uniqueness", table[name][1])] if column.unique else []
    for check in column.checks:
        wrong += [(str(check.name), value) for value in wrong_values(check, name, table)]
    return [
        ((f"column {name}: ", rule), with_value(table, name, value)[name]) for rule, value in wrong
    ]


def wrong_values(check: Any, column: str, table: pl.DataFrame) -> list[Any]:
    """List values that a check of a column must refuse. A check without any fails the test."""
    bounds = check.statistics
    if check.name == "greater_than_or_equal_to":
        return [bounds["min_value"] - 1]
    if check.name == "less_than_or_equal_to":
        return [bounds["max_value"] + 1]
    if check.name == "str_length":
        longest, shortest = bounds.get("max_value"), bounds.get("min_value")
        too_long = [] if longest is None else ["x" * (longest + 1)]
        return too_long + ([] if not shortest else ["x" * (shortest - 1)])
    if check.name == "unique_where_known":
        return [table[column][1] or "twice"] if table[column][1] else []
    return list(WRONG_VALUES[str(check.name)])


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_every_constraint_of_a_table_refuses_what_breaks_it(model: type[Table]) -> None:
    assert is_valid(model, valid(model))
    number, silent = 0, []
    for broken in list_breaks(model):
        number += len(broken.words)
        silent += [(broken.words, "is valid") for table in broken.alone if is_valid(model, table)]
        try:
            tables.check(model, broken.table)
        except tables.InvalidTable as error:
            named = str(error).split("; ")
            silent += [
                (words, f"is not named by: {error}")
                for words in broken.words
                if not any(all(word in fault for word in words) for fault in named)
            ]
        else:
            silent.append((broken.words, "is not refused"))
    print(f"{model.__name__}: {number - len(silent)} of {number} constraints bite")  # noqa: T201  # the count
    assert silent == []


@pytest.mark.parametrize(
    "model", [model for model in ROWS if model.nullable()], ids=lambda model: model.__name__
)
def test_null_is_accepted_where_it_has_a_meaning(model: type[Table]) -> None:
    nullable = sorted(model.nullable())
    tables.check(
        model, frame(model, [ROWS[model](n) | {name: None} for n, name in enumerate(nullable, 1)])
    )


@pytest.mark.parametrize("column", ["arxiv_id", "acl_id", "openreview_id"])
def test_two_papers_never_share_an_identifier(column: str) -> None:
    papers = [builders.paper(n) | {column: "2301.00001"} for n in (1, 2)]
    with pytest.raises(tables.InvalidTable, match=f"{column}: unique_where_known"):
        tables.check(Paper, frame(Paper, papers))


def test_a_lazy_table_is_checked_too(tmp_path: Any) -> None:
    wrong = with_value(valid(Paper), "title", "")
    with pytest.raises(tables.InvalidTable, match="title"):
        tables.save(Paper, wrong.lazy(), tmp_path / "papers.parquet")
