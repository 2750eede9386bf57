"""A site is asked at its pace, and as much later as it says."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from flows.http.errors import SiteStopped
from tests.asked_sites import BODY, anything, client, site
from tests.loopback import Reply
from tests.sites import Time, in_turn, running


def test_no_two_requests_are_closer_than_the_site_allows(tmp_path):
    with site(in_turn("500", "reset", "empty")) as (at, web, _):
        for _ in range(4):
            web.get(at.url, tmp_path / "body", anything)
    assert len(at.gaps) == 6
    assert min(at.gaps) >= 3.0


def test_the_first_request_waits_for_a_run_that_may_just_have_ended(tmp_path):
    with site() as (at, web, _):
        web.get(at.url, tmp_path / "body", anything)
    assert at.asked[0].at >= 3.0


def test_the_distance_is_kept_from_the_end_of_an_answer(tmp_path):
    """Of a request that was long on its way the next one could follow too soon."""
    time = Time()

    def take_a_while(_: int) -> None:
        time.seconds += 2.0

    with running(lambda *_: Reply(200, BODY), time_=time, before_body=take_a_while) as at:
        web = client(at.url, time)
        for _ in range(3):
            web.get(at.url, tmp_path / "body", anything)
    assert min(at.gaps) >= 5.0


def test_all_requests_go_through_one_connection(tmp_path):
    with site() as (at, web, _):
        for _ in range(5):
            web.get(at.url, tmp_path / "body", anything)
    assert len({each.connection for each in at.asked}) == 1


def test_pauses_grow_from_attempt_to_attempt_by_no_fixed_rule(tmp_path):
    with site(lambda n: "500" if n < 4 else None) as (at, _, time):
        client(at.url, time, interval=0.0).get(at.url, tmp_path / "body", anything)
    assert [int(gap) for gap in at.gaps] == [1, 2, 4, 8]
    assert all(gap != int(gap) for gap in at.gaps)


@pytest.mark.parametrize(("fault", "seconds"), [("429", 7.0), ("503", 2.0)])
def test_retry_after_is_waited_for(tmp_path, fault, seconds):
    with site(in_turn(fault)) as (at, web, _):
        web.get(at.url, tmp_path / "body", anything)
    assert at.gaps[0] >= seconds


def test_retry_after_may_be_a_date(tmp_path):
    time = Time()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    replies = iter([Reply(503, b"", {"Retry-After": later}), Reply(200, BODY)])
    with running(lambda *_: next(replies), time_=time) as at:
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert 60.0 < at.gaps[0] < 100.0


def test_a_used_up_rate_limit_is_waited_for(tmp_path):
    time = Time()
    headers = {"RateLimit": '"api";r=0;t=120'}
    with running(lambda *_: Reply(200, BODY, headers), time_=time) as at:
        web = client(at.url, time)
        for _ in range(2):
            web.get(at.url, tmp_path / "body", anything)
    assert at.gaps[0] >= 120.0


def test_a_site_that_asks_for_an_hour_is_left_alone(tmp_path):
    time = Time()
    with (
        running(lambda *_: Reply(429, b"", {"Retry-After": "3600"}), time_=time) as at,
        pytest.raises(SiteStopped, match=r"asks to wait 3\d+ s, longer"),
    ):
        client(at.url, time).get(at.url, tmp_path / "body", anything)
    assert len(at.asked) == 1
