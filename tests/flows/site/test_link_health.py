"""The health of links is that of their newest check."""

from datetime import date
from pathlib import Path

from flows import tables
from flows.site.link_health import read_link_health
from schemas.link_check import LinkCheck
from tests.builders import frame, written_release

URL = "https://github.com/lab/sparse-1"


def write_check(release: Path, day: date, **values: object) -> None:
    row = {"url": URL, "checked_at": day} | values
    path = release.with_name("link_checks") / f"{day}.parquet"
    tables.save(LinkCheck, frame(LinkCheck, [row]), path)


def test_a_paper_has_the_newest_check_of_its_link_and_others_have_none(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    alive = date(2026, 6, 1)
    write_check(release, alive, status="alive", http_status=200, last_seen=alive)
    write_check(release, date(2026, 11, 20), status="gone", http_status=404, last_seen=alive)
    [(paper_id, checks)] = read_link_health(release).iter_rows()
    assert paper_id == "arxiv:2603.00001"
    [check] = checks
    assert (check["url"], check["status"], check["last_seen"]) == (URL, "gone", alive)


def test_links_that_were_never_asked_for_have_no_health(tmp_path: Path) -> None:
    assert read_link_health(written_release(tmp_path / "release")).is_empty()
