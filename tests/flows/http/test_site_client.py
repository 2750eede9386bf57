"""An answer is kept byte by byte, or refused with a reason; redirects stay within the site."""

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest

from flows.errors import UserError
from flows.http.errors import SiteError, SiteStopped
from flows.http.site import Site
from tests.asked_sites import BODY, anything, client, is_json, site
from tests.loopback import Reply
from tests.sites import PASSING, Time, in_turn, running


def test_an_answer_is_kept_byte_by_byte(tmp_path):
    with site() as (at, web, _):
        answer = web.get(at.url, tmp_path / "body", anything)
    assert (tmp_path / "body").read_bytes() == BODY
    assert (answer.status, answer.size) == (200, len(BODY))


def test_what_is_known_is_asked_for_conditionally(tmp_path):
    with site() as (at, web, _):
        first = web.get(at.url, tmp_path / "body", anything)
        known = {**first.headers, "last-modified": "Sat, 20 Jun 2026 06:00:00 GMT"}
        second = web.get(at.url, tmp_path / "body", anything, known)
    assert at.asked[1].headers["if-none-match"] == first.headers["etag"]
    assert at.asked[1].headers["if-modified-since"] == known["last-modified"]
    assert (second.status, second.body) == (304, None)


@pytest.mark.parametrize("tag", ['"\xe9\xff"', '"a\x01b"', '"a\r\nX: y"', f'"{"a" * 5_000}"', ""])
def test_what_is_no_header_is_not_sent_back(tmp_path, tag):
    with site() as (at, web, _):
        answer = web.get(at.url, tmp_path / "body", anything, {"etag": tag, "last-modified": tag})
    assert answer.status == 200
    assert not {"if-none-match", "if-modified-since"} & set(at.asked[0].headers)


@pytest.mark.parametrize("contact", ["papers@example.org", "https://example.org/about"])
def test_the_agent_names_the_project_and_its_contact(tmp_path, monkeypatch, contact):
    monkeypatch.setenv("OPEN_PAPERS_CONTACT", contact)
    with site() as (at, web, _):
        web.get(at.url, tmp_path / "body", anything)
    assert at.asked[0].headers["user-agent"].startswith("open-papers/")
    assert contact in at.asked[0].headers["user-agent"]


@pytest.mark.parametrize("contact", ["a@b.org\r\nX-Evil: 1", "x) (y", "a@b.org\n", "é@b.org", "a"])
def test_a_contact_that_could_become_a_header_is_refused(monkeypatch, contact):
    monkeypatch.setenv("OPEN_PAPERS_CONTACT", contact)
    with pytest.raises(UserError, match="OPEN_PAPERS_CONTACT"):
        client("http://127.0.0.1:1", Time())


def test_cookies_are_not_sent_back(tmp_path):
    time = Time()
    with running(lambda *_: Reply(200, BODY, {"Set-Cookie": "who=you"}), time_=time) as at:
        web = client(at.url, time)
        answer = web.get(at.url, tmp_path / "body", anything)
        web.get(at.url, tmp_path / "body", anything)
    assert "cookie" not in at.asked[1].headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)), ("identity", BODY)],
    ids=["gzip", "deflate", "identity"],
)
def test_a_body_that_comes_packed_unasked_is_unpacked(tmp_path, encoding, packed):
    time = Time()
    with running(lambda *_: Reply(200, packed, {"Content-Encoding": encoding}), time_=time) as at:
        answer = client(at.url, time).get(at.url, tmp_path / "body", is_json)
    assert at.asked[0].headers["accept-encoding"] == "identity"
    assert (tmp_path / "body").read_bytes() == BODY
    assert (answer.size, answer.headers["content-encoding"]) == (len(BODY), encoding)


def test_a_body_that_is_not_packed_as_it_says_is_asked_for_again(tmp_path):
    time = Time()
    packed = {"Content-Encoding": "gzip"}
    replies = iter([Reply(200, BODY, packed), Reply(200, gzip.compress(BODY), packed)])
    with running(lambda *_: next(replies), time_=time) as at:
        client(at.url, time).get(at.url, tmp_path / "body", is_json)
    assert (tmp_path / "body").read_bytes() == BODY


def test_an_encoding_that_cannot_be_undone_is_no_answer(tmp_path):
    time = Time()
    with (
        running(lambda *_: Reply(200, BODY, {"Content-Encoding": "br"}), time_=time) as at,
        pytest.raises(SiteError, match="encoding that was not asked for"),
    ):
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert not (tmp_path / "body").exists()


