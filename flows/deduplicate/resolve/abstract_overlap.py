"""Abstract overlap: whether two papers are one, by the long words of their abstracts alone.

Long words are what a text is about; they survive lost LaTeX, cut URLs and line breaks.
"""

import numpy as np
import polars as pl

from flows.deduplicate.match.word_sets import (
    SetOverlap,
    WordSets,
    collect_sets,
    compare_sets,
    read_sets,
)
from flows.text.words import CODE_BYTES, simplify_texts

LEAST = 8
"""Long words that both abstracts must have: fewer are a notice, or the rest of a cut text."""

SAME = 0.6
"""Share from which two abstracts are one text. Among titles that share rare words it is reached
by one in a thousand pairs of different papers, and by 73 % of those that changed their title."""

OTHER = 0.1
"""Share up to which two abstracts are of different papers: three in a thousand copies fall there,
and more than half of all look-alikes."""


def collect_long_words(abstracts: pl.Series) -> WordSets:
    """Collect the distinct words of each abstract that fill a code: those of 8 letters and more."""
    return collect_sets(simplify_texts(abstracts), shortest=CODE_BYTES)


def compare_long_words(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return which share of the smaller set of long words both have, row by row.

    ``left``, ``right``: lists of codes, sorted, each once; null for an unknown abstract. Null where
    a side has fewer than `LEAST`.
    """
    return measure_overlaps(left, right).contained(LEAST)


def measure_overlaps(left: pl.Series, right: pl.Series) -> SetOverlap:
    """Measure how much two columns of lists of codes have in common, row by row."""
    rows = np.arange(len(left), dtype=np.int64)
    first, second = (read_sets(side.fill_null([])) for side in (left, right))
    return compare_sets(first, second, np.stack([rows, rows], axis=1))
