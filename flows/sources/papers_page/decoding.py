"""The bytes of a page copy as text, whatever program saved it."""

import codecs
import re

from charset_normalizer import from_bytes

from flows.errors import count_noun

MAX_PAGE_BYTES = 32 << 20
"""A page of 73 papers has 124 KB, a saved one a few MB; 32 MB is no page."""

MAX_TEXT_BYTES = 8 << 20
"""A text, and what a saved page holds for its own script, is a tenth of the page at most."""

MAX_LINES = 100_000
"""Lines of a text: 73 papers have some 1,500, and 12 MB of short ones took minutes and 3 GB."""

ENCODINGS = [
    "cp1252",
    "cp1250",
    "cp1251",
    "koi8_r",
    "mac_roman",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "gb18030",
    "big5",
]
"""What editors still write besides UTF-8 and UTF-16; among all that exist, short texts fit many."""

SAMPLE_BYTES = 200_000
"""Enough to tell an encoding; detection costs about a second per megabyte."""

DAMAGE = 0.5
"""With fewer broken sequences than half as many sound ones, a text is damaged UTF-8 rather than
another encoding, in which nearly every sequence is broken."""

CONTROL = 0.005
"""More control characters than one in 200 are no text."""

_WESTERN_SIGNS = "‘’“”–—…•©®°±×·§€«»\u00a0"  # noqa: RUF001  # what editors put into English
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_BROKEN = re.compile("[\ud800-\udfff]")
"""Halves of characters: of UTF-16, or what Python makes of bytes that are not UTF-8."""


class NoText(Exception):
    """Bytes that are no text: the message says why."""


def decode_page(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text, and what the maintainer should know about its encoding.

    Bytes that are broken in otherwise sound UTF-8 become lone surrogates, which `is_damaged`
    finds: no character is guessed. Raises `NoText`.
    """
    bom = next(((mark, name) for mark, name in _BOMS if content.startswith(mark)), None)
    if bom is not None:
        return _decode_marked(
            content.removeprefix(bom[0]) if bom[1] == "utf-8" else content, bom[1]
        )
    if wide := _detect_wide(content):
        return _require_printable(content.decode(wide, errors="surrogatepass")), (
            _describe_guess(wide),
        )
    if len(_CONTROL.findall(content[:SAMPLE_BYTES])) > CONTROL * min(len(content), SAMPLE_BYTES):
        raise NoText("it is binary")
    try:
        return content.decode(), ()
    except UnicodeDecodeError:
        return _decode_other(content)


def count_lines(text: str) -> int:
    """Count the lines of a text, whatever ends them, without a copy of it."""
    return sum(map(text.count, "\n\r\u2028\u2029")) - text.count("\r\n") + 1


def is_damaged(text: str) -> bool:
    """Return whether bytes of the text could not be read."""
    return bool(_BROKEN.search(text))


def _describe_guess(name: str) -> str:
    return f"the text is not UTF-8; it was read as {name}, which was guessed from its bytes"


def _decode_marked(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    notes = () if name == "utf-8" else (f"the text was read as {name}, as its first bytes say",)
    try:
        return _require_printable(content.decode(name)), notes
    except UnicodeDecodeError as error:
        if name == "utf-8":
            return _decode_other(content)
        raise NoText(f"it begins as {name} and breaks off at byte {error.start}") from None


def _detect_wide(content: bytes) -> str | None:
    """Name the byte order of UTF-16 without a mark: in Latin text every second byte is zero."""
    # Half the bytes of Latin text are zero, all in the same places; three tenths allow for others.
    sample = content[: SAMPLE_BYTES & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(content) % 2 or not sample:
        return None
    for zeros, name in ((odd, "utf-16-le"), (even, "utf-16-be")):
        if zeros > len(sample) * 0.3 and zeros * 0.05 >= even + odd - zeros:
            return name
    return None


def _require_printable(text: str) -> str:
    if len(_UNPRINTABLE.findall(text[:SAMPLE_BYTES])) > CONTROL * min(len(text), SAMPLE_BYTES):
        raise NoText("it is binary")
    return text


def _decode_other(content: bytes) -> tuple[str, tuple[str, ...]]:
    lenient = content.decode(errors="surrogateescape")
    # Counted by what is left without them: a list of millions takes a hundred bytes for each.
    broken = len(lenient) - len(_BROKEN.sub("", lenient))
    if broken < DAMAGE * sum(1 for _ in _MULTIBYTE.finditer(content)):
        count = count_noun(broken, "byte", "is/are")
        return lenient, (f"{count} not UTF-8; the blocks that hold them are rejected",)
    if (western := _decode_western(content)) is not None:
        return western, (_describe_guess("cp1252"),)
    guess = from_bytes(_find_telling_part(content), cp_isolation=ENCODINGS).best()
    if guess is None:
        raise NoText("it is binary, or in an encoding that could not be told")
    text = content.decode(guess.encoding, errors="surrogateescape")
    return text, (_describe_guess(guess.encoding),)


def _decode_western(content: bytes) -> str | None:
    """Read as cp1252 what holds only its letters and quotes, and those mostly among Latin ones.

    English text of few accents fits the other Latin code pages as well; in their languages it
    would show signs such as a raised 3 for a letter.
    """
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = [sign for sign in text if sign > "\x7f"]
    is_plausible = all(sign.isalpha() or sign in _WESTERN_SIGNS for sign in foreign)
    return text if is_plausible and len(foreign) * 10 < len(text) else None


def _find_telling_part(content: bytes) -> bytes:
    """Return the part that tells the encoding: it begins where ASCII ends."""
    first = next((place for place, byte in enumerate(content) if byte > 0x7F), 0)  # noqa: PLR2004  # last of ASCII
    start = max(first - SAMPLE_BYTES // 2, 0)
    return content[start : start + SAMPLE_BYTES]
