"""Abstracts: what they say of whether two papers are one, by their long words alone.

Long words are what a text is about; they survive lost LaTeX, cut URLs and line breaks.
"""

import polars as pl

LEAST = 8
"""Long words that both abstracts must have: fewer are a notice, or the rest of a cut text."""

SAME = 0.6
"""Share from which two abstracts are one text. Among titles that share rare words it is reached
by one in a thousand pairs of different papers, and by 73 % of those that changed their title."""

OTHER = 0.1
"""Share up to which two abstracts are of different papers: three in a thousand copies fall there,
and more than half of all look-alikes."""


def long_words(abstract: pl.Expr) -> pl.Expr:
    """Give the distinct beginnings, of 8 letters, of the words that have as many."""
    joined = abstract.str.to_lowercase().str.replace_all(r"-[ \t]*\n\s*", "")
    return joined.str.extract_all(r"\b[a-z]{8}").list.unique()


def shared(ours: pl.Expr, theirs: pl.Expr) -> pl.Expr:
    """Give which share of the smaller set of long words both have; null where too few are known."""
    fewer = pl.min_horizontal(ours.list.len(), theirs.list.len())
    common = ours.list.set_intersection(theirs).list.len()
    return pl.when(fewer >= LEAST).then(common / fewer)
