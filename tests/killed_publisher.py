"""A process that publishes, each time in a child that a kill -9 may end at a chosen request.

One line of standard input is one publication, as JSON: the folder, the repository, the tag, the
number of the request at which to die (0 for never) and whether that request is still sent. It is
answered by a line: the signal that ended the child, 0 for none. Forking saves the imports.

Usage: python -m tests.killed_publisher ENDPOINT
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from flows import PROJECT, hub
from tests.hub import LocalHub


class Point(NamedTuple):
    """Where a publication is killed: at a request, before it is sent or after its answer."""

    request: int
    is_sent: bool


NEVER = Point(0, is_sent=True)

Publish = Callable[[Path, str, str, Point], int]


@contextmanager
def publisher(server: LocalHub, token: str) -> Iterator[Publish]:
    """Start the process; give a function that publishes with it and returns the child's signal."""
    command = [sys.executable, "-m", "tests.killed_publisher", server.url]
    environment = {**os.environ, "HF_TOKEN": token, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout

        def publish(folder: Path, repo: str, tag: str, point: Point) -> int:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps([str(folder), repo, tag, *point]).encode() + b"\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield publish


def points(requests: int, number: int, seed: int) -> list[Point]:
    """Choose points among all that a publication with so many requests has."""
    every = [Point(n + 1, is_sent) for n in range(requests) for is_sent in (False, True)]
    return sorted(random.Random(seed).sample(every, min(number, len(every))))  # noqa: S311  # no secret


def die_at(point: Point) -> None:
    """End this process, as nothing can prevent, at a request that it makes."""
    send, numbers = httpx2.Client.send, itertools.count(1)

    def sent(*arguments: Any, **named: Any) -> Any:
        is_last = next(numbers) == point.request
        if is_last and not point.is_sent:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(*arguments, **named)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx2.Client.send = sent  # type: ignore[method-assign]  # in a child that ends soon


def main(endpoint: str) -> None:
    for line in sys.stdin:
        folder, repo, tag, request, is_sent = json.loads(line)
        child = os.fork()
        if child == 0:
            die_at(Point(request, is_sent))
            hub.publish(Path(folder), repo, tag=tag, endpoint=endpoint)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert status in {0, signal.SIGKILL}, f"a publisher ended with {status}"
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
