"""Tokens of JSON as patterns: brackets, strings, and what is between them."""

import re
from collections.abc import Iterator

from schemas.vocabulary import Reason

# Possessive (`++`, `*+`), so that no text, however hostile, makes a match go back.
STRING = rb'"(?:[^"\\]++|\\.)*+"'
PLAIN = rb'[^"{}\[\]]++|' + STRING

BETWEEN = re.compile(rb"(?:" + PLAIN + rb")*+", re.DOTALL)
"""Everything up to the next bracket that is no part of a string, or to an unfinished string."""


def _nest_pattern(depth: int) -> bytes:
    inner = PLAIN + (b"|" + _nest_pattern(depth - 1) if depth > 1 else b"")
    return rb"[{\[](?:" + inner + rb")*+[}\]]"


SHALLOW = re.compile(_nest_pattern(5), re.DOTALL)
"""A whole value of few levels, as nearly all are: one match instead of one for each bracket."""

RUN = re.compile(rb"[{\[]+|[}\]]+")
"""Brackets that follow one another: hostile files hold millions."""

STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
"""What remains of a string, without its closing quote."""

GAP = re.compile(rb"(" + STRING + rb')|([^"]++)', re.DOTALL)
"""A whole string, or what is between strings."""

LIST_GOES_ON = re.compile(rb"\]\s*+,\s*+[^\s\"]")
"""A closing bracket that is one too many in a list of objects: the next of them follows it."""

OPEN_END = re.compile(rb"\]\s*+(?:,\s*+)?\Z")
"""A closing bracket at the end of what was read: what follows it is not known yet."""

MEMBER_NAME = re.compile(rb"(" + STRING + rb")\s*+:", re.DOTALL)
"""The name of a member of an object, with its colon."""

SCALAR = re.compile(STRING + rb"|(?:null|true|false|-?\d[\d.eE+-]*+)(?=[\s,}\]]|\Z)", re.DOTALL)
"""A value that is no object and no list."""

STRING_TOKEN = re.compile(STRING, re.DOTALL)

TOKEN = re.compile(rb'[^"{}\[\],]++|\]++|\}++')
"""What is neither a string nor a comma, and opens nothing."""

SEPARATORS = b" \t\r\n,"

WORDS = re.compile(rb"\s*+(?:null|true|false|-?\d[\d.eE+-]*+)\s*+(?:,\s*+|$)")
"""A value of JSON that is a word or a number, and the comma behind it."""

LAST_WORD = re.compile(rb'[^\s,"{}\[\]]+\Z')
"""A word that the end of what was read may have cut."""

WORD_BYTES = 64

NAME_OR_BRACKET = re.compile(
    rb'"(?P<name>(?:[^"\\]++|\\.)*+)"(?P<colon>\s*+:)?|[{}\[\]]', re.DOTALL
)

OBJECTS = re.compile(rb"\s*+\{")


def find_list_path(start: bytes) -> str:
    """Find the names that lead to the first list of objects in an object; empty where none is.

    >>> find_list_path(b'{"status": "ok", "message": {"facets": {}, "items": [{"DOI": "10.1')
    '.message.items'
    >>> find_list_path(b'{"id": 1, "names": ["a", "b"]}'), find_list_path(b'[{"id": 1}]')
    ('', '')
    """
    names: list[str] = []
    name = ""
    for token in NAME_OR_BRACKET.finditer(start):
        if token["colon"]:
            name = token["name"].decode("utf-8", "replace")
        elif token[0] == b"[" and OBJECTS.match(start, token.end()):
            return "".join(f".{each}" for each in (*names[1:], name) if each)
        elif token[0] in (b"{", b"["):
            names.append(name)
        elif token[0] in (b"}", b"]") and names:
            names.pop()
    return ""


def find_cut_word(buffer: bytes, at: int) -> bytes:
    """Return the word at the end of what was read, behind a place; it may go on in what comes."""
    word = LAST_WORD.search(buffer, max(at, len(buffer) - WORD_BYTES))
    return word[0] if word else b""


def split_gap(gap: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield what is between brackets: strings and words, each with whether it is a string."""
    for string, other in GAP.findall(gap):
        if string:
            yield string, True
        elif text := other.strip(SEPARATORS):
            words = WORDS.findall(text)
            # Each `null` is a value: services give it for what they do not know.
            for word in words if sum(map(len, words)) == len(text) else [text]:
                yield word.strip(SEPARATORS), False


def explain_word(word: bytes) -> tuple[Reason, str]:
    """Explain why a word between brackets is no record."""
    if word == b"null":
        return Reason.REMOVED, "is null: the source has no record here"
    return Reason.MALFORMED, "text where a JSON object is expected"


ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""An escape of a string: a character in two halves, half a one, or any other."""


def replace_half_characters(value: bytes) -> bytes:
    r"""Put the replacement character where a string of JSON escapes half a character.

    Programs that cut texts by their length leave such halves; the rest of the text is whole.

    >>> replace_half_characters(rb'"a\ud83d", "\ud83d\ude00", "\\ud83d"')
    b'"a\\ufffd", "\\ud83d\\ude00", "\\\\ud83d"'
    """
    return ESCAPE.sub(lambda escape: rb"\ufffd" if escape["half"] else escape[0], value)
