"""Phrase index: phrases as paths of words, which the words of texts are followed along.

A tree of words says after which words a phrase may go on and where one ends. All places of all
texts walk down it together, a word at a time: most leave after the first or the second one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.text_words import Codes, Ints, encode_texts
from flows.enrich.topics.word_table import WordTable, build_word_table, look_up_words

Flags = npt.NDArray[np.bool_]

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
    is_taken: Flags
    """Of each word whether any step is by it."""
    slots: Flags
    """Of each slot whether a step has it."""
    goes_on: Flags
    """Of each node whether a phrase goes on from it."""


@dataclass(frozen=True)
class PhraseIndex:
    """Phrases by their words."""

    words: WordTable
    roots: Ints
    """The node of each word that a phrase begins with, or `NO_PHRASE`."""
    depths: list[Steps]


def index_phrases(phrases: pl.Series) -> PhraseIndex:
    """Index phrases, none twice, whose words are parted by single blanks."""
    split = phrases.str.split(" ")
    lengths = split.list.len().to_numpy().astype(np.int64)
    codes = encode_texts(split.explode(empty_as_null=False))
    words, numbers = np.unique(codes, return_inverse=True)
    width, firsts = len(words) + 1, np.cumsum(lengths) - lengths
    # Of phrases that go on: which they are, and the node where their words so far lead.
    phrase, node, depths = np.arange(len(phrases)), np.zeros(len(phrases), np.int64), list[Steps]()
    while len(phrase):
        depth = len(depths)
        steps, node = np.unique(node * width + numbers[firsts[phrase] + depth], return_inverse=True)
        is_end = lengths[phrase] == depth + 1
        ends = np.full(len(steps), NO_PHRASE)
        ends[node[is_end]] = phrase[is_end]
        phrase, node = phrase[~is_end], node[~is_end]
        depths.append(
            Steps(
                steps,
                ends,
                is_taken=_mark_places(steps % width, width),
                slots=_mark_places(_choose_slot(steps), 1 << (64 - int(SHIFT))),
                goes_on=_mark_places(node, len(steps)),
            )
        )
    roots = np.full(width, NO_PHRASE)
    for level in depths[:1]:
        roots[level.steps] = np.arange(len(level.steps))
    return PhraseIndex(build_word_table(words), roots, depths)


def _mark_places(places: npt.NDArray[np.integer], size: int) -> Flags:
    marks = np.zeros(size, np.bool_)
    marks[places] = True
    return marks


def follow_words(codes: Codes, index: PhraseIndex) -> tuple[Ints, Ints]:
    """Find every phrase in words that follow each other: place of its first word, and the phrase.

    In order of place, shorter phrases first. What parts two texts has to be no word of a phrase.
    """
    numbers = look_up_words(codes, index.words)
    node = index.roots[numbers]
    place = np.flatnonzero(node != NO_PHRASE)
    node, ends = node[place], [(place[:0], place[:0])]
    # Behind the last word no phrase goes on.
    padded = np.append(numbers, np.full(len(index.depths), index.words.unknown))
    for depth, level in enumerate(index.depths):
        if depth:
            place, node = _take_step(place, node, padded[depth:], index.depths[depth - 1], level)
        phrase = level.phrases[node]
        is_end = phrase != NO_PHRASE
        ends.append((place[is_end], phrase[is_end]))
    places, phrases = (np.concatenate(part) for part in zip(*ends, strict=True))
    # A stable sort of a few rising runs is little more than their merge.
    order = np.argsort(places, kind="stable")
    return places[order], phrases[order]


def _take_step(
    place: Ints, node: Ints, words: Ints, above: Steps, level: Steps
) -> tuple[Ints, Ints]:
    """Follow the words behind some places from their nodes: the places that go on, their nodes."""
    # What cannot go on leaves by the smallest tables first.
    goes_on = np.flatnonzero(above.goes_on[node])
    place, node = place[goes_on], node[goes_on]
    word = words[place]
    goes_on = np.flatnonzero(level.is_taken[word])
    place = place[goes_on]
    step = node[goes_on] * len(level.is_taken) + word[goes_on]
    # Halving takes twenty looks and this takes one, which is the last for most.
    goes_on = np.flatnonzero(level.slots[_choose_slot(step)])
    place, step = place[goes_on], step[goes_on]
    line = np.searchsorted(level.steps, step).clip(max=len(level.steps) - 1)
    is_there = level.steps[line] == step
    return place[is_there], line[is_there]


def _choose_slot(numbers: Ints) -> Codes:
    return (numbers.astype(np.uint64) * FACTOR) >> SHIFT
