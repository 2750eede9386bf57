"""Word table: the number of a word among some words, found in one look for most."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.enrich.topics.text_words import Codes

Numbers = npt.NDArray[np.int32]

FACTORS = [np.uint64(factor) for factor in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)]
"""Multiplied by the first, a code has one of many slots; where two words meet, by the second."""

SHIFT = np.uint64(47)
"""Multiplied and shifted, a code has one of 131,072 slots."""


@dataclass(frozen=True)
class WordTable:
    """Words by their codes."""

    codes: Codes
    """The code of each word, and a zero behind them."""
    slots: list[Numbers]
    """The word in each slot by the first factor, and of those that met another one by the next."""
    rest: dict[int, int]
    """Words that met another one each time, by their code."""

    @property
    def unknown(self) -> int:
        """The number of all words that are not there."""
        return len(self.codes) - 1


def build_word_table(codes: Codes) -> WordTable:
    """Build a table of words by their codes, none twice: the number of a word is its place."""
    left, slots = np.arange(len(codes)), []
    for factor in FACTORS:
        table = np.full(1 << (64 - int(SHIFT)), len(codes), np.int32)
        slot = _choose_slot(codes[left], factor)
        table[slot] = left
        slots.append(table)
        left = left[table[slot] != left]
    rest = {int(codes[number]): int(number) for number in left}
    return WordTable(np.append(codes, np.uint64(0)), slots, rest)


def look_up_words(codes: Codes, table: WordTable) -> Numbers:
    """Find the numbers of words by their codes."""
    numbers = table.slots[0].take(_choose_slot(codes, FACTORS[0]))
    # A word that is there has its first slot filled, if by another one.
    is_missed = (table.codes.take(numbers) != codes) & (numbers != table.unknown)
    missed = np.flatnonzero(is_missed)
    left = codes.take(missed)
    again = table.slots[1].take(_choose_slot(left, FACTORS[1]))
    is_there = table.codes.take(again) == left
    numbers[missed] = np.where(is_there, again, np.int32(table.unknown))
    for code, number in table.rest.items():
        numbers[codes == np.uint64(code)] = number
    return numbers


def _choose_slot(codes: Codes, factor: np.uint64) -> Codes:
    return (codes * factor) >> SHIFT
