"""A Hub that says nothing, or drips, is waited for within bounds."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from flows.http import patient_backend
from flows.publish import hub
from flows.publish.hub.client import make_patient_client
from tests.hub_server import LocalHub

BOUND = 0.3
"""Seconds that stand for two minutes here."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
SLOW = [b"x"] * 200
QUICK = [b"x" * 1_000] * 100


@contextmanager
def serve_pieces(pieces: list[bytes], pause: float = 0.02) -> Iterator[str]:
    """Answer every request with some bytes, one after the other, and then with silence."""

    def answer(connection: socket.socket) -> None:
        try:
            connection.recv(65_536)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            is_over.wait(10)
        except OSError:
            return
        finally:
            connection.close()

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_backend, "SILENCE", BOUND)
    monkeypatch.setattr(patient_backend, "GRACE", BOUND)


@pytest.mark.parametrize(
    "pieces",
    [[], [HEAD[:20]], [HEAD], [HEAD[i : i + 1] for i in range(30)] * 9, [HEAD, *SLOW]],
    ids=["silent", "silent in the head", "silent in the body", "dripping head", "dripping body"],
)
def test_an_answer_that_does_not_come_ends(pieces: list[bytes]) -> None:
    with serve_pieces(pieces) as url, make_patient_client() as client:
        start = time.monotonic()
        with pytest.raises(httpx2.ReadTimeout):
            client.get(url, timeout=None)
        assert time.monotonic() - start < 3


def test_an_answer_that_keeps_coming_may_take_longer() -> None:
    with serve_pieces([HEAD, *QUICK], pause=0.01) as url, make_patient_client() as client:
        start = time.monotonic()
        assert len(client.get(url, timeout=None).content) == 100_000
        assert time.monotonic() - start > 2 * BOUND


def test_each_answer_of_a_kept_connection_has_a_time_of_its_own() -> None:
    with LocalHub() as server, make_patient_client() as client:
        for _ in range(4):
            time.sleep(BOUND / 2)
            assert client.get(f"{server.url}/api/datasets/me/x", timeout=None).status_code == 401


def test_what_asks_the_hub_is_bounded(tmp_path: Path) -> None:
    with (
        serve_pieces([]) as url,
        pytest.raises(hub.Unreachable, match=r"cannot be reached \(ReadTimeout\)"),
    ):
        hub.download_release("me/x", hub.MAIN, tmp_path, endpoint=url)
