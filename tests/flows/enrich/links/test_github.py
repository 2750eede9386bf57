"""Facts of GitHub: dated, shape-checked, and the token goes nowhere but to GitHub."""

import json
from dataclasses import asdict
from datetime import date

import pytest

from flows import release, tables
from flows.enrich.links import link_checks
from flows.enrich.links.github import GitHub, RepositoryFacts, parse_repository
from flows.errors import UserError
from flows.operate import check_links
from schemas.link_check import LinkCheck
from tests import builders
from tests.loopback import Reply, local_client, site

TOKEN = "ghp_nobodyMayEverSeeThis"  # noqa: S105  # a token of nobody
ANSWER = {
    "full_name": "lab/sparse",
    "stargazers_count": 42,
    "license": {"key": "mit", "spdx_id": "MIT"},
    "language": "Python",
    "archived": True,
}
FACTS = RepositoryFacts(42, "MIT", "Python", is_archived=True)


def github(url):
    return GitHub(local_client(), TOKEN, url)


def test_facts_are_read_from_githubs_answer():
    with site(lambda *_: Reply(body=json.dumps(ANSWER).encode())) as local:
        assert github(local.url).facts("lab/sparse") == FACTS
    assert local.asked == [("GET", "/repos/lab/sparse")]
    assert local.headers[0]["Authorization"] == f"Bearer {TOKEN}"


def test_a_renamed_repository_is_followed_within_github():
    told = {
        "/repos/lab/old": Reply(301, headers={"Location": "/repositories/7"}),
        "/repositories/7": Reply(body=json.dumps(ANSWER).encode()),
    }
    with site(lambda _, path: told[path]) as local:
        assert github(local.url).facts("lab/old") == FACTS


def test_the_token_never_follows_a_redirect_to_another_place():
    with site(lambda *_: Reply()) as other:
        to = Reply(301, headers={"Location": other.url})
        with site(lambda *_: to) as local:
            assert github(local.url).facts("lab/old") == RepositoryFacts()
    assert other.asked == []


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"stargazers_count": true, "archived": 1}',
     b'{"stargazers_count": -1, "license": "MIT", "language": 3}',
     b'{"stargazers_count": 1e3, "license": {"spdx_id": "\\u001b[31m"}}', b"[" * 5000],
)  # fmt: skip
def test_an_answer_of_another_shape_says_nothing(body):
    assert parse_repository(body) == RepositoryFacts()


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_of_github_says_nothing(status):
    with site(lambda *_: Reply(status, json.dumps(ANSWER).encode())) as local:
        assert github(local.url).facts("lab/sparse") == RepositoryFacts()


@pytest.mark.parametrize("token", ["a b", "a\r\nHost: evil", "tökén"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token):
    with pytest.raises(UserError) as told:
        GitHub(local_client(), token)
    assert token not in str(told.value)


def test_the_token_is_shown_nowhere():
    assert TOKEN not in repr(github("https://api.github.com"))


@pytest.mark.parametrize(
    ("url", "status", "facts"),
    [
        ("https://github.com/lab/sparse/tree/main", "alive", FACTS),
        ("https://github.com/lab/sparse", "gone", RepositoryFacts()),
        ("https://gitlab.com/lab/sparse", "alive", RepositoryFacts()),
        ("https://github.com/lab", "alive", RepositoryFacts()),
    ],
)
def test_only_repositories_of_github_that_are_alive_are_asked_about(url, status, facts):
    with site(lambda *_: Reply(body=json.dumps(ANSWER).encode())) as local:
        seen = link_checks.Observation(url, link_checks.STATUSES[status])
        found = link_checks.add_repository_facts(seen, github(local.url))
    assert {name: getattr(found, name) for name in asdict(facts)} == asdict(facts)


def test_observations_of_a_day_are_in_the_table_and_the_token_in_no_file(tmp_path, monkeypatch):
    frame = builders.frame(builders.Link, [builders.link(1)])
    monkeypatch.setattr(release, "read_table", lambda *_: frame)
    alive = link_checks.Observation(frame["url"][0], link_checks.LinkStatus.ALIVE, 200)
    monkeypatch.setattr(link_checks, "check_link", lambda *_: alive)
    day = date(2026, 11, 24)
    with site(lambda *_: Reply(body=json.dumps(ANSWER).encode())) as local:
        out = tmp_path / "out"
        check_links.observe_release(tmp_path, out, local_client(), day, None, github(local.url))
    rows = tables.load(LinkCheck, out / "2026-11-24.parquet")
    assert rows.select("stars", "code_license", "language", "is_archived", "checked_at").rows() == [
        (42, "MIT", "Python", True, day)
    ]
    assert all(TOKEN.encode() not in path.read_bytes() for path in out.iterdir())
