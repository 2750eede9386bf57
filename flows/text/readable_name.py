"""Names of people as ``First Last``."""

import re

import polars as pl

from flows.text.cleaning import UNTIDY, clean_string, drop_invisible, join_lines
from flows.text.folding import change_where
from flows.text.markup import MARKUP, resolve_markup
from flows.text.readable import mend_matching_texts

_SUFFIX = r"(?:Jr|Sr|I{2,3}|IV)\.?"
_IS_SUFFIX = re.compile(_SUFFIX)
_REVERSED = r"^[^,]*[^, ] ?, ?[^, ][^,]*$"
"""``Last, First``, as most sources write."""

_MARKED = rf"{MARKUP}|[{{}}]"


def make_readable_name(name: pl.Expr) -> pl.Expr:
    r"""Write names as ``First Last``, accents decoded; null stays null.

    >>> pl.select(make_readable_name(pl.lit(r"Kov{\'a}cs, Bal\'azs"))).item()
    'Balázs Kovács'
    >>> pl.select(make_readable_name(pl.lit("King, Jr., Martin Luther"))).item()
    'Martin Luther King Jr.'
    """
    return name.map_batches(_make_names_readable, return_dtype=pl.String, is_elementwise=True)


def _make_names_readable(names: pl.Series) -> pl.Series:
    # Step by step, as columns: within lists polars computes an expression as often as it is used.
    names = change_where(names, names.str.contains(UNTIDY), _tidy_names)
    is_other = names.str.contains(rf"{_MARKED}|, ?{_SUFFIX}$")
    names = change_where(names, names.str.contains(_REVERSED) & ~is_other, _turn_names)
    return mend_matching_texts(names, rf"{_MARKED}|,", _put_first_name_first)


def _tidy_names(names: pl.Series) -> pl.Series:
    return names.to_frame("name").select(join_lines(drop_invisible(pl.col("name")))).to_series()


def _turn_names(names: pl.Series) -> pl.Series:
    """Turn ``Last, First`` where nothing else is to be done."""
    last, first = names.str.split_exact(",", 1).struct.unnest()
    return first.str.strip_chars_start(" ") + " " + last.str.strip_chars_end(" ")


def _put_first_name_first(written: str) -> str:
    name = resolve_markup(clean_string(written.replace("~", " ")))
    name = clean_string(re.sub(r"[{}]", "", name)) or written
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == 2 and not _IS_SUFFIX.fullmatch(parts[1]):  # noqa: PLR2004  # "Last, First"
        return f"{parts[1]} {parts[0]}"
    if len(parts) == 3 and _IS_SUFFIX.fullmatch(parts[2]):  # noqa: PLR2004  # "Last, First, Jr."
        return f"{parts[1]} {parts[0]} {parts[2]}"
    if len(parts) == 3 and _IS_SUFFIX.fullmatch(parts[1]):  # noqa: PLR2004  # "Last, Jr., First"
        return f"{parts[2]} {parts[0]} {parts[1]}"
    return name
