"""A publication in a process of its own, which a kill -9 may end at a chosen request."""

import itertools
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from flows.publish import hub
from tests.forks import code_of, forked
from tests.hub_server import LocalHub


class Point(NamedTuple):
    """Where a publication is killed: at a request, before it is sent or after its answer."""

    request: int
    is_sent: bool


NEVER = Point(0, is_sent=True)

Publish = Callable[[Path, str, str, Point], int]


def publisher(server: LocalHub, token: str) -> Publish:
    """Give a function that publishes in a process and returns the signal that ended it, or 0."""

    def publish(folder: Path, repo: str, tag: str, point: Point) -> int:
        named = {"tag": tag, "endpoint": server.url}
        code = code_of(forked(publish_until, point, token, folder, repo, **named))
        assert code in {0, -signal.SIGKILL}, f"a publisher ended with {code}"
        return -code

    return publish


def points(requests: int, number: int, seed: int) -> list[Point]:
    """Choose points among all that a publication with so many requests has."""
    every = [Point(n + 1, is_sent) for n in range(requests) for is_sent in (False, True)]
    return sorted(random.Random(seed).sample(every, min(number, len(every))))  # noqa: S311  # no secret


def publish_until(point: Point, token: str, *given: Any, **named: Any) -> None:
    """Publish; end this process, as nothing can prevent, at a request that it makes."""
    os.environ["HF_TOKEN"] = token
    send, numbers = httpx2.Client.send, itertools.count(1)

    def sent(*asked: Any, **told: Any) -> Any:
        is_last = next(numbers) == point.request
        if is_last and not point.is_sent:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(*asked, **told)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx2.Client.send = sent  # type: ignore[method-assign]  # in a process that ends soon
    hub.push(*given, **named)
