"""Link health: what a link answered, where it leads, and whom we never ask."""

import socket
import threading
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import polars as pl
import pytest

from flows import release, tables
from flows.enrich.links import link_checks
from flows.http.public_client import Client
from flows.http.rate_limit import RateLimiter
from flows.operate import check_links
from schemas.link_check import LinkCheck
from tests import builders
from tests.loopback import Reply, local_client, site

DAY = date(2026, 11, 23)
NONE = LinkCheck.empty()


def observed(told, path="/", web=None):
    """Ask for a path of a site that answers as told; give the observation without its host."""
    with site(lambda _, asked: told.get(asked, Reply(404))) as local:
        seen = link_checks.check_link(local.url + path, web or local_client())
        cut = {
            name: (getattr(seen, name) or "").replace(local.url, "")
            for name in ("moved_to", "final_url")
        }
        return seen, cut["moved_to"], cut["final_url"], local.asked


def to(place, status=301):
    return Reply(status, headers={"Location": place})


@pytest.mark.parametrize(
    ("code", "status"),
    [(200, "alive"), (404, "gone"), (410, "gone"), (403, "closed"), (429, "closed"), (500, "broken"),  # noqa: E501  # an answer as it comes
     (503, "broken")],
)  # fmt: skip
def test_status_says_what_the_server_answers(code, status):
    seen, *_ = observed({"/": Reply(code)})
    assert (seen.status, seen.http_status) == (status, code)


def test_a_link_that_answers_head_is_not_read():
    *_, asked = observed({"/": Reply(body=b"x")})
    assert asked == [("HEAD", "/")]


def test_get_has_the_last_word_where_head_is_refused():
    with site(lambda method, _: Reply(405 if method == "HEAD" else 200)) as local:
        assert link_checks.check_link(local.url, local_client()).status == "alive"


def test_a_server_that_hangs_up_on_head_is_asked_by_get():
    with server_without_head() as url:
        assert link_checks.check_link(url, local_client()).status == "alive"


