"""A command starts Prefect's server itself, unless somebody has set up Prefect."""

import signal
import socket
import sqlite3
import sys
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from rich.console import Console

from flows.commands import prefect_server
from flows.commands.prefect_server import (
    Server,
    find_newest_revisions,
    is_database_current,
    names_server,
)
from flows.errors import UserError

SERVING = (
    "import socket, sys, http.server as h\n"
    "class Answer(h.BaseHTTPRequestHandler):\n"
    "    def do_GET(self): self.send_response(200); self.end_headers()\n"
    "    def log_message(self, *_): pass\n"
    "server = h.HTTPServer(('127.0.0.1', 0), Answer, bind_and_activate=False)\n"
    "server.socket = socket.socket(fileno=int(sys.argv[1]))\n"
    "server.server_activate()\n"
    "server.serve_forever()\n"
)
"""A server that answers everything; its first argument is the number of its socket."""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"PREFECT_HOME": str(tmp_path / "prefect")}


def test_without_any_settings_no_server_is_named(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HF_TOKEN=x\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert not names_server(home, tmp_path)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("prefect/profiles.toml", "active = 'local'"),
        ("prefect.toml", "[api]"),
        (".env", "PREFECT_API_URL=http://127.0.0.1:4200/api"),
        ("pyproject.toml", "[tool.prefect.api]"),
    ],
)
def test_settings_in_files_name_a_server(
    home: dict[str, str], tmp_path: Path, file: str, content: str
) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    assert names_server(home, tmp_path)


def test_a_server_is_waited_for_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_server, "SERVE", SERVING)
    server = Server()
    server.wait(60)
    server.end()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=5)


def test_a_server_ends_with_a_command_that_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_server, "SERVE", "import time; time.sleep(60)")
    server = Server()
    process = server._process  # noqa: SLF001  # nobody else holds its input
    assert process.stdin
    # The system closes it when a command is killed.
    process.stdin.close()
    assert process.wait(20) == -signal.SIGTERM
    server.end()


def test_nobody_else_gets_the_port_of_a_server_that_does_not_listen_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prefect_server, "SERVE", "import time; time.sleep(60)")
    server = Server()
    try:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((prefect_server.HOST, server.port))
    finally:
        server.end()


def test_a_server_that_does_not_come_up_is_named_and_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prefect_server, "SERVE", "raise SystemExit('it is locked')")
    with pytest.raises(UserError, match="does not come up"):
        Server().wait(60)
    assert "it is locked" in capsys.readouterr().err


def test_what_a_server_says_of_settings_that_prefect_cannot_read_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        sys.stderr.write("level: k3y")
        raise ValueError("level")

    monkeypatch.setattr(prefect_server, "SERVE", "raise SystemExit('level: k3y')")
    monkeypatch.setattr(prefect_server, "names_server", lambda *_: False)
    monkeypatch.setattr("flows.commands.prefect_server.importlib.import_module", lambda _: fail())
    monkeypatch.delitem(sys.modules, "prefect", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(ValueError, match="level"), prefect_server.serve_while_importing():
        pass
    assert "k3y" not in capsys.readouterr().err


def test_a_password_in_what_a_server_says_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "no answer of postgresql+asyncpg://me:swordfish@127.0.0.1/prefect"
    monkeypatch.setattr(prefect_server, "SERVE", f"raise SystemExit({said!r})")
    with pytest.raises(UserError):
        Server().wait(60)
    errors = capsys.readouterr().err
    assert "no answer of postgresql+asyncpg://127.0.0.1/prefect" in errors
    assert "swordfish" not in errors


def test_progress_is_shown_while_prefect_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(stderr=True)

    def import_module(_: str) -> MagicMock:
        sys.stderr.write("its words")
        console.print("Start")
        return MagicMock()

    monkeypatch.setattr(prefect_server.importlib, "import_module", import_module)
    prefect_server.read_settings()
    assert capsys.readouterr().err == "Start\nStart\n"


def test_a_process_in_which_prefect_has_read_its_settings_starts_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prefect", sys)
    monkeypatch.setattr(prefect_server, "Server", None)
    with prefect_server.serve_while_importing():
        pass


def test_a_database_is_migrated_unless_it_has_the_newest_tables(
    home: dict[str, str], tmp_path: Path
) -> None:
    migrations = tmp_path / "server/database/_migrations/versions/sqlite"
    migrations.mkdir(parents=True)
    (migrations / "1.py").write_text('revision = "aa"\ndown_revision = None\n')
    (migrations / "2.py").write_text("revision: str = 'bb'\ndown_revision: str = 'aa'\n")
    path = tmp_path / "prefect/prefect.db"
    path.parent.mkdir()
    assert not is_database_current(home, tmp_path)
    assert not path.exists()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('aa')")
    assert not is_database_current(home, tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = 'bb'")
    assert is_database_current(home, tmp_path)
    named = home | {"PREFECT_API_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///other.db"}
    assert not is_database_current(named, tmp_path)


def test_the_newest_tables_of_prefect_itself_are_known() -> None:
    folder = Path(str(find_spec("prefect").origin)).parent  # type: ignore[union-attr]  # it is there
    newest = find_newest_revisions(folder / "server/database/_migrations/versions/sqlite")
    assert len(newest) == 1
