"""Every declared constraint bites: each is broken alone, and the table is refused by its name.

The constraints are derived from the schemas, so that none can be declared without being tried. Run
with `-rP` to see how many there are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from flows import tables
from flows.validate import UNIQUE, split_valid
from schemas.alias import Alias
from schemas.change import Change
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.rejection import Rejection
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
    "str_matches": ["", "\x00", " ", 'no\nmatch <">', "https://a.org/\x1b[2J", "ftp://a/\x9b"],
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
    """A valid table made wrong in one point, and the words that have to name it."""

    words: tuple[str, ...]
    table: pl.DataFrame

    def is_named_in(self, message: str) -> bool:
        """Tell whether one fault of a message is this one."""
        return any(all(word in fault for word in self.words) for fault in message.split("; "))


def valid(model: type[Table]) -> pl.DataFrame:
    return frame(model, [ROWS[model](n) for n in (1, 2)])


def with_value(table: pl.DataFrame, column: str, value: Any) -> pl.DataFrame:
    """Put a value into the first row, in the type of its column."""
    dtype = table.schema[column]
    first = pl.Series(column, [value], dtype=dtype)
    return table.with_columns(pl.concat([first, table[column][1:]]))


def list_breaks(model: type[Table]) -> Iterator[Break]:
    """Derive from a schema every way to make its table wrong in one point."""
    table, schema = valid(model), model.to_schema()
    for name in table.columns:
        yield Break((repr(name), "column_in_dataframe"), table.drop(name))
        untyped = pl.Series(name, [None, None], dtype=wrong_type(table, name))
        yield Break((f"column {name}: ", "dtype"), table.with_columns(untyped))
        for rule, values in list_column_breaks(model, name):
            yield Break((f"column {name}: ", rule), table.with_columns(values))
    yield Break(("surplus", "column_in_schema"), table.with_columns(surplus=1))
    yield Break((table.columns[-1], "column_ordered"), table.select(reversed(table.columns)))
    if schema.unique:
        yield Break((*schema.unique,), table[[0, 0]])
    for check in schema.checks:
        row = {**ROWS[model](1), **WRONG_ROWS[str(check.name)]}
        yield Break((str(check.name),), frame(model, [row, ROWS[model](2)]))


def wrong_type(table: pl.DataFrame, name: str) -> pl.DataType | type[pl.DataType]:
    return pl.List(pl.Int8) if isinstance(table.schema[name], pl.List) else pl.Binary


def list_column_breaks(model: type[Table], name: str) -> list[tuple[str, pl.Series]]:
    """List the values of a column that break it, each with the rule that must refuse it."""
    column, table = model.to_schema().columns[name], valid(model)
    wrong = [] if column.nullable else [("not_nullable", None)]
    wrong += [("field_uniqueness", table[name][1])] if column.unique else []
    for check in column.checks:
        wrong += [(str(check.name), value) for value in wrong_values(check, name, table)]
    return [(rule, with_value(table, name, value)[name]) for rule, value in wrong]


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
    tables.check(model, valid(model))
    breaks, silent = list(list_breaks(model)), []
    for broken in breaks:
        try:
            tables.check(model, broken.table)
        except tables.InvalidTable as error:
            if not broken.is_named_in(str(error)):
                silent.append((broken.words, f"is not named by: {error}"))
        else:
            silent.append((broken.words, "is not refused"))
    print(f"{model.__name__}: {len(breaks) - len(silent)} of {len(breaks)} constraints bite")  # noqa: T201  # the count
    assert silent == []


def test_a_paper_is_rejected_for_the_one_constraint_that_it_breaks() -> None:
    breaks = [
        (name, rule, values[0])
        for name in Paper.dtypes()
        for rule, values in list_column_breaks(Paper, name)
        # Ids are compared over all parts, by `find_repeats`.
        if UNIQUE.get(name) != rule
    ]
    rows = [bare_paper(row) | {name: value} for row, (name, _, value) in enumerate(breaks)]
    good, refused = split_valid(Paper, frame(Paper, rows))
    assert good.is_empty()
    silent = [
        (name, rule, detail)
        for (name, rule, _), detail in zip(breaks, refused["detail"], strict=True)
        if not any(fault.startswith(f"column {name}: {rule}") for fault in detail.split("; "))
    ]
    print(f"{len(breaks) - len(silent)} of {len(breaks)} constraints reject a paper")  # noqa: T201  # the count
    assert silent == []


def bare_paper(number: int) -> dict[str, Any]:
    """Make a paper that shares no identifier and has no code that its list would have to name."""
    no_ids = dict.fromkeys(("arxiv_id", "acl_id", "openreview_id", "code_url"))
    return builders.paper(number) | no_ids | {"paper_id": f"arxiv:2603.{number:05}"}


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


def test_a_title_of_characters_that_show_nothing_is_no_title() -> None:
    titles = ["\u200b\u00ad", " \ufeff\u2060 ", "\u3164", "\u2800\ufe0f"]
    rows = [builders.paper(n) | {"title": title} for n, title in enumerate(titles)]
    _, invalid = split_valid(Paper, frame(Paper, rows))
    assert invalid.height == len(titles)
    # Persian words are written with joiners, and an emoji ends in a selector of its form.
    rows = [
        builders.paper(n) | {"title": title}
        for n, title in enumerate(["\u0645\u06cc\u200c\u062e", "❤\ufe0f"])
    ]
    assert split_valid(Paper, frame(Paper, rows))[1].is_empty()
