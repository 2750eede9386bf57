"""Title wording: how much of a title is in another one, also inflected, joined or shortened.

A title that was changed keeps what its paper is about: some words get another ending, a subtitle
goes, a name is put before a colon, "large language models" become LLMs. Another paper about the
same thing has a rare word of its own in each such place.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import polars as pl
from rapidfuzz import fuzz

from flows.deduplicate.resolve.title_index import TitleIndex
from flows.deduplicate.resolve.title_names import (
    compare_opening_names,
    find_acronyms,
    read_opening,
    read_title_words,
    weigh_moved_name,
)

ABBREVIATIONS = {
    "large language models": "llm",
    "large language model": "llm",
    "language models": "lm",
    "language model": "lm",
    "vision llm": "vlm",
    "vision lm": "vlm",
    "multimodal llm": "mllm",
    "reinforcement learning": "rl",
    "retrieval augmented generation": "rag",
    "graph neural networks": "gnn",
    "graph neural network": "gnn",
    "knowledge graphs": "kg",
    "knowledge graph": "kg",
}
"""What authors write out in one version of a title and abbreviate in the next, in this order."""

ENDINGS = (
    "izations", "ization", "isation", "ations", "ically", "izing", "ising", "ation", "ments",
    "ised", "ized", "ical", "ment", "ings", "ions", "ies", "ing", "ion", "ers", "ly", "al", "er",
    "es", "ed", "s", "e", "y",
)  # fmt: skip
"""Endings that may change, longest first."""

STEM = 4
"""Letters that a word keeps at least when it loses its ending, and that two words share at least
to be forms of one."""

JOINED = 5
"""Letters from which a word is looked for in the other title without its spaces."""

MISSPELT, OFF_BY = 0.75, 2
"""Similarity of two words from which they are forms of one, and letters that one may have more."""

HALF = 0.5
"""Share of a word from which a title has it in another form."""

PART = re.compile(r"[:?!]|\s[-\u2013\u2014]+\s|--")
"""What divides a title."""

WORDING = pl.Schema(
    dict.fromkeys(
        ("ours_covered", "theirs_covered", "common", "run", "stems", "neighbours", "one_opening",
         "part", "whole_part", "same_name", "near_name", "moved_name", "unique_first"),
        pl.Float64,
    )
)  # fmt: skip
"""``ours_covered``: share of our words, by their rarity, that are in the candidate's title in any
form, ``theirs_covered`` the reverse; ``common``: how rare the words are that both have, ``run``:
those of them that follow each other; ``stems``: similarity letter by letter, endings aside;
``neighbours``: share of the pairs of words next to each other, of the title that has less of them,
by rarity; ``one_opening``: only one title has words before a colon of which the other has none;
``part``: how rare the words of a part before or after a colon are that is in both, ``whole_part``:
which is all of one of them; ``same_name``: both open with one name, ``near_name``: similarity of
two names, ``moved_name``: how rare a name is that opens one and is elsewhere in the other;
``unique_first``: one first word, which no third title has."""


def compare_wording(pairs: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Add the `WORDING` of pairs with ``key, key_right, title, matched_title``."""
    written = [_abbreviate(pairs[name]) for name in ("key", "key_right")]
    vocabulary = pl.concat(written).str.split(" ").explode(empty_as_null=False).unique()
    seen = index.words.filter(pl.col("word").is_in(vocabulary.implode()))
    weights = dict(zip(seen["word"], seen["weight"].to_list(), strict=True))
    frequency = dict(zip(seen["word"], seen["frequency"].to_list(), strict=True))
    stems = {word: _cut_ending(word) for word in vocabulary.to_list()}
    titles = (pairs["title"].to_list(), pairs["matched_title"].to_list())
    rows = [
        (*_compare_words((left.split(), right.split()), (ours, theirs), weights, stems),
         *_weigh_common_part(ours, theirs, weights), *compare_opening_names(ours, theirs),
         weigh_moved_name(ours, theirs, weights), _has_unique_first(left, right, frequency))
        for left, right, ours, theirs in zip(*map(pl.Series.to_list, written), *titles, strict=True)
    ]  # fmt: skip
    return pairs.hstack(pl.DataFrame(rows, schema=WORDING, orient="row"))


def _abbreviate(keys: pl.Series) -> pl.Series:
    spaced = " " + keys + " "
    for phrase, short in ABBREVIATIONS.items():
        spaced = spaced.str.replace_all(f" {phrase} ", f" {short} ", literal=True)
    return spaced.str.replace_all(" (v|m)?(ll|l)ms ", " ${1}${2}m ").str.strip_chars()


def _cut_ending(word: str) -> str:
    """Return a word without its ending.

    >>> _cut_ending("optimizing"), _cut_ending("optimization"), _cut_ending("used")
    ('optim', 'optim', 'used')
    """
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM:
            return word.removesuffix(ending)
    return word


