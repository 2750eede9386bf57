"""Prefect's server of one command, which starts while the code of the command is imported.

Prefect starts a server by itself where none is named, but only when a flow begins, and it imports
all of the server's code into the process of the flow to do so: a fifth of what a small run costs.
"""

import atexit
import importlib
import io
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TextIO

from flows.errors import UserError
from flows.redact import redact_text

HOST = "127.0.0.1"

WATCH = """
import os, signal, threading
def end_with_command():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end_with_command, daemon=True).start()
"""
"""What comes before it: the command alone holds the other end of the server's standard input, which
the system closes when the command ends. One that is killed can end no server by itself."""

SERVE = """
import atexit, gc, socket, sys
gc.disable()
sys.path[0] = sys.argv[2]
import prefect.settings
prefect.settings.Settings.hash_key = lambda settings: "the only ones"
import uvicorn
from prefect.server.api.server import create_app
gc.freeze()
config = uvicorn.Config(create_app(), log_level="error", lifespan="on")
gc.freeze()
gc.enable()
atexit.register(gc.freeze)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""
"""What the server's process runs: as Prefect itself starts a server for one run, on a socket that
is handed to it. The folder of Prefect comes first, so that no file of where we are is imported.
Garbage is not looked for among what is imported, as in `flows.commands.garbage_collection`, nor
when Prefect does so while it makes its application. Prefect keeps applications by a hash of all
settings, which takes a tenth of the start, and of this process there is one."""

SERVER_ENVIRONMENT = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "0",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION": "0",
    "PY_KEY_VALUE_DISABLE_BEARTYPE": "true",
}
"""A server without pages and without the services that schedule runs, as Prefect starts it. Nor are
kinds of blocks listed, of which no flow uses any: for that it imports all that is installed for
Prefect, Dask for one, a sixth of its start. A server that stays lists them when it starts. The last
one spares wrapping every function of a store of keys in checks of its arguments."""

REVISION = re.compile(r"""^revision\b.*?=\s*["'](\w+)["']""", re.MULTILINE)
FOLLOWED = re.compile(r"^down_revision\b.*", re.MULTILINE)
QUOTED = re.compile(r"""["'](\w+)["']""")
"""How a migration says which revision it makes, and of which others."""

STARTS = 3
"""How often a server is started that ends at once: its database may be locked for a moment."""

END_SECONDS = 5.0


@contextmanager
def serve_while_importing() -> Iterator[None]:
    """Start a server, let the block import what it needs, and wait until the server answers.

    Does nothing where a server is named, or where Prefect has read its settings already. Raises
    `UserError` where the server does not come up.
    """
    if "prefect" in sys.modules:
        yield
        return
    if names_server(os.environ, Path.cwd()):
        read_settings()
        yield
        return
    server = Server()
    atexit.register(server.end)
    # Prefect reads it when it is imported, and so do the processes that are started from here.
    os.environ["PREFECT_API_URL"] = f"http://{HOST}:{server.port}/api"
    try:
        read_settings()
    except Exception:
        # It met the same settings, and what it says of them repeats their values.
        server.forget_words()
        raise
    yield
    server.wait(float(os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]))


