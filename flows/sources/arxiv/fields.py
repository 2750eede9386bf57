"""arXiv fields as expressions, whichever way the record came."""

import polars as pl

CATEGORY = r"^(?:q-[a-z]+|[a-z]{2,}(?:-[a-z]+)?)(?:\.[A-Za-z]{2}|\.[a-z]+(?:-[a-z]+)*)?$"
"""``cs.LG``, ``hep-th``, ``cond-mat.mes-hall``, ``acc-phys``: archive, then subject class."""

CLASS = r"\d|^[A-K]\.[a-z]$"
"""ACM (``I.2.7``, ``E.m``) and MSC (``68T50``) classes; words like ``(Primary)`` are neither."""

_WORDS = pl.element().str.strip_chars("()[]\"',")


def _words(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[\s;,\[\]\"]+", " ").str.strip_chars().str.split(" ")


def categories(text: pl.Expr) -> pl.Expr:
    """Give the arXiv categories among some words, in their order."""
    return _words(text).list.eval(_WORDS.filter(_WORDS.str.contains(CATEGORY)))


def classes(text: pl.Expr) -> pl.Expr:
    """Give the ACM and MSC classes among some words, in their order."""
    is_class = _WORDS.str.contains(CLASS) & ~_WORDS.str.contains(CATEGORY)
    return _words(text).list.eval(_WORDS.filter(is_class))


def names(parsed: pl.Expr, written: pl.Expr) -> pl.Expr:
    """Give one entry per author, from the parsed names or, where there are none, from the text.

    A parsed name is ``[last, first, suffix, affiliation ...]`` and becomes ``Last suffix, First``
    (``Evans II, Neal J.``): with ``First Last`` the border between the two would be lost. A group
    has no first name and stands alone. Names from the text stay as they stand there.
    """
    part = pl.element().list.get
    last = pl.concat_str(
        part(0, null_on_oob=True).fill_null(""),
        part(2, null_on_oob=True).fill_null(""),
        separator=" ",
    ).str.strip_chars()
    first = part(1, null_on_oob=True).fill_null("").str.strip_chars()
    name = pl.when(first == "").then(last).otherwise(pl.concat_str(last, first, separator=", "))
    from_parsed = parsed.list.eval(name.filter(last + first != ""))
    return pl.when(parsed.list.len() > 0).then(from_parsed).otherwise(_split(written))


def _split(written: pl.Expr) -> pl.Expr:
    """Split a line of authors; affiliations in parentheses are no part of a name."""
    plain = written
    for _ in range(3):  # affiliations hold parentheses of their own, rarely two deep
        plain = plain.str.replace_all(r"\s*\([^()]*\)", "")
    joined = (
        plain.str.replace_all(r"\s+", " ")
        .str.replace_all(r",? and ", ", ")
        .str.replace_all(r", (Jr\.?|Sr\.?|I{2,3}|IV)(,|$)", " $1$2")
    )
    entry = pl.element().str.strip_chars()
    return joined.str.split(",").list.eval(entry.filter(entry != ""))
