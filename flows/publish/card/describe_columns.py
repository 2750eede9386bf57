"""Columns of a release: the type and the meaning of each, and every value of the coded ones."""

import polars as pl

from flows.publish.card.facts import Facts
from flows.publish.card.markdown import UNBROKEN, render_table
from flows.release.layout import TABLES
from schemas.vocabulary import Described, License, Source


def describe_columns(facts: Facts) -> str:
    """Explain every column of every table of the release, from the schemas."""
    present = dict.fromkeys(config.table for config in facts.configs)
    return "\n\n".join(_describe_table(name) for name in present)


def explain_codes(facts: Facts) -> str:
    """Name every value of the coded columns of the release's tables, with its meaning."""
    columns: dict[type[Described], list[str]] = {}
    for table in dict.fromkeys(config.table for config in facts.configs):
        for column, vocabulary in TABLES[table].model.vocabularies().items():
            columns.setdefault(vocabulary, []).append(f"`{table}.{column}`")
    # Of sources and licences the card has tables of their own.
    rows = [
        (
            ", ".join(names) if member is next(iter(vocabulary)) else "",
            f"`{member}`",
            member.meaning,
        )
        for vocabulary, names in columns.items()
        if vocabulary not in {Source, License}
        for member in vocabulary
    ]
    return render_table(("column", "value", "meaning"), rows)


def _describe_table(name: str) -> str:
    model = TABLES[name].model
    nullable = model.nullable()
    rows = [
        (
            f"`{column}`",
            _name_type(model.dtypes()[column]),
            "yes" if column in nullable else "",
            text,
        )
        for column, text in model.descriptions().items()
    ]
    about = TABLES[name].about
    return f"### `{name}`\n\n{about[0].upper()}{about[1:]}.\n\n" + render_table(
        ("column", "type", f"may{UNBROKEN}be{UNBROKEN}null", "meaning"), rows
    )


def _name_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.List):
        return f"list of {_name_type(dtype.inner)}"  # type: ignore[arg-type]  # always an instance here
    if isinstance(dtype, pl.Struct):
        return "struct of " + ", ".join(f"`{field.name}`" for field in dtype.fields)
    return {"String": "string", "Int64": "integer", "Float64": "float", "Boolean": "boolean"}.get(
        str(dtype), str(dtype).lower()
    )
