"""Title names: what authors call their model or data, and what they abbreviate.

A name before the colon is as rare as a word can be, and comes and goes between two versions of a
title: "Absher: A Benchmark for Saudi Dialects" was "From Words to Proverbs ... with Absher".
"""

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

NAME_WORDS = 2
"""Words up to which what is before a colon is a name."""

OPENING_WORDS = 3
"""Words up to which what is before a colon may be missing from the other title as a whole."""

LEAST_NAME = 4
"""Letters from which a name is looked for within the other title without its spaces."""

ACRONYM = range(3, 8)
"""Letters of a word that may stand for as many others, its plural included."""


def compare_opening_names(ours: str, theirs: str) -> tuple[float, float]:
    """Compare the names before the colons of two titles: the same, or how similar."""
    names = [_read_name(title) for title in (ours, theirs)]
    if not all(names):
        return 0.0, 0.0
    return (1.0, 0.0) if names[0] == names[1] else (0.0, fuzz.ratio(*names) / 100)


def weigh_moved_name(ours: str, theirs: str, weights: Mapping[str, float]) -> float:
    """Return how rare a name before one colon is that the other title has in another place.

    >>> weigh_moved_name("Absher: A Benchmark", "From Words to Proverbs with Absher", {})
    1.0
    >>> weigh_moved_name("Absher: A Benchmark", "Absher: From Words to Proverbs", {})
    0.0
    """
    most = 0.0
    for title, other in ((ours, theirs), (theirs, ours)):
        words = read_opening(title)
        name = "".join(words)
        if len(name) < LEAST_NAME or len(words) > NAME_WORDS:
            continue
        if name in "".join(read_title_words(other)) and name != "".join(read_opening(other)):
            most = max(most, min(weights.get(word, 1.0) for word in words))
    return most


def read_opening(title: str) -> tuple[str, ...]:
    """Return the words before the colon of a title, none where they are more than a name has."""
    before, colon, _ = title.partition(":")
    words = read_title_words(before) if colon else ()
    return words if len(words) <= OPENING_WORDS else ()


def read_title_words(text: str) -> tuple[str, ...]:
    """Return the words of a title as written, in small letters."""
    return tuple(re.findall(r"[^\W_]+", text.lower()))


def find_acronyms(words: Sequence[str], others: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the words that stand for others by their first letters, and those they stand for.

    >>> words, spelled = find_acronyms(["grpo", "collapse"], ["group", "relative", "policy",
    ...     "optimization", "collapse"])
    >>> words, sorted(spelled)
    ({'grpo'}, ['group', 'optimization', 'policy', 'relative'])
    """
    acronyms: set[str] = set()
    spelled: set[str] = set()
    short = [word for word in words if len(word) in ACRONYM and word.isalpha()]
    initials = "".join(word[0] for word in others) if short else ""
    for word in short:
        for letters in dict.fromkeys((word, word.removesuffix("s"))):
            place = initials.find(letters) if len(letters) in ACRONYM else -1
            if place >= 0:
                acronyms.add(word)
                spelled.update(others[place : place + len(letters)])
    return acronyms, spelled


def _read_name(title: str) -> str:
    before, colon, _ = title.partition(":")
    # "PointCNN++" is not "PointCNN".
    words = read_title_words(before.replace("+", "plus"))
    return "".join(words) if colon and len(words) <= NAME_WORDS else ""
