r"""Words of texts: the normal form in which titles, abstracts and names are compared.

Copies of one text differ in line breaks, in LaTeX against its remains (``$5\times$`` against
``5times``), in accents, in URLs against "this https URL". None of that may count as a change.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

LATEX_ACCENT = r"""\{?\\(?:['`^"~=.]|[uvhcdbrtk](?:\s+|\{))\s*\{?\s*\\?([a-z])\s*\}?\}?"""
r"""An accent command and its letter, in lower case: ``\'e``, ``\"{o}``, ``\v{s}``, ``\'{\i}``."""

LATEX_LETTERS = {"aa": "a", "ae": "ae", "oe": "oe", "ss": "ss", "o": "o", "l": "l", "i": "i",
                 "dj": "d", "dh": "d"}  # fmt: skip
"""Commands that are a letter of their own, and the letters they are compared as."""

LETTERS = {"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o", "ł": "l", "\u0131": "i", "đ": "d", "ð": "d"}
"""Letters that Unicode does not decompose, and the letters they are compared as."""

URL = r"(?i)(?:https?|ftp)\s?:\s?//[^\s}\])>]+|www\.\S+|\bthis (?:https?|ftp) url\b"
"""A URL, or what arXiv's listing pages print in its place."""

ODD = (
    r"[^\x00-\x7F]|://|www\.| (?:URL|url)\b|"
    r"(?i)\\(?:['`^\"~=.]|[uvhcdbrtk][\s{]|(?:aa|ae|oe|ss|o|l|i|dj|dh)\b)"
)
"""What a text has that is not plain: one abstract in eight."""

SPACE, UPPER, LOWER, DIGIT, BEYOND = (np.uint8(ord(char)) for char in " Aa0\x80")
"""The first bytes of their kinds; every byte beyond ASCII is taken for a part of a letter."""

LETTERS_EACH, DIGITS_EACH = np.uint8(26), np.uint8(10)

CODE_BYTES = 8
"""Words are told apart by their first 8 bytes: one machine word, the same in every version of
every library, and as good as a stemmer (``regulariser`` and ``regularising`` count as one)."""

HEADS = np.array([256**length - 1 for length in range(CODE_BYTES + 1)], np.uint64)
"""Per length of a word: the bits of a machine word that hold it."""


def folded(texts: pl.Series) -> pl.Series:
    """Give each text in lower case without accents, LaTeX commands for letters decoded.

    Only the texts that need a step go through it: the decomposition alone costs more than all
    the rest, and nine of ten abstracts are plain ASCII.
    """
    lower = texts.str.to_lowercase()
    lower = _where(lower, lower.str.contains("\\", literal=True), _without_commands)
    return _where(lower, lower.str.contains(r"[^\x00-\x7F]"), _without_accents)


def words(texts: pl.Series) -> pl.Series:
    """Give each text as its words with one space between them; URLs do not count as words."""
    return _bare(texts).str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def plain(texts: pl.Series) -> pl.Series:
    """Give texts that have the same words for `codes`, the plain ones almost as written.

    Writing out all words costs more than anything else that is done with them, and seven of eight
    abstracts are ASCII without accents and URLs: their case and what stands between their words
    can be told byte by byte.
    """
    texts = _where(texts, texts.str.contains(ODD), _told_byte_by_byte)
    return _where(texts, texts.str.contains(r"[$\\]"), _without_marks)


def codes(spaced: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Give every word of every text, made by `words` or `plain`, as (place of the text, its code).

    The code is the mixed value of the word's first bytes: it may be stored, because no library
    has a say in it.
    """
    spaced = spaced.fill_null("")
    content = _framed(spaced.str.join(" ").item())
    ends = (spaced.str.len_bytes().cast(pl.Int64) + 1).cum_sum().to_numpy()
    is_upper = content - UPPER < LETTERS_EACH
    content |= is_upper.view(np.uint8) << np.uint8(5)
    is_word = (content - LOWER < LETTERS_EACH) | (content - DIGIT < DIGITS_EACH)
    is_word |= content >= BEYOND
    borders = np.flatnonzero(is_word[1:] != is_word[:-1])
    starts, lengths = borders[::2] + 1, borders[1::2] - borders[::2]
    heads = np.ndarray(len(content) - CODE_BYTES, "<u8", content.data, strides=(1,))[starts]
    heads &= HEADS.take(lengths, mode="clip")
    sizes = np.diff(np.searchsorted(starts, ends), prepend=0)
    return np.repeat(np.arange(len(ends)), sizes), mixed(heads)


def _framed(text: str) -> npt.NDArray[np.uint8]:
    """Give the bytes of a text, a space before them and as many after them as a code is long."""
    written = np.frombuffer(text.encode(), np.uint8)
    framed = np.full(1 + len(written) + CODE_BYTES, SPACE)
    framed[1 : 1 + len(written)] = written
    return framed


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter 64-bit numbers evenly over 64 bits (the finaliser of MurmurHash3)."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def _where(
    texts: pl.Series, mask: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Apply a change to the texts under a mask and leave the others as they are."""
    places = mask.fill_null(value=False).arg_true()
    if not len(places):
        return texts
    return texts.clone().scatter(places, change(texts.gather(places)))


def _bare(texts: pl.Series) -> pl.Series:
    """Give texts in lower case without URLs, accents and what LaTeX puts into words."""
    is_linked = texts.str.contains(r"://|www\.| (?:URL|url)\b")
    return _without_marks(folded(_where(texts, is_linked, _without_urls)))


def _told_byte_by_byte(texts: pl.Series) -> pl.Series:
    """Leave only letters and digits beyond ASCII: `codes` takes each such byte for a letter."""
    return _bare(texts).str.replace_all(r"[^\x00-\x7F\p{L}\p{N}]+", " ")


def _without_marks(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(r"[$\\]+", "")


def _without_urls(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(URL, " ")


def _without_commands(lower: pl.Series) -> pl.Series:
    lower = lower.str.replace_all(LATEX_ACCENT, "${1}")
    for command, letters in LATEX_LETTERS.items():
        lower = lower.str.replace_all(rf"\{{?\\{command}\b\s*(?:\{{\}})?\}}?", letters)
    return lower


def _without_accents(lower: pl.Series) -> pl.Series:
    plain = lower.str.normalize("NFKD").str.replace_all(r"\p{M}+", "")
    return plain.str.replace_many(list(LETTERS), list(LETTERS.values()))
