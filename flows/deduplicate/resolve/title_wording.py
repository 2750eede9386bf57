"""Title wording: how much of a title is in another one, also inflected, joined or shortened.

A title that was changed keeps what its paper is about: some words get another ending, a subtitle
goes, a name is put before a colon, "large language models" become LLMs. Another paper about the
same thing has a rare word of its own in each such place.
"""

import re
from collections.abc import Mapping, Sequence

import polars as pl
from rapidfuzz import fuzz

from flows.deduplicate.resolve.title_index import TitleIndex

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

PART = re.compile(r"[:?!]|\s[-\u2013\u2014]+\s|--")
"""What divides a title."""

NAME_WORDS = 2
"""Words up to which what is before a colon is a name."""

WORDING = pl.Schema(
    dict.fromkeys(
        ("ours_covered", "theirs_covered", "common", "run", "stems", "part", "whole_part",
         "same_name", "near_name", "same_first", "unique_first"),
        pl.Float64,
    )
)  # fmt: skip
"""``ours_covered``: share of our words, by their rarity, that are in the candidate's title in any
form, ``theirs_covered`` the reverse; ``common``: how rare the words are that both have, ``run``:
those of them that follow each other; ``stems``: similarity letter by letter, endings aside;
``part``: how rare the words of a part before or after a colon are that is in both, ``whole_part``:
which is all of one of them; ``same_name``: both open with one name, ``near_name``: similarity of
two names; ``same_first``: one first word, ``unique_first``: which no third title has."""


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
        (*_compare_words(left.split(), right.split(), weights, stems),
         *_weigh_common_part(ours, theirs, weights), *_compare_names(ours, theirs),
         *_compare_first_words(left, right, frequency))
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
    left: Sequence[str],
    right: Sequence[str],
    weights: Mapping[str, float],
    stems: Mapping[str, str],
) -> tuple[float, float, float, float, float]:
    """Return the first five measures of `WORDING`."""
    first, second = [stems[word] for word in left], [stems[word] for word in right]
    # A word that the reference lacks is as rare as can be.
    rarity = {stems[word]: weights.get(word, 1.0) for word in (*right, *left)}
    ours, theirs = dict.fromkeys(first), dict.fromkeys(second)
    common = sum(rarity[stem] for stem in ours if stem in theirs)
    lacking = [stem for stem in ours if stem not in theirs]
    lacking_of_other = [stem for stem in theirs if stem not in ours]
    covered = [
        common + sum(rarity[stem] * _find_form(stem, rest, letters) for stem in missing)
        for missing, rest, letters in (
            (lacking, lacking_of_other, "".join(right)),
            (lacking_of_other, lacking, "".join(left)),
        )
    ]
    whole = [max(sum(rarity[stem] for stem in side), 1e-9) for side in (ours, theirs)]
    return (
        covered[0] / whole[0],
        covered[1] / whole[1],
        common,
        _weigh_longest_run(first, second, rarity),
        fuzz.ratio(" ".join(first), " ".join(second)) / 100,
    )


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
        {_read_words(part) for part in (title, *PART.split(title))} for title in (ours, theirs)
    ]
    shared = [part for part in parts[0] & parts[1] if len(part) > 1]
    wholes = {_read_words(title) for title in (ours, theirs)}
    weight = max((sum(weights.get(word, 1.0) for word in {*part}) for part in shared), default=0.0)
    return weight, float(any(part in wholes for part in shared))


def _read_words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.lower()))


def _compare_names(ours: str, theirs: str) -> tuple[float, float]:
    """Compare the names before the colons: the same, or how similar."""
    names = [_read_name(title) for title in (ours, theirs)]
    if not all(names):
        return 0.0, 0.0
    return (1.0, 0.0) if names[0] == names[1] else (0.0, fuzz.ratio(*names) / 100)


def _compare_first_words(
    left: str, right: str, frequency: Mapping[str, int]
) -> tuple[float, float]:
    first, other = left.partition(" ")[0], right.partition(" ")[0]
    is_same = first == other
    return float(is_same), float(is_same and frequency.get(first, 1) == 1)


def _read_name(title: str) -> str:
    before, colon, _ = title.partition(":")
    # "PointCNN++" is not "PointCNN".
    words = _read_words(before.replace("+", "plus"))
    return "".join(words) if colon and len(words) <= NAME_WORDS else ""
