"""Lists and objects that programs wrote out as text: as JSON, or as Python or numpy prints them."""

import ast
import re

from flows.raw.json_stream import Unreadable, parse_value
from flows.raw.json_tokens import replace_half_characters
from schemas.vocabulary import Reason

MAX_NESTING = 50
"""Items nest 6 deep; the bound keeps Python's own parser from its stack's end."""

_STRING = re.compile(r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+\"""", re.DOTALL)
_PLAIN = re.compile(r"(?:[\s{}\[\],:]|-?\d[\d.]*+|True|False|None)*+")


def parse_repr(text: str) -> object:
    """Read a dict or list as Python prints it. Raises `Unreadable` for anything else.

    Only literals that JSON has too are let through to the parser.

    >>> parse_repr("{'paper': {'id': '2412.07724', 'upvotes': 3}}")["paper"]["upvotes"]
    3
    """
    # What is left without its strings must be brackets, numbers and constants: no code is run.
    skeleton = _STRING.sub("", text)
    if not _PLAIN.fullmatch(skeleton) or _measure_nesting(skeleton) > MAX_NESTING:
        raise Unreadable(Reason.MALFORMED, "the string is no dict of plain values")
    try:
        # Half a character is no text that can be stored.
        whole = replace_half_characters(text.encode("utf-8", "replace")).decode()
        return ast.literal_eval(whole)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        fault = type(error).__name__
        raise Unreadable(Reason.MALFORMED, f"the string is no Python dict: {fault}") from None


def _measure_nesting(skeleton: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", skeleton):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


_ARRAY = re.compile(r"""\[\s*+(?:(?:'[^'\\]*+'|"[^"\\]*+")\s*+)*+\]""")
"""A numpy array of texts: nothing but blanks between them, which Python would join to one."""


def parse_written_list(text: str) -> list[object] | None:
    r"""Read a list that was written into a cell of a table; None for what is none.

    >>> parse_written_list("[['Balázs', 'C.', ''], [\"O'Hara\", 'B.', '']]")
    [['Balázs', 'C.', ''], ["O'Hara", 'B.', '']]
    >>> parse_written_list('["cs.LG"]'), parse_written_list("['cs.LG' 'cs.AI']")
    (['cs.LG'], ['cs.LG', 'cs.AI'])
    >>> parse_written_list("[Balázs, C.]") is None
    True
    """
    written = text.strip()
    if not written.startswith("["):
        return None
    if _ARRAY.fullmatch(written) and "," not in _STRING.sub("", written):
        return [string[1:-1] for string in _STRING.findall(written)]
    # Without a quote or a sign of escape inside, Python's spelling differs from JSON by the quotes.
    if '"' not in written and "\\" not in written:
        written = written.replace("'", '"')
    try:
        value = parse_value(written.encode("utf-8", "replace"))
    except Unreadable:
        try:
            value = parse_repr(text.strip())
        except Unreadable:
            return None
    return value if isinstance(value, list) else None
