"""Phrase index: phrases as paths of words, which the words of texts are followed along.

A tree of words says after which words a phrase may go on and where one ends. All places of all
texts walk down it together, a word at a time: most leave after the first or the second one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

NO_PHRASE = -1
"""What stands for the phrase where none ends."""

FACTOR, SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(44)
"""Multiplied and shifted, a number has one of a million slots."""


@dataclass(frozen=True)
class Steps:
    """The steps of one depth: from a node above by a word to the node with the step's place."""

    steps: Ints
    """Node above times the number of words, plus the word; they rise."""
    phrases: Ints
    """The phrase that ends with each step, or `NO_PHRASE`."""


@dataclass(frozen=True)
class PhraseIndex:
    """Phrases by their words."""

    words: pl.Series
    """All words, sorted: a word's number is its place."""
    depths: list[Steps]

    @property
    def unknown(self) -> int:
        """The number of words that no phrase has."""
        return len(self.words)


def index_phrases(phrases: pl.Series) -> PhraseIndex:
    """Index phrases, none twice, whose words are parted by single blanks."""
    split = phrases.str.split(" ")
    flat = split.explode(empty_as_null=False)
    words = flat.unique().sort()
    numbers = number_words(flat, words)
    lengths = split.list.len().to_numpy().astype(np.int64)
    firsts = np.cumsum(lengths) - lengths
    # Of phrases that go on: which they are, and the node where their words so far lead.
    phrase, node, depths = np.arange(len(phrases)), np.zeros(len(phrases), np.int64), list[Steps]()
    while len(phrase):
        depth = len(depths)
        step = node * (len(words) + 1) + numbers[firsts[phrase] + depth]
        steps, node = np.unique(step, return_inverse=True)
        is_end = lengths[phrase] == depth + 1
        ends = np.full(len(steps), NO_PHRASE, np.int64)
        ends[node[is_end]] = phrase[is_end]
        depths.append(Steps(steps, ends))
        phrase, node = phrase[~is_end], node[~is_end]
    return PhraseIndex(words, depths)


def number_words(texts: pl.Series, words: pl.Series) -> Ints:
    """Return the place of each text among sorted words, which is behind the last for all others."""
    codes = texts.cast(pl.Enum(words), strict=False).to_physical()
    return codes.cast(pl.Int64).fill_null(len(words)).to_numpy()


def follow_words(words: pl.Series, index: PhraseIndex) -> tuple[Ints, Ints]:
    """Find every phrase in words that follow each other: place of its first word, and the phrase.

    In order of place, shorter phrases first. What parts two texts has to be no word of a phrase.
    """
    numbers = number_words(words, index.words)
    # Behind the last word no phrase goes on.
    padded = np.append(numbers, np.full(len(index.depths), index.unknown))
    place, node, ends = np.arange(len(numbers)), np.zeros(1, np.int64), []
    for depth, level in enumerate(index.depths):
        step = node * (index.unknown + 1) + padded[place + depth]
        # The steps of the first words are those words: a table of them finds each in one look.
        at, node = _look_up(step, level.steps) if depth else _look_up_first(step, level.steps)
        place, phrase = place[at], level.phrases[node]
        is_end = phrase != NO_PHRASE
        ends.append((place[is_end], phrase[is_end]))
    none = (place[:0], place[:0])
    places, phrases = (np.concatenate(part) for part in zip(none, *ends, strict=True))
    # A stable sort of a few rising runs is little more than their merge.
    order = np.argsort(places, kind="stable")
    return places[order], phrases[order]


def _look_up_first(numbers: Ints, steps: Ints) -> tuple[Ints, Ints]:
    table = np.full(int(numbers.max(initial=steps[-1])) + 1, NO_PHRASE)
    table[steps] = np.arange(len(steps))
    lines = table[numbers]
    is_there = lines != NO_PHRASE
    return np.flatnonzero(is_there), lines[is_there]


def _look_up(numbers: Ints, steps: Ints) -> tuple[Ints, Ints]:
    """Find which numbers are among steps, which rise: their places in both."""
    slots = np.zeros(1 << (64 - int(SHIFT)), np.bool_)
    slots[_choose_slot(steps)] = True
    # Halving takes twenty looks and this takes one, which is the last for most.
    at = np.flatnonzero(slots[_choose_slot(numbers)])
    line = np.searchsorted(steps, numbers[at]).clip(max=len(steps) - 1)
    is_there = steps[line] == numbers[at]
    return at[is_there], line[is_there]


def _choose_slot(numbers: Ints) -> npt.NDArray[np.uint64]:
    return (numbers.astype(np.uint64) * FACTOR) >> SHIFT
