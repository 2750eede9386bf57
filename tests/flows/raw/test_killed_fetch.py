"""A harvest of arXiv that is killed, between pages and within one, goes on and lacks nothing."""

import re
import signal
from dataclasses import replace
from datetime import UTC, date, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from flows.http.rate_limit import RateLimiter
from flows.http.site_client import Web
from flows.raw.discovery import find_files
from flows.raw.fetch_request import FetchRequest
from flows.raw.fetch_result import fetch_source
from flows.raw.store import Store
from flows.sources import arxiv
from tests import sites
from tests.forks import code_of, forked, kill
from tests.source_files import FIXTURES

RECORD = (FIXTURES / "arxiv" / "harvest.xml").read_text()
DAYS = (date(2026, 6, 17), date(2026, 6, 18))
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
KILLED_AT = (1, 4, 9)
"""Requests in whose answer the process is killed: on a first, a middle and a late page."""


def records(day: str) -> list[str]:
    one = RECORD[RECORD.index("<record>") : RECORD.index("</record>") + len("</record>")]
    return [one.replace("0704.0001", f"26{day[5:7]}.{day[8:]}{n:03}") for n in range(9)]


def harvest(url: str, folder: Path) -> None:
    """Harvest both days; what a process of its own does until it is killed."""
    site = replace(arxiv.SITE, endpoints={"oai": url}, hosts=frozenset())
    web = Web(site, pace=RateLimiter(longest_wait=600.0, sleep=lambda _: None), now=lambda: NOON)
    wanted = FetchRequest(since=DAYS[0], until=DAYS[1], sets=["cs"], today=NOON.date())
    done = fetch_source(arxiv.SOURCE, arxiv.fetch, wanted, Store(folder), web)
    if done.failures:
        raise RuntimeError(done.failures)


@pytest.mark.xdist_group("forks")
def test_a_harvest_that_is_killed_goes_on_from_its_tokens_and_lacks_no_record(tmp_path):
    process: list[ForkServerProcess] = []
    due = list(KILLED_AT)

    def kill_one(n: int) -> None:
        if due and n >= due[0]:
            due.pop(0)
            kill(process[-1])

    answer = sites.arxiv(records)
    with sites.running(answer, before_body=kill_one, now=lambda: NOON) as site:
        codes: list[int] = []
        while not codes or codes[-1] == -signal.SIGKILL:
            process.append(forked(harvest, site.url, tmp_path))
            codes.append(code_of(process[-1]))
    assert codes == [-signal.SIGKILL] * 3 + [0]
    texts = [one.path.read_text() for one in find_files([tmp_path])]
    found = sorted(re.findall(r"<id>(\d{4}\.\d{5})</id>", "".join(texts)))
    assert found == sorted(f"2606.{day.day}{n:03}" for day in DAYS for n in range(9))
    asked_twice = {path for path in site.paths if site.paths.count(path) > 1}
    assert len(site.paths) == 10 + 3
    assert len(asked_twice) == 3
