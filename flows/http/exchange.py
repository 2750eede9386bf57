"""One HTTP exchange, as every client here makes it: paced, bounded in time, to checked addresses.

What is done with an answer is the caller's: `public_client` reads a little of it into memory,
`site_client` follows redirects within a site and saves it to a file.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore2
import httpx2
from tenacity import Retrying, retry_if_exception_type, retry_if_result, stop_after_attempt
from tenacity.wait import wait_base, wait_none

from flows.http.deadline import Deadline
from flows.http.public_address import IsAllowed, resolve_public
from flows.http.user_agent import user_agent

ADDRESSES = 3
"""Addresses of a host that are tried, one after the other."""

# Nothing packed is asked for: a bound on the bytes that are read is one on what they hold.
USUAL = {"Accept": "*/*", "Accept-Encoding": "identity"}


class CheckedBackend(httpcore2.NetworkBackend):
    """Connects to the very address that was checked: a second look-up could answer otherwise."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        """Connect to addresses that ``is_allowed`` says yes to."""
        self.is_allowed = is_allowed
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, *positional: Any, **options: Any
    ) -> httpcore2.NetworkStream:
        """Connect to an address of a host. Raises `NotPublic` if one of them is not allowed."""
        last: Exception = OSError("no address")
        for address in resolve_public(host, port, self.is_allowed)[:ADDRESSES]:
            try:
                return self._plain.connect_tcp(address, port, *positional, **options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last


class CheckedTransport(httpx2.HTTPTransport):
    """A transport without proxies and kept connections, each of which goes to a checked address."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        """Make the pool that the base class would make, but for how it connects."""
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trusted_context(),
            max_keepalive_connections=0,
            network_backend=CheckedBackend(is_allowed),
        )


@cache
def trusted_context() -> ssl.SSLContext:
    """Read the certificates of the authorities that are trusted; that takes a while."""
    return httpx2.create_ssl_context()


def make_http_client(seconds: float, is_allowed: IsAllowed | None = None) -> httpx2.Client:
    """Make a client that follows no redirects and keeps no cookies of its own accord.

    With ``is_allowed`` every host is looked up once and checked, and no proxy is used. Without it
    the one connection is kept from request to request, and the environment's proxies are used.
    ``seconds`` is the longest wait for any one byte.
    """
    headers = {"User-Agent": user_agent(), **USUAL}
    if is_allowed is not None:
        headers["Connection"] = "close"
        transport = CheckedTransport(is_allowed)
        # A proxy of the environment would look hosts up by itself, past the check.
        return httpx2.Client(headers=headers, timeout=seconds, transport=transport, trust_env=False)
    limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1)
    return httpx2.Client(headers=headers, timeout=seconds, verify=trusted_context(), limits=limits)


@contextmanager
def open_answer(  # what a request is made of, and how long it may take
    client: httpx2.Client,
    deadline: Deadline,
    method: str,
    url: str,
    headers: Mapping[str, str],
) -> Iterator[httpx2.Response]:
    """Ask once and hold the answer open. Raises what `failures.explain_failure` explains.

    An answer that is not done by the deadline ends in `TimeoutError`, even where what came of it
    looks whole: a body may have no other end than that of its connection.
    """
    # The library keeps every cookie it gets, and would send it on with later requests.
    client.cookies.clear()
    try:
        with (
            deadline.running(),
            client.stream(
                method, url, headers=dict(headers), extensions={"trace": deadline.trace}
            ) as response,
        ):
            yield response
    except httpx2.HTTPError:
        if deadline.is_over:
            raise TimeoutError from None
        raise
    if deadline.is_over:
        raise TimeoutError


def ask_again(
    attempts: int,
    *errors: type[Exception],
    is_unfinished: Callable[[Any], bool] = lambda _: False,
    wait: wait_base | None = None,
    sleep: Callable[[float], None] = lambda _: None,
) -> Retrying:
    """Make what calls a function again after errors, or answers, that may pass.

    The last answer is returned and the last error raised, whatever they are.
    """
    return Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait or wait_none(),
        retry=retry_if_exception_type(errors) | retry_if_result(is_unfinished),
        sleep=sleep,
        # result() raises the last error itself, where tenacity would raise one of its own.
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
