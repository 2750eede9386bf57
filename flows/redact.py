"""Secrets: what is left out of an address wherever it is told, kept or logged."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

_SECRET = re.compile(
    r"(?:.*[_-])?(?:token|key|apikey|secret|signature|sig|password|auth|credential)s?",
    re.IGNORECASE,
)
"""Names of URL parameters whose values are kept nowhere."""

_USER = re.compile(r"[^/@\s]+:[^/@\s]*@")
"""A user and a password before an address that somebody wrote without its scheme."""

NO_URL = "no URL"
"""What is told of an address that cannot be taken apart, so that its secrets cannot be found."""


def redact_url(url: str) -> str:
    """Give a URL without a user, a fragment and the values of parameters that hold a secret."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises for a password with a slash, which ends the host too soon
    except ValueError:
        return NO_URL
    asked = [
        (name, "..." if _SECRET.fullmatch(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    netloc = parts.netloc.rpartition("@")[2]
    told = parts._replace(netloc=netloc, query=urlencode(asked), fragment="").geturl()
    return told if netloc else _USER.sub("", told, count=1)


def redact_text(text: str) -> str:
    """Give a text as it may be told: as it is, without the secrets of the URL that it may be."""
    return redact_url(text) if "://" in text else _USER.sub("", text, count=1)
