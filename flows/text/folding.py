r"""Folding: a text in small letters without accents, the same however its letters were written.

Sources write one word as ``Naïve``, as ``Na\"ive``, and with a combining mark; ``Erdős`` as
``Erd\H{o}s``. Whatever compares words compares them folded, so that spelling is no difference.
"""

from collections.abc import Callable

import polars as pl

LATEX_ACCENT = r"""\{?\\(?:['`^"~=.]|[uvhcdbrtk](?:\s+|\{))\s*\{?\s*\\?([a-z])\s*\}?\}?"""
r"""An accent command and its letter, in lower case: ``\'e``, ``\"{o}``, ``\v{s}``, ``\'{\i}``."""

LATEX_LETTERS = {"aa": "a", "ae": "ae", "oe": "oe", "ss": "ss", "o": "o", "l": "l", "i": "i",
                 "dj": "d", "dh": "d"}  # fmt: skip
"""Commands that are a letter of their own, and the letters they are compared as."""

LETTERS = {"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o", "ł": "l", "\u0131": "i", "đ": "d", "ð": "d",
           "þ": "th", "ħ": "h", "\u03c2": "\u03c3"}  # fmt: skip
"""Letters that Unicode does not decompose, and the letters they are compared as. The last is how
Greek ends a word."""

ACCENTS = (
    r"[\x{0300}-\x{036F}\x{0483}-\x{0487}\x{0591}-\x{05BD}\x{064B}-\x{065F}\x{1AB0}-\x{1AFF}"
    r"\x{1DC0}-\x{1DFF}\x{20D0}-\x{20FF}\x{FE00}-\x{FE0F}\x{FE20}-\x{FE2F}]"
)
"""Marks that a writer may leave out: accents of Latin, Greek and Cyrillic letters, points of Hebrew
and Arabic. Not the vowel signs of Indic scripts and the marks of kana, without which a word is
another word."""

INVISIBLE = r"\p{Cf}"
"""Soft hyphens, joiners, marks of direction: they are inside words and show nothing."""


def fold_texts(texts: pl.Series) -> pl.Series:
    r"""Return each text in lower case without accents, LaTeX commands for letters decoded.

    Null stays null.

    >>> fold_texts(pl.Series(['Na\\"ive', "Naïve", "Nai\u0308ve", "Straße", "Łódź"])).to_list()
    ['naive', 'naive', 'naive', 'strasse', 'lodz']
    """
    lower = texts.str.to_lowercase()
    # Only the texts that need a step go through it: the decomposition alone costs more than all
    # the rest, and nine of ten abstracts are plain ASCII.
    lower = change_where(lower, lower.str.contains("\\", literal=True), _decode_commands)
    return change_where(lower, lower.str.contains(r"[^\x00-\x7F]"), _drop_accents)


def change_where(
    texts: pl.Series, mask: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Apply a change to the texts under a mask and leave the others as they are."""
    places = mask.fill_null(value=False).arg_true()
    if not len(places):
        return texts
    return texts.clone().scatter(places, change(texts.gather(places)))


def _decode_commands(lower: pl.Series) -> pl.Series:
    lower = lower.str.replace_all(LATEX_ACCENT, "${1}")
    for command, letters in LATEX_LETTERS.items():
        lower = lower.str.replace_all(rf"\{{?\\{command}\b\s*(?:\{{\}})?\}}?", letters)
    return lower


def _drop_accents(lower: pl.Series) -> pl.Series:
    decomposed = lower.str.normalize("NFKD").str.replace_all(f"{ACCENTS}|{INVISIBLE}", "")
    # Decomposing makes capitals of bold and double-struck ones, which have no small letters; what
    # is left in parts, such as Korean syllables, is put together again.
    whole = decomposed.str.to_lowercase().str.normalize("NFC")
    return whole.str.replace_many(list(LETTERS), list(LETTERS.values()))
