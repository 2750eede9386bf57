"""A web server on this machine that answers as it is told, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flows.http.public_client import Client
from flows.http.rate_limit import RateLimiter


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    url: str
    asked: list[tuple[str, str]]
    headers: list[dict[str, str]]


@contextmanager
def site(answer: Callable[[str, str], Reply]) -> Iterator[Site]:
    asked: list[tuple[str, str]] = []
    headers: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.command, self.path))
            headers.append(dict(self.headers))
            reply = answer(self.command, self.path)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(reply.body)

        do_HEAD = do_GET  # noqa: N815  # the name that the standard library calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", asked, headers)
    finally:
        server.shutdown()
        server.server_close()


def local_client(seconds: float = 5.0, retries: int = 0) -> Client:
    """Give a client that asks this machine, which no other client does, without pauses."""
    pace = RateLimiter(default=0.0, sleep=lambda _: None)
    return Client(
        pace, is_allowed=lambda address: address == "127.0.0.1", seconds=seconds, retries=retries
    )
