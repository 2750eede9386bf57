"""Abstract index: the abstracts of a reference as sets of coded words, found by the rarest ones."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.word_sets import CODE_BITS as WORD_CODE_BITS
from flows.deduplicate.match.word_sets import WordSets, show_as_lists
from flows.deduplicate.resolve.abstract_overlap import LEAST, collect_long_words

CODE_BITS = 24
"""Codes have so many bits: a set of forty words shares one with a stranger by accident once in ten
thousand pairs."""

ROWS_AT_ONCE = 50_000
"""Abstracts whose words are ranked in one go: some 100 MB."""

RAREST = 8
"""Words of an abstract by which it is found."""

IN_COMMON = 3
"""Of these, how many two abstracts must have in common to be compared."""

COMPARED = 5
"""Abstracts compared in full per abstract asked for."""

Ints: TypeAlias = npt.NDArray[np.int32]

CODES = pl.List(pl.Int32)


def code_long_words(abstracts: pl.Series) -> pl.Series:
    """Return each abstract's long words as sorted codes, each once; an unknown one has none.

    The codes are the same in every version of every library.
    """
    words = collect_long_words(abstracts)
    shorter = words.values >> (WORD_CODE_BITS - CODE_BITS)
    # Two words of one text may have the same shorter code. It is listed once: scipy multiplies sets
    # with repeated codes by way of an array as long as there are codes, a thousand times slower.
    is_other = np.diff(shorter, prepend=-1) != 0
    is_other[words.starts[:-1][words.sizes() > 0]] = True
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_other)])[words.starts]
    return show_as_lists(WordSets(starts, shorter[is_other])).cast(CODES).rename("codes")


@dataclass(frozen=True)
class AbstractIndex:
    """Abstracts of the papers of an index, by their place there."""

    starts: npt.NDArray[np.int64]
    values: Ints
    """The codes of paper ``i`` are ``values[starts[i]:starts[i + 1]]``; none where not known."""
    vocabulary: Ints
    """Every code that occurs, in order."""
    frequency: Ints
    """In how many abstracts each of them occurs."""
    bounds: npt.NDArray[np.int64]
    places: Ints
    """The papers that have code ``vocabulary[j]`` among their `RAREST` are
    ``places[bounds[j]:bounds[j + 1]]``."""

    def sets(self, places: npt.NDArray[np.int64]) -> pl.Series:
        """Return the codes of some papers."""
        starts, ends = self.starts[places], self.starts[places + 1]
        chosen = [self.values[start:end] for start, end in zip(starts, ends, strict=True)]
        values = np.concatenate([np.empty(0, np.int32), *chosen])
        sets = WordSets(np.concatenate([[0], np.cumsum(ends - starts)]), values)
        return show_as_lists(sets).cast(CODES)

    def alike(self, codes: Ints) -> Ints:
        """Return the papers, at most `COMPARED`, whose rarest words an abstract has too."""
        if len(codes) < LEAST or not len(self.vocabulary):
            return np.empty(0, np.int32)
        words = np.minimum(np.searchsorted(self.vocabulary, codes), len(self.vocabulary) - 1)
        # The search gives a place for codes that are not there as well; the comparison drops those.
        words = np.unique(words[self.vocabulary[words] == codes])
        rare = words[np.lexsort((words, self.frequency[words]))][:RAREST]
        held = [self.places[self.bounds[j] : self.bounds[j + 1]] for j in rare]
        places, counts = np.unique(
            np.concatenate([np.empty(0, np.int32), *held]), return_counts=True
        )
        places, counts = places[counts >= IN_COMMON], counts[counts >= IN_COMMON]
        chosen: Ints = places[np.lexsort((places, -counts))][:COMPARED]
        return chosen


PARTS = ("starts", "values", "vocabulary", "frequency", "bounds", "places")
"""The arrays of `AbstractIndex`, each in a file of its own."""


def index_abstracts(codes: pl.Series) -> AbstractIndex:
    """Index the abstracts of papers, given as codes in order of the papers."""
    sizes = codes.list.len().fill_null(0).to_numpy().astype(np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    values = codes.explode(empty_as_null=False).drop_nulls().to_numpy().astype(np.int32)
    counted = np.bincount(values, minlength=1)
    vocabulary = np.flatnonzero(counted).astype(np.int32)
    rare_codes, places = _list_rarest_codes(starts, values, counted)
    order = np.lexsort((places, rare_codes))
    bounds = np.searchsorted(rare_codes[order], np.append(vocabulary, 2**CODE_BITS))
    frequency = counted[vocabulary].astype(np.int32)
    return AbstractIndex(
        starts, values, vocabulary, frequency, bounds.astype(np.int64), places[order]
    )


def _list_rarest_codes(
    starts: npt.NDArray[np.int64], values: Ints, counted: npt.NDArray[np.int64]
) -> tuple[Ints, Ints]:
    """Return pairs of a code and a paper: the rarest codes of each paper."""
    codes, places = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for first, last in pairwise([*range(0, len(starts) - 1, ROWS_AT_ONCE), len(starts) - 1]):
        part = values[starts[first] : starts[last]]
        sizes = np.diff(starts[first : last + 1])
        owner = np.repeat(np.arange(first, last, dtype=np.int32), sizes)
        order = np.lexsort((part, counted[part], owner))
        rank = np.arange(len(part)) - np.repeat(starts[first:last] - starts[first], sizes)
        chosen = order[rank < RAREST]
        codes.append(part[chosen])
        places.append(owner[chosen])
    return np.concatenate(codes), np.concatenate(places)
