"""Deadline: the longest time for one answer, whatever drips in meanwhile.

Time-outs of a client are for one read: a server that sends a byte now and then never meets them.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
"""Events of httpcore that bring the connection (its extension ``trace``)."""


class Deadline:
    """Ends the connection of one client when an answer takes too long."""

    def __init__(self, seconds: float) -> None:
        """Begin with no connection."""
        self.seconds = seconds
        self.is_over = False
        """Whether the answer that is under way, or was the last, took too long."""
        self._connection: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of the connection that requests go through; end one that comes too late."""
        if event in CONNECTED:
            self._connection = info["return_value"].get_extra_info("socket")
            # The time may have run out while the connection was being made.
            if self.is_over:
                self._end()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of one answer."""
        self.is_over = False
        timer = threading.Timer(self.seconds, self._end)
        # A timer that waits must not keep the process from ending.
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        if self._connection:
            with suppress(OSError):
                # Not close: only a shutdown wakes the thread that waits for bytes.
                self._connection.shutdown(socket.SHUT_RDWR)
