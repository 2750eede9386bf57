"""Title difference: in which words two near titles differ, for records that have little else.

Records of bibliographies have a title, authors, perhaps a year, and no abstract. Whether two near
titles are one then depends on what differs: a letter, a name that was caught before the title, a
proceedings behind it; or a word that makes it another paper ("secure transaction processing" beside
"secure concurrency control", "association rules" beside "fast association rules").
"""

import polars as pl
from rapidfuzz import fuzz

from flows.deduplicate.match.common_title_words import PARTICLES, RANKS, weigh_title_word

SAME_WORD = 75
"""Similarity, of 100, from which two words are one that was misread or inflected."""

JOINED_LETTERS = 4
"""Letters from which a word counts as there when it is part of words that lost their spaces."""

BEGINNING = 16
"""Letters that make the beginning of a title."""

LONGEST = 60
"""Words of a title from which it is only compared as a whole: other words make another title. The
longest of 85,372 real titles has 49."""

DIFFERENCE = pl.Schema(
    {
        "substituted": pl.Float64,
        "inserted": pl.Float64,
        "beginning": pl.Float64,
        "specific": pl.Float64,
        "is_modified": pl.Boolean,
    }
)
"""How two titles differ. ``substituted``: weight of the words of each that the other lacks, the
smaller of both; ``inserted``: by how much the larger exceeds it; ``beginning``: similarity of their
first letters; ``specific``: weight of the words that both have, that is how much one title says of
which paper it names; ``is_modified``: whether one is the other with ordinary words before it."""


def compare_near_titles(left: pl.Series, right: pl.Series) -> pl.DataFrame:
    """Return the `DIFFERENCE` of title keys, row by row.

    >>> keys = ("mining association rules", "fast mining of association rules")
    >>> compare_near_titles(*(pl.Series([key]) for key in keys))["is_modified"].item()
    True
    """
    rows = [_compare_words(*pair) for pair in zip(left.to_list(), right.to_list(), strict=True)]
    return pl.DataFrame(rows, schema=DIFFERENCE, orient="row")


def _compare_words(left: str, right: str) -> tuple[float, float, float, float, bool]:
    if max(left.count(" "), right.count(" ")) >= LONGEST:
        return 0.0, 0.0, 0.0, 0.0, left != right
    first, second = left.split(), right.split()
    missing = _list_missing(first, second), _list_missing(second, first)
    fewer, more = sorted(sum(map(weigh_title_word, set(words))) for words in missing)
    common = sum(map(weigh_title_word, set(first) & set(second)))
    letters = sorted(("".join(first), "".join(second)), key=len)
    beginning = fuzz.ratio(*(side[:BEGINNING] for side in letters)) / 100
    is_modified = _is_modified(first, *missing) or _is_modified(second, *reversed(missing))
    return fewer, more - fewer, beginning, common, is_modified


def _list_missing(words: list[str], other_words: list[str]) -> list[str]:
    """List the words that others lack, also as misread ones and within joined ones."""
    present, letters = set(other_words), "".join(other_words)
    return [
        word
        for word in words
        if word not in present
        and not (len(word) >= JOINED_LETTERS and word in letters)
        and not any(fuzz.ratio(word, other) >= SAME_WORD for other in present)
    ]


def _is_modified(words: list[str], missing: list[str], missing_of_other: list[str]) -> bool:
    """Tell whether a title is the other with ordinary words before it.

    Names of authors and editors, caught before a title, are no ordinary words.
    """
    if not missing or any(word not in PARTICLES for word in missing_of_other):
        return False
    leading = []
    for word in words:
        if word not in missing and word not in PARTICLES:
            break
        leading.append(word)
    ordinary = [word for word in leading if word not in PARTICLES]
    return bool(ordinary) and all(word in RANKS for word in ordinary)
