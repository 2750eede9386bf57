"""What every test needs: no network but loopback, no telemetry, no one else's settings."""

import atexit
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

# Some shells ask for no compiled files: each of the processes of the suite would compile anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Neither modules nor collected tests are garbage: looking through them takes a tenth of the suite.
gc.disable()

from flows.runs import notices  # noqa: E402  # after garbage is left alone
from tests.prefect_server import prefect_server  # noqa: E402  # likewise

os.environ |= {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # its threads spin while they wait: several times the work
    "POLARS_MAX_THREADS": "1",  # likewise: frames of tests are too small to be worth a thread
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
"""Read by the clients when they are imported, so set before any test module is."""


def pytest_configure() -> None:
    """Let commands that tests stop by Ctrl-C hear it, also where the suite runs in the background.

    A shell tells what it runs there to ignore it, and processes inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in this hook, too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, which makes what they share once, not on both.

    Groups that a test names are dear: they come first, or one would be alone at work in the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.location[0]))


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among what all tests share."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let what was left alone go: DuckDB complains of objects of its own that stay."""
    # Commands that tests call in this process have asked for that.
    atexit.unregister(gc.freeze)
    gc.unfreeze()


settings.register_profile("repeated", derandomize=True)
settings.load_profile("repeated")
"""The same examples in every run; `--hypothesis-profile=default` looks for others."""

MEMORY, ROOM = "/dev/shm", 1 << 30  # noqa: S108  # pytest makes a folder of its own there
"""Where Linux keeps files in memory, and bytes that have to be free there. Tests need 180 MB."""


def keep_files_in_memory() -> None:
    """Let folders of tests be in memory where there is room: a disk waits for each file deleted."""
    with suppress(OSError, AttributeError):  # of other systems
        place = os.statvfs(MEMORY)
        if place.f_bavail * place.f_frsize > ROOM and not place.f_flag & os.ST_NOEXEC:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


keep_files_in_memory()

LOOPBACK = ("127.", "::1", "localhost")


class OutsideWorld(RuntimeError):
    """A test tried to reach a machine other than this one."""


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            if not host.startswith(LOOPBACK):
                raise OutsideWorld(host)
        connect(self, address)  # type: ignore[arg-type]  # typeshed narrows the address

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _said_by_no_test_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what a run leaves in its process, which here is that of many tests."""
    for name in ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "OPEN_PAPERS_LOG_JSON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(notices, "_MET", {})


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Give what finds a folder of real files beside the project, or skips the test without it."""
    root = Path(__file__).resolve().parents[2] / "shared"

    def find_folder(name: str) -> Path:
        if not (root / name).is_dir():
            pytest.skip(f"../shared/{name} is not on this machine")
        return root / name

    return find_folder


@pytest.fixture(scope="module")
def unread() -> Iterator[None]:
    """Let the releases of a module not be loaded back with `datasets` when they are written."""
    from tests.builders import not_loaded_back  # noqa: PLC0415  # imports what reads the settings

    with not_loaded_back():
        yield


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the API of a Prefect server that runs as long as the tests of this worker."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as url:
        yield url
