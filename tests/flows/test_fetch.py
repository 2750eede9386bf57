"""Harvest as a flow: what comes in is kept, trouble is told, and only on request does it stop."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from flows.errors import UserError
from flows.fetch import bring_source, refuse_disk_errors, require_success
from flows.http.errors import SiteStopped
from flows.raw.discovery import find_files
from flows.raw.fetch_request import FetchRequest
from flows.raw.fetch_result import FetchResult
from flows.release import Busy, lock_folder
from flows.sources import acl_anthology, daily_papers
from schemas.vocabulary import Source
from tests.prefect_server import asking
from tests.processes import in_process
from tests.sites import Time
from tests.source_files import FIXTURES

ACL = FIXTURES / "acl_anthology" / "2022.toy.xml"
LINKS = FIXTURES / "papers_with_code" / "links.json"


def bring_file(raw: Path) -> FetchResult:
    return bring_source(acl_anthology.SOURCE, FetchRequest(files=[ACL]), raw, seen=lambda _: None)


def test_files_come_into_the_folder_of_their_source(tmp_path):
    harvested = bring_file(tmp_path)
    assert harvested.stored[0].is_relative_to(tmp_path / "acl_anthology")
    assert harvested.sentence() == "acl_anthology: 1 new, 0 unchanged"


def test_two_harvests_of_a_source_do_not_overlap(tmp_path):
    with lock_folder(tmp_path / "acl_anthology" / ".harvest"), pytest.raises(Busy, match="process"):
        bring_file(tmp_path)


def test_only_the_file_itself_is_an_input(tmp_path):
    bring_file(tmp_path)
    assert [one.path.name for one in find_files([tmp_path])] == ["2022.toy.xml"]


def test_trouble_at_a_site_is_told_with_what_is_there(tmp_path, monkeypatch):
    nowhere = replace(daily_papers.SITE, endpoints={"daily_papers": "http://127.0.0.1:9"})
    monkeypatch.setattr(daily_papers, "SITE", nowhere)
    monkeypatch.setattr("flows.http.site_client.RateLimiter", lambda **_: Time().pace())
    told: list[object] = []
    harvested = bring_source(Source.DAILY_PAPERS, FetchRequest(), tmp_path, seen=told.append)
    assert [type(each) for each in told] == [SiteStopped]
    assert "the connection was refused" in harvested.failures[0]
    assert harvested.is_fruitless
    assert harvested.newest is None


def test_a_required_source_that_failed_is_refused_with_everything_that_went_wrong():
    failed = FetchResult(Source.ARXIV, failures=("the first", "the second"))
    with pytest.raises(UserError, match=r"arxiv: the first\n  arxiv: the second"):
        require_success([FetchResult(Source.DAILY_PAPERS), failed])


def test_a_source_without_failures_is_never_refused():
    require_success([FetchResult(Source.ARXIV)])


@pytest.mark.xdist_group("prefect")
def test_the_command_keeps_what_is_good_and_exits_with_1_where_all_is_required(api, tmp_path):
    with asking(api) as client:
        done = in_process(
            *("fetch", "acl_anthology", "--file", ACL, "--file", LINKS, "--require"),
            *("--raw", tmp_path),
        )
        assert done.exit_code == 1, done.stderr
        assert "links.json is no file of this source" in done.stderr
        assert "Traceback" not in done.stderr
        assert [path.name for path in tmp_path.rglob("*.xml")] == ["2022.toy.xml"]
        shown = {one.key: one.data for one in client.read_latest_artifacts()}
    assert shown["fetched"] == 100.0


def test_a_full_disk_is_told_with_what_to_do(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with (
        pytest.raises(UserError, match=r"arxiv: No space left on device\. Make room on that disk"),
        refuse_disk_errors(tmp_path / "arxiv"),
    ):
        full.write_bytes(b"x" * 100_000)


def test_a_fault_of_another_kind_is_not_taken_for_the_disks(tmp_path):
    with pytest.raises(FileNotFoundError), refuse_disk_errors(tmp_path):
        (tmp_path / "none").read_bytes()


SOMEBODY = 65_534
"""A user who owns nothing: "nobody" nearly everywhere."""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who may write nothing")
def test_a_folder_that_may_not_be_written_to_is_told_with_what_to_do(tmp_path):
    os.seteuid(SOMEBODY)
    try:
        with pytest.raises(UserError, match=r"Permission denied.*let this user read"):
            bring_file(tmp_path)
    finally:
        os.seteuid(0)
