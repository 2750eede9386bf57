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

LATEX_LETTERS = {"aa": "a", "ae": "ae", "oe": "oe", "ss": "ss", "o": "o", "l": "l", "i": "i"}
"""Commands that are a letter of their own, and the letters they are compared as."""

LETTERS = {"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o", "ł": "l", "\u0131": "i", "đ": "d", "ð": "d"}
"""Letters that Unicode does not decompose, and the letters they are compared as."""

URL = r"(?i)(?:https?|ftp)\s?:\s?//[^\s}\])>]+|www\.\S+|\bthis (?:https?|ftp) url\b"
"""A URL, or what arXiv's listing pages print in its place."""

CODE_BYTES = 8
"""Words are told apart by their first 8 bytes: one machine word, the same in every version of
every library, and as good as a stemmer (``regulariser`` and ``regularising`` count as one)."""


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
    bare = _where(texts, texts.str.contains(r"://|www\.| (?:URL|url)\b"), _without_urls)
    marked = folded(bare).str.replace_all(r"[$\\]+", "")
    return marked.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def codes(spaced: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Give every word of every text as (place of the text, code of the word).

    The code is the mixed value of the word's first bytes: it may be stored, because no library
    has a say in it.
    """
    listed = spaced.fill_null("").str.split(" ")
    flat = pl.DataFrame({"place": np.arange(len(listed)), "word": listed}).explode("word")
    flat = flat.filter(pl.col("word") != "")
    head = flat["word"].str.pad_end(CODE_BYTES, "\0").cast(pl.Binary).bin.slice(0, CODE_BYTES)
    raw = head.bin.reinterpret(dtype=pl.UInt64, endianness="little").to_numpy()
    return flat["place"].to_numpy(), mixed(raw)


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter 64-bit numbers evenly over 64 bits (the finaliser of MurmurHash3)."""
    values = values ^ (values >> np.uint64(33))
    values = values * np.uint64(0xFF51AFD7ED558CCD)
    values = values ^ (values >> np.uint64(33))
    values = values * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _where(
    texts: pl.Series, mask: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Apply a change to the texts under a mask and leave the others as they are."""
    places = mask.fill_null(value=False).arg_true()
    if not len(places):
        return texts
    return texts.clone().scatter(places, change(texts.gather(places)))


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
