"""A month of daily harvests, for a process that may be killed: the next one goes on where it was.

The file ``today`` of its folder holds the day that it is: the process writes it, and the site that
plays Hugging Face reads it, because what the site says of a paper changes for some days.
"""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flows.http.rate_limit import RateLimiter
from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.fetch_request import FetchRequest
from flows.raw.fetch_result import fetch_source
from flows.raw.store import Store
from flows.sources import daily_papers

FIRST, DAYS = date(2026, 6, 1), 32
EMPTY = (date(2026, 6, 7), date(2026, 6, 21))
"""Two Sundays without papers, beside 30 days of real files."""

RUNS = 20
"""Times that a day's run is started, as a schedule does while it fails."""

VOTING = 3
"""Days for which a paper gets a vote more each day."""

MONTH = Path(__file__).parent / "fixtures" / "daily_papers" / "month.json.gz"


def today_of(folder: Path) -> date:
    path = folder / "today"
    return date.fromisoformat(path.read_text()) if path.exists() else FIRST + timedelta(days=1)


def items_of(folder: Path) -> Callable[[str], Sequence[object]]:
    """Give what the site has for a day: real items, whose votes grow for a few days."""
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    real = iter(json.loads(gzip.decompress(MONTH.read_bytes())))
    month = {day: [] if day in EMPTY else next(real) for day in days}

    def items(asked: str) -> Sequence[object]:
        day = date.fromisoformat(asked)
        age = min((today_of(folder) - day).days, VOTING)
        return [_voted(item, age) for item in month.get(day, [])]

    return items


def _voted(item: dict[str, dict[str, int]], more: int) -> dict[str, object]:
    paper = item["paper"]
    return {**item, "paper": {**paper, "upvotes": paper["upvotes"] + more}}


def web(site: Site, today: date, pace: RateLimiter) -> Web:
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return Web(site, pace=pace, patience=0.3, now=lambda: noon)


def harvest_month(
    url: str, folder: Path, after_day: Callable[[date], None] = lambda _: None
) -> None:
    """Harvest day after day, each until nothing has failed."""
    site = replace(
        daily_papers.SITE, endpoints={"daily_papers": f"{url}/api/daily_papers"}, hosts=frozenset()
    )
    pace = RateLimiter(longest_wait=600.0, sleep=lambda _: None)
    today = today_of(folder)
    while today <= FIRST + timedelta(days=DAYS):
        (folder / "today.partial").write_text(f"{today}")
        (folder / "today.partial").replace(folder / "today")
        wanted = FetchRequest(today=today)
        for _ in range(RUNS):
            store = Store(folder / "raw" / "daily_papers")
            done = fetch_source(
                daily_papers.SOURCE, daily_papers.fetch, wanted, store, web(site, today, pace)
            )
            if not done.failures:
                break
        else:
            raise RuntimeError(done.failures)
        after_day(today)
        today += timedelta(days=1)