def test_a_small_body_that_unpacks_to_a_large_one_is_bounded(tmp_path):
    time = Time()
    bomb = Reply(200, gzip.compress(b"0" * 5_000_000), {"Content-Encoding": "gzip"})
    with (
        running(lambda *_: bomb, time_=time) as at,
        pytest.raises(SiteStopped, match="1,000 bytes"),
    ):
        client(at.url, time).get(at.url, tmp_path / "body", anything)


@pytest.mark.parametrize("status", [204, 206, 304])
def test_an_answer_without_what_was_asked_for_is_trouble_with_this_one_only(tmp_path, status):
    time = Time()
    with (
        running(lambda *_: Reply(status), time_=time) as at,
        pytest.raises(SiteError, match=f"answers {status}") as caught,
    ):
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert not isinstance(caught.value, SiteStopped)


@pytest.mark.parametrize("fault", PASSING)
def test_trouble_that_passes_is_sat_out(tmp_path, fault):
    with site(in_turn(fault)) as (at, web, _):
        web.get(at.url, tmp_path / "body", is_json)
    assert (tmp_path / "body").read_bytes() == BODY
    assert len(at.asked) == 2


@pytest.mark.parametrize("fault", PASSING)
def test_trouble_that_stays_is_given_up_by_name(tmp_path, fault):
    with site(lambda _: fault) as (at, web, _), pytest.raises(SiteError, match="after 5 attempts"):
        web.get(at.url, tmp_path / "body", is_json)
    assert len(at.asked) == 5


def test_a_refused_request_is_not_made_again(tmp_path):
    with site(lambda _: "404") as (at, web, _), pytest.raises(SiteError, match="404") as caught:
        web.get(at.url, tmp_path / "body", anything)
    assert len(at.asked) == 1
    assert not isinstance(caught.value, SiteStopped)


def test_a_site_that_refuses_us_is_asked_nothing_more(tmp_path):
    with site(lambda _: "403") as (at, web, _), pytest.raises(SiteStopped, match="403"):
        web.get(at.url, tmp_path / "body", anything)
    assert len(at.asked) == 1


def test_a_redirect_to_elsewhere_is_refused_by_name(tmp_path):
    with (
        site(in_turn("elsewhere")) as (at, web, _),
        pytest.raises(SiteStopped, match=r"https://elsewhere\.example"),
    ):
        web.get(at.url, tmp_path / "body", anything)


def test_a_redirect_within_the_site_is_followed_at_its_pace(tmp_path):
    with site(in_turn("circle")) as (at, web, _):
        web.get(at.url, tmp_path / "body", anything)
    assert at.paths == ["/", "/again"]
    assert at.gaps[0] >= 3.0


@pytest.mark.parametrize("place", ["http://[::1", "https://a.example:99999/", "//", "\x07://x"])
def test_a_redirect_to_nowhere_is_refused(tmp_path, place):
    time = Time()
    answer = Reply(302, b"", {"Location": place})
    with running(lambda *_: answer, time_=time) as at, pytest.raises(SiteStopped):
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert len(at.asked) <= 6


def test_redirects_in_circles_end(tmp_path):
    with site(lambda _: "circle") as (at, web, _), pytest.raises(SiteStopped, match="redirects"):
        web.get(at.url, tmp_path / "body", anything)
    assert len(at.asked) == 6


@pytest.mark.parametrize(
    "url",
    ["https://evil.org/x", "http://user@127.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1:1/"],
)
def test_an_address_outside_the_site_is_not_asked(tmp_path, url):
    with site() as (at, web, _), pytest.raises(SiteStopped, match="not asked"):
        web.get(url, tmp_path / "body", anything)
    assert not at.asked


@pytest.mark.parametrize(
    "url",
    ["https://me:hf_SECRET@127.0.0.1/x", "https://hf_SECRET@evil.org/x", "me:hf_SECRET@a.org/x",
     "https://me:pw/hf_SECRET@a.org/x", "http://[hf_SECRET@a.org/", "https://a.org/x?token=hf_SECRET"],
)  # fmt: skip
def test_no_message_repeats_a_secret_of_an_address(tmp_path, url):
    with site() as (_, web, _), pytest.raises(SiteStopped) as told:
        web.get(url, tmp_path / "body", anything)
    assert "not asked" in str(told.value)
    assert "hf_SECRET" not in str(told.value)


def test_a_secure_site_is_not_left_for_an_insecure_one():
    secure = Site("S", {"here": "https://a.org/x"}, 1.0, hosts=frozenset({".a.org"}))
    assert secure.may_be_asked("https://a.org/y")
    assert secure.may_be_asked("https://cdn.a.org/y")
    assert not secure.may_be_asked("http://a.org/y")
    assert not secure.may_be_asked("https://not-a.org/y")
    assert not secure.may_be_asked("https://a.org:8443/y")


