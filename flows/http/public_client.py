"""A client of any host: a little of an answer, from a public address; redirects are the caller's.

A URL from an abstract must not reach into a private network, so the connection goes to the very
address that was checked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from flows.http.deadline import Deadline
from flows.http.exchange import ask_again, make_http_client, open_answer
from flows.http.failures import ERRORS, Failure, explain_failure
from flows.http.public_address import IsAllowed, is_public
from flows.http.rate_limit import REFUSALS, RateLimiter

SECONDS = 20.0
"""Longest time for one request, from the first byte sent to the last one read."""

RETRIES = 2
"""Requests made again after an answer that says "later", a server's fault or a lost connection."""

LONGEST_URL = 2_000
"""Characters of a URL that browsers and servers agree on."""

MOST_HEADERS = 100
"""Headers of an answer, as the standard library and common servers bound them."""


class NoAnswer(Exception):
    """A host that cannot be reached or talks no HTTP; the message says why, in a few words."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Named in lower case; of repeated ones the last."""
    body: bytes
    """At most as many bytes as were asked for."""
    is_cut: bool
    """Whether the body is longer than what was read."""


def is_web(url: str) -> bool:
    """Return whether a URL is one that this client asks: http or https, a host, no user, no blank.

    >>> is_web("https://example.org/a"), is_web("http://me@example.org"), is_web("file:///etc")
    (True, False, False)
    """
    # urlsplit drops tabs and line breaks in silence, so that they are refused before it.
    if len(url) > LONGEST_URL or not re.fullmatch(r"https?://[^\s\x00-\x20\x7f\"<>\\]+", url):
        return False
    try:
        parts = urlsplit(url)
        # Reading the port is what refuses one that is no number.
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


@dataclass
class Client:
    """Asks hosts at their pace. Only tests give it an ``is_allowed`` of their own."""

    pace: RateLimiter = field(default_factory=RateLimiter)
    is_allowed: IsAllowed = is_public
    seconds: float = SECONDS
    retries: int = RETRIES

    def __post_init__(self) -> None:
        """Connect nowhere yet."""
        self._client = make_http_client(self.seconds, self.is_allowed)

    def ask(
        self, method: str, url: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask once, or again where that may help; read ``limit`` bytes of the body at most.

        ``headers`` are sent besides the usual ones, to this URL only: redirects are not followed.
        Raises `NoAnswer`, `NotPublic` for an address that is never contacted, `TooBusy`.
        """
        again = ask_again(self.retries + 1, NoAnswer, is_unfinished=_is_busy)
        answer: Answer = again(self._ask_once, method, url, limit, headers or {})
        return answer

    def _ask_once(self, method: str, url: str, limit: int, headers: Mapping[str, str]) -> Answer:
        if not is_web(url):
            raise NoAnswer("not a URL of the web")
        host = str(urlsplit(url).hostname)
        self.pace.wait(host)
        try:
            with open_answer(
                self._client, Deadline(self.seconds), method, url, headers
            ) as response:
                answer = _read_answer(method, response, limit)
        except ERRORS as error:
            raise NoAnswer(explain_failure(error).value) from None
        self.pace.heed(host, answer.status, answer.headers)
        return answer


def _is_busy(answer: Answer) -> bool:
    return answer.status in REFUSALS or answer.status >= 500  # noqa: PLR2004  # server faults


def _read_answer(method: str, response: httpx2.Response, limit: int) -> Answer:
    if len(response.headers.raw) > MOST_HEADERS:
        raise NoAnswer(Failure.NOT_HTTP.value)
    headers = {name.lower(): value for name, value in response.headers.multi_items()}
    body = b""
    if method != "HEAD" and limit:
        # As they come: what was packed unasked stays so, or a little could unpack to gigabytes.
        for piece in response.iter_raw():
            body += piece
            if len(body) > limit:
                break
    return Answer(response.status_code, headers, body[:limit], is_cut=len(body) > limit)
