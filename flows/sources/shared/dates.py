"""Days as sources write them, as polars expressions."""

import polars as pl


def parse_day(text: pl.Expr) -> pl.Expr:
    """Give the day of ``2007-04-02``, ``2007-04-02T19:18:42Z`` or ``Mon, 2 Apr 2007 19:18:42``."""
    return pl.coalesce(
        text.str.extract(r"^(\d{4}-\d{2}-\d{2})").str.to_date("%Y-%m-%d", strict=False),
        text.str.extract(r"(\d{1,2} [A-Z][a-z]{2} \d{4})").str.to_date("%d %b %Y", strict=False),
    )
