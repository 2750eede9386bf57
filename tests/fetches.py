"""Fetches: a source asks its site, a server on loopback, for what a test wants."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from flows.http.site_client import Web
from flows.raw.discovery import find_files
from flows.raw.fetch_request import FetchRequest
from flows.raw.fetch_result import FetchResult, fetch_source
from flows.raw.outcome import Outcome
from flows.raw.store import Store
from flows.sources import SOURCES
from schemas.vocabulary import Source
from tests import sites
from tests.sites import Fault, Loopback, Time, none, running
from tests.source_files import FIXTURES

TODAY = date(2026, 6, 20)
ITEMS = json.loads((FIXTURES / "daily_papers" / "day.json").read_bytes())
RECORD = (FIXTURES / "arxiv" / "harvest.xml").read_text()


@dataclass
class Harvest:
    """A source, the site that it asks, and the folder that its files go to."""

    source: Source
    site: Loopback
    folder: Path
    time: Time
    noon: list[datetime]
    """The time that the site's answers name; a harvest moves it on."""

    def __call__(
        self,
        *,
        today: date | None = None,
        seen: Callable[[Outcome], None] = lambda _: None,
        **wanted: object,
    ) -> FetchResult:
        module, day = SOURCES[self.source], today or TODAY
        self.noon[0] = datetime.combine(day, time(12), tzinfo=UTC)
        ends = dict.fromkeys(module.SITE.endpoints, self.site.url)
        paths = {"daily_papers": "/api/daily_papers", "papers": "/api/papers"}
        paths |= {"papers_page": "/papers", "oai": "/oai"}
        endpoints = {name: url + paths.get(name, f"/{name}") for name, url in ends.items()}
        site = replace(module.SITE, endpoints=endpoints, hosts=frozenset())
        web = Web(site, pace=self.time.pace(), patience=10.0, now=lambda: self.noon[0])
        wish = FetchRequest(today=day, **wanted)  # type: ignore[arg-type]  # each test has its own
        return fetch_source(self.source, module.fetch, wish, Store(self.folder), web, seen=seen)

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*.*") if self._is_raw(path))

    @staticmethod
    def _is_raw(path: Path) -> bool:
        return path.is_file() and not path.name.endswith(".fetched.json")

    @property
    def inputs(self) -> list[str]:
        return [one.path.name for one in find_files([self.folder])]


@contextmanager
def harvesting(
    source: Source, answer: sites.Answer, folder: Path, fault: Fault = none
) -> Iterator[Harvest]:
    clock = Time()
    noon = [datetime.combine(TODAY, time(12), tzinfo=UTC)]
    with running(answer, fault, time_=clock, now=lambda: noon[0]) as site:
        yield Harvest(source, site, folder, clock, noon)


def daily(count: int = 2) -> sites.Answer:
    return sites.hugging_face(lambda _: (ITEMS * 200)[:count])
