"""Facts: what the card is filled from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from flows.release.layout import TABLES, Config


@dataclass(frozen=True)
class Facts:
    """What the card is filled from."""

    configs: Mapping[Config, pl.DataFrame]
    manifest: Mapping[str, Any]
    bytes: Mapping[str, int]
    """Size of each config's files."""

    def table(self, name: str) -> pl.DataFrame:
        """Return all rows of a table, whatever their licence."""
        parts = [rows for config, rows in self.configs.items() if config.table == name]
        return pl.concat(parts) if parts else pl.DataFrame(schema=TABLES[name].model.dtypes())


def has_value(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Say whether a column has a value: neither null nor an empty list."""
    if isinstance(frame.schema[column], pl.List):
        return pl.col(column).list.len() > 0
    return pl.col(column).is_not_null()
