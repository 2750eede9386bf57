"""A Prefect server on loopback, started once for all tests of a worker that need one."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flows.commands.prefect_server import SERVE, SERVER_ENVIRONMENT

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

PREFECT = Path(find_spec("prefect").submodule_search_locations[0])  # type: ignore[union-attr, index]  # it is installed

START_SECONDS = 120
"""The first start compiles and migrates; two busy cores have needed 40 s."""


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """Start a server with its state in ``home``; give the URL of its API."""
    place = socket.create_server(("127.0.0.1", 0))
    number, port = place.fileno(), place.getsockname()[1]
    environment = {**os.environ, "PREFECT_HOME": str(home), "PREFECT_LOGGING_LEVEL": "ERROR"}
    # Its pages are not looked at, nor kinds of blocks: making them ready takes seconds.
    environment["PREFECT_SERVER_UI_ENABLED"] = "false"
    for name in ("PREFECT_API_BLOCKS_REGISTER_ON_START", "PY_KEY_VALUE_DISABLE_BEARTYPE"):
        environment[name] = SERVER_ENVIRONMENT[name]
    # All services run, also those that a command's own server leaves out, as the one of schedules.
    command = [sys.executable, "-c", SERVE, str(number), str(PREFECT.parent)]
    with place, (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, pass_fds=(number,)
        )
        try:
            url = f"http://127.0.0.1:{port}/api"
            wait_for(url + "/health", server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def asking(api: str) -> Iterator["SyncPrefectClient"]:
    """Run the flows of the block at a server, which the client given asks about them."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415  # it reads the settings
    from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: PLC0415  # likewise

    with temporary_settings({PREFECT_API_URL: api}), get_client(sync_client=True) as client:
        yield client


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  # loopback http
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"no Prefect server at {url}")
