"""Days of Hugging Face's papers are asked for page by page, and again while they change."""

from datetime import date, timedelta

import pytest

from flows.errors import UserError
from flows.raw.outcome import FetchProgress, Outcome
from flows.sources import daily_papers
from flows.sources.daily_papers.site import PAGE
from schemas.vocabulary import Source
from tests import sites
from tests.fetches import ITEMS, TODAY, daily, harvesting
from tests.sites import in_turn
from tests.source_files import parse


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


def test_papers_are_asked_for_by_their_ids_and_read(tmp_path):
    ids = [item["paper"]["id"] for item in ITEMS[:2]]
    with harvesting(Source.DAILY_PAPERS, sites.hugging_face(lambda _: ITEMS), tmp_path) as harvest:
        done = harvest(ids=[f"{ids[0]}v1", *ids, "2301.99999"])
        again = harvest(ids=ids)
    # Each once, in order; one that the site does not know keeps no other away.
    asked = [path.removeprefix("/api/papers/") for path in harvest.site.paths]
    assert asked == [*ids, "2301.99999", *ids]
    assert harvest.names == sorted(f"paper.{id_}.json" for id_ in ids)
    assert (len(done.stored), again.unchanged, len(done.failures)) == (2, 2, 1)
    [first, _] = sorted(done.stored)
    [record] = parse(daily_papers, first.read_bytes()).records.to_dicts()
    assert record["arxiv_id"] == min(ids)


def test_an_id_that_is_none_is_refused_before_anything_is_asked(tmp_path):
    with harvesting(Source.DAILY_PAPERS, daily(), tmp_path) as harvest:
        with pytest.raises(UserError, match=r"is no arXiv id"):
            harvest(ids=["../x"])
        with pytest.raises(UserError, match="cannot be asked by --day"):
            harvest(ids=["2301.00001"], since=TODAY)
    assert harvest.site.paths == []


def test_an_answer_that_is_no_paper_is_not_kept(tmp_path):
    nothing = sites.hugging_face(lambda _: [{"paper": {"id": "2301.00001", "name": "x"}}])
    with harvesting(Source.DAILY_PAPERS, nothing, tmp_path) as harvest:
        done = harvest(ids=["2301.00001"])
    assert (done.stored, harvest.names) == ((), [])
    assert "the layout has changed" in done.failures[0]
