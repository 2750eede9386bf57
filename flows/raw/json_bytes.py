"""JSON by its bytes: what can be known of millions of them without reading their values.

In numpy: to look for two or three bytes takes Python several times as long.
"""

import numpy as np

QUOTE, COLON, BACKSLASH, LETTER_U, LETTER_D = b'":\\ud'

BEFORE_TEXTS = np.frombuffer(b" :[,", np.uint8)
"""What is before the first quote of a text."""

HALF = 6
"""Bytes of one escaped half of a character."""

SECOND_DIGITS = np.frombuffer(b"89abcdef", np.uint8)
"""The second digits of escaped halves: four of first halves, then four of second ones."""

SMALL = 0x20
"""The bit that makes a capital a small letter, and leaves a digit as it is."""


def has_half_character(content: bytes) -> bool:
    r"""Return whether one half of a character is escaped alone. It is no text; polars makes it NUL.

    >>> has_half_character(rb'"\ud83d\ude00"'), has_half_character(rb'"\ud83d "')
    (False, True)
    >>> has_half_character(rb'"\\ud83d "'), has_half_character(rb'"\\\ud83d "')
    (False, True)
    """
    text = np.frombuffer(content, np.uint8)
    slashes = np.flatnonzero(text[:-HALF] == BACKSLASH)
    escapes = slashes[text[slashes + 1] == LETTER_U]
    escapes = escapes[(text[escapes + 2] | SMALL) == LETTER_D]
    digits = text[escapes + 3] | SMALL
    are_halves = (np.isin(digits, SECOND_DIGITS[:4]), np.isin(digits, SECOND_DIGITS[4:]))
    first, second = (
        [at for at in escapes[are].tolist() if _is_escape(content, at)] for are in are_halves
    )
    return [at + HALF for at in first] != second


def _is_escape(content: bytes, at: int) -> bool:
    """Return whether a backslash begins an escape, and is not escaped itself by one before it."""
    start = at
    while start and content[start - 1] == BACKSLASH:
        start -= 1
    return (at - start) % 2 == 0


def has_names(content: bytes, expected: int) -> bool:
    r"""Return whether some JSON objects have so many names in all.

    A name's last quote is followed by a colon. So is an escaped quote inside a text, and the first
    quote of a text that begins with a colon; no name begins or ends so.

    >>> has_names(rb'{"a": "\":", "b": ":"}', 2), has_names(rb'{"a": {"b": 1}}', 1)
    (True, False)
    """
    text = np.frombuffer(content, np.uint8)
    quotes = np.flatnonzero((text[:-1] == QUOTE) & (text[1:] == COLON))
    before = text[quotes[quotes > 0] - 1]
    names = len(quotes) - int(np.count_nonzero(before == BACKSLASH))
    if names > expected:
        names -= int(np.count_nonzero(np.isin(before, BEFORE_TEXTS)))
    return names == expected
