"""Sites on this machine that behave like those the sources ask, and misbehave from a seed.

What they answer has the shape of what the real ones answer; what they were asked is written down,
with the moment (of a clock that only tests have) and the connection it came by.
"""

import hashlib
import json
import random
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flows.http.rate_limit import RateLimiter
from tests.loopback import Reply

Answer = Callable[[str, Mapping[str, str]], Reply]
"""From a path and the parameters of its query to an answer."""

FAULTS = (
    "429",
    "500",
    "503",
    "stall",
    "reset",
    "truncated",
    "empty",
    "html",
    "layout",
    "elsewhere",
)
"""Everything that can be wrong with an answer; the first eight pass when asked again."""

PASSING = FAULTS[:8]


@dataclass
class Time:
    """A clock that only moves when somebody sleeps."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def pace(self) -> RateLimiter:
        return RateLimiter(longest_wait=600.0, clock=self.clock, sleep=self.sleep)


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    at: float
    connection: int
    fault: str | None


@dataclass
class Loopback:
    """A site that is running."""

    url: str
    asked: list[Asked]

    @property
    def gaps(self) -> list[float]:
        """Give the seconds between requests, to the microsecond: sums of floats are a hair off."""
        times = [each.at for each in self.asked]
        return [round(after - before, 6) for before, after in pairwise(times)]

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]


Fault = Callable[[int], str | None]
"""Names what is wrong with the n-th answer; None where nothing is."""


def none(_: int) -> None:
    return None


def in_turn(*faults: str | None) -> Fault:
    """Give these faults to the first requests, and none to those after."""
    return lambda n: faults[n] if n < len(faults) else None


COMMON = [each for each in FAULTS if each != "stall"] * 3 + ["stall"]
"""Stalls are rarer than the others: each costs a test as long as a client has patience."""


def seeded(seed: int, share: float = 1 / 3, kinds: Sequence[str] = COMMON) -> Fault:
    """Give a share of the requests a fault, each by the seed and its number alone."""

    def fault(n: int) -> str | None:
        dice = random.Random(f"{seed}:{n}")  # noqa: S311  # no secret, a repeatable choice
        return dice.choice(kinds) if dice.random() < share else None

    return fault


@dataclass
class Behaviour:
    """How a site answers, and what it was asked so far."""

    answer: Answer
    fault: Fault
    clock: Callable[[], float]
    before_body: Callable[[int], None]
    now: Callable[[], datetime]
    asked: list[Asked] = field(default_factory=list)
    counting: threading.Lock = field(default_factory=threading.Lock)
    stalled: threading.Event = field(default_factory=threading.Event)

    def note(self, path: str, headers: Mapping[str, str], port: int) -> tuple[int, str | None]:
        """Write down a request; return its number and what is to be wrong with its answer."""
        with self.counting:
            n = len(self.asked)
            wrong = self.fault(n)
            self.asked.append(Asked(path, headers, self.clock(), port, wrong))
        return n, wrong


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: here they are killed, or lose patience."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        site = self.server.behaviour
        headers = {name.lower(): value for name, value in self.headers.items()}
        n, wrong = site.note(self.path, headers, int(self.client_address[1]))
        parts = urlsplit(self.path)
        asks = {name: values[0] for name, values in parse_qs(parts.query).items()}
        reply = _conditional(site.answer(parts.path, asks), headers)
        if wrong == "stall":
            site.stalled.wait(5)
            self.close_connection = True
        else:
            self._send(_spoilt(reply, wrong), wrong, n)

    def _send(self, reply: Reply, wrong: str | None, n: int) -> None:
        site = self.server.behaviour
        self.send_response_only(reply.status)
        headers = {"Date": format_datetime(site.now(), usegmt=True), **reply.headers}
        length = len(reply.body) + (100 if wrong in ("reset", "truncated") else 0)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(reply.body[: len(reply.body) // 2])
            site.before_body(n)
            self.wfile.write(reply.body[len(reply.body) // 2 :])
        if wrong == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = wrong in ("reset", "truncated")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(  # noqa: PLR0913  # what a site can be made to do
    answer: Answer,
    fault: Fault = none,
    *,
    time_: Time | None = None,
    tls: SSLContext | None = None,
    before_body: Callable[[int], None] = lambda _: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Loopback]:
    """Run a site for as long as the block lasts.

    ``before_body`` is called in mid-answer, ``now`` gives the time that the site's answers name.
    """
    clock = time_.clock if time_ else time.monotonic
    behaviour = Behaviour(answer, fault, clock, before_body, now)
    server = Server(behaviour)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Loopback(f"{scheme}://127.0.0.1:{server.server_port}", behaviour.asked)
    finally:
        behaviour.stalled.set()
        server.shutdown()
        server.server_close()


def _conditional(reply: Reply, headers: Mapping[str, str]) -> Reply:
    tag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
    if reply.status != 200:
        return reply
    if headers.get("if-none-match") == tag:
        return Reply(304, b"", {"ETag": tag})
    return Reply(200, reply.body, {"ETag": tag, **reply.headers})


def _spoilt(reply: Reply, fault: str | None) -> Reply:
    return {
        "429": Reply(429, b"slow down", {"Retry-After": "7"}),
        "500": Reply(500, b"oops"),
        "503": Reply(503, b"later", {"Retry-After": "2"}),
        "empty": Reply(200, b""),
        "html": Reply(200, b"<html><body>We are back soon</body></html>"),
        "layout": Reply(200, b'{"papers": {"edges": []}}'),
        "elsewhere": Reply(302, b"", {"Location": "https://elsewhere.example/api"}),
        "circle": Reply(302, b"", {"Location": "/again"}),
        "404": Reply(404, b"no"),
        "403": Reply(403, b"no"),
    }.get(fault or "", reply)


def hugging_face(items: Callable[[str], Sequence[object]]) -> Answer:
    """Answer like Hugging Face: the daily-papers API, and listing pages of days as HTML."""

    def answer(path: str, asks: Mapping[str, str]) -> Reply:
        if path == "/api/daily_papers":
            size, page = int(asks["limit"]), int(asks["p"])
            found = items(asks["date"])[page * size : (page + 1) * size]
            body = json.dumps(found, ensure_ascii=False).encode()
            return Reply(200, body, {"Content-Type": "application/json"})
        if path.startswith("/api/papers/"):
            held = [item["paper"] for item in items("") if isinstance(item, dict)]
            named = [paper for paper in held if paper["id"] == path.removeprefix("/api/papers/")]
            body = json.dumps(named[0] if named else {"error": "Paper not found"}).encode()
            return Reply(200 if named else 404, body, {"Content-Type": "application/json"})
        day = path.removeprefix("/papers/date/")
        return Reply(200, listing_page(day, items(day)), {"Content-Type": "text/html"})

    return answer


def listing_page(day: str, items: Sequence[object]) -> bytes:
    held = {"periodType": "day", "dateString": day, "dailyPapers": items}
    props = escape(json.dumps(held), quote=True)
    return (
        "<!doctype html><html><head><title>Daily Papers - Hugging Face</title></head><body><main>"
        f'<div class="SVELTE_HYDRATER contents" data-target="DailyPapers" data-props="{props}">'
        "</div></main></body></html>"
    ).encode()


OAI = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"'
    ">\n<responseDate>2026-06-20T06:00:00Z</responseDate>\n"
    '<request verb="ListRecords">http://oaipmh.arxiv.org/oai</request>\n{}\n</OAI-PMH>\n'
)


def arxiv(
    records: Callable[[str], Sequence[str]], page: int = 2, expired: Sequence[str] = ()
) -> Answer:
    """Answer like arXiv's OAI-PMH: records of a day, some at a time, by resumption tokens."""

    def answer(_: str, asks: Mapping[str, str]) -> Reply:
        token = asks.get("resumptionToken")
        if token in expired:
            error = '<error code="badResumptionToken">The value is invalid or expired</error>'
            return Reply(200, OAI.format(error).encode())
        day, _, start = (token or f"{asks.get('from')}|0").partition("|")
        found, begin = records(day), int(start)
        if not found:
            error = '<error code="noRecordsMatch">No matching records</error>'
            return Reply(200, OAI.format(error).encode())
        more = f"{day}|{begin + page}" if begin + page < len(found) else ""
        is_split = begin or more
        mark = f'<resumptionToken cursor="{begin}">{more}</resumptionToken>' if is_split else ""
        listed = "\n".join(found[begin : begin + page])
        return Reply(200, OAI.format(f"<ListRecords>\n{listed}\n{mark}</ListRecords>").encode())

    return answer