class _WordsOfThread(io.StringIO):
    """Takes what the thread writes that makes it; what others write goes where it should."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream, self._thread = stream, threading.get_ident()
        # Here rich looks for the terminal: else no spinner would turn while Prefect is imported.
        self.rich_proxied_file = getattr(stream, "rich_proxied_file", stream)

    def write(self, text: str) -> int:
        # A signal may end the command meanwhile: another thread says so.
        is_own = threading.get_ident() == self._thread
        return super().write(text) if is_own else self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()


def read_settings() -> None:
    """Import Prefect; raises what it raises where it cannot read its settings.

    It says so itself, too, with a list of all that follows and with values that may be keys.
    """
    with redirect_stderr(_WordsOfThread(sys.stderr)):
        importlib.import_module("prefect")
        importlib.import_module("prefect.settings").get_current_settings()


def names_server(environment: Mapping[str, str], folder: Path) -> bool:
    """Return whether somebody has set up Prefect: which server it asks is then its own affair.

    ``folder`` is the one where the command was called.

    >>> names_server({"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, Path())
    True
    """
    home = Path(environment.get("PREFECT_HOME", "~/.prefect")).expanduser()
    profiles = environment.get("PREFECT_PROFILES_PATH", home / "profiles.toml")
    names = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE")
    return (
        any(environment.get(name) for name in names)
        or Path(profiles).exists()
        or (folder / "prefect.toml").exists()
        or _mentions(folder / ".env", "PREFECT_")
        or _mentions(folder / "pyproject.toml", "[tool.prefect")
    )


def _mentions(path: Path, word: str) -> bool:
    try:
        return word in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def is_database_current(environment: Mapping[str, str], prefect: Path) -> bool:
    """Return whether Prefect's database has the tables of the code in the folder ``prefect``.

    Then nothing has to be migrated: to find that out by itself the server imports all migrations.
    False where it is not known, as of a database that somebody has named.
    """
    if any(name.startswith("PREFECT_") and "DATABASE" in name for name in environment):
        return False
    path = Path(environment.get("PREFECT_HOME", "~/.prefect")).expanduser() / "prefect.db"
    try:
        # Read only: this must never make a database.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT version_num FROM alembic_version").fetchall()
        newest = find_newest_revisions(prefect / "server/database/_migrations/versions/sqlite")
    except (sqlite3.Error, OSError, ValueError):
        return False
    return bool(rows) and {str(row[0]) for row in rows} == newest


def find_newest_revisions(folder: Path) -> set[str]:
    """Find the revisions among migrations that no other one follows."""
    revisions: set[str] = set()
    followed: set[str] = set()
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        revisions.update(REVISION.findall(text))
        # One that joins two branches names both.
        for line in FOLLOWED.findall(text):
            followed.update(QUOTED.findall(line))
    return revisions - followed


def _open_words() -> IO[bytes] | None:
    """Open a file for what a server says; None where there is no place for one."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return None


class Server:
    """A server of Prefect in a process of its own."""

    def __init__(self) -> None:
        """Start it; it answers some seconds later."""
        # Bound here and handed on: between two processes that look for a free port and take it
        # later, another command could take the same one.
        self._socket = socket.socket()
        self._socket.bind((HOST, 0))
        self.port = int(self._socket.getsockname()[1])
        self._words = _open_words()
        self._starts = 0
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._starts += 1
        prefect = find_spec("prefect")
        places = list((prefect and prefect.submodule_search_locations) or [])
        folder = next((str(Path(place).parent) for place in places), "")
        number = self._socket.fileno()
        command = [sys.executable, "-c", WATCH + SERVE, str(number), folder]
        environment = dict(os.environ)
        # It would take itself for another server that it has to ask.
        environment.pop("PREFECT_API_URL", None)
        environment |= SERVER_ENVIRONMENT
        if places and is_database_current(environment, Path(places[0])):
            environment["PREFECT_API_DATABASE_MIGRATE_ON_START"] = "0"
        return subprocess.Popen(  # noqa: S603  # ours
            command,
            env=environment,
            pass_fds=(number,),
            stdin=subprocess.PIPE,
            stderr=self._words,
        )

    def wait(self, seconds: float) -> None:
        """Wait until it answers. Raises `UserError` where it does not, so long."""
        deadline = time.monotonic() + seconds
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                if self._starts >= STARTS:
                    break
                self._process = self._start()
            # Until it listens the connection is refused; while it is busy the answer may take long.
            with suppress(urllib.error.URLError, OSError):
                opener.open(f"http://{HOST}:{self.port}/api/health", timeout=5).close()
                return
            time.sleep(0.05)
        self.end()
        raise UserError(
            "Prefect's server, which this command starts, does not come up. What it says is above; "
            "`prefect server start` shows more. Its database is in PREFECT_HOME (~/.prefect): let "
            "this user write there, make room, raise `ulimit -f`, or name another folder."
        )

    def forget_words(self) -> None:
        """Leave out what it says on its standard error, which is shown when it has ended."""
        self._words = None

    def _show_words(self) -> None:
        words, self._words = self._words, None
        # Nobody may listen any more.
        with suppress(OSError, ValueError):
            if words is not None:
                words.seek(0)
                # It may repeat a setting, such as the address of a database with its password.
                sys.stderr.write(redact_text(words.read().decode("utf-8", "replace")))

    def end(self) -> None:
        """End it, at once if it does not end by itself, and show what it said of its troubles."""
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._show_words()
