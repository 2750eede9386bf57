"""A site is asked politely, and whatever it answers has a name and a consequence."""

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
from email.utils import format_datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from flows.errors import UserError
from flows.http.errors import SiteError, SiteStopped, TransientError
from flows.http.site import Site
from flows.http.site_client import Web
from tests.loopback import Reply
from tests.sites import PASSING, Fault, Loopback, Time, in_turn, none, running

BODY = b"[1, 2, 3]"


def anything(_: Path) -> None:
    pass


def is_json(body: Path) -> None:
    if body.read_bytes() != BODY:
        raise TransientError("The site: answers with no JSON.")


@contextmanager
def site(fault: Fault = none, body: bytes = BODY) -> Iterator[tuple[Loopback, Web, Time]]:
    """Run a site, and give the client that asks it once in three seconds of a made-up clock."""
    time = Time()
    patience = 0.2 if "stall" in {fault(0), fault(1)} else 10.0
    with running(lambda *_: Reply(200, body), fault, time_=time) as answering:
        yield answering, client(answering.url, time, patience=patience), time


def client(
    url: str, time: Time, interval: float = 3.0, seconds: float = 60.0, patience: float = 10.0
) -> Web:
    here = Site("The site", {"here": url}, interval, limit=1_000, seconds=seconds)
    return Web(here, pace=time.pace(), patience=patience)


def test_an_answer_is_kept_byte_by_byte(tmp_path):
    with site() as (at, web, _):
        answer = web.get(at.url, tmp_path / "body", anything)
    assert (tmp_path / "body").read_bytes() == BODY
    assert (answer.status, answer.size) == (200, len(BODY))


def test_no_two_requests_are_closer_than_the_site_allows(tmp_path):
    with site(in_turn("500", "reset", "empty")) as (at, web, _):
        for _ in range(4):
            web.get(at.url, tmp_path / "body", anything)
    assert len(at.gaps) == 6
    assert min(at.gaps) >= 3.0


def test_the_first_request_waits_for_a_run_that_may_just_have_ended(tmp_path):
    with site() as (at, web, _):
        web.get(at.url, tmp_path / "body", anything)
    assert at.asked[0].at >= 3.0


def test_the_distance_is_kept_from_the_end_of_an_answer(tmp_path):
    """Of a request that was long on its way the next one could follow too soon."""
    time = Time()

    def take_a_while(_: int) -> None:
        time.seconds += 2.0

    with running(lambda *_: Reply(200, BODY), time_=time, before_body=take_a_while) as at:
        web = client(at.url, time)
        for _ in range(3):
            web.get(at.url, tmp_path / "body", anything)
    assert min(at.gaps) >= 5.0


def test_all_requests_go_through_one_connection(tmp_path):
    with site() as (at, web, _):
        for _ in range(5):
            web.get(at.url, tmp_path / "body", anything)
    assert len({each.connection for each in at.asked}) == 1


def test_pauses_grow_from_attempt_to_attempt_by_no_fixed_rule(tmp_path):
    with site(lambda n: "500" if n < 4 else None) as (at, _, time):
        client(at.url, time, interval=0.0).get(at.url, tmp_path / "body", anything)
    assert [int(gap) for gap in at.gaps] == [1, 2, 4, 8]
    assert all(gap != int(gap) for gap in at.gaps)


@pytest.mark.parametrize(("fault", "seconds"), [("429", 7.0), ("503", 2.0)])
def test_retry_after_is_waited_for(tmp_path, fault, seconds):
    with site(in_turn(fault)) as (at, web, _):
        web.get(at.url, tmp_path / "body", anything)
    assert at.gaps[0] >= seconds


def test_retry_after_may_be_a_date(tmp_path):
    time = Time()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    replies = iter([Reply(503, b"", {"Retry-After": later}), Reply(200, BODY)])
    with running(lambda *_: next(replies), time_=time) as at:
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert 60.0 < at.gaps[0] < 100.0


def test_a_used_up_rate_limit_is_waited_for(tmp_path):
    time = Time()
    headers = {"RateLimit": '"api";r=0;t=120'}
    with running(lambda *_: Reply(200, BODY, headers), time_=time) as at:
        web = client(at.url, time)
        for _ in range(2):
            web.get(at.url, tmp_path / "body", anything)
    assert at.gaps[0] >= 120.0


def test_a_site_that_asks_for_an_hour_is_left_alone(tmp_path):
    time = Time()
    with (
        running(lambda *_: Reply(429, b"", {"Retry-After": "3600"}), time_=time) as at,
        pytest.raises(SiteStopped, match=r"asks to wait 3\d+ s, longer"),
    ):
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert len(at.asked) == 1


def test_what_is_known_is_asked_for_conditionally(tmp_path):
    with site() as (at, web, _):
        first = web.get(at.url, tmp_path / "body", anything)
        known = {**first.headers, "last-modified": "Sat, 20 Jun 2026 06:00:00 GMT"}
        second = web.get(at.url, tmp_path / "body", anything, known)
    assert at.asked[1].headers["if-none-match"] == first.headers["etag"]
    assert at.asked[1].headers["if-modified-since"] == known["last-modified"]
    assert (second.status, second.body) == (304, None)


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
