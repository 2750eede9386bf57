"""Asking the web: only public addresses, within bounds, at the pace that hosts ask for."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from flows.http.public_address import NotPublic, is_public
from flows.http.public_client import Client, NoAnswer, is_web
from flows.http.rate_limit import RateLimiter, TooBusy, requested_pause
from tests.loopback import Reply, local_client, site


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "::1", "::",
     "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1",
     "100.64.0.1", "fec0::1", "192.0.0.8", "::127.0.0.1", "64:ff9b:1::7f00:1",
     "not an address"],
)  # fmt: skip
def test_addresses_of_private_networks_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.org/x", "http://", "http://a b", "http://user@a.org", "javascript:alert(1)",
     "http://a.org/\nX: y", "file:///etc/passwd", "http://a.org:99999/", "http://" + "a" * 3000],
)  # fmt: skip
def test_what_is_no_url_of_the_web_is_not_asked(url):
    assert not is_web(url)
    with pytest.raises(NoAnswer):
        local_client().ask("GET", url, 10)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_loopback_is_never_contacted(host):
    with site(lambda *_: Reply()) as local:
        url = local.url.replace("127.0.0.1", host)
        with pytest.raises((NotPublic, NoAnswer)):
            Client(RateLimiter(default=0.0), retries=0).ask("GET", url, 10)
        assert not local.asked


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch):
    """A name that answers differently the second time (DNS rebinding) is not looked up again."""
    look_ups = []
    numeric = socket.getaddrinfo

    def look_up(host, port, *given, **named):
        if host != "rebinding.test":
            return numeric(host, port, *given, **named)
        look_ups.append(host)
        address = "127.0.0.1" if len(look_ups) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with site(lambda *_: Reply(body=b"hello")) as local:
        monkeypatch.setattr("flows.http.public_address.socket.getaddrinfo", look_up)
        answer = local_client().ask("GET", local.url.replace("127.0.0.1", "rebinding.test"), 10)
    assert answer.body == b"hello"
    assert len(look_ups) == 1


def test_one_private_address_among_several_refuses_the_host(monkeypatch):
    found = [(2, 1, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr("flows.http.public_address.socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotPublic, match=r"10\.0\.0\.1"):
        Client(RateLimiter(default=0.0)).ask("GET", "http://mixed.test/", 10)


def test_a_body_is_read_up_to_the_limit():
    with site(lambda *_: Reply(body=b"x" * 100_000)) as local:
        answer = local_client().ask("GET", local.url, 1_000)
    assert (len(answer.body), answer.is_cut) == (1_000, True)


def test_every_request_says_who_asks(monkeypatch):
    monkeypatch.setenv("OPEN_PAPERS_CONTACT", "papers@example.org")
    with site(lambda *_: Reply(body=b"ok")) as local:
        local_client().ask("GET", local.url, 10)
    (sent,) = local.headers
    assert sent["User-Agent"].startswith("open-papers/")
    assert sent["User-Agent"].endswith(" (papers@example.org)")


def test_a_redirect_is_given_back_not_followed():
    with site(lambda *_: Reply(302, headers={"Location": "http://127.0.0.1:1/"})) as local:
        assert local_client().ask("GET", local.url, 10).status == 302
        assert len(local.asked) == 1


@contextmanager
def talker(talk):
    """Give the URL of a server that lets ``talk`` use the connection as it likes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            connected, _ = server.accept()
            with connected:
                connected.recv(4096)
                talk(connected)

    threading.Thread(target=serve, daemon=True).start()
    with server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def drip(connected):
    """Send a byte of a good answer every twentieth of a second: no single wait is long."""
    connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(100):
        time.sleep(0.05)
        connected.sendall(b"x")


def test_a_server_that_drips_is_left_in_time():
    with talker(drip) as url:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="in time"):
            local_client(seconds=0.4).ask("GET", url, 1_000)
        assert 0.3 < time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not HTTP"),
        (b"", "lost"),
        (b"HTTP/1.1 abc\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 170_000, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "cut off"),
    ],
    ids=["another protocol", "nothing", "no status", "many headers", "long header", "cut off"],
)
def test_junk_is_no_answer_and_its_words_are_not_repeated(sent, reason):
    with talker(lambda connected: connected.sendall(sent)) as url:
        with pytest.raises(NoAnswer, match=reason) as told:
            local_client().ask("GET", url, 100)
        assert "SSH" not in str(told.value)


def test_a_port_where_nobody_listens_refuses():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoAnswer, match="refused"):
        local_client().ask("GET", f"http://127.0.0.1:{port}/", 10)


def test_a_server_fault_is_asked_again():
    replies = iter([Reply(500), Reply(body=b"ok")])
    with site(lambda *_: next(replies)) as local:
        assert local_client(retries=1).ask("GET", local.url, 10).body == b"ok"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {}, 0.0),
        (429, {}, 1.0),
        (429, {"retry-after": "7"}, 7.0),
        (200, {"ratelimit": '"api";r=0;t=42'}, 42.0),
        (200, {"ratelimit": '"api";r=9;t=42'}, 0.0),
        (200, {"ratelimit": "limit=10, remaining=0, reset=5"}, 5.0),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": "9"}, 9.0),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 0.0),
        (200, {"retry-after": "junk", "ratelimit": "junk"}, 0.0),
        (200, {"retry-after": "9" * 400}, 0.0),
        (429, {"retry-after": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, 1.0),
        (200, {"retry-after": "Mon, 01 Jan 0001 00:00:00 +2359"}, 0.0),
    ],
)
def test_hosts_say_how_long_to_wait(status, headers, seconds):
    assert requested_pause(status, headers) == seconds


def test_a_host_may_say_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < requested_pause(503, {"retry-after": later}) <= 60


def test_github_says_a_second_of_the_clock():
    soon = str(int(time.time()) + 60)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": soon}
    assert 50 < requested_pause(403, headers) <= 60


def test_requests_to_one_host_keep_their_distance_and_others_do_not_wait():
    slept: list[float] = []
    pace = RateLimiter(
        {"export.arxiv.org": 3.0}, default=1.0, clock=lambda: 100.0, sleep=slept.append
    )
    for host in ("export.arxiv.org", "export.arxiv.org", "github.com", "export.arxiv.org"):
        pace.wait(host)
    assert slept == [3.0, 6.0]


def test_a_host_that_asks_for_hours_is_left_alone():
    pace = RateLimiter(clock=lambda: 0.0, sleep=lambda _: None)
    pace.heed("a.org", 429, {"retry-after": "7200"})
    with pytest.raises(TooBusy, match="7200 s"):
        pace.wait("a.org")
