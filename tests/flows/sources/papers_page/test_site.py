"""A listing page is kept as it came, where it is the page of the day that was asked for."""

from flows.sources import SOURCES
from schemas.vocabulary import Source
from tests import sites
from tests.fetches import ITEMS, TODAY, daily, harvesting
from tests.loopback import Reply


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
