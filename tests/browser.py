"""Browser: Debian's chromium, and sites of ours to look at in it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.site import SiteServer, make_server

CHROMIUM = shutil.which("chromium")
"""Where Debian installs it: apt-get install chromium."""

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
"""What keeps it from talking to anyone but the pages that a test opens."""

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine")


@contextmanager
def serve(folder: Path) -> Iterator[SiteServer]:
    """Serve a site on loopback while a test looks at it."""
    with make_server(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
