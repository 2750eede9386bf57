"""Citation marks: what machines that catch citations leave in and around titles and names.

None of it belongs to the title or name as its authors wrote it, so that two records that differ in
such marks alone have one title. Records of other sources have none of these marks.
"""

import polars as pl

from flows.text.folding import change_where

BROKEN_SIGN = (
    r"[âÂ]\s?(?:€|\?)\s?(?:[?¦™œžŸ\x{02DC}\x{2013}-\x{201D}\x{0080}-\x{009F}]\s?)?|\x{FFFD}|"
    r"&\s?(?:[rl]aquo|hellip)\s?;"
)
"""Quotation marks, dashes and dots that were read in another encoding or left as entities."""

COPIES = r"(?i)[-\x{2013}\x{2014}]\s*group of \d+\s*(?:&\s?raquo\s?;|»)"
"""How many copies of a citation a search engine has: ``Query trees - group of 4 »``."""

DOCUMENT_TYPE = r"\s\[\s?(?i:[acdjmnprsz]|[a-z]{2}/ol)\s?\]\s*[.:]?\s*$"
"""What kind of document is cited, as Chinese bibliographies say it: ``[J]`` for a journal."""

GENRE = (
    r"(?i)\s\(\s?(?:tutorial|panel|poster|keynote|demo(?:nstration)?|invited (?:talk|paper)|"
    r"(?:panel|tutorial|demo(?:nstration)?) (?:summary|session|abstract|description|paper))"
    r"\s?\)\s*\.?\s*$"
)
"""What a programme puts behind a title: it is not printed on the paper itself."""

PLACE = r"[\s,.;:(]+(?:vol\.?\s*)?\d{1,3}\s?\(\s?\d{1,3}\s?\)(?:\s*[:,].*)?\.?\s*$"
"""Volume, issue and pages behind a title: ``, 26 (3): 78-83``."""

REVIEWED = r"(?i)\s\[version \d+(?:;[^\[\]]*)?\]\s*\.?\s*$"
"""The state of review behind a title: ``[version 2; peer review: 2 approved]``."""

DOI = r"(?i)[\s,.;(]+(?:https?://(?:dx\.)?doi\.org/|doi:?\s?)10\.\d{4,9}/\S+\s*$"
"""A DOI behind a title."""

WITHDRAWN = r"(?i)^\s*\[?retracted(?: article| paper| chapter)?\s?(?:[:\]]|\.\s)\s*"
"""What publishers put before the title of a paper they retracted; the notice about it is called
``Retraction note`` or the like."""

SECTION = (
    r"(?i)^\s*(?:original (?:article|paper|research|investigation)|research(?: article| paper)?|"
    r"(?:brief|short) (?:report|communication|paper)|regular paper|full paper|technical note)"
    r"\s?:\s+"
)
"""The section of a journal before a title: ``Original article: ...``."""

TAG = r"(?i)</?(?:i|b|em|strong|sub|sup|u|tt|scp|jats:[a-z]+)\s?/?>"
"""Marks of letters that were left in a title: ``<i>in vivo</i>``."""

AMPERSAND = "&amp;"

TRIMMED = (
    *(BROKEN_SIGN, DOCUMENT_TYPE, GENRE, PLACE, REVIEWED, DOI, WITHDRAWN, SECTION, TAG, AMPERSAND),
)


def drop_broken_signs(texts: pl.Series) -> pl.Series:
    """Put a space in the place of signs that were read in another encoding.

    >>> drop_broken_signs(pl.Series(["S. Maddenâ€¦", "queriesâ ?? and views", "views"])).to_list()
    ['S. Madden ', 'queries and views', 'views']
    """
    return change_where(
        texts,
        texts.str.contains(BROKEN_SIGN),
        lambda broken: broken.str.replace_all(BROKEN_SIGN, " ").str.replace_all("  +", " "),
    )


def trim_titles(titles: pl.Series) -> pl.Series:
    """Return titles without the marks of citations; null stays null.

    >>> marked = ["Online tuning [J]", "Query trees - group of 4 &raquo;", "Mail (panel)", "SU(2)"]
    >>> trim_titles(pl.Series(marked)).to_list()
    ['Online tuning', 'Query trees', 'Mail', 'SU(2)']
    >>> marked = ["RETRACTED ARTICLE: Growth <i>in vivo</i>", "Growth [version 1; not reviewed]"]
    >>> trim_titles(pl.Series([*marked, "Research: growth. doi:10.1000/x.1"])).to_list()
    ['Growth in vivo', 'Growth', 'growth']
    """
    is_marked = titles.str.contains("|".join((COPIES, *TRIMMED)))
    return change_where(titles, is_marked, _trim_marked_titles)


def _trim_marked_titles(titles: pl.Series) -> pl.Series:
    trimmed = drop_broken_signs(titles.str.replace_all(COPIES, " "))
    trimmed = trimmed.str.replace_all(AMPERSAND, "&", literal=True).str.replace_all(TAG, "")
    trimmed = trimmed.str.strip_chars()
    for mark in (DOI, REVIEWED, DOCUMENT_TYPE, PLACE, GENRE, WITHDRAWN, SECTION):
        trimmed = trimmed.str.replace(mark, "")
    # A title that is nothing but such a mark stays as it is.
    return pl.select(
        pl.when(trimmed.str.contains(r"\p{L}")).then(trimmed).otherwise(titles)
    ).to_series()
