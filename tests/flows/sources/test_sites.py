"""Each source asks its site for what is wanted, and keeps nothing that is not what it should be."""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from flows.errors import UserError
from flows.http.site_client import Web
from flows.raw.discovery import find_files
from flows.raw.fetch_request import FetchRequest
from flows.raw.fetch_result import FetchResult, fetch_source
from flows.raw.outcome import FetchProgress, Outcome
from flows.raw.sidecar import read_sidecar
from flows.raw.store import Store
from flows.sources import SOURCES, arxiv, daily_papers, papers_page
from flows.sources.daily_papers.site import PAGE
from schemas.vocabulary import Source
from tests import sites
from tests.loopback import Reply
from tests.sites import Fault, Loopback, Time, in_turn, none, running
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
        paths = {"daily_papers": "/api/daily_papers", "papers_page": "/papers", "oai": "/oai"}
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


# Days of Hugging Face


def test_a_month_of_days_is_asked_for_in_order(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        done = harvest(since=date(2026, 5, 1), until=date(2026, 5, 31))
    asked = [path.partition("date=")[2][:10] for path in harvest.site.paths]
    assert asked == [f"2026-05-{day:02}" for day in range(1, 32)]
    assert len(done.stored) == 31
    assert done.newest == TODAY


def test_the_last_week_is_read_where_nothing_is_named(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        harvest()
    assert harvest.names == [f"2026-06-{day}.json" for day in range(13, 20)]


def test_a_day_is_read_again_until_it_is_a_week_old(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        for days in range(10):
            harvest(since=TODAY - timedelta(days=1), today=TODAY + timedelta(days=days))
    asked = [path for path in harvest.site.paths if "date=2026-06-19" in path]
    assert len(asked) == 7


def test_what_was_missed_while_nobody_harvested_is_made_up_for(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        harvest(until=date(2026, 5, 20), since=date(2026, 5, 20), today=date(2026, 5, 21))
        harvest()
    assert "2026-05-25.json" in harvest.names
    assert harvest.names[-1] == "2026-06-19.json"


def test_one_old_day_draws_no_years_behind_it(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        harvest(since=date(2024, 5, 27), until=date(2024, 5, 27))
        harvest()
    assert len(harvest.names) == 8


def test_the_newest_days_come_before_holes_in_the_past(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        harvest(since=date(2026, 6, 1))
    asked = [path.partition("date=")[2][:10] for path in harvest.site.paths]
    assert asked[:2] == ["2026-06-13", "2026-06-14"]
    assert asked[7:9] == ["2026-06-01", "2026-06-02"]


def test_a_full_page_is_followed_by_the_next(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(PAGE + 1), tmp_path) as harvest:
        harvest(since=TODAY, until=TODAY)
    assert harvest.names == ["2026-06-20.json", "2026-06-20.p1.json"]
    assert [path.partition("&")[2] for path in harvest.site.paths] == [
        f"limit={PAGE}&p=0",
        f"limit={PAGE}&p=1",
    ]


def test_a_site_that_pages_without_end_is_stopped(tmp_path):
    endless = sites.hugging_face(lambda _: ITEMS[:1] * (PAGE * 50))
    with harvesting(Source.DAILY_PAPERS, endless, tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert "paging has changed" in done.failures[0]


def test_a_day_without_papers_is_kept_and_read_by_nobody(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(0), tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert not done.failures
    assert harvest.names == ["2026-06-20.json"]
    assert harvest.inputs == []


def test_days_that_have_not_changed_are_asked_for_conditionally(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        harvest()
        again = harvest()
    assert (len(again.stored), again.unchanged) == (0, 6)
    second = harvest.site.asked[7:]
    assert all("if-none-match" in each.headers for each in second)
    assert len({each.connection for each in second}) == 1


def test_days_to_come_are_refused(tmp_path):
    with (
        harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest,
        pytest.raises(UserError, match="up to 2026-06-20"),
    ):
        harvest(until=TODAY + timedelta(days=1))
    assert not harvest.site.asked


def test_days_are_asked_for_within_hugging_faces_window(tmp_path):
    """It allows 500 calls in 300 s: so many requests with this gap take as long."""
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        harvest(since=date(2026, 5, 1))
    assert len(harvest.site.gaps) > 40
    assert min(harvest.site.gaps) > 300 / 500 - 1e-6


# Trouble


def test_a_changed_layout_is_named_and_the_last_good_snapshot_stays(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path, in_turn(None, "layout")) as harvest:
        harvest(since=TODAY, until=TODAY)
        done = harvest(since=TODAY, until=TODAY, today=TODAY + timedelta(days=1))
    assert "the layout has changed: dict in the place of a list" in done.failures[0]
    assert len(harvest.site.asked) == 2
    assert harvest.names == ["2026-06-20.json"]
    assert done.newest == TODAY


@pytest.mark.parametrize("items", [[{"name": "x"}], ["x"], [{"paper": {"id": "1"}}]])
def test_items_of_another_layout_are_not_kept(tmp_path, items):
    with harvesting(Source.DAILY_PAPERS, sites.hugging_face(lambda _: items), tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert "the layout has changed" in done.failures[0]
    assert harvest.names == []


def without(name: str, items: list[dict]) -> list[dict]:
    return [
        {**item, "paper": {key: value for key, value in item["paper"].items() if key != name}}
        for item in items
    ]


@pytest.mark.parametrize("source", [Source.DAILY_PAPERS, Source.PAPERS_PAGE])
@pytest.mark.parametrize("name", ["summary", "authors", "publishedAt"])
def test_a_field_that_no_paper_has_any_more_is_a_changed_layout(tmp_path, source, name):
    items = without(name, ITEMS)
    with harvesting(source, sites.hugging_face(lambda _: items), tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert f"the layout has changed: no paper has {name}" in done.failures[0]
    assert harvest.names == []


def test_a_field_that_one_paper_lacks_is_no_changed_layout(tmp_path):
    items = [*without("summary", ITEMS[:1]), *ITEMS[1:]]
    assert len(items) > 1
    with harvesting(Source.DAILY_PAPERS, sites.hugging_face(lambda _: items), tmp_path) as harvest:
        assert not harvest(since=TODAY, until=TODAY).failures


def test_how_many_days_are_done_is_told_whatever_came_of_them(tmp_path):
    told: list[Outcome] = []
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path, in_turn("404")) as harvest:
        harvest(since=date(2026, 6, 17), until=date(2026, 6, 19), seen=told.append)
    assert [each for each in told if isinstance(each, FetchProgress)] == [
        FetchProgress(n, 3) for n in (1, 2, 3)
    ]


def test_a_day_that_fails_does_not_keep_the_next_from_being_read(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path, in_turn("404")) as harvest:
        done = harvest(since=date(2026, 6, 17), until=date(2026, 6, 19))
    assert len(done.failures) == 1
    assert harvest.names == ["2026-06-18.json", "2026-06-19.json"]


def test_a_day_that_failed_is_asked_for_again_the_next_time(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path, in_turn("404")) as harvest:
        for _ in range(2):
            harvest(since=date(2026, 5, 1), until=date(2026, 5, 3))
    asked = [path.partition("date=")[2][:10] for path in harvest.site.paths]
    assert asked == ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-01"]
    assert "2026-05-01.json" in harvest.names


def test_a_site_that_is_down_is_left_alone(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path, lambda _: "500") as harvest:
        done = harvest(since=date(2025, 1, 1))
    assert len(harvest.site.asked) == 15
    assert "left alone after 3 failures" in done.failures[-1]


def test_a_site_that_sends_us_elsewhere_is_asked_nothing_more(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path, in_turn("elsewhere")) as harvest:
        done = harvest()
    assert len(harvest.site.asked) == 1
    assert "elsewhere.example" in done.failures[0]
    assert "1 failed; nothing so far" in done.sentence()


# Listing pages


def test_a_listing_page_is_kept_as_html(tmp_path):
    with harvesting(Source.PAPERS_PAGE, daily(), tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert harvest.site.paths == ["/papers/date/2026-06-20"]
    assert harvest.inputs == ["2026-06-20.html"]
    content = done.stored[0].read_bytes()
    assert SOURCES[Source.PAPERS_PAGE].recognise(content)


def test_the_page_of_another_day_is_not_read_as_this_day(tmp_path):
    page = sites.listing_page("2026-06-19", ITEMS[:1])
    with harvesting(Source.PAPERS_PAGE, lambda *_: Reply(200, page), tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert not done.failures
    assert harvest.inputs == []


def test_a_page_of_another_layout_is_named(tmp_path):
    page = b"<!doctype html><html><body><div id=app></div></body></html>"
    with harvesting(Source.PAPERS_PAGE, lambda *_: Reply(200, page), tmp_path) as harvest:
        done = harvest(since=TODAY, until=TODAY)
    assert "the layout has changed" in done.failures[0]
    assert harvest.names == []


# arXiv


def records(count: int) -> Callable[[str], list[str]]:
    one = RECORD[RECORD.index("<record>") : RECORD.index("</record>") + len("</record>")]
    return lambda _: [one.replace("0704.0001", f"2606.{n + 1:05}") for n in range(count)]


def test_a_day_of_arxiv_is_read_page_by_page(tmp_path):
    with harvesting(Source.ARXIV, sites.arxiv(records(5)), tmp_path) as harvest:
        done = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15), sets=["cs"])
    assert [path.name for path in done.stored] == [f"oai.cs.2026-06-15.p{n}.xml" for n in range(3)]
    asked = "verb=ListRecords&metadataPrefix=arXiv&from=2026-06-15&until=2026-06-15&set=cs"
    assert harvest.site.paths[0] == f"/oai?{asked}"
    assert harvest.site.paths[1] == "/oai?verb=ListRecords&resumptionToken=2026-06-15%7C2"
    assert [path.read_text().count("<record>") for path in done.stored] == [2, 2, 1]


def test_arxiv_is_asked_once_in_three_seconds_on_one_connection(tmp_path):
    with harvesting(Source.ARXIV, sites.arxiv(records(5)), tmp_path) as harvest:
        harvest()
    assert len(harvest.site.asked) == 21
    assert min(harvest.site.gaps) >= 3.0
    assert len({each.connection for each in harvest.site.asked}) == 1


def test_an_interrupted_harvest_goes_on_from_its_token(tmp_path):
    with harvesting(
        Source.ARXIV, sites.arxiv(records(5)), tmp_path, in_turn(None, "403")
    ) as harvest:
        first = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
        second = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
        third = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    assert (len(first.stored), len(second.stored), len(third.stored)) == (1, 2, 0)
    assert "resumptionToken=2026-06-15%7C2" in harvest.site.paths[2]
    assert len(harvest.site.asked) == 4


def test_an_expired_token_starts_the_day_anew(tmp_path):
    answer = sites.arxiv(records(5), expired=["2026-06-15|2"])
    with harvesting(
        Source.ARXIV, sites.arxiv(records(5)), tmp_path, in_turn(None, "403")
    ) as harvest:
        harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    with harvesting(Source.ARXIV, _until_restarted(answer), tmp_path) as harvest:
        done = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    assert not done.failures
    assert harvest.names == [f"oai.all.2026-06-15.p{n}.xml" for n in range(3)]


def test_tokens_that_are_never_taken_end_the_day(tmp_path):
    answer = sites.arxiv(records(5), expired=["2026-06-15|2"])
    with harvesting(Source.ARXIV, answer, tmp_path) as harvest:
        first = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
        second = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    assert "badResumptionToken" in first.failures[0]
    assert "badResumptionToken" in second.failures[0]
    assert len(harvest.site.asked) == 2 + 3


def _until_restarted(answer: sites.Answer) -> sites.Answer:
    """Let a token be expired until the day is asked for from its beginning."""
    fresh, begun = sites.arxiv(records(5)), []

    def either(path: str, asks: dict[str, str]) -> Reply:
        if "from" in asks:
            begun.append(path)
        return (fresh if begun else answer)(path, asks)

    return either  # type: ignore[return-value]  # a dict is a mapping


def one_day(harvest: Harvest, today: date = TODAY) -> FetchResult:
    return harvest(since=date(2026, 6, 15), until=date(2026, 6, 15), today=today)


def test_a_day_of_arxiv_that_was_read_before_it_was_whole_is_read_once_more(tmp_path):
    """Its caches may hold for four days what was answered while the day lasted."""
    announced = {"2026-06-15": 3}
    answer = sites.arxiv(lambda day: records(announced[day])(day))
    with harvesting(Source.ARXIV, answer, tmp_path) as harvest:
        one_day(harvest, date(2026, 6, 16))
        announced["2026-06-15"] = 5
        second = one_day(harvest, date(2026, 6, 19))
        third = one_day(harvest, date(2026, 6, 20))
        fourth = one_day(harvest, date(2026, 6, 21))
    assert [path.parent.name for path in second.stored] == ["2026-06-19", "2026-06-19"]
    assert second.unchanged == 1
    assert (len(third.stored), third.unchanged) == (0, 3)
    assert (len(fourth.stored), fourth.unchanged) == (0, 0)
    latest = [Store(tmp_path).find_latest(f"oai.all.2026-06-15.p{n}.xml") for n in range(3)]
    assert [kept.path.read_text().count("<record>") for kept in latest if kept] == [2, 2, 1]


def test_an_answer_that_differs_only_in_when_it_was_made_is_not_kept_twice(tmp_path):
    plain, made = sites.arxiv(records(3)), iter(range(10, 60))

    def answer(path: str, asks: Mapping[str, str]) -> Reply:
        reply = plain(path, asks)
        moment = b"2026-06-20T06:00:%d" % next(made)
        return replace(reply, body=reply.body.replace(b"2026-06-20T06:00:00", moment))

    with harvesting(Source.ARXIV, answer, tmp_path) as harvest:
        one_day(harvest, date(2026, 6, 17))
        again = one_day(harvest, date(2026, 6, 18))
    assert (len(again.stored), again.unchanged) == (0, 2)


def test_a_token_of_yesterday_is_not_used_for_it_counts_records_that_have_moved_since(tmp_path):
    with harvesting(
        Source.ARXIV, sites.arxiv(records(5)), tmp_path, in_turn(None, "403", None, "403")
    ) as harvest:
        one_day(harvest, date(2026, 6, 21))
        one_day(harvest, date(2026, 6, 22))
        last = one_day(harvest, date(2026, 6, 22))
    asked = [path.partition("&")[2][:15] for path in harvest.site.paths]
    assert asked[2] == "metadataPrefix="
    assert [one[:15] for one in asked[3:]] == ["resumptionToken"] * 3
    assert len(last.stored) == 2


def test_pages_of_an_earlier_answer_are_not_taken_for_the_rest_of_a_newer_one(tmp_path):
    """Where each answer has tokens of its own, what follows is asked for, not found."""
    round_ = ["a"]
    plain = sites.arxiv(records(5))

    def answer(path: str, asks: dict[str, str]) -> Reply:
        given = asks.get("resumptionToken", "").partition("!")[0]
        reply = plain(path, {**asks, "resumptionToken": given} if given else asks)
        token = re.compile(rb"(cursor=.\d+.>[^<]+)")
        return replace(reply, body=token.sub(rb"\1!" + round_[0].encode(), reply.body))

    with harvesting(Source.ARXIV, answer, tmp_path, in_turn(*[None] * 4, "403")) as harvest:
        one_day(harvest, date(2026, 6, 19))
        round_[0] = "b"
        interrupted = one_day(harvest)
        last = one_day(harvest)
    assert (len(interrupted.stored), len(last.stored)) == (1, 1)
    assert [path.partition("=2026-06-15%7C")[2] for path in harvest.site.paths[-3:]] == [
        "2%21b",
        "2%21b",
        "4%21b",
    ]


def test_an_answer_whose_records_cannot_be_read_is_a_changed_layout(tmp_path):
    moved = [
        one.replace("<arXiv ", "<arXiv2 ").replace("</arXiv>", "</arXiv2>")
        for one in records(2)("")
    ]
    with harvesting(Source.ARXIV, sites.arxiv(lambda _: moved), tmp_path) as harvest:
        done = one_day(harvest)
    assert "the layout has changed: an answer without a record of the prefix" in done.failures[0]
    assert harvest.names == []


def test_a_day_on_which_papers_were_only_deleted_is_kept(tmp_path):
    gone = (
        '<record><header status="deleted"><identifier>oai:arXiv.org:2606.00001</identifier>'
        "<datestamp>2026-06-15</datestamp></header></record>"
    )
    with harvesting(Source.ARXIV, sites.arxiv(lambda _: [gone]), tmp_path) as harvest:
        done = one_day(harvest)
    assert not done.failures
    assert harvest.inputs == ["oai.all.2026-06-15.p0.xml"]


def test_pages_that_lead_in_circles_end(tmp_path):
    page = sites.OAI.format(
        f"<ListRecords>{records(1)('')[0]}<resumptionToken>same</resumptionToken></ListRecords>"
    ).encode()
    with harvesting(Source.ARXIV, lambda *_: Reply(200, page), tmp_path) as harvest:
        done = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    assert "lead in circles" in done.failures[0]
    assert len(harvest.site.asked) == 2


def test_a_day_on_which_arxiv_changed_nothing_is_done(tmp_path):
    with harvesting(Source.ARXIV, sites.arxiv(records(0)), tmp_path) as harvest:
        first = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
        harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    assert not first.failures
    assert harvest.inputs == []
    assert len(harvest.site.asked) == 1


def test_a_day_that_is_not_over_is_refused_by_arxiv(tmp_path):
    with (
        harvesting(Source.ARXIV, sites.arxiv(records(1)), tmp_path) as harvest,
        pytest.raises(UserError, match="up to 2026-06-19"),
    ):
        harvest(until=TODAY)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (sites.OAI.format('<error code="badArgument">No \x85such set</error>'), "badArgument: No"),
        (sites.OAI.format("<ListRecords></ListRecords>"), "the layout has changed"),
        ("<rss/>", "the layout has changed"),
        ("<html><body>down</p></html>", "no whole XML"),
        (RECORD[:900], "no whole XML"),
    ],
)
def test_what_is_no_harvest_is_not_kept(tmp_path, body, said):
    answer = Reply(200, body.encode())
    with harvesting(Source.ARXIV, lambda *_: answer, tmp_path) as harvest:
        done = harvest(since=date(2026, 6, 15), until=date(2026, 6, 15))
    assert said in done.failures[0]
    assert harvest.names == []


FEED = (FIXTURES / "arxiv" / "feed.xml").read_bytes()
ERROR = json.loads((FIXTURES / "arxiv" / "answer-error.json").read_bytes())["body"].encode()


def test_papers_are_asked_for_by_their_ids(tmp_path):
    with harvesting(Source.ARXIV, lambda *_: Reply(200, FEED), tmp_path) as harvest:
        done = harvest(ids=["arXiv:2606.13677v1", "https://arxiv.org/abs/2606.13591"])
    assert harvest.site.paths == ["/query?id_list=2606.13591%2C2606.13677&max_results=2"]
    assert not done.failures
    assert len(harvest.inputs) == 1


def test_ids_that_arxiv_does_not_know_are_named(tmp_path):
    with harvesting(Source.ARXIV, lambda *_: Reply(200, FEED), tmp_path) as harvest:
        done = harvest(ids=["2606.13677", "2606.99999"])
    assert done.failures == ("arXiv: has no 2606.99999.",)
    assert len(done.stored) == 1


def test_an_error_that_comes_as_a_paper_is_an_error(tmp_path):
    with harvesting(Source.ARXIV, lambda *_: Reply(200, ERROR), tmp_path) as harvest:
        done = harvest(ids=["2606.13677"])
    assert "arXiv: refuses the query: incorrect id format" in done.failures[0]
    assert harvest.names == []


def feed(ids: Sequence[str]) -> bytes:
    entries = "".join(f"<entry><id>http://arxiv.org/abs/{each}v1</id></entry>" for each in ids)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


def test_many_papers_are_asked_for_some_at_a_time_and_one_error_costs_only_its_own(tmp_path):
    ids = [f"2606.{n:05}" for n in range(1, 251)]

    def answer(_: str, asks: Mapping[str, str]) -> Reply:
        asked = asks["id_list"].split(",")
        return Reply(200, ERROR if ids[0] in asked else feed(asked))

    with harvesting(Source.ARXIV, answer, tmp_path) as harvest:
        done = harvest(ids=ids)
    sizes = [path.count("%2C") + 1 for path in harvest.site.paths]
    assert sizes == [100, 100, 50]
    assert max(map(len, harvest.site.paths)) < 2_000
    assert min(harvest.site.gaps) >= 3.0
    assert len(done.stored) == 2
    assert done.failures == ("arXiv: refuses the query: incorrect id format for abc",)


@pytest.mark.parametrize("wish", [{"ids": ["704.001"]}, {"sets": ["cs&verb=x"]}])
def test_a_wish_that_makes_no_sense_is_not_passed_on(tmp_path, wish):
    with (
        harvesting(Source.ARXIV, lambda *_: Reply(200, FEED), tmp_path) as harvest,
        pytest.raises(UserError, match=r"No arXiv ids|no set of arXiv"),
    ):
        harvest(**wish)
    assert not harvest.site.asked


# Whole files

ACL = FIXTURES / "acl_anthology" / "2022.toy.xml"
LINKS = FIXTURES / "papers_with_code" / "links.json"


def test_a_collection_comes_from_its_address(tmp_path):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        done = harvest(urls=[f"{harvest.site.url}/xml/2022.toy.xml"])
        again = harvest(urls=[f"{harvest.site.url}/xml/2022.toy.xml"])
    assert done.stored[0].read_bytes() == ACL.read_bytes()
    assert (len(again.stored), again.unchanged) == (0, 1)


@pytest.mark.parametrize(
    "ends", [("/a/x.xml", "/b/x.xml"), ("/x.xml?v=1", "/x.xml?v=2"), ("/a/x.xml", "/a/x.xml?v=2")]
)
def test_addresses_that_end_in_the_same_are_told_apart(tmp_path, ends):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        urls = [harvest.site.url + end for end in ends]
        done = harvest(urls=urls)
        again = harvest(urls=urls[::-1])
    assert [read_sidecar(path).url for path in done.stored] == urls  # type: ignore[union-attr]
    assert (len(again.stored), again.unchanged) == (0, 2)
    conditional = ["if-none-match" in each.headers for each in harvest.site.asked]
    assert conditional == [False, False, True, True]


def test_a_secret_in_an_address_makes_no_other_address_of_it(tmp_path):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        harvest(urls=[f"{harvest.site.url}/x.xml?token=hf_ONE"])
        assert harvest(urls=[f"{harvest.site.url}/x.xml?token=hf_TWO"]).unchanged == 1
    assert not any(b"hf_" in path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file())


def test_a_dump_is_taken_from_a_file_with_its_day(tmp_path):
    given = tmp_path / "2025-07-28" / "links.json.gz"
    given.parent.mkdir()
    given.write_bytes(gzip.compress(LINKS.read_bytes()))
    with harvesting(Source.PAPERS_WITH_CODE, lambda *_: Reply(), tmp_path / "raw") as harvest:
        done = harvest(files=[given])
    assert done.stored[0] == tmp_path / "raw" / "2025-07-28" / "links.json.gz"
    assert given.exists()


def test_a_file_of_another_source_is_not_taken(tmp_path):
    with harvesting(Source.PAPERS_WITH_CODE, lambda *_: Reply(), tmp_path) as harvest:
        done = harvest(files=[ACL])
    assert "2022.toy.xml is no file of this source" in done.failures[0]
    assert harvest.names == []


@pytest.mark.parametrize("path", ["/..%2f..%2fetc/passwd", "/a/%00.fetched.json", "/.hidden", "/"])
def test_no_address_names_a_file_outside_its_folder(tmp_path, path):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        done = harvest(urls=[harvest.site.url + path])
    assert [stored.parent for stored in done.stored] == [tmp_path / "2026-06-20"]
    assert not done.stored[0].name.startswith(".")


def test_a_source_of_whole_files_needs_to_be_told_which(tmp_path):
    with (
        harvesting(Source.ACL_ANTHOLOGY, lambda *_: Reply(), tmp_path) as harvest,
        pytest.raises(UserError, match=r"--url https://raw\.githubusercontent\.com"),
    ):
        harvest()


def test_every_source_asks_its_site_securely():
    for module in SOURCES.values():
        assert all(url.startswith("https://") for url in module.SITE.endpoints.values())
    assert arxiv.SITE.interval >= 3.0
    assert daily_papers.SITE.interval >= 300 / 500
    assert papers_page.SITE.interval >= 300 / 100
