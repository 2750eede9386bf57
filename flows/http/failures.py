"""Why an exchange failed, in words of our own: nothing that the other side wrote is repeated."""

import socket
import ssl
from collections.abc import Iterator
from enum import Enum

import httpx2


class Failure(Enum):
    """What can go wrong between a request and its answer, in a few words."""

    CERTIFICATE = "its certificate is not valid"
    TLS = "no TLS connection"
    NO_ADDRESS = "the host has no address"
    REFUSED = "the connection was refused"
    TIMEOUT = "no answer in time"
    CUT = "the answer is cut off"
    LOST = "the connection was lost"
    NOT_HTTP = "the answer is not HTTP"
    ENCODING = "the encoding of the answer is damaged"


OFFLINE = frozenset({Failure.NO_ADDRESS, Failure.REFUSED})
"""Failures that asking again in a moment does not help: nobody is there."""

_BY_CAUSE: dict[type[BaseException], Failure] = {
    ssl.SSLCertVerificationError: Failure.CERTIFICATE,
    ssl.SSLError: Failure.TLS,
    socket.gaierror: Failure.NO_ADDRESS,
    ConnectionRefusedError: Failure.REFUSED,
    TimeoutError: Failure.TIMEOUT,
    httpx2.TimeoutException: Failure.TIMEOUT,
    httpx2.DecodingError: Failure.ENCODING,
}
"""By the error that led to all others; the first that fits, special ones before general ones."""


def explain_failure(error: BaseException) -> Failure:
    """Say why an exchange failed."""
    causes = list(_list_causes(error))
    for kind, failure in _BY_CAUSE.items():
        if any(isinstance(cause, kind) for cause in causes):
            return failure
    if isinstance(error, httpx2.ProtocolError):
        return _explain_protocol_error(str(error))
    is_connection = isinstance(error, httpx2.NetworkError | OSError)
    return Failure.LOST if is_connection else Failure.NOT_HTTP


def _explain_protocol_error(message: str) -> Failure:
    # The library tells these apart by its words only; its own tests and ours hold it to them.
    if "complete message body" in message:
        return Failure.CUT
    return Failure.LOST if message.startswith("Server disconnected") else Failure.NOT_HTTP


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # Not every layer that wraps an error says `from`.
        error = error.__cause__ or error.__context__


ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError)
"""What an exchange raises; `NotPublic` and `TooBusy` are none of it."""
