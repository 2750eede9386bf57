"""What a schema demands of its rows, as expressions that one pass over a frame answers."""

from functools import cache
from typing import Any, NamedTuple

import pandera.polars as pa
import polars as pl

from schemas.table import Table


class Conditions(NamedTuple):
    """The columns of a table, and expressions of one truth value, each true of a valid table."""

    dtypes: pl.Schema
    expressions: tuple[pl.Expr, ...]
    columns: tuple[str | None, ...]
    """The column that each expression is about; None where it is about rows as a whole."""


class _Recorder:
    """Stands in for the rows that a check selects from, and hands back what it would select."""

    def select(self, expression: pl.Expr) -> pl.Expr:
        return expression


def is_valid(model: type[Table], frame: pl.DataFrame) -> bool:
    """Return whether a frame is a valid table, in one pass and without saying what is wrong.

    Pandera, which says it, looks at one column and check after the other: 50 ms for two rows of a
    wide table. A table that this takes for valid is one that pandera takes for valid.
    """
    conditions = list_conditions(model)
    if frame.schema != conditions.dtypes:
        return False
    return all(frame.select(conditions.expressions).row(0))


def narrow_schema(model: type[Table], frame: pl.DataFrame) -> pa.DataFrameSchema:
    """Return the part of a schema that a frame breaks, by which pandera says what is wrong.

    Of a frame with other columns, or in another order, these are the columns alone: what values
    are in them is seen once they are the declared ones.
    """
    conditions = list_conditions(model)
    if frame.columns != conditions.dtypes.names():
        return _declare_columns(model)
    if frame.schema != conditions.dtypes:
        wrong = {name for name, dtype in conditions.dtypes.items() if frame.schema[name] != dtype}
        return _cut_schema(model, frozenset(wrong))
    answers = frame.select(conditions.expressions).row(0)
    places = zip(answers, conditions.columns, strict=True)
    return _cut_schema(model, frozenset(column for is_good, column in places if not is_good))


@cache
def _declare_columns(model: type[Table]) -> pa.DataFrameSchema:
    columns = {name: pa.Column(nullable=True) for name in model.dtypes()}
    return pa.DataFrameSchema(columns, strict=True, ordered=True)


@cache
def _cut_schema(model: type[Table], names: frozenset[str | None]) -> pa.DataFrameSchema:
    """Cut a schema to some columns; with None, to what it says of rows as a whole, too."""
    schema = model.to_schema()
    columns = {name: column for name, column in schema.columns.items() if name in names}
    if None not in names:
        return pa.DataFrameSchema(columns)
    return pa.DataFrameSchema(columns, checks=schema.checks, unique=schema.unique)


@cache
def list_conditions(model: type[Table]) -> Conditions:
    """Derive from a schema the conditions of every column and of the rows as a whole."""
    schema = model.to_schema()
    by_column = [(name, _of(column)) for name, column in schema.columns.items()]
    of_rows = [_holds(check, None) for check in schema.checks]
    if schema.unique:
        of_rows.append(~pl.struct(schema.unique).is_duplicated().any())
    pairs = [
        (name, condition)
        for name, conditions in [*by_column, (None, of_rows)]
        for condition in conditions
    ]
    numbered = [condition.alias(str(number)) for number, (_, condition) in enumerate(pairs)]
    return Conditions(model.dtypes(), tuple(numbered), tuple(name for name, _ in pairs))


def _of(column: Any) -> list[pl.Expr]:
    """List the conditions of one column."""
    value = pl.col(column.name)
    conditions = [_holds(check, column.name) for check in column.checks]
    if not column.nullable:
        conditions.append(value.is_not_null().all())
        # Pandera takes what is not a number for null.
        if column.dtype.type.is_float():
            conditions.append(value.is_not_nan().all())
    if column.unique:
        conditions.append(~value.is_duplicated().any())
    return conditions


def _holds(check: pa.Check, column: str | None) -> pl.Expr:
    """Return whether all rows pass a check, as pandera counts them: a null answer may pass."""
    rows = pa.PolarsData(_Recorder(), column or "*")  # type: ignore[arg-type]  # no rows are needed
    answer: pl.Expr = check._check_fn(rows, **check._check_kwargs)  # noqa: SLF001  # has no method for it
    return answer.all() if check.ignore_na else answer.fill_null(value=False).all()
