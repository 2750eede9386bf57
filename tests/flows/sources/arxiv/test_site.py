"""arXiv is harvested day by day, politely, and an interrupted harvest goes on."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from flows.errors import UserError
from flows.raw.fetch_result import FetchResult
from flows.raw.store import Store
from schemas.vocabulary import Source
from tests import sites
from tests.fetches import RECORD, TODAY, Harvest, harvesting
from tests.loopback import Reply
from tests.sites import in_turn
from tests.source_files import FIXTURES


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
