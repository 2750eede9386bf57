"""Text words: where each word of many texts stands, as arrays that all readers of texts share.

The texts of all papers follow each other on one line of letters, a byte for each character, so
that a place on the line is a place in a text.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from flows.enrich.topics.folding import PLAIN

Ints = npt.NDArray[np.int64]

Codes = npt.NDArray[np.uint64]

GAP = "  "
"""What lies between a title and its abstract, and behind both: no phrase runs across."""

BYTELESS_CHARACTER = "\N{CURRENCY SIGN}"
"""The letter of one byte that stands for all characters which have none: no word has it."""

ACCENT_BYTES = {
    plain: chr(0x80 + number) for number, plain in enumerate(sorted(set(PLAIN.values())))
}
"""A byte for the accented letters of each plain one: control characters that no text needs."""

SPELLED = {
    letter: ACCENT_BYTES[plain]
    for letter, plain in PLAIN.items()
    if not letter.encode("latin-1", "ignore")
}
"""Accented letters that have no byte of their own, and the byte that they get."""

BYTELESS = rf"[^\x00-\x7F\xA0-\xFF{''.join(SPELLED)}]"
"""All other characters without a byte."""

_FOLDS = PLAIN | {room: plain for plain, room in ACCENT_BYTES.items()}

FOLDED = bytes(
    ord(_FOLDS.get(letter, letter.lower() if letter.isascii() and letter.isalnum() else " "))
    for letter in map(chr, range(256))
)
"""What each byte is folded to: a small letter, a digit or a blank."""

BLANK = ord(" ")

ASCII = 0x80
"""Bytes from here on are no letters of English."""

STRIDE = 8
"""Letters that one whole number holds."""

LONGEST_WORD = 64
"""Letters by which words are told apart: longer ones are no words of any language."""

MASKS = np.array([(1 << 8 * letters) - 1 for letters in range(STRIDE + 1)], np.uint64)
"""What leaves so many letters of a whole number."""

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples share no pattern with letters."""


