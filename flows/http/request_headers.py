"""Request headers: what a site wants to see besides, such as a token, read from the environment.

They are read when a request is made and kept nowhere: not in a run's parameters, logs or files.
"""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from flows.errors import UserError

HEADERS = "OPEN_PAPERS_HEADERS"
"""Environment variable: lines of ``HOST NAME: VALUE``, each a header for requests to one host."""

_LINE = re.compile(r"(?P<host>[\w.-]+) +(?P<name>[A-Za-z0-9-]+): *(?P<value>[!-~](?:[ -~]*[!-~])?)")
"""A host, the name of a header, and printable ASCII that neither ends it nor begins another."""

_OURS = frozenset(
    (
        *("accept-encoding", "connection", "content-length", "expect", "host", "range", "te"),
        *("if-modified-since", "if-none-match", "transfer-encoding", "upgrade", "user-agent"),
    )
)
"""Headers that say how an exchange goes: these are never another's to set."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def read_request_headers(url: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Read the headers of a request to a URL; none over plain HTTP, but on this machine.

    A redirect to another host takes none along. Raises `UserError`, which repeats no value, where
    the variable cannot be read.

    >>> environ = {HEADERS: "a.org Authorization: Bearer abc"}
    >>> read_request_headers("https://a.org/x", environ)
    {'Authorization': 'Bearer abc'}
    >>> read_request_headers("https://b.a.org/x", environ)
    {}
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    lines = _parse_lines(environ.get(HEADERS, ""))
    is_safe = parts.scheme == "https" or host in _LOOPBACK
    return {name: value for line_host, name, value in lines if is_safe and line_host == host}


def _parse_lines(text: str) -> list[tuple[str, str, str]]:
    lines = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), start=1):
        match = _LINE.fullmatch(line.strip())
        if not match or match["name"].lower() in _OURS:
            raise UserError(
                f"{HEADERS}, line {number}, is no HOST NAME: VALUE with a header that may be set, "
                "such as api.example.org Authorization: Bearer TOKEN. Set or unset it."
            )
        lines.append((match["host"].lower(), match["name"], match["value"]))
    return lines


CONDITION = re.compile(r"[\x20-\x7e]{1,1000}")
"""Values of an earlier answer that are sent back: every server takes headers of this form."""


def make_conditions(headers: Mapping[str, str]) -> dict[str, str]:
    r"""Make the headers by which a site may say that nothing has changed since an earlier answer.

    >>> make_conditions({"etag": '"a"', "last-modified": "\xe9"})
    {'if-none-match': '"a"'}
    """
    names = {"etag": "if-none-match", "last-modified": "if-modified-since"}
    # What a site wrote may be no header of ours: without the condition it sends everything again.
    return {
        condition: headers[name]
        for name, condition in names.items()
        if CONDITION.fullmatch(headers.get(name, ""))
    }
