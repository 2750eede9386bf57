"""What is left out of a text before it is shown, kept or logged: secrets, and what cannot be seen.

Secrets of addresses never leave; characters that a terminal or a reader would act on (escape
sequences, bidirectional controls, line separators) never act.
"""

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_SECRET = re.compile(
    r"token|secret|signature|passw|pass_?phrase|passcode|credential|jwt|authori[sz]ation|bearer"
    r"|cookie|sess(?:ion)?_?id"
    r"|(?:access|account|api|auth|client|licen[cs]e|private|shared|subscription|user)[_-]?key"
    r"|(?<![a-z])(?:key|sig|o?auth|pass|pwd|pw|sid|session|hmac|otp|ticket|csrf|xsrf)s?(?![a-z])",
    re.IGNORECASE,
)
"""What names of URL parameters contain whose values are kept nowhere, as in ``token[0]``."""

_PLACE = re.compile(r"(?:resumption|page|next|continuation)_?token", re.IGNORECASE)
"""Names of where a listing goes on: that is no secret."""

_PARAMETER = re.compile(r"(?P<start>[;?&#])(?P<name>[^;?&#=/]*)=(?P<value>[^;?&#/]*)")
"""A parameter within a path, or within the value of another one that is an address itself."""

_TOKEN = re.compile(r"(?:hf_|gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA|eyJ)[\w.-]{12,}")
"""Values that are secrets under whatever name: tokens of well-known services say what they are."""

_USER = re.compile(r"(?<![^/@\s])[^/@\s:]*+:[^/@\s]*+@")
"""A user and a password before an address that somebody wrote without its scheme. It begins where a
word does, or each of a million letters without a colon would be looked at as a beginning."""

_WORD = re.compile(r"\S+")

NO_URL = "no URL"
"""What is told of an address that cannot be taken apart, so that its secrets cannot be found."""


def redact_url(url: str) -> str:
    """Return a URL without a user, a fragment and the values of parameters that hold a secret."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises for a password with a slash, which ends the host too soon
    except ValueError:
        return NO_URL
    asked = [
        (name, "..." if _is_secret(name, value) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    path = _PARAMETER.sub(_blank_secret, parts.path)
    netloc = parts.netloc.rpartition("@")[2]
    told = parts._replace(netloc=netloc, path=path, query=urlencode(asked), fragment="").geturl()
    return told if netloc else _USER.sub("", told, count=1)


def _is_secret(name: str, value: str) -> bool:
    # Some sites part parameters by semicolons, and a value may be an address with secrets.
    inner = (match.group("name", "value") for match in _PARAMETER.finditer(value))
    return bool(
        (_names_secret(name) and value)
        or _TOKEN.search(value)
        or _USER.search(value)
        or any(_names_secret(name) and value for name, value in inner)
    )


def _names_secret(name: str) -> bool:
    return bool(_SECRET.search(name)) and not _PLACE.fullmatch(name)


def _blank_secret(match: re.Match[str]) -> str:
    start, name, value = match.groups()
    return f"{start}{name}={'...' if _is_secret(unquote(name), value) else value}"


def redact_text(text: str) -> str:
    """Return a text as it may be told: without the secrets of the addresses that its words are."""
    return _WORD.sub(lambda word: _redact_word(word[0]), text)


def _redact_word(word: str) -> str:
    return redact_url(word) if "://" in word else _USER.sub("", word, count=1)


def blank_unprintable(text: str, *, blank: str = " ", keep: str = "") -> str:
    r"""Replace each character that cannot be seen, or that a terminal acts on, but those to keep.

    >>> blank_unprintable("red\x1b[31m and \u202eback")
    'red [31m and  back'
    >>> blank_unprintable("two\nlines", keep="\n")
    'two\nlines'
    """
    return "".join(c if c.isprintable() or c in keep else blank for c in text)


def escape_unprintable(text: str, *, keep: str = "") -> str:
    r"""Write each character that cannot be seen as its escape, so that a reader learns of it.

    >>> escape_unprintable("a\x1bb \u202ec")
    'a\\x1bb \\u202ec'
    """
    return "".join(c if c.isprintable() or c in keep else _escape_character(c) for c in text)


def _escape_character(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004  # of one byte
