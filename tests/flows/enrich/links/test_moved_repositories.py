"""Renamed repositories: links lead where they are now, and the old URL is kept."""

from datetime import date

import polars as pl

from flows.enrich import links, task
from flows.enrich.links import link_checks
from flows.enrich.links.link_checks import Observation
from flows.enrich.links.moved_repositories import MOVES, find_observed_moves, list_followed_moves
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.vocabulary import LinkStatus
from tests.builders import frame, link
from tests.records import record, records

OLD, NEW = "https://github.com/lab/old", "https://github.com/group/new"
DAY = date(2026, 11, 24)


def checks(url=OLD, moved_to=NEW, status=LinkStatus.ALIVE, day=DAY):
    seen = Observation(url, status, 200, moved_to, moved_to)
    return link_checks.build_check_table([seen], LinkCheck.empty(), day)


def moves(*rows):
    return pl.DataFrame(rows, schema=MOVES, orient="row")


def links_of(moved, *texts):
    given = records(*(record(n, abstract=text) for n, text in enumerate(texts, start=1)))
    origins = given.select("record_id", paper_id=pl.lit("arxiv:2603.00001"))
    return links.build_link_table(given, origins, moved=moved)


def test_a_repository_that_redirects_for_ever_to_another_has_moved():
    assert find_observed_moves(checks()).rows() == [("github.com/lab/old", NEW)]


def test_what_does_not_answer_there_or_is_no_repository_has_not_moved():
    for other in (
        checks(status=LinkStatus.GONE),
        checks(moved_to="https://github.com/login"),
        checks(moved_to="https://example.org/group/new"),
        checks(moved_to="https://github.com/Lab/Old/"),
        checks(url="https://lab.github.io/old"),
        checks(moved_to=None),
    ):
        assert find_observed_moves(other).is_empty()


def test_the_newest_observation_counts():
    later = checks(moved_to=None, day=date(2026, 11, 25))
    assert find_observed_moves(pl.concat([later, checks()])).is_empty()


def test_a_link_leads_to_the_new_place_and_keeps_the_old_url_and_the_written_one():
    found = links_of(find_observed_moves(checks()), "Code: github.com/Lab/old.git is available.")
    assert found.select("url", "repo", "moved_from").rows() == [
        (NEW, "group/new", ["https://github.com/Lab/old"])
    ]
    assert found["mentions"][0][0]["written"] == "github.com/Lab/old.git"


def test_old_and_new_spelling_of_one_repository_become_one_link():
    found = links_of(find_observed_moves(checks()), f"Code: {OLD}", f"Our code is at {NEW}.")
    assert found.select("url", "moved_from").rows() == [(NEW, [OLD])]
    assert len(found["mentions"][0]) == 2


def test_a_repository_that_moved_twice_is_followed_to_the_end_and_circles_end():
    twice = moves(("github.com/lab/old", "https://github.com/lab/mid"), ("github.com/lab/mid", NEW))
    assert links_of(twice, f"Code: {OLD}")["url"].to_list() == [NEW]
    circle = moves(("github.com/lab/old", NEW), ("github.com/group/new", OLD))
    assert links_of(circle, f"Code: {OLD}").height == 1


def test_a_move_outlives_the_file_that_observed_it(monkeypatch):
    before = frame(Link, [link(1, url=NEW, repo="group/new", moved_from=[OLD])])
    assert list_followed_moves(before).rows() == [("github.com/lab/old", NEW)]
    monkeypatch.setattr(task.release, "read_columns", lambda *_: {"links": before})
    again = task.read_moves(LinkCheck.empty(), "release")
    assert links_of(again, f"Code: {OLD}")["url"].to_list() == [NEW]
