"""Server: shows a site on this machine, to this machine alone, with byte ranges."""

import re
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

LOOPBACK = "127.0.0.1"
"""The only address the server listens on."""

RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})", re.ASCII)
"""The form of ranges that the pages ask for: one, from its start."""

PIECE_BYTES = 1 << 20
"""Bytes of a range that are read at a time."""

LOCAL_HOSTS = ("127.0.0.1", "localhost")
"""Names under which the server answers: a page of another site that has its name lead here gets
nothing."""


class RangeHandler(SimpleHTTPRequestHandler):
    """Answers with files, or with ranges of their bytes."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes. Unless the first is sent at once, the second waits for the
    # browser to confirm it, which takes 40 ms for each of the many small answers.
    disable_nagle_algorithm = True
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".xml": "application/atom+xml",
        ".bin": "application/octet-stream",
        ".parquet": "application/vnd.apache.parquet",
    }

    def send_head(self) -> BinaryIO | None:
        """Send the head of the answer; give the file where all of it is byte_range."""
        if self.headers.get("Host", "").partition(":")[0] not in LOCAL_HOSTS:
            self.send_error(HTTPStatus.FORBIDDEN, "This server answers to its own machine only")
            return None
        path = Path(self.translate_path(self.path))
        if not self._is_served(path):
            self.send_error(HTTPStatus.NOT_FOUND, "File not found")
            return None
        byte_range = RANGE.fullmatch(self.headers.get("Range", ""))
        # A range of a form that is not known may be answered with the whole file (RFC 9110).
        if byte_range is None or not path.is_file():
            return super().send_head()
        size = path.stat().st_size
        start = int(byte_range[1])
        end = min(int(byte_range[2] or size), size - 1)
        if start > end:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            # The connection stays open: without a length the browser waits for a body.
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(end - start + 1))
        self.end_headers()
        # The base class calls this for HEAD as well, whose answers have no body.
        if self.command == "GET":
            self._send_range(path, start, end - start + 1)
        return None

    def _is_served(self, path: Path) -> bool:
        """Return whether a path leads to a regular file of the folder, or to a page of one.

        Links may lead out of it, a pipe waits for somebody who writes into it, and a list of what
        is in a folder is for nobody.
        """
        try:
            page = path / "index.html" if path.is_dir() else path
            whole = page.resolve(strict=True)
        # A NUL, more letters than a name can have, links in a circle: the base class fails on them.
        except (ValueError, OSError, RuntimeError):
            return False
        return whole.is_file() and whole.is_relative_to(Path(self.directory).resolve())

    def _send_range(self, path: Path, start: int, left: int) -> None:
        with path.open("rb") as file:
            file.seek(start)
            # A range may be all of a table: no more of it than a piece is held.
            while left and (piece := file.read(min(left, PIECE_BYTES))):
                self.wfile.write(piece)
                left -= len(piece)

    def end_headers(self) -> None:
        """Let the browser keep files, and ask whether they are still the same."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # as the base names it
        """Say nothing about single requests."""


class SiteServer(ThreadingHTTPServer):
    """A server of one folder on loopback."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that left before the answer ended."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Return the address of the start page."""
        return f"http://{LOOPBACK}:{self.server_address[1]}/"


def make_server(folder: Path, port: int = 0) -> SiteServer:
    """Make a server of a folder; port 0 takes a free one. The caller serves and closes it.

    Raises `OSError` when the port is taken.
    """
    return SiteServer((LOOPBACK, port), partial(RangeHandler, directory=str(folder)))
