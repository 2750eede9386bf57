"""Days as sources write them, as polars expressions."""

import calendar
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date

import polars as pl

from schemas.vocabulary import YEARS


def parse_day(text: pl.Expr) -> pl.Expr:
    """Read the day of a date as sites write it: ISO 8601 or RFC 2822; null for anything else.

    Milliseconds since 1970 are what pandas makes of a date. A day in no year in which papers
    appear, such as ``0000-01-01`` or ``9999-12-31``, is none.

    >>> written = ["2007-04-02T19:18:42Z", "Mon, 2 Apr 2007 19:18:42 GMT", "1175541522000"]
    >>> pl.select(parse_day(pl.lit(pl.Series([*written, "02/04/2007"])))).to_series().to_list()
    [datetime.date(2007, 4, 2), datetime.date(2007, 4, 2), datetime.date(2007, 4, 2), None]
    >>> written = ["2007/04/02 10:00", "20070402", "20071302"]
    >>> pl.select(parse_day(pl.lit(pl.Series(written)))).to_series().to_list()
    [datetime.date(2007, 4, 2), datetime.date(2007, 4, 2), None]
    >>> written = ["0000-01-01", "9999-12-31", "2 Apr 20071", "1 Jan 0000"]
    >>> pl.select(parse_day(pl.lit(pl.Series(written)))).to_series().null_count()
    4
    """
    # The first that fits: a day of RFC 2822 has no four digits at its beginning.
    day = pl.coalesce(
        text.str.extract(r"^(\d{4}[-/]?\d{2}[-/]?\d{2})(?:\D|$)")
        .str.replace_all("/", "", literal=True)
        .str.replace_all("-", "", literal=True)
        .str.to_date("%Y%m%d", strict=False),
        text.str.extract(r"(\d{1,2} [A-Z][a-z]{2} \d{4})\b").str.to_date("%d %b %Y", strict=False),
        pl.from_epoch(
            text.str.extract(r"^(\d{11,13})(?:\.0)?$").cast(pl.Int64), time_unit="ms"
        ).cast(pl.Date),
    )
    # Polars has a year 0, which Python and most readers of Parquet do not know.
    return pl.when(is_likely_day(day)).then(day)


def count_lost_days(
    written: pl.DataFrame, read: pl.DataFrame, days: Mapping[str, str]
) -> Counter[str]:
    """Count the dates of which no day was read, such as ``7/16/2023``, which may be two days.

    ``days``: the columns of ``written`` with the texts, each with that of ``read`` with its days;
    the rows of both are the same.

    >>> written = pl.DataFrame({"update_date": ["7/16/2023", "2007-04-02", " ", None]})
    >>> read = pl.DataFrame({"updated": [None, date(2007, 4, 2), None, None]})
    >>> count_lost_days(written, read, {"update_date": "updated"})
    Counter({'update_date: a text in the place of a day': 1})
    """
    lost: Counter[str] = Counter()
    for text, day in days.items():
        has_text = written[text].str.contains(r"\S") & read[day].is_null()
        if count := written.filter(has_text).height:
            lost[f"{text}: a text in the place of a day"] = count
    return lost


def is_likely_day(day: pl.Expr) -> pl.Expr:
    """Return whether a day is in a year in which papers appear."""
    return day.dt.year().is_between(*YEARS)


def list_days(texts: pl.Expr) -> pl.Expr:
    """Read the days of a list of dates, as `parse_day` does; none where one cannot be read.

    >>> written = pl.Series([["Mon, 2 Apr 2007", "2008-01-03"], ["2008-01-03", "soon"], None])
    >>> [len(days) for days in pl.select(list_days(pl.lit(written))).to_series()]
    [2, 0, 0]
    """
    days = texts.list.eval(parse_day(pl.element()))
    # A list with a hole in it would give every later version the day of another.
    is_whole = days.list.eval(pl.element().is_not_null()).list.all()
    return pl.when(is_whole).then(days).otherwise(pl.lit([], pl.List(pl.Date)))


MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}


def estimate_publication_day(year: str | None, month: str | None) -> date | None:
    """Return the last day of the month or year that something names: by then it had appeared.

    The first day would come before preprints of the same month, and a paper's date is the
    earliest of its records.

    >>> estimate_publication_day("2018", "October 31 to November 4")
    datetime.date(2018, 10, 31)
    >>> estimate_publication_day("2018", "feb"), estimate_publication_day("2018", "2")
    (datetime.date(2018, 2, 28), datetime.date(2018, 2, 28))
    >>> estimate_publication_day("2018", None)
    datetime.date(2018, 12, 31)
    >>> estimate_publication_day("forthcoming", "May") is None
    True
    """
    if not (year and re.fullmatch(r"\s*(?:19|20)\d\d\s*", year)):
        return None
    written = (month or "").strip(' {}"').lower()
    # A number is a month only where it is alone: of `May 3` it is the day.
    words = re.findall(r"^(?:0?[1-9]|1[0-2])$|[a-z]+", written)
    number = next((MONTHS.get(word) or int(word) for word in words if _is_month(word)), 12)
    return date(int(year), number, calendar.monthrange(int(year), number)[1])


def _is_month(word: str) -> bool:
    return word in MONTHS or word.isdecimal()
