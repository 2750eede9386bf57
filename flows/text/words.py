r"""Words of texts: the normal form in which titles, abstracts and names are compared.

Copies of one text differ in line breaks, in LaTeX against its remains (``$5\times$`` against
``5times``), in accents, in URLs against "this https URL". None of that may count as a change.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.text.folding import change_where, fold_texts

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
"""Words are distinguished by their first 8 bytes: one machine word, the same in every version of
every library, and as good as a stemmer (``regulariser`` and ``regularising`` count as one)."""

HEADS = np.array([256**length - 1 for length in range(CODE_BYTES + 1)], np.uint64)
"""Per length of a word: the bits of a machine word that hold it."""


def list_words(texts: pl.Series) -> pl.Series:
    r"""Return each text as its folded words, one space between them; null stays null.

    URLs, and what LaTeX puts into words, do not count.

    >>> list_words(pl.Series(["Gödel's $5\\times$ speed-up: https://a.example/b"])).item()
    'godel s 5times speed up'
    """
    return _strip_texts(texts).str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ").str.strip_chars()


def simplify_texts(texts: pl.Series) -> pl.Series:
    """Return texts that have the same words for `code_words`, the plain ones almost as written."""
    # Writing out all words costs more than anything else that is done with them, and seven of
    # eight abstracts are ASCII without accents and URLs: their case and what lies between their
    # words can be seen byte by byte.
    texts = change_where(texts, texts.str.contains(ODD), _strip_foreign_texts)
    return change_where(texts, texts.str.contains(r"[$\\]"), _drop_marks)


def code_words(
    spaced: pl.Series, shortest: int = 1
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Return every word of every text as (place of the text, code of the word), in their order.

    ``spaced``: texts made by `list_words` or `simplify_texts`; null has no words. ``shortest``:
    bytes from which a word counts. The code is made of the word's first bytes alone, so that it may
    be stored: no library has a say in it.

    >>> places, codes = code_words(pl.Series(["a cat", None, "A dog"]))
    >>> places.tolist(), bool(codes[0] == codes[2])
    ([0, 0, 2, 2], True)
    """
    spaced = spaced.fill_null("")
    content = _frame_text(spaced.str.join(" ").item())
    ends = (spaced.str.len_bytes().cast(pl.Int64) + 1).cum_sum().to_numpy()
    is_upper = content - UPPER < LETTERS_EACH
    content |= is_upper.view(np.uint8) << np.uint8(5)
    is_word = (content - LOWER < LETTERS_EACH) | (content - DIGIT < DIGITS_EACH)
    is_word |= content >= BEYOND
    # Where a word begins or ends the kind of byte changes: every second border is a beginning.
    borders = np.flatnonzero(is_word[1:] != is_word[:-1])
    starts, lengths = borders[::2] + 1, borders[1::2] - borders[::2]
    if shortest > 1:
        is_counted = lengths >= shortest
        starts, lengths = starts[is_counted], lengths[is_counted]
    # The eight bytes from every place on, without a copy: an array whose rows overlap.
    heads = np.ndarray(len(content) - CODE_BYTES, "<u8", content.data, strides=(1,))[starts]
    heads &= HEADS.take(lengths, mode="clip")
    sizes = np.diff(np.searchsorted(starts, ends), prepend=0)
    return np.repeat(np.arange(len(ends)), sizes), mix_bits(heads)


def _frame_text(text: str) -> npt.NDArray[np.uint8]:
    """Return the bytes of a text between a space and as many spaces as a code is long."""
    written = np.frombuffer(text.encode(), np.uint8)
    framed = np.full(1 + len(written) + CODE_BYTES, SPACE)
    framed[1 : 1 + len(written)] = written
    return framed


def mix_bits(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter 64-bit numbers evenly over 64 bits (the finaliser of MurmurHash3)."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def _strip_texts(texts: pl.Series) -> pl.Series:
    """Return texts folded, without URLs and what LaTeX puts into words."""
    is_linked = texts.str.contains(r"://|www\.| (?:URL|url)\b")
    return _drop_marks(fold_texts(change_where(texts, is_linked, _drop_urls)))


def _strip_foreign_texts(texts: pl.Series) -> pl.Series:
    """Leave letters and digits beyond ASCII only: each such byte is a letter to `code_words`."""
    return _strip_texts(texts).str.replace_all(r"[^\x00-\x7F\p{L}\p{N}\p{M}]+", " ")


def _drop_marks(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(r"[$\\]+", "")


def _drop_urls(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(URL, " ")
