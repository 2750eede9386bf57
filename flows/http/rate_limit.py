"""Rate limit: how often each host is asked, by its documented rate and by what its answers say."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 120.0
"""Seconds that a host may make us wait; one that asks for more is left alone for this run."""

REFUSALS = frozenset({429, 503})
"""Answers that say "later"."""


class TooBusy(Exception):
    """A host asks for a longer pause than a run can take."""


@dataclass
class RateLimiter:
    """A limiter per host. Safe to share between threads."""

    interval: Mapping[str, float] = field(default_factory=dict)
    """Least seconds from one request to a host to the next, where its rate is documented."""
    default: float = 1.0
    """The same for every other host."""
    longest_wait: float = LONGEST_WAIT
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, host: str) -> None:
        """Sleep until the host may be asked again. Raises `TooBusy` if that is too long."""
        with self._lock:
            now = self.clock()
            start = max(now, self._next.get(host, now))
            if start - now > self.longest_wait:
                raise TooBusy(f"{host} asks to wait {start - now:.0f} s")
            # The turn is taken inside the lock and the sleep is outside: nobody else waits for it.
            self._next[host] = start + self.interval.get(host, self.default)
        if start > now:
            self.sleep(start - now)

    def rest(self, host: str) -> None:
        """Put off the next request by the interval from now on.

        When a request is sent says little about when it arrives; once it is over, it has.
        """
        with self._lock:
            rested = self.clock() + self.interval.get(host, self.default)
            # A pause that an answer asked for may be longer, and stays.
            self._next[host] = max(self._next.get(host, 0.0), rested)

    def heed(self, host: str, status: int, headers: Mapping[str, str]) -> None:
        """Put off the next request as ``Retry-After`` and ``RateLimit`` say."""
        seconds = requested_pause(status, headers)
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), self.clock() + seconds)


def requested_pause(status: int, headers: Mapping[str, str]) -> float:
    """Return the seconds that an answer asks to wait: 0 where it asks for nothing.

    ``headers`` are named in lower case. ``Retry-After`` holds seconds or a date (RFC 9110);
    ``RateLimit`` says ``"name";r=<remaining>;t=<seconds>``, older sites say it in two headers, and
    GitHub in two of its own, of which one holds the second of the clock (Unix time).
    """
    seconds = _parse_seconds(headers.get("retry-after", ""))
    limit = headers.get("ratelimit", "")
    remaining = re.search(r"(?:^|[;,\s])(?:r|remaining)=(\d{1,9})", limit)
    reset = re.search(r"(?:^|[;,\s])(?:t|reset)=(\d{1,9})", limit)
    if remaining and reset and int(remaining[1]) == 0:
        seconds = max(seconds, float(reset[1]))
    if headers.get("ratelimit-remaining", "").strip() == "0":
        seconds = max(seconds, _parse_seconds(headers.get("ratelimit-reset", "")))
    if headers.get("x-ratelimit-remaining", "").strip() == "0":
        # GitHub names the second of the clock at which it answers again, not a wait.
        now = datetime.now(UTC).timestamp()
        seconds = max(seconds, _parse_seconds(headers.get("x-ratelimit-reset", "")) - now)
    return max(seconds, 1.0) if status in REFUSALS else seconds


def _parse_seconds(written: str) -> float:
    if re.fullmatch(r"\s*\d{1,10}\s*", written, re.ASCII):
        return float(written)
    try:
        moment = parsedate_to_datetime(written)
        # A date that ends in -0000 is read without a zone; dates of HTTP are in GMT.
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0
