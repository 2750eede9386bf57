"""Preference: which of several records gives a paper the value of a field.

Every choice is an order over the records of a cluster, best first, that ends with the record id:
so it depends on the records alone, not on the order in which they came.
"""

import polars as pl

from schemas.vocabulary import License, Source

OPEN = (License.CC0.value, License.CC_BY.value, License.ODC_BY.value)
"""Licences whose records one row may hold, the most open first. Texts come from records of the
most open one that a cluster has, which is the licence of the row; identifiers, dates and venues
are facts and come from all of them."""

LOST_URL = r"(?i)\bthis https? url\b"
"""What arXiv's listing pages print in the place of a URL."""

URL = r"(?i)https?://|www\."
"""The beginning of a URL."""

CUT = r"(?:…|\.\.\.)\s*$"
"""The end of a text that was cut off."""

NOTICE = (
    r"(?i)^\W*(?:this (?:paper|article|submission|manuscript) (?:has been|is|was) )?withdrawn\b"
)
"""The beginning of a notice that takes the place of an abstract."""

ET_AL = r"(?i)^\W*(?:et\.? al\b.*|and others|others)$|[\s,;]+(?:et\.? al\b\.?|and others)\s*$"
"""A name that stands for the names left out, or the end of one: ``Ada Byron et al.``."""


def source_precedence() -> pl.Expr:
    """Return the place of the record's source in `Source`, the best first."""
    places = {source: place for place, source in enumerate(Source.values())}
    return pl.col("source").replace_strict(places, return_dtype=pl.Int32, default=len(places))


def is_contributing() -> pl.Expr:
    """Tell the records whose values may enter the row of their cluster's paper.

    Records under open licences exclude all others: a share-alike value would bind the whole row.
    Where none is open, the licence of the best source decides, because two share-alike licences
    cannot be obeyed in one row.
    """
    is_open = pl.col("license").is_in(OPEN)
    leading = pl.col("license").sort_by(source_precedence(), "license", "record_id").first()
    return (
        pl.when(is_open.any().over("cluster"))
        .then(is_open)
        .otherwise(pl.col("license") == leading.over("cluster"))
    )


def licence_openness() -> pl.Expr:
    """Return the place of the record's licence in `OPEN`; all others stand after the last."""
    places = {name: place for place, name in enumerate(OPEN)}
    return (
        pl.col("license")
        .replace_strict(places, return_dtype=pl.Int32, default=len(places))
        .alias("openness")
    )


def order_newest_first() -> list[pl.Expr]:
    """Order records by source precedence, then by age, the newest first, then by id."""
    snapshot = pl.col("snapshot").cast(pl.Int32)
    updated = pl.col("updated").cast(pl.Int32).fill_null(-(10**6))
    return [source_precedence(), -updated, -snapshot, pl.col("record_id")]


def order_abstracts() -> list[pl.Expr]:
    """Order abstracts by what their text lost on its way, then as all fields.

    A missing abstract comes last, before it a withdrawal notice, a text whose URLs were replaced,
    one that was cut; then one with URLs before one without, one with LaTeX before one whose
    dollar signs and backslashes are gone.
    """
    text = pl.col("abstract")
    return [
        text.is_null() | (text.str.strip_chars() == ""),
        text.str.contains(NOTICE).fill_null(value=False),
        text.str.contains(LOST_URL).fill_null(value=False),
        text.str.contains(CUT).fill_null(value=False),
        ~text.str.contains(URL).fill_null(value=False),
        ~text.str.contains(r"[$\\]").fill_null(value=False),
        *order_newest_first(),
    ]


def order_titles() -> list[pl.Expr]:
    """Order titles: uncut ones first, then as all fields."""
    return [pl.col("title").str.contains(CUT), *order_newest_first()]


def order_authors() -> list[pl.Expr]:
    """Order lists of authors: none last, shortened ones before it, then as all fields.

    A list is shortened when it says so ("et al.") or is less than half as long as the longest.
    """
    names = pl.col("authors").list.len()
    shortened = pl.col("authors").list.eval(pl.element().str.contains(ET_AL)).list.any()
    return [
        names == 0,
        shortened | (names * 2 < names.max().over("cluster")),
        *order_newest_first(),
    ]