def _compare_words(
    keys: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    weights: Mapping[str, float],
    stems: Mapping[str, str],
) -> tuple[float, ...]:
    """Return the first seven measures of `WORDING`."""
    first, second = ([stems[word] for word in words] for words in keys)
    # A word that the reference lacks is as rare as can be.
    rarity = {stems[word]: weights.get(word, 1.0) for words in keys[::-1] for word in words}
    theirs = set(second)
    common = sum(rarity[stem] for stem in dict.fromkeys(first) if stem in theirs)
    forms = _find_forms(keys, stems)
    covered = [
        (common + sum(rarity[stem] * form for stem, form in side_forms.items()))
        / max(sum(rarity[stem] for stem in dict.fromkeys(side)), 1e-9)
        for side, side_forms in zip((first, second), forms, strict=True)
    ]
    openings = [
        _is_missing_opening(title, side, stems) for title, side in zip(titles, forms, strict=True)
    ]
    return (
        *covered,
        common,
        _weigh_longest_run(first, second, rarity),
        fuzz.ratio(" ".join(first), " ".join(second)) / 100,
        _share_neighbours(first, second, rarity),
        float(openings[0] != openings[1]),
    )


def _find_forms(
    keys: tuple[Sequence[str], Sequence[str]], stems: Mapping[str, str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the stems that only one title has, and how much of each the other has in any form."""
    left, right = keys
    ours, theirs = ({stems[word]: word for word in words} for words in keys)
    lacking = [word for stem, word in ours.items() if stem not in theirs]
    lacking_of_other = [word for stem, word in theirs.items() if stem not in ours]
    short, spelled_by_other = find_acronyms(lacking, right)
    short_of_other, spelled = find_acronyms(lacking_of_other, left)
    sides = (
        (lacking, lacking_of_other, "".join(right), short | spelled),
        (lacking_of_other, lacking, "".join(left), short_of_other | spelled_by_other),
    )
    measured = [
        {
            stems[word]: 1.0 if word in full else _find_form(stems[word], others, letters)
            for word in missing
        }
        for missing, rest, letters, full in sides
        for others in ([stems[word] for word in rest],)
    ]
    return measured[0], measured[1]


def _is_missing_opening(title: str, forms: Mapping[str, float], stems: Mapping[str, str]) -> bool:
    """Return whether the other title has less than half of any word before the colon."""
    opening = [stems.get(word, word) for word in read_opening(title)]
    return bool(opening) and all(forms.get(stem, 1.0) < HALF for stem in opening)


def _share_neighbours(
    first: Sequence[str], second: Sequence[str], rarity: Mapping[str, float]
) -> float:
    """Return the share of pairs of neighbours that both have, by rarity, of the poorer title."""
    ours, theirs = set(pairwise(first)), set(pairwise(second))
    common, *whole = (
        sum(rarity[word] + rarity[after] for word, after in sorted(pairs))
        for pairs in (ours & theirs, ours, theirs)
    )
    return common / max(min(whole), 1e-9)


def _find_form(word: str, other_words: Sequence[str], letters: str) -> float:
    """Return how much of a word is in the other title in another form: 1 within joined words."""
    if len(word) >= JOINED and word in letters:
        return 1.0
    best, size = 0.0, len(word)
    for other in other_words:
        if word[:STEM] == other[:STEM]:
            best = max(best, _count_first_letters(word, other) / max(size, len(other)))
        # Only words of nearly one length that begin or end alike are compared letter by letter.
        elif (
            abs(size - len(other)) <= OFF_BY
            and min(size, len(other)) > STEM
            and (word[0] == other[0] or word[-1] == other[-1])
        ):
            ratio = fuzz.ratio(word, other) / 100
            best = max(best, ratio if ratio >= MISSPELT else 0.0)
    return best


def _count_first_letters(word: str, other: str) -> int:
    """Count the letters that two words have in common at their beginning."""
    for place, (letter, other_letter) in enumerate(zip(word, other, strict=False)):
        if letter != other_letter:
            return place
    return min(len(word), len(other))


def _weigh_longest_run(
    first: Sequence[str], second: Sequence[str], rarity: Mapping[str, float]
) -> float:
    """Return the greatest sum of rarity of words that follow each other in both."""
    best, ending_before = 0.0, [0.0] * (len(second) + 1)
    for word in first:
        # The run that ends at each place of the other title is one longer than that before it.
        ending = [0.0] * (len(second) + 1)
        for place, other in enumerate(second):
            if word == other:
                ending[place + 1] = ending_before[place] + rarity[word]
                best = max(best, ending[place + 1])
        ending_before = ending
    return best


def _weigh_common_part(ours: str, theirs: str, weights: Mapping[str, float]) -> tuple[float, float]:
    """Weigh a part of two words or more that both titles have; say whether it is all of one."""
    parts = [
        {read_title_words(part) for part in (title, *PART.split(title))} for title in (ours, theirs)
    ]
    shared = [part for part in parts[0] & parts[1] if len(part) > 1]
    wholes = {read_title_words(title) for title in (ours, theirs)}
    weight = max(
        (sum(weights.get(word, 1.0) for word in dict.fromkeys(part)) for part in shared),
        default=0.0,
    )
    return weight, float(any(part in wholes for part in shared))


def _has_unique_first(left: str, right: str, frequency: Mapping[str, int]) -> float:
    first = left.partition(" ")[0]
    return float(first == right.partition(" ")[0] and frequency.get(first, 1) == 1)
