"""Title difference: in which words two near titles differ, for records that have little else.

Records of bibliographies have a title, authors, perhaps a year, and no abstract. Whether two near
titles are one then depends on what differs: a letter, a name that was caught before the title, a
proceedings behind it; or a word that makes it another paper ("secure transaction processing" beside
"secure concurrency control", "association rules" beside "fast association rules").
"""

from collections.abc import Collection
from math import fsum

import polars as pl
from rapidfuzz import fuzz

from flows.deduplicate.match.common_title_words import PARTICLES, RANKS, weigh_title_word
from flows.deduplicate.match.contrasting_words import has_contrast

SAME_WORD = 75
"""Similarity, of 100, from which two words are one that was misread or inflected."""

SAME_SPELLING = 91
"""The same for the first word, which may make another paper: ``optimisation`` is
``optimization``, and ``evaluating`` is not ``evaluation``."""

JOINED_LETTERS = 4
"""Letters from which a word counts as there when it is part of words that lost their spaces."""

BEGINNING = 16
"""Letters that make the beginning of a title."""

LONGEST = 60
"""Words of a title from which it is only compared as a whole: other words make another title. The
longest of 85,372 real titles has 49."""

LONGEST_KEY = 2_000
"""Characters of a title key from which the same holds: one word may be a million letters."""

DIFFERENCE = pl.Schema(
    {
        "substituted": pl.Float64,
        "inserted": pl.Float64,
        "beginning": pl.Float64,
        "specific": pl.Float64,
        "is_modified": pl.Boolean,
        "is_contrasted": pl.Boolean,
        "has_names_before": pl.Boolean,
    }
)
"""How two titles differ. ``substituted``: weight of the words of each that the other lacks, the
smaller of both, names of authors aside; ``inserted``: by how much the larger exceeds it;
``beginning``: similarity of their first letters; ``specific``: weight of the words that both have,
that is how much one title says of which paper it names; ``is_modified``: whether one is the other
with ordinary words before it, ``is_contrasted``: whether words of theirs tell two studies apart,
``has_names_before``: whether one is the other with names of authors before it."""


def compare_near_titles(left: pl.Series, right: pl.Series, names: pl.Series) -> pl.DataFrame:
    """Return the `DIFFERENCE` of title keys, row by row.

    ``names``: the surnames of both records, which are no words of a title.

    >>> keys = ("mining association rules", "fast mining of association rules", "r agrawal")
    >>> compare_near_titles(*(pl.Series([key]) for key in keys))["is_modified"].item()
    True
    """
    columns = (left.to_list(), right.to_list(), names.to_list())
    rows = [_compare_words(*row) for row in zip(*columns, strict=True)]
    return pl.DataFrame(rows, schema=DIFFERENCE, orient="row")


def _compare_words(
    left: str, right: str, names: str
) -> tuple[float, float, float, float, bool, bool, bool]:
    """Return a row of `DIFFERENCE`: two long titles are alike only where they are equal."""
    is_long = max(len(left), len(right)) > LONGEST_KEY
    if is_long or max(left.count(" "), right.count(" ")) >= LONGEST:
        return 0.0, 0.0, 0.0, 0.0, left != right, False, False
    first, second = left.split(), right.split()
    people = set(names.split())
    missing = tuple(
        [word for word in words if not _is_name(word, people)]
        for words in (_list_missing(first, second), _list_missing(second, first))
    )
    # Summed exactly: sets have their words in an order of each process's own, and what is added in
    # another order differs in the last digit.
    fewer, more = sorted(fsum(map(weigh_title_word, set(words))) for words in missing)
    # What one title has of the other, also where its words lost their spaces.
    common = max(
        fsum(map(weigh_title_word, set(words) - set(lacking)))
        for words, lacking in zip((first, second), missing, strict=True)
    )
    letters = sorted(("".join(first), "".join(second)), key=len)
    beginning = fuzz.ratio(*(side[:BEGINNING] for side in letters)) / 100
    before = _list_words_before(first, second), _list_words_before(second, first)
    names_before = [_has_name(words, people) for words in before]
    is_modified = any(
        _is_modified(words, lacking) and not is_named
        for words, lacking, is_named in zip(before, reversed(missing), names_before, strict=True)
    )
    is_contrasted = has_contrast(first, second)
    return fewer, more - fewer, beginning, common, is_modified, is_contrasted, any(names_before)


def _list_missing(words: list[str], other_words: list[str]) -> list[str]:
    """List the words that others lack, also as misread ones and within joined ones."""
    present, letters = set(other_words), "".join(other_words)
    return [
        word
        for word in words
        if word not in present
        and not (len(word) >= JOINED_LETTERS and word in letters)
        and not _is_like_any(word, present)
    ]


def _is_like_any(word: str, others: Collection[str], least: float = SAME_WORD) -> bool:
    """Return whether a word is one of others, misread or inflected."""
    return any(fuzz.ratio(word, other) >= least for other in others)


def _is_name(word: str, people: set[str]) -> bool:
    """Return whether a word is an initial or one of the surnames, also as a misread one."""
    if len(word) == 1:
        return word.isalpha()
    return word in people or _is_like_any(word, people)


def _list_words_before(words: list[str], other_words: list[str]) -> list[str]:
    """List the words before the first one, particles aside, that the other title has too."""
    letters = "".join(other_words)
    before = []
    for word in words:
        is_other_word = word in other_words or (
            len(word) >= JOINED_LETTERS
            # Misread or spelled in another country, it is a word of both all the same.
            and (word in letters or _is_like_any(word, other_words, SAME_SPELLING))
        )
        if word not in PARTICLES and is_other_word:
            break
        before.append(word)
    return [word for word in before if word not in PARTICLES]


def _has_name(words: list[str], people: set[str]) -> bool:
    return any(len(word) > 1 and _is_name(word, people) for word in words)


def _is_modified(before: list[str], missing_of_other: list[str]) -> bool:
    """Return whether a title is the other with ordinary words before it.

    ``before``: the words before what both have; ``missing_of_other``: words that only the other
    has. Names of authors and editors, caught before a title, are no ordinary words.
    """
    if any(word not in PARTICLES for word in missing_of_other):
        return False
    ordinary = [word for word in before if len(word) > 1]
    return bool(ordinary) and all(word in RANKS for word in ordinary)