@dataclass(frozen=True)
class TextWords:
    """The words of texts, empty ones included where blanks follow each other.

    Places count characters from the beginning of the first text.
    """

    texts: pl.DataFrame
    """The texts themselves, with the ``row`` of each: rows rise."""
    raw: bytes
    """The letters as they are written."""
    folded: bytes
    """The same letters, folded."""
    firsts: Ints
    """Where each text begins."""
    borders: Ints
    """Where the abstract of each text begins."""
    stops: Ints
    """Where the abstract of each text ends."""
    counts: Ints
    """The number of words of each text."""
    starts: Ints
    """Where each word begins."""
    lengths: Ints
    """How many letters each word has."""
    codes: Codes
    """Of each word the number that `encode_words` gives it."""

    @cached_property
    def rows(self) -> pl.Series:
        """The ``row`` of each text."""
        return self.texts["row"].cast(pl.UInt32)

    @cached_property
    def lines(self) -> Ints:
        """The text of each word, by its place among the texts."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def letters(self) -> npt.NDArray[np.uint8]:
        """The bytes of `raw`."""
        return np.frombuffer(self.raw, np.uint8)

    def find_lines(self, rows: pl.Series) -> Ints:
        """Find the places of papers, which are all there, among the texts."""
        return find_rows(self.rows.to_numpy(), rows.to_numpy())

    def quote_letters(self, starts: Ints, lengths: Ints) -> pl.Series:
        """Quote what is at some places, null where a character has no byte of its own."""
        ends = np.cumsum(lengths)
        owners = np.repeat(np.arange(len(starts)), lengths)
        letters = self.letters[np.arange(len(owners)) + (starts - ends + lengths)[owners]]
        is_strange = letters >= ASCII
        whole = pa.LargeStringArray.from_buffers(
            len(starts),
            pa.py_buffer(np.append(0, ends)),
            pa.py_buffer(np.where(is_strange, BLANK, letters).astype(np.uint8)),
        )
        is_plain = np.bincount(owners, is_strange, len(starts)) == 0
        texts = pl.DataFrame({"text": whole, "is_plain": is_plain})
        return texts.select(pl.when("is_plain").then("text"))["text"]

    def select_texts(self, chosen: npt.NDArray[np.bool_]) -> "TextWords":
        """Select the texts that are marked; places stay those among all letters."""
        read = chosen[self.lines]
        return replace(
            self,
            texts=self.texts.filter(pl.Series(chosen)),
            **{name: getattr(self, name)[chosen] for name in ("firsts", "borders", "stops")},
            counts=self.counts[chosen],
            **{name: getattr(self, name)[read] for name in ("starts", "lengths", "codes")},
        )


def find_rows(rows: npt.NDArray[np.integer], sought: npt.NDArray[np.integer]) -> Ints:
    """Find the places of some numbers among others, which rise; their count where one is absent."""
    count = len(rows)
    if count and int(rows[-1]) - int(rows[0]) == count - 1:
        # Without a gap: no number has to be looked for.
        places = sought.astype(np.int64) - int(rows[0])
        is_there = (places >= 0) & (places < count)
    else:
        places = np.searchsorted(rows, sought)
        is_there = np.append(rows.astype(np.int64), -1)[places] == sought
    return np.where(is_there, places, count)


def read_words(texts: pl.DataFrame) -> TextWords:
    """Read the words of texts: ``row``, ``title`` and ``abstract`` (null where unknown)."""
    title, abstract = (pl.col(name).fill_null("") for name in ("title", "abstract"))
    written = texts.select(
        whole=pl.concat_str(title, pl.lit(GAP), abstract, pl.lit(GAP)),
        title=title.str.len_chars().cast(pl.Int64),
    )
    raw = write_bytes(written["whole"])
    behind = np.cumsum(written["whole"].str.len_chars().to_numpy().astype(np.int64))
    firsts = np.append(0, behind[:-1])[: len(behind)]
    folded = raw.translate(FOLDED)
    ends = np.flatnonzero(np.frombuffer(folded, np.uint8) == BLANK)
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    return TextWords(
        texts=texts,
        raw=raw,
        folded=folded,
        firsts=firsts,
        borders=firsts + written["title"].to_numpy() + len(GAP),
        stops=behind - len(GAP),
        counts=np.searchsorted(starts, behind) - np.searchsorted(starts, firsts),
        starts=starts,
        lengths=ends - starts,
        codes=encode_words(folded, starts, ends - starts),
    )


def write_bytes(texts: pl.Series) -> bytes:
    """Write texts behind each other, with one byte for each character; ASCII stays as it is."""
    is_plain = (texts.str.len_bytes() == texts.str.len_chars()).to_numpy()
    # Most texts are ASCII, and need no look at their characters.
    strange = (
        texts.filter(~is_plain)
        .str.replace_all(BYTELESS, BYTELESS_CHARACTER)
        .str.replace_many(list(SPELLED), list(SPELLED.values()))
    )
    at = np.empty(len(texts), np.int64)
    at[is_plain] = np.arange(len(texts) - len(strange))
    at[~is_plain] = np.arange(len(texts) - len(strange), len(texts))
    ordered = pl.concat([texts.filter(is_plain), strange]).gather(at)
    return str(ordered.str.join("").item()).encode("latin-1")


def encode_texts(words: pl.Series) -> Codes:
    """Encode words as they are written: see `encode_words`."""
    lengths = words.str.len_chars().to_numpy().astype(np.int64)
    return encode_words(write_bytes(words), np.cumsum(lengths) - lengths, lengths)


def encode_words(letters: bytes, starts: Ints, lengths: Ints) -> Codes:
    """Encode words as whole numbers: words of up to eight letters are their letters.

    The empty word is 0. Two longer ones share a number once in 10^19 pairs.
    """
    padded = letters + bytes(LONGEST_WORD)
    # A number that begins at every letter: each word reads the one at its place.
    numbers = np.ndarray(len(letters) + LONGEST_WORD - STRIDE, "<u8", padded, strides=(1,))
    codes: Codes = numbers[starts] & MASKS.take(lengths, mode="clip")
    longer = np.flatnonzero(lengths > STRIDE)
    for offset in range(STRIDE, LONGEST_WORD, STRIDE):
        left = lengths[longer] - offset
        longer, left = longer[left > 0], left[left > 0]
        more = numbers[starts[longer] + offset] & MASKS.take(left, mode="clip")
        codes[longer] = (codes[longer] * MIXER) ^ more
    return codes
