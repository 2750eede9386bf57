"""Term matrix: which words of a vocabulary texts hold, each once, as sparse lines."""

from itertools import pairwise

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.text_words import (
    LONGEST_WORD,
    Ints,
    TextWords,
    encode_texts,
    encode_words,
)
from flows.enrich.topics.word_table import Numbers, WordTable, build_word_table, look_up_words

LINES = 50
"""Texts whose words are marked at a time: a board of little more than a megabyte."""


def build_unit_term_matrix(texts: TextWords, vocabulary: pl.Series) -> scipy.sparse.csr_matrix:
    """Lay the words of texts out that a sorted vocabulary has, a line of unit length each.

    Words are as in `field_words.split_texts`. A line per text, in order, and a column per word of
    the vocabulary; columns rise in each line.
    """
    counts = build_term_matrix(texts, vocabulary)
    # Sums of floats differ with their order.
    counts.sort_indices()
    sizes = np.diff(counts.indptr)
    # A title alone must not sound weaker than an abstract only because it is shorter.
    counts.data = np.repeat(np.maximum(sizes, 1).astype(np.float64) ** -0.5, sizes)
    return counts


def build_term_matrix(texts: TextWords, vocabulary: pl.Series) -> scipy.sparse.csr_matrix:
    """Mark the words of `build_unit_term_matrix` with a 1; columns of a line are in no order."""
    shape = len(texts.counts), len(vocabulary)
    if not all(shape):
        return scipy.sparse.csr_matrix(shape, dtype=np.int16)
    lines, columns = _list_distinct(texts, _number_words(texts, vocabulary), len(vocabulary))
    ends = np.append(0, np.cumsum(np.bincount(lines, minlength=shape[0])))
    return scipy.sparse.csr_matrix((np.ones(len(lines), np.int16), columns, ends), shape=shape)


def _list_distinct(texts: TextWords, numbers: Numbers, width: int) -> tuple[Ints, Ints]:
    """List the distinct words of each text where each is last: lines of texts, and the words."""
    at = np.flatnonzero(numbers < width)
    lines, words = texts.lines[at], numbers[at].astype(np.int64)
    firsts = np.searchsorted(lines, np.arange(0, len(texts.counts) + LINES, LINES))
    # Each place is written over those of the same word before it, so that the last one is left; the
    # board is small enough to stay close to the processor, and need not be wiped.
    board, is_last = np.zeros(LINES * width, np.int32), np.zeros(len(at), np.bool_)
    places = np.arange(np.diff(firsts).max(initial=0), dtype=np.int32)
    for number, (first, end) in enumerate(pairwise(firsts.tolist())):
        cells = (lines[first:end] - number * LINES) * width + words[first:end]
        here = places[: end - first]
        board[cells] = here
        is_last[first:end] = board.take(cells) == here
    return lines[is_last], words[is_last]


@cache_by_identity
def _tabulate_words(vocabulary: pl.Series) -> WordTable:
    return build_word_table(encode_texts(vocabulary))


def _number_words(texts: TextWords, vocabulary: pl.Series) -> Numbers:
    """Return the places of words in a vocabulary, without the digits before them."""
    table = _tabulate_words(vocabulary)
    numbers = look_up_words(texts.codes, table)
    folded = np.frombuffer(texts.folded, np.uint8)
    # In ASCII digits come before letters, and few words begin with one; a blank comes before both.
    digits = np.flatnonzero((folded[texts.starts] < ord("a")) & (texts.lengths > 0))
    starts, lengths = texts.starts[digits], texts.lengths[digits]
    # A year has four; behind more digits than a word has letters, nothing is one.
    for _ in range(min(int(lengths.max(initial=0)), LONGEST_WORD)):
        is_digit = (folded[starts] < ord("a")) & (lengths > 0)
        starts, lengths = starts + is_digit, lengths - is_digit
    numbers[digits] = look_up_words(encode_words(texts.folded, starts, lengths), table)
    return numbers
