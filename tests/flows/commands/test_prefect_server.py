"""A command starts Prefect's server itself, unless somebody has set up Prefect."""

import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from flows.commands import prefect_server
from flows.commands.prefect_server import Server, names_server
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


def test_a_server_that_does_not_come_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_server, "SERVE", "raise SystemExit(3)")
    with pytest.raises(UserError, match="does not come up"):
        Server().wait(60)


def test_a_process_in_which_prefect_has_read_its_settings_starts_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prefect", sys)
    monkeypatch.setattr(prefect_server, "Server", None)
    with prefect_server.serve_while_importing():
        pass