@contextmanager
def server_without_head():
    """Give the URL of a server that closes the connection when it is asked by HEAD."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                connected, _ = server.accept()
                with connected:
                    if connected.recv(4096).startswith(b"GET"):
                        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    with server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_renamed_repository_has_moved():
    seen, moved_to, final, _ = observed({"/a/old": to("/a/new"), "/a/new": Reply()}, "/a/old")
    assert (seen.status, moved_to, final) == ("alive", "/a/new", "/a/new")


def test_a_temporary_redirect_is_no_move():
    _, moved_to, final, _ = observed({"/": to("/login", 302), "/login": Reply()})
    assert (moved_to, final) == ("", "/login")


def test_a_move_ends_at_the_first_temporary_redirect():
    told = {"/": to("/b"), "/b": to("/c", 302), "/c": to("/d"), "/d": Reply()}
    _, moved_to, final, _ = observed(told)
    assert (moved_to, final) == ("/b", "/d")


def test_a_redirect_that_leads_nowhere_is_reported():
    seen, _, final, _ = observed({"/": to("/gone")})
    assert (seen.status, seen.reason, final) == ("gone", "the server answers 404", "/gone")


def test_a_redirect_in_circles_ends():
    seen, *_, asked = observed({"/": to("/")})
    assert (seen.status, seen.reason) == ("broken", "more than 5 redirects")
    assert len(asked) == 6


@pytest.mark.parametrize(
    "place", ["ftp://a.org/", "http://u:p@a.org/", "javascript:x", "//[", "http://a b/"]
)
def test_a_redirect_to_nowhere_on_the_web_is_not_followed(place):
    seen, *_ = observed({"/": to(place)})
    assert (seen.status, seen.final_url) == ("broken", None)


def test_a_redirect_into_a_private_network_is_not_followed():
    seen, *_ = observed({"/": to("http://169.254.169.254/latest/meta-data/")})
    assert (seen.status, seen.reason) == ("not-asked", "the address is not public")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://[::1]/"]
)
def test_a_private_address_is_never_asked(url):
    seen = link_checks.check_link(url, Client(RateLimiter(default=0.0), retries=0))
    assert seen.status in {"not-asked", "unreachable"}
    assert seen.http_status is None


def test_ftp_is_not_asked():
    seen = link_checks.check_link("ftp://a.org/x", local_client())
    assert (seen.status, seen.reason) == ("not-asked", "not a URL of the web")


def test_days_of_life_go_on_from_earlier_checks():
    before = link_checks.build_check_table(
        [link_checks.Observation("https://a.org", link_checks.LinkStatus.ALIVE)], NONE, DAY
    )
    dead = [link_checks.Observation("https://a.org", link_checks.LinkStatus.GONE)]
    row = link_checks.build_check_table(dead, before, DAY + timedelta(1)).row(0, named=True)
    assert (row["first_seen"], row["last_seen"], row["status"]) == (DAY, DAY, "gone")


def test_links_asked_longest_ago_are_asked_first():
    seen = [link_checks.Observation(f"https://{n}.org", link_checks.LinkStatus.ALIVE) for n in "ab"]
    earlier = pl.concat(
        [
            link_checks.build_check_table(seen[:1], NONE, DAY),
            link_checks.build_check_table(seen[1:], NONE, DAY - timedelta(1)),
        ]
    )
    urls = pl.Series([f"https://{n}.org" for n in "abc"])
    assert link_checks.choose_due_links(urls, earlier, 2) == ["https://c.org", "https://b.org"]


def test_answers_come_one_by_one_and_closing_stops_the_asking():
    links = [f"ftp://a.org/{n}" for n in range(3)]
    going, kept = threading.Semaphore(1), []

    def keep(seen):
        going.acquire(timeout=10)
        kept.append(seen.url)

    answers = link_checks.check_all_links(links, local_client(), keep)
    assert next(answers).url == links[0]
    threading.Timer(0.2, going.release).start()
    answers.close()
    assert kept == links[:2]


def test_what_goes_wrong_with_one_answer_is_raised():
    def keep(_):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        list(link_checks.check_all_links(["ftp://a.org/1", "ftp://b.org/1"], local_client(), keep))


def test_a_run_that_was_stopped_goes_on(tmp_path):
    journal = tmp_path / "day.jsonl"
    one = link_checks.Observation("https://a.org", link_checks.LinkStatus.GONE, 404, reason="x")
    link_checks.write_journal_line(one, journal)
    with journal.open("a", encoding="utf-8") as file:
        file.write("[" * 100_000 + "\n" + '{"url": "https://b.o')
    assert link_checks.read_journal(journal) == [one]
    two = link_checks.Observation("https://c.org", link_checks.LinkStatus.ALIVE, 200)
    link_checks.write_journal_line(two, journal)
    assert link_checks.read_journal(journal) == [one, two]


def test_a_day_is_asked_in_pieces_and_never_twice(tmp_path, monkeypatch):
    with site(lambda _, path: Reply(404 if path == "/1" else 200)) as local:
        links = [builders.link(n, url=f"{local.url}/{n}") for n in (1, 2, 3)]
        frame = builders.frame(builders.Link, links)
        monkeypatch.setattr(release, "read_table", lambda *_: frame)
        counts = [
            check_links.observe_release(tmp_path, tmp_path / "out", local_client(), DAY, limit)
            for limit in (1, None, None)
        ]
        assert len(local.asked) == 4  # one HEAD each, and a GET after the 404
    assert [sum(each.values()) for each in counts] == [1, 3, 3]
    assert counts[-1] == {"alive": 2, "gone": 1}
    rows = tables.load(LinkCheck, tmp_path / "out" / "2026-11-23.parquet")
    assert rows["url"].to_list() == sorted(row["url"] for row in links)
