"""The base of every table: strict, ordered, never coercing."""

from functools import cache
from typing import Any

# What checks do to frames of polars: a schema that is made before this is imported never knows it.
import pandera.backends.polars.builtin_checks  # noqa: F401  # for what it registers
import pandera.polars as pa
import polars as pl

from schemas.vocabulary import Described

URL = r"^(?:https?|ftp)://[^\s<>\"\x00-\x1f\x7f-\x9f]+$"
"""What a link looks like: no scheme that runs code, nothing that ends an attribute of HTML, and no
control character."""

_CONTROLS = r"\x00-\x1f\x7f-\x9f"

_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
"""Characters that show nothing: joiners, marks of direction, fillers and the like."""

READABLE = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}{_UNSEEN}][^{_CONTROLS}]*$"
"""One line with at least one character to read, and no control character."""


VOCABULARY = "vocabulary"
"""Under which name a coded column keeps its vocabulary, for the card."""


class Table(pa.DataFrameModel):
    """A frame with exactly the declared columns, in the declared order and types.

    Every column has a description: it is what the dataset card prints. Coded columns are
    plain strings, because `datasets` and DuckDB read those without a detour.
    """

    class Config:
        """No extra column, no other order, no silent cast: parsers cast, tables check."""

        strict = True
        ordered = True
        # A cast would be silent: digits in a text would pass for a number.
        coerce = False

    @classmethod
    @cache
    def dtypes(cls) -> pl.Schema:
        """Return the polars schema of the table, for casting at its border; nobody changes it."""
        columns = cls.to_schema().columns
        # Pandera wraps the types of polars; frames are made with the bare ones.
        return pl.Schema({name: column.dtype.type for name, column in columns.items()})

    @classmethod
    def descriptions(cls) -> dict[str, str]:
        """Return each column's description, in order."""
        columns = cls.to_schema().columns
        return {name: column.description or "" for name, column in columns.items()}

    @classmethod
    def nullable(cls) -> frozenset[str]:
        """Return the columns in which null has a meaning."""
        columns = cls.to_schema().columns
        return frozenset(name for name, column in columns.items() if column.nullable)

    @classmethod
    def vocabularies(cls) -> dict[str, type[Described]]:
        """Return the vocabulary of each coded column, in order."""
        columns = cls.to_schema().columns
        return {
            name: column.metadata[VOCABULARY] for name, column in columns.items() if column.metadata
        }


def coded(vocabulary: type[Described], description: str, *, nullable: bool = False) -> Any:
    """Declare a string column that holds one value of a closed vocabulary."""
    return pa.Field(
        isin=vocabulary.values(),
        description=description,
        nullable=nullable,
        metadata={VOCABULARY: vocabulary},
    )


def list_of(inner: pl.DataType | type[pl.DataType], description: str) -> Any:
    """Declare a list column. An empty list means "none", null never occurs."""
    return pa.Field(dtype_kwargs={"inner": inner}, description=description)


def are_entries_filled(column: pa.PolarsData) -> pl.LazyFrame:
    """Check that a list of texts has no null and no blank one."""
    entry = pl.element()
    # Said for null as well: no comparison with null is true, so that it would pass.
    is_blank = entry.is_null() | (entry.str.strip_chars() == "")
    # `any` of an empty list is false, so that an empty list passes.
    return column.lazyframe.select(~pl.col(column.key or "*").list.eval(is_blank).list.any())


def are_entries_urls(column: pa.PolarsData) -> pl.LazyFrame:
    """Check that a list holds URLs only."""
    is_url = pl.element().str.contains(URL)
    # An empty list passes: all of nothing is true.
    return column.lazyframe.select(pl.col(column.key or "*").list.eval(is_url).list.all())


def is_lower_case(column: pa.PolarsData) -> pl.LazyFrame:
    """Check that a text is null or has no letter in upper case."""
    text = pl.col(column.key or "*")
    return column.lazyframe.select(text.is_null() | (text == text.str.to_lowercase()))
