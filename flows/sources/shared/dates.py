"""Days as sources write them, as polars expressions."""

import polars as pl


def parse_day(text: pl.Expr) -> pl.Expr:
    """Read the day of a date as sites write it: ISO 8601 or RFC 2822; null for anything else.

    >>> written = ["2007-04-02T19:18:42Z", "Mon, 2 Apr 2007 19:18:42 GMT", "02/04/2007"]
    >>> pl.select(parse_day(pl.lit(pl.Series(written)))).to_series().to_list()
    [datetime.date(2007, 4, 2), datetime.date(2007, 4, 2), None]
    """
    return pl.coalesce(
        text.str.extract(r"^(\d{4}-\d{2}-\d{2})").str.to_date("%Y-%m-%d", strict=False),
        text.str.extract(r"(\d{1,2} [A-Z][a-z]{2} \d{4})").str.to_date("%d %b %Y", strict=False),
    )
