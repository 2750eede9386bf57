"""What a run sees besides its raw files: ids behind titles, links that moved; bytes repeat."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows import release, tables
from flows.deduplicate import resolve
from flows.deduplicate.resolve import ResolveOptions
from flows.deduplicate.resolve.answer_cache import AnswerCache
from flows.deduplicate.resolve.services import HUGGING_FACE
from flows.enrich.links import link_checks
from flows.errors import UserError
from flows.hashing import hash_file
from flows.operate.reproduce import (
    Observations,
    build_from_files,
    reproduce_release,
)
from flows.operate.reproducible import Unreproducible
from flows.raw.discovery import find_snapshot_day
from flows.raw.raw_file import RawFile
from schemas.link_check import LinkCheck
from schemas.resolution import Resolution
from schemas.vocabulary import LinkStatus, Source, Way
from tests.builders import frame
from tests.builders import resolution as row
from tests.processes import PAGE
from tests.records import TITLE, record, records

pytestmark = [pytest.mark.usefixtures("unread"), pytest.mark.xdist_group("resolve")]

DAY = date(2026, 11, 24)
BY_INDEX = (
    "2306.07303",
    "A Comprehensive Survey on Applications of Transformers for Deep Learning Tasks",
)
BY_SERVICE = ("2307.07982", "A Survey of Techniques for Optimizing Transformer Inference")

OLD, NEW = "https://github.com/Haiyang-W/TokenFormer", "https://github.com/Haiyang-W/New"


def beginning_of_page(folder: Path) -> RawFile:
    path = folder / "raw" / "2026-11-23" / "page.txt"
    path.parent.mkdir(parents=True)
    lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:40]), encoding="utf-8")
    return RawFile(path, Source.PAPERS_PAGE, find_snapshot_day(path), hash_file(path))


def keep_answer(folder: Path, title: str, arxiv_id: str) -> None:
    url = HUGGING_FACE.endpoint + HUGGING_FACE.path(title)
    body = json.dumps([{"paper": {"id": arxiv_id, "title": title}}]).encode()
    AnswerCache(folder, DAY).keep(url, 200, body)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a release of the page.

    One paper was resolved by an index, one by a kept answer; the repository of a third has moved.
    """
    folder = tmp_path_factory.mktemp("resolved")
    reference = pl.DataFrame({"paper": [BY_INDEX[0]], "title": [BY_INDEX[1]], "authors": [None]})
    resolve.build_index(reference.cast({"authors": pl.List(pl.String)})).save(folder / "index")
    keep_answer(folder / "answers", BY_SERVICE[1], BY_SERVICE[0])
    ways = ResolveOptions(folder / "index", folder / "answers", DAY)
    moved = link_checks.Observation(OLD, LinkStatus.ALIVE, 200, NEW, NEW)
    checks = link_checks.build_check_table([moved], LinkCheck.empty(), DAY)
    seen = tables.save(LinkCheck, checks, folder / "checks" / "2026-11-24.parquet")
    build_from_files([beginning_of_page(folder)], folder / "none", folder, {}, ways, [seen])
    return folder


def test_papers_have_the_ids_that_were_found_and_origins_what_was_written(made: Path) -> None:
    papers, origins = (release.read_table(made / "release", name) for name in ("papers", "origins"))
    found = papers.drop_nulls("arxiv_id").select("arxiv_id", "title").rows()
    assert found == [BY_INDEX, BY_SERVICE]
    assert origins["arxiv_id"].null_count() == origins.height


def test_each_id_has_resolver_score_and_evidence_and_the_others_a_reason(made: Path) -> None:
    rows = release.read_table(made / "release", "resolutions")
    found = rows.drop_nulls("arxiv_id").sort("arxiv_id")
    assert found.select("resolver", "score", "evidence", "answered").rows() == [
        ("index:title", 1.0, BY_INDEX[1], None),
        ("hugging-face", 1.0, BY_SERVICE[1], DAY),
    ]
    left = rows.filter(pl.col("arxiv_id").is_null())
    assert left.height == 5
    assert left["reason"].str.contains("^index: .*; hugging-face: no answer is kept; arxiv: ").all()


