"""Named secrets: values behind a name of a secret in headers, JSON and settings, as in ``a: b``.

Whatever follows such a name is left out, however short it is, but for words with which a
sentence goes on: "the token: is missing" can be read, and no password is a word of `SENTENCE`.
"""

import re

from flows.redact.secret_names import NAMED

_NAME = rf"""(?:{NAMED})[\w.\[\]-]{{0,40}}+"""

_SIGN = r"""(?:\\{0,3}["'])?[ ]?[:=]"""

GIVEN = re.compile(
    rf"""(?P<name>{_NAME}{_SIGN}\s{{0,2}}["']?)"""
    r"""(?P<scheme>(?:bearer|basic|digest|token)[ ])?(?P<value>(?!\.\.\.)[^\s"']+)""",
    re.IGNORECASE,
)
"""A value up to a blank."""

QUOTED = re.compile(
    rf"""(?P<name>{_NAME}{_SIGN}[ ]{{0,2}}[bru]?\\{{0,3}}["'])"""
    r"""(?P<value>(?!\.\.\.)(?:(?<=\\["'])[^"'\\\r\n]{1,4096}(?=\\{1,3}["'])"""
    r"""|(?<=(?<!\\)")(?:\\.|[^"\\\r\n]){1,4096}+(?=")"""
    r"""|(?<=(?<!\\)')(?:\\.|[^'\\\r\n]){1,4096}+(?=')))""",
    re.IGNORECASE,
)
r"""A value between quotes, blanks and all; also within JSON that is a string of JSON itself."""

_WHOLE_NAME = re.compile(
    rf"""(?:(?:{NAMED})(?:(?:or?)?d|ort)?)(?P<plural>s?)(?!(?-i:[a-z]))[\w.\[\]-]{{0,40}}"""
    r"""(?:\\{0,3}["'])?[ ]?[:=][ ]{0,2}["']?""",
    re.IGNORECASE,
)
"""A name that is no beginning of another word: ``tokenizer`` is none, ``tokenId`` is one."""

SENTENCE = frozenset(
    """
    is are was were has have had been be being does do not no none null nothing never
    missing required needed empty expired invalid absent unset unknown denied refused
    rejected revoked failed wrong bad incorrect unauthorized unauthorised forbidden expected
    unexpected only either neither both too use set see log try get give given create make
    pass ask the a an this that these those it its they their there you your we our one he
    she please and or but if when where who which what how why in on at of for from by to
    with without as must may can cannot could should will would did str string bool true
    false
    """.split()  # noqa: SIM905  # a word a line would take two pages
)
"""Words with which a sentence goes on after a colon."""

_PLACEHOLDERS = frozenset({"TOKEN", "KEY", "VALUE"})
"""Words that stand for a secret where a message says how one is written."""

_ADDRESS = re.compile(r"https?://[\w.-]+(?:[/?#:]|$)", re.IGNORECASE)

_LONG, _SHORTEST = 16, 8
"""Characters of what is no word of a sentence, and of what is none if it has digits."""

_FEW = 3
"""Characters that are no secret where none is a letter or a digit: parsers quote what they met."""


def is_secret_value(name: str, value: str, *, has_scheme: bool = False) -> bool:
    """Return whether a value is a secret, by the name, sign and quote before it.

    >>> is_secret_value("token: ", "swordfish"), is_secret_value("token: ", "is")
    (True, False)
    >>> is_secret_value("tokenizer: ", "bert"), is_secret_value("tokens: ", "512")
    (False, False)
    """
    plain = value.strip("'\".,;:!?")
    if name[-1] in "'\"" and (len(plain) > _FEW or re.search(r"\w", plain)):
        return True
    # Secrets of addresses were left out before.
    if _ADDRESS.match(plain):
        return False
    least = _SHORTEST if has_scheme or re.search(r"\d", plain) else _LONG
    return len(plain) >= least or _is_explicit(name, plain)


def _is_explicit(name: str, value: str) -> bool:
    """Return whether a short value is one, and no word that follows a name in a sentence."""
    whole = _WHOLE_NAME.search(name)
    # Of tokens there is a count; and what is in the next line is no value.
    is_count = whole is not None and whole["plural"] and value.isdigit()
    if whole is None or whole.end() < len(name) or is_count:
        return False
    is_word = value.lower() in SENTENCE or value in _PLACEHOLDERS
    return bool(re.search(r"\w", value)) and not is_word
