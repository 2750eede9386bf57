"""A site on loopback and a client that asks it, in a made-up time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.http.errors import TransientError
from flows.http.site import Site
from flows.http.site_client import Web
from tests.loopback import Reply
from tests.sites import Fault, Loopback, Time, none, running

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