def test_a_body_has_a_bound(tmp_path):
    with site(body=b"x" * 2_000) as (at, web, _), pytest.raises(SiteStopped, match="1,000 bytes"):
        web.get(at.url, tmp_path / "body", anything)


def test_an_answer_that_does_not_end_is_given_up(tmp_path):
    with site() as (at, _, time), pytest.raises(SiteError, match="not done after 0 s"):
        client(at.url, time, seconds=0.0).get(at.url, tmp_path / "body", anything)


@contextmanager
def dripping(before: bytes) -> Iterator[str]:
    """Run a server that sends what is given and then a byte from time to time, for ten seconds."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        connection.sendall(before)
                        for _ in range(200):
                            over.wait(0.05)
                            connection.sendall(b"" if over.is_set() else b"x")

        threading.Thread(target=drip, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()


@pytest.mark.parametrize(
    "before",
    [b"HTTP/1.1 200 OK\r\nX-Name: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"],
    ids=["header", "body", "body without a length"],
)  # fmt: skip
def test_an_answer_that_only_drips_is_ended_in_time(tmp_path, before):
    with dripping(before) as url:
        web = client(url, Time(), seconds=0.3)
        web.attempts = 2
        began = monotonic()
        with pytest.raises(SiteError, match="not done after 0 s"):
            web.get(url, tmp_path / "body", anything)
        assert monotonic() - began < 5.0
    assert not (tmp_path / "body").exists()


def test_a_connection_that_is_made_after_the_time_is_up_is_ended_at_once(tmp_path, monkeypatch):
    at_once = socket.create_connection

    def late(*given: Any, **named: Any) -> socket.socket:
        sleep(0.4)
        return at_once(*given, **named)

    monkeypatch.setattr(socket, "create_connection", late)
    with dripping(b"HTTP/1.1 200 OK\r\nX-Name: ") as url:
        web = client(url, Time(), seconds=0.1)
        web.attempts = 1
        began = monotonic()
        with pytest.raises(SiteError, match="not done after 0 s"):
            web.get(url, tmp_path / "body", anything)
        assert monotonic() - began < 3.0


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_is_days_off_ends_the_run(tmp_path, days):
    off = datetime.now(UTC) + timedelta(days=days)
    with (
        running(lambda *_: Reply(200, BODY), now=lambda: off) as at,
        pytest.raises(SiteStopped, match="Set the clock"),
    ):
        client(at.url, Time()).get(at.url, tmp_path / "body", anything)


@pytest.mark.parametrize(
    "headers",
    [{"Date": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, {"Age": "-99999999999999999"},
     {"Date": "Fri, 31 Dec 9999 23:59:59 GMT", "Age": "99999999"}, {"Age": "9" * 5_000}],
    ids=["year", "negative age", "end of time", "long age"],
)  # fmt: skip
def test_a_time_that_cannot_be_is_no_time(tmp_path, headers):
    time = Time()
    with running(lambda *_: Reply(200, BODY, headers), time_=time) as at:
        assert client(at.url, time).get(at.url, tmp_path / "body", anything).status == 200


def test_an_answer_that_a_cache_has_held_for_days_is_of_today(tmp_path):
    held = datetime.now(UTC) - timedelta(days=3)
    age = {"Age": str(3 * 86_400)}
    with running(lambda *_: Reply(200, BODY, age), now=lambda: held) as at:
        assert client(at.url, Time()).get(at.url, tmp_path / "body", anything).status == 200


def test_a_site_that_is_down_is_named(tmp_path):
    with site() as (at, _, time):
        pass
    with pytest.raises(SiteStopped, match=r"The site .*the connection was refused"):
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert sum(time.slept) <= 3.0


def test_a_host_out_of_reach_is_asked_once_whatever_asks_it(tmp_path, monkeypatch):
    asked = []

    def look_up(host, *_, **__):
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    began = monotonic()
    for _ in range(2):
        with pytest.raises(SiteStopped, match="the host has no address"):
            client("http://away.example", Time()).get(
                "http://away.example/a", tmp_path / "b", anything
            )
    assert asked == ["away.example"]
    assert monotonic() - began < 2


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
def test_a_certificate_that_nobody_vouches_for_ends_the_run(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [*(str(shutil.which("openssl")), "req", "-x509", "-newkey", "ec", "-nodes", "-days", "1"),
         *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=127.0.0.1"),
         *("-addext", "subjectAltName=IP:127.0.0.1"),
         *("-keyout", str(key), "-out", str(certificate))],
        check=True, capture_output=True,
    )  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with (
        running(lambda *_: Reply(200, BODY), tls=tls) as at,
        pytest.raises(SiteStopped, match="certificate is not valid"),
    ):
        client(at.url, Time()).get(at.url, tmp_path / "body", anything)
    assert not at.asked
