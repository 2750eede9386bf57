"""Client: one bounded HTTP request to one checked address; redirects are the caller's business.

The standard library's client is used because the connection must go to the very address that was
checked, which the usual clients leave to a second look-up of the name.
"""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urlsplit

from flows.http.public_address import IsAllowed, is_public, resolve_public
from flows.http.rate_limit import REFUSALS, RateLimiter
from flows.http.user_agent import user_agent

SECONDS = 20.0
"""Longest time for one request, from the first byte sent to the last one read."""

RETRIES = 2
"""Requests made again after an answer that says "later", a server's fault or a lost connection."""

LONGEST_URL = 2_000
"""Characters of a URL that browsers and servers agree on."""


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
    """Say whether a URL is one that this client asks: http or https, a host, no user, no blank."""
    if len(url) > LONGEST_URL or not re.fullmatch(r"https?://[^\s\x00-\x20\x7f\"<>\\]+", url):
        return False
    try:
        parts = urlsplit(url)
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
    agent: str = field(default_factory=user_agent)

    def ask(
        self, method: str, url: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask once, or again where that may help; read ``limit`` bytes of the body at most.

        ``headers`` are sent besides the usual ones, to this URL only: redirects are not followed.
        Raises `NoAnswer`, `NotPublic` for an address that is never contacted, `TooBusy`.
        """
        for _ in range(self.retries):
            try:
                answer = self._ask_once(method, url, limit, headers or {})
            except NoAnswer:
                continue
            if answer.status not in REFUSALS and answer.status < 500:  # noqa: PLR2004  # server faults
                return answer
        return self._ask_once(method, url, limit, headers or {})

    def _ask_once(self, method: str, url: str, limit: int, headers: Mapping[str, str]) -> Answer:
        if not is_web(url):
            raise NoAnswer("not a URL of the web")
        parts = urlsplit(url)
        host = str(parts.hostname)
        self.pace.wait(host)
        try:
            answer = self._exchange(method, parts, limit, {"User-Agent": self.agent, **headers})
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(_reason(error)) from None
        self.pace.heed(host, answer.status, answer.headers)
        return answer

    def _exchange(
        self, method: str, parts: SplitResult, limit: int, headers: Mapping[str, str]
    ) -> Answer:
        with self._connected(parts) as connected:
            is_late = threading.Event()
            watchdog = threading.Timer(self.seconds, _cut_off, [connected, is_late])
            watchdog.daemon = True
            watchdog.start()
            try:
                answer = _talk(method, parts, connected, limit, headers)
            except (OSError, http.client.HTTPException):
                if is_late.is_set():
                    raise TimeoutError from None
                raise
            finally:
                watchdog.cancel()
            if is_late.is_set():
                raise TimeoutError
            return answer

    def _connected(self, parts: SplitResult) -> socket.socket:
        host, is_secure = str(parts.hostname), parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        found = resolve_public(host, port, self.is_allowed)
        last: OSError = OSError("no address")
        for address in found[:3]:
            try:
                plain = socket.create_connection((address, port), timeout=self.seconds)
            except OSError as error:
                last = error
                continue
            if not is_secure:
                return plain
            try:
                return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            except BaseException:
                plain.close()
                raise
        raise last


def _cut_off(connected: socket.socket, is_late: threading.Event) -> None:
    """End a connection whose time is up, whatever the other side is doing, and say so.

    What was read until then looks whole where the server had not said how much it would send.
    """
    is_late.set()
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        connected.close()


def _talk(
    method: str,
    parts: SplitResult,
    connected: socket.socket,
    limit: int,
    headers: Mapping[str, str],
) -> Answer:
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    connection.sock = connected
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    usual = {"Accept": "*/*", "Connection": "close", "Host": parts.netloc}
    sent = {**usual, "Accept-Encoding": "identity", **headers}
    connection.request(method, target, headers=sent)
    response = connection.getresponse()
    body = response.read(limit + 1) if method != "HEAD" and limit else b""
    if method != "HEAD" and len(body) < limit and response.length:
        raise http.client.IncompleteRead(b"", response.length)
    named = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, named, body[:limit], is_cut=len(body) > limit)


def _reason(error: Exception) -> str:
    """Give the error as a few words without anything that the other side wrote."""
    return next((words for kind, words in _REASONS.items() if isinstance(error, kind)), _NO_HTTP)


_REASONS: dict[type[Exception], str] = {
    ssl.SSLCertVerificationError: "its certificate is not valid",
    ssl.SSLError: "no TLS connection",
    socket.gaierror: "the host has no address",
    TimeoutError: "no answer in time",
    http.client.IncompleteRead: "the answer is cut off",
    ConnectionRefusedError: "the connection was refused",
    OSError: "the connection was lost",
}
"""The first that fits: special errors stand before the general ones."""

_NO_HTTP = "the answer is not HTTP"
