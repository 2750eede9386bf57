"""Patient backend: connections whose answers may take as long as bytes keep coming, and no longer.

For clients of others, who wait for ever by default, and whose files may be of any size: no time
fits them all, but what drips is not coming.
"""

import ssl
from collections.abc import Iterable
from time import monotonic
from typing import Any

import httpcore2

SILENCE = 120.0
"""Seconds without a byte, or for making a connection, after which nothing is waited for."""

GRACE = 120.0
"""Seconds of waiting for bytes of one answer before its rate is looked at."""

SLOWEST = 1_000
"""Bytes a second that an answer has to come with."""

SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]
"""As the library types them."""


class PatientStream(httpcore2.NetworkStream):
    """A connection that ends an answer which comes too slowly in `httpcore2.ReadTimeout`."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        """Count nothing yet."""
        self._stream = stream
        self._waited, self._received = 0.0, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come. Raises `httpcore2.ReadTimeout` where that is too little."""
        start = monotonic()
        content = self._stream.read(max_bytes, timeout or SILENCE)
        # Only what is waited for here: whoever reads may take long over what came.
        self._waited += monotonic() - start if self._received else 0.0
        self._received += len(content)
        if self._waited > GRACE and self._received < SLOWEST * self._waited:
            raise httpcore2.ReadTimeout(f"fewer than {SLOWEST:,} bytes a second")
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes; what is read next is of another answer."""
        self._waited, self._received = 0.0, 0
        self._stream.write(buffer, timeout or SILENCE)

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Go on encrypted."""
        return PatientStream(
            self._stream.start_tls(ssl_context, server_hostname, timeout or SILENCE)
        )

    def get_extra_info(self, info: str) -> Any:
        """Tell what the connection itself knows."""
        return self._stream.get_extra_info(info)


class PatientBackend(httpcore2.NetworkBackend):
    """Makes connections that are a `PatientStream`."""

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        """Connect as another backend does."""
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to a host, for which a proxy may stand."""
        return PatientStream(
            self._backend.connect_tcp(host, port, timeout or SILENCE, local_address, socket_options)
        )

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to a socket of this machine."""
        return PatientStream(
            self._backend.connect_unix_socket(path, timeout or SILENCE, socket_options)
        )

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._backend.sleep(seconds)
