"""What is left out of a text before it is shown, kept or logged: secrets, and what cannot be seen.

Secrets of addresses never leave; characters that a terminal or a reader would act on (escape
sequences, bidirectional controls, line separators) never act.
"""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

_SECRET = re.compile(
    r"(?!(?:resumption|page|next|continuation)_?token)"
    r".*(?:token|secret|signature|password|passwd|passphrase|credential|apikey|accesskey|jwt"
    r"|accesskeyid)s?|(?:.*[_-])?(?:key|sig|auth|pass|pwd|pw|sid|session|hmac|bearer)s?",
    re.IGNORECASE,
)
"""Names of URL parameters whose values are kept nowhere; where a listing goes on is no secret."""

_TOKEN = re.compile(r"(?:hf_|gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA|eyJ)[\w.-]{12,}")
"""Values that are secrets under whatever name: tokens of well-known services say what they are."""

_USER = re.compile(r"(?<![^/@\s])[^/@\s:]*+:[^/@\s]*+@")
"""A user and a password before an address that somebody wrote without its scheme. It begins where a
word does, or each of a million letters without a colon would be looked at as a beginning."""

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
        (name, "..." if _SECRET.fullmatch(name) or _TOKEN.search(value) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    netloc = parts.netloc.rpartition("@")[2]
    told = parts._replace(netloc=netloc, query=urlencode(asked), fragment="").geturl()
    return told if netloc else _USER.sub("", told, count=1)


def redact_text(text: str) -> str:
    """Return a text as it may be told: as it is, without the secrets of the URL that it may be."""
    return redact_url(text) if "://" in text else _USER.sub("", text, count=1)


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
