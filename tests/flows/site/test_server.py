"""The server answers this machine alone, with the bytes that were asked for."""

import os
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from flows.site import SiteServer, make_server

CONTENT = bytes(range(256))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SiteServer]:
    (tmp_path / "file.bin").write_bytes(CONTENT)
    (tmp_path / "empty.bin").touch()
    with make_server(tmp_path) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def ask(server: SiteServer, path: str = "/file.bin", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [("0-0", 0, 1), ("10-19", 10, 20), ("250-", 250, 256), ("9-999", 9, 256)],
)
def test_a_range_is_answered_with_its_bytes(server: SiteServer, written, start, end) -> None:
    answer, content = ask(server, Range=f"bytes={written}")
    assert answer.status == 206
    assert content == CONTENT[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/256"


@pytest.mark.parametrize("path", ["/%00", "/file.bin%00", f"/{'a' * 5_000}", "/%ff", "/no"])
def test_a_name_that_no_file_has_is_not_found(server: SiteServer, path: str) -> None:
    assert ask(server, path, Range="bytes=0-1")[0].status == 404
    assert ask(server, path)[0].status == 404


@pytest.mark.parametrize(
    "written", ["bytes=a-b", "bytes=-5", f"bytes={'9' * 5_000}-", "bytes=0-1,4-5", "lines=0-1"]
)
def test_what_is_no_range_of_ours_is_answered_whole(server: SiteServer, written: str) -> None:
    answer, content = ask(server, Range=written)
    assert (answer.status, content) == (200, CONTENT)


@pytest.mark.parametrize(("path", "written"), [("/file.bin", "256-300"), ("/empty.bin", "0-0")])
def test_a_range_beyond_the_end_is_refused(server: SiteServer, path: str, written: str) -> None:
    answer, content = ask(server, path, Range=f"bytes={written}")
    assert (answer.status, content) == (416, b"")


def test_nothing_outside_the_folder_is_shown(server: SiteServer, tmp_path: Path) -> None:
    (tmp_path.parent / "secret.txt").write_text("secret")
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "//../secret.txt"):
        assert ask(server, path)[0].status == 404


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-1"}])
def test_links_out_of_the_folder_pipes_and_folders_are_not_found(
    server: SiteServer, tmp_path: Path, headers: dict[str, str]
) -> None:
    (tmp_path.parent / "secret.txt").write_text("secret")
    (tmp_path / "link.txt").symlink_to(tmp_path.parent / "secret.txt")
    (tmp_path / "up").symlink_to(tmp_path.parent)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    os.mkfifo(tmp_path / "pipe")
    for path in ("/link.txt", "/up/secret.txt", "/up/", "/circle", "/pipe", "/"):
        assert ask(server, path, **headers)[0].status == 404
    (tmp_path / "index.html").write_text("start")
    (tmp_path / "inside.html").symlink_to(tmp_path / "index.html")
    assert [ask(server, path)[1] for path in ("/", "/inside.html")] == [b"start"] * 2


def test_another_sites_name_for_this_machine_gets_nothing(server: SiteServer) -> None:
    answer, content = ask(server, Host="evil.example")
    assert answer.status == 403
    assert CONTENT not in content
