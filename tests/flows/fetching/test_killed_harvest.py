"""A harvest of arXiv that is killed, between pages and within one, goes on and lacks nothing."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from flows.fetching import Store, Wanted, Web, gather
from flows.inputs import find
from flows.sources import arxiv
from flows.web import Pace
from tests import sites
from tests.flows.sources.parsing import FIXTURES
from tests.processes import PROJECT

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
    web = Web(site, pace=Pace(longest_wait=600.0, sleep=lambda _: None), now=lambda: NOON)
    wanted = Wanted(since=DAYS[0], until=DAYS[1], sets=["cs"], today=NOON.date())
    done = gather(arxiv.SOURCE, arxiv.fetch, wanted, Store(folder), web)
    if done.failures:
        raise RuntimeError(done.failures)


def test_a_harvest_that_is_killed_goes_on_from_its_tokens_and_lacks_no_record(tmp_path):
    process: list[subprocess.Popen[bytes]] = []
    due = list(KILLED_AT)

    def kill(n: int) -> None:
        if due and n >= due[0]:
            due.pop(0)
            os.kill(process[-1].pid, signal.SIGKILL)
            process[-1].wait()

    answer = sites.arxiv(records)
    with sites.running(answer, before_body=kill, now=lambda: NOON) as site:
        codes: list[int] = []
        while not codes or codes[-1] == -signal.SIGKILL:
            command = [sys.executable, "-m", "tests.flows.fetching.test_killed_harvest"]
            process.append(subprocess.Popen([*command, site.url, str(tmp_path)], cwd=PROJECT))
            codes.append(process[-1].wait(timeout=60))
    assert codes == [-signal.SIGKILL] * 3 + [0]
    texts = [one.path.read_text() for one in find([tmp_path])]
    found = sorted(re.findall(r"<id>(\d{4}\.\d{5})</id>", "".join(texts)))
    assert found == sorted(f"2606.{day.day}{n:03}" for day in DAYS for n in range(9))
    asked_twice = {path for path in site.paths if site.paths.count(path) > 1}
    assert len(site.paths) == 10 + 3
    assert len(asked_twice) == 3


if __name__ == "__main__":
    harvest(sys.argv[1], Path(sys.argv[2]))