def test_the_release_is_made_again_from_the_index_and_the_answers(made: Path) -> None:
    manifest = made / "release" / "manifest.json"
    seen = Observations(made / "index", made / "answers", made / "checks")
    keep_later = AnswerCache(made / "answers", date(2026, 12, 1))
    keep_later.keep(HUGGING_FACE.endpoint + HUGGING_FACE.path(BY_SERVICE[1]), 200, b"[]")
    found = reproduce_release(manifest, made / "raw", None, made, seen)
    assert found.is_same
    assert found.versions == []


def test_a_renamed_repository_is_updated_in_place_with_the_old_url_kept(made: Path) -> None:
    papers, links = (release.read_table(made / "release", name) for name in ("papers", "links"))
    row = links.filter(url=NEW).row(0, named=True)
    assert (row["repo"], row["moved_from"]) == ("Haiyang-W/New", [OLD])
    assert row["mentions"][0]["written"] == OLD
    assert papers.filter(paper_id=row["paper_id"])["code_url"].to_list() == [NEW]


def test_the_message_names_what_is_missing(made: Path, tmp_path: Path) -> None:
    manifest = made / "release" / "manifest.json"
    with pytest.raises(Unreproducible, match="--index FOLDER"):
        reproduce_release(manifest, made / "raw", None, made, Observations(None, made / "answers"))
    with pytest.raises(Unreproducible, match="--answers FOLDER"):
        reproduce_release(
            manifest, made / "raw", None, made, Observations(made / "index", tmp_path / "none")
        )
    with pytest.raises(Unreproducible, match=r"2026-11-24\.parquet.*--link-checks FOLDER"):
        reproduce_release(
            manifest, made / "raw", None, made, Observations(made / "index", made / "answers")
        )


def test_a_half_choice_of_ways_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs --index"):
        ResolveOptions.of(Way.OFFLINE, None, tmp_path)
    with pytest.raises(UserError, match="--index is of use with --resolve"):
        ResolveOptions.of(None, tmp_path, tmp_path)
    assert ResolveOptions.of(None, None, tmp_path) is None


def test_only_records_without_any_identifier_are_asked_for() -> None:
    asked, others = resolve.select_unidentified(
        records(
            record(1, arxiv_id="2401.00001"),
            record(2, doi="10.1/x", title="Another"),
            record(3, "papers_page", title=TITLE.upper()),
            record(4, "papers_page", title="A third title"),
        )
    )
    assert asked["title"].to_list() == ["A third title"]
    assert others["title"].to_list() == [TITLE.upper()]


def test_what_was_found_once_stays_when_nothing_is_found_now() -> None:
    nothing = {"arxiv_id": None, "resolver": None, "score": 0.0, "reason": "index: absent"}
    before = frame(Resolution, [row(1), row(2, **nothing), row(3)])
    now = frame(Resolution, [row(1, **nothing), row(2, arxiv_id="2604.00002")])
    found = resolve.keep_earlier_resolutions(now, before)["arxiv_id"].to_list()
    assert found == ["2603.00001", "2604.00002", "2603.00003"]


def test_an_identifier_of_the_source_outranks_one_that_was_found() -> None:
    given = records(record(1, arxiv_id="2401.00001"), record(2, doi="10.1/x"), record(3))
    found = frame(Resolution, [row(n, record_id=f"arxiv:0123456789ab:{n}") for n in (1, 2, 3)])
    resolved = resolve.fill_resolved_ids(given, found)
    assert resolved["arxiv_id"].to_list() == ["2401.00001", None, "2603.00003"]


def test_a_merge_by_an_identifier_that_was_found_says_so() -> None:
    clusters = pl.DataFrame(
        {
            "record_id": ["a:0:1", "a:0:2", "a:0:3", "a:0:4"],
            "rule": ["single", "identifier", "identifier", "title-authors"],
            "score": [1.0, 1.0, 1.0, 0.9],
            "matched_record_id": [None, "a:0:1", "a:0:2", "a:0:1"],
        }
    )
    found = frame(Resolution, [row(1, record_id="a:0:1", score=0.97)])
    assert resolve.mark_resolved_matches(clusters, found).select("rule", "score").rows() == [
        ("single", 1.0),
        ("resolved", 0.97),
        ("identifier", 1.0),
        ("title-authors", 0.9),
    ]
