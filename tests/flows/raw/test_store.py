"""Raw files are kept as they came, beside what is known of them, and are never half there."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.hashing import hash_file
from flows.http.site_client import Download
from flows.raw.discovery import find_files, find_snapshot_day
from flows.raw.sidecar import SIDECAR, read_sidecar, sidecar_path
from flows.raw.store import Store, StoredFile

NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
NAME = "2026-06-19.json"


def answer(store: Store, body: bytes, *, days: int = 0, url: str = "https://a.org/x") -> Download:
    coming = store.partial_path(NAME)
    coming.write_bytes(body)
    moment = NOON + timedelta(days=days)
    headers = {"etag": '"1"'}
    return Download(url, moment, 200, headers, hash_file(coming), len(body), coming)


def keep(folder: Path, body: bytes, *, days: int = 0, url: str = "https://a.org/x") -> StoredFile:
    store = Store(folder)
    return store.save_answer(NAME, answer(store, body, days=days, url=url))


def test_an_answer_lies_under_the_day_on_which_it_came_with_its_sidecar(tmp_path):
    kept = keep(tmp_path, b"[1]")
    assert kept.path == tmp_path / "2026-06-20" / NAME
    assert kept.path.read_bytes() == b"[1]"
    held = json.loads(sidecar_path(kept.path).read_text())
    assert held["url"] == "https://a.org/x"
    assert held["time"] == "2026-06-20T12:00:00+00:00"
    assert (held["status"], held["headers"]) == (200, {"etag": '"1"'})
    assert held["sha256"] == hash_file(kept.path)


def test_the_same_answer_again_is_confirmed_not_stored(tmp_path):
    keep(tmp_path, b"[1]")
    again = keep(tmp_path, b"[1]", days=3)
    assert not again.is_new
    assert [one.path.name for one in find_files([tmp_path])] == [NAME]
    assert again.sidecar.seen == date(2026, 6, 23)
    assert find_snapshot_day(again.path) == date(2026, 6, 20)


def test_another_answer_is_a_snapshot_of_its_own(tmp_path):
    first, second = keep(tmp_path, b"[1]"), keep(tmp_path, b"[2]", days=1)
    assert first.path.read_bytes() == b"[1]"
    assert second.path == tmp_path / "2026-06-21" / NAME
    latest = Store(tmp_path).find_latest(NAME)
    assert latest is not None
    assert latest.path == second.path


def test_another_answer_of_the_same_day_overwrites_nothing(tmp_path):
    for n in range(12):
        keep(tmp_path, b"[%d]" % n)
    assert len(list(find_files([tmp_path]))) == 12
    latest = Store(tmp_path).find_latest(NAME)
    assert latest is not None
    assert latest.path.read_bytes() == b"[11]"
    assert list(Store(tmp_path).list_names()) == [NAME]


def test_what_a_killed_run_leaves_is_no_input_and_does_no_harm(tmp_path):
    store = Store(tmp_path)
    store.partial_path("half.json").write_bytes(b"[1, ")
    (tmp_path / "2026-06-20").mkdir()
    sidecar_path(tmp_path / "2026-06-20" / NAME).write_text("{}")
    assert list(find_files([tmp_path])) == []
    assert keep(tmp_path, b"[1]").path == tmp_path / "2026-06-20" / NAME
    assert not store.partial_path("half.json").exists()


def test_a_file_that_the_disk_has_cut_off_is_no_longer_known(tmp_path):
    first = keep(tmp_path, b"[1, 2]")
    first.path.write_bytes(b"[1")
    assert Store(tmp_path).find_latest(NAME) is None
    assert keep(tmp_path, b"[1, 2]", days=1).path == tmp_path / "2026-06-21" / NAME


def test_an_answer_that_came_after_the_clock_was_set_back_is_the_newest(tmp_path):
    keep(tmp_path, b"[1]", days=1)
    second = keep(tmp_path, b"[2]")
    assert second.path.parent.name == "2026-06-21"
    assert second.sidecar.time == "2026-06-20T12:00:00+00:00"
    assert not keep(tmp_path, b"[2]", days=1).is_new


def test_a_damaged_sidecar_is_as_none(tmp_path):
    kept = keep(tmp_path, b"[1]")
    sidecar_path(kept.path).write_text('{"url": ')
    assert read_sidecar(kept.path) is None
    assert keep(tmp_path, b"[1]", days=1).is_new


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://me:pw@a.org/x", "https://a.org/x"),
        ("https://a.org/x?token=abc&p=1", "https://a.org/x?token=...&p=1"),
        ("https://a.org/x?X-Amz-Signature=abc&API_KEY=d", "https://a.org/x?X-Amz-Signature=...&API_KEY=..."),
        ("https://a.org/x?resumptionToken=7%7C1#top", "https://a.org/x?resumptionToken=7%7C1"),
    ],
)  # fmt: skip
def test_no_secret_of_an_address_is_kept(tmp_path, url, kept):
    assert keep(tmp_path, b"[1]", url=url).sidecar.url == kept.replace("...", "...")


@pytest.mark.parametrize(
    "name", ["2026-11-01", "papers", "query", "2022.acl.xml", "a~b.xml", ".hidden", "papers."]
)
def test_any_name_has_versions_that_a_later_run_knows(tmp_path, name):
    for n, body in enumerate([b"[1]", b"[2]", b"[2]", b"[3]"]):
        store = Store(tmp_path)
        came = replace(answer(store, body), body=store.partial_path(name))
        store.partial_path(NAME).rename(store.partial_path(name))
        assert store.save_answer(name, came).is_new == (n != 2)
    assert list(Store(tmp_path).list_names()) == [name]
    assert len(list((tmp_path / "2026-06-20").glob(f"*{SIDECAR}"))) == 3
    latest = Store(tmp_path).find_latest(name)
    assert latest is not None
    assert latest.path.read_bytes() == b"[3]"


def test_files_of_earlier_versions_of_the_project_are_known_by_their_names(tmp_path):
    kept = keep(tmp_path, b"[1]").path
    for path in (kept, sidecar_path(kept)):
        path.rename(path.with_name(path.name.replace(NAME, "2022.acl~12.xml")))
    assert list(Store(tmp_path).list_names()) == ["2022.acl.xml"]


@pytest.mark.parametrize("name", ["2022.acl~2.xml", "papers~2", "a~1~2.xml"])
def test_a_file_that_is_named_like_a_later_version_is_given_once(tmp_path, name):
    (tmp_path / name).write_bytes(b"<collection/>")
    for n in range(3):
        store = Store(tmp_path / "store")
        assert store.save_copy(tmp_path / name, NOON.date(), NOON).is_new == (n == 0)


def test_another_address_is_not_said_to_be_unchanged(tmp_path):
    keep(tmp_path, b"[1]", url="https://a.org/one/x")
    store = Store(tmp_path)
    assert store.find_conditions(NAME, "https://me:pw@a.org/one/x") == {"etag": '"1"'}
    assert store.find_conditions(NAME, "https://a.org/two/x") == {}
    unchanged = Download("https://a.org/two/x", NOON, 304, {}, "", 0, None)
    with pytest.raises(ValueError, match="of another URL"):
        store.save_answer(NAME, unchanged)
    latest = Store(tmp_path).find_latest(NAME)
    assert latest is not None
    assert latest.sidecar.url == "https://a.org/one/x"


def test_a_file_without_papers_is_kept_and_not_read(tmp_path):
    store = Store(tmp_path)
    kept = store.save_answer(NAME, answer(store, b"[]"), without="no papers on this day")
    assert kept.path.read_bytes() == b"[]"
    assert list(find_files([tmp_path])) == []
    assert Store(tmp_path).find_newest_day() == date(2026, 6, 20)


def test_sidecars_are_no_inputs(tmp_path):
    keep(tmp_path, b"[1]")
    assert not [one for one in find_files([tmp_path]) if one.path.name.endswith(SIDECAR)]


def test_the_day_in_a_sidecar_outweighs_the_day_of_the_last_change(tmp_path):
    kept = keep(tmp_path / "store", b"[1]")
    (tmp_path / "elsewhere").mkdir()
    for path in (kept.path, sidecar_path(kept.path)):
        path.rename(tmp_path / "elsewhere" / path.name)
    assert find_snapshot_day(tmp_path / "elsewhere" / NAME) == date(2026, 6, 20)
