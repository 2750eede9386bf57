"""Records of the previous release take part in a run unless its inputs replace them."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import release, tables
from flows.deduplicate.carry_over import carry_over_records, map_successors
from flows.deduplicate.collect_records import NoRecords, require_any
from flows.deduplicate.match import judgements, match_cache
from flows.deduplicate.task import SPILL_FOLDER, deduplicate
from flows.errors import UserError
from flows.parse.find_raw_files import recognise_files
from flows.parse.task import parse
from flows.paths import PROJECT
from flows.runs.notices import take_notices
from schemas.match_report import MatchReport
from schemas.origin import Origin
from schemas.record import Record
from schemas.rejection import Rejection
from tests.builders import frame, origin, written_release
from tests.matched_records import match_parts


def record(n: int, **given: Any) -> dict[str, Any]:
    return {name: value for name, value in origin(n, **given).items() if name in Record.dtypes()}


def origins(*rows: dict[str, Any]) -> pl.DataFrame:
    return frame(Origin, rows)


def records(*rows: dict[str, Any]) -> pl.DataFrame:
    return frame(Record, rows)


def ids(found: pl.DataFrame) -> list[str]:
    return [record_id.rsplit(":", 1)[1] for record_id in found["record_id"]]


def test_record_that_no_input_holds_any_more_is_carried_over() -> None:
    assert ids(carry_over_records(origins(origin(1), origin(2)), records(record(2)))) == ["1"]


def test_carried_record_is_the_whole_record_as_written() -> None:
    found = carry_over_records(origins(origin(1)), records())
    assert found.rows() == records(record(1)).rows()


def test_newer_copy_with_the_same_source_id_replaces_the_record() -> None:
    before = origins(origin(1, source_id="2403.00001"))
    assert (
        ids(carry_over_records(before, records(record(7, source_id="2403.00001", title="Revised"))))
        == []
    )


def test_older_copy_replaces_nothing() -> None:
    before = origins(origin(1, source_id="2403.00001"))
    older = record(7, source_id="2403.00001", snapshot=date(2026, 11, 1))
    assert ids(carry_over_records(before, records(older))) == ["1"]


def test_same_id_in_another_source_replaces_nothing() -> None:
    before = origins(origin(1, source_id="2403.00001"))
    other = record(7, source="daily_papers", source_id="2403.00001")
    assert ids(carry_over_records(before, records(other))) == ["1"]


def test_nameless_record_is_replaced_by_one_with_the_same_text() -> None:
    before = origins(origin(1, title="A title", abstract=None))
    assert ids(carry_over_records(before, records(record(7, title="A title", abstract=None)))) == []
    assert ids(carry_over_records(before, records(record(7, title="Another", abstract=None)))) == [
        "1"
    ]


NAMELESS: dict[str, Any] = {"source_id": None, "title": "A title", "abstract": "An abstract."}
PAGE: dict[str, Any] = {"source": "papers_with_code", "source_id": "paper/routing"}
EARLIER = date(2026, 3, 1)


def urls(*fields: str) -> list[dict[str, str]]:
    return [{"field": field, "url": f"https://github.com/lab/{field[:4]}"} for field in fields]


ABSTRACTS = PAGE | {"urls": urls("url_abs")}
LINKS = PAGE | {"abstract": None, "authors": [], "urls": urls("repo_url:is_official")}
RICH = {"source_id": "2403.00001", "urls": urls("githubRepo", "projectPage")}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (ABSTRACTS, LINKS),
        (LINKS, ABSTRACTS),
        (RICH, {"source_id": "2403.00001", "abstract": None}),
        (RICH, {"source_id": "2403.00001", "authors": []}),
        (RICH, {"source_id": "2403.00001", "urls": urls("githubRepo")}),
        (NAMELESS | RICH | {"source_id": None}, NAMELESS),
    ],
)
def test_a_newer_record_that_says_less_replaces_nothing(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    assert ids(carry_over_records(origins(origin(1, **before)), records(record(7, **now)))) == ["1"]


def test_a_newer_file_of_the_same_kind_replaces_the_links_of_a_page() -> None:
    before = origins(*(origin(n, snapshot=EARLIER, **LINKS) for n in (1, 2)))
    now = record(7, **LINKS | {"urls": urls("repo_url")})
    assert ids(carry_over_records(before, records(now))) == []


def test_records_that_together_say_as_much_replace_a_record() -> None:
    before = origins(origin(1, snapshot=EARLIER, **PAGE, urls=urls("url_abs", "repo_url")))
    assert (
        ids(carry_over_records(before, records(record(7, **ABSTRACTS), record(8, **LINKS)))) == []
    )
    older = record(8, **LINKS, snapshot=date(2026, 2, 1))
    assert ids(carry_over_records(before, records(record(7, **ABSTRACTS), older))) == ["1"]


def test_a_new_record_follows_the_paper_of_the_record_of_its_kind() -> None:
    before = origins(
        origin(1, paper_id="title:00000000000000aa", **ABSTRACTS),
        origin(2, paper_id="title:00000000000000bb", **LINKS),
    )
    more = ABSTRACTS | {"urls": urls("url_abs", "url_pdf")}
    found = map_successors(
        before, records(record(7, **LINKS), record(8, **more), record(9, **PAGE))
    )
    ends = [paper_id[-2:] for paper_id in found["paper_id"]]
    assert ids(found) == ["7", "8", "9"]
    assert ends == ["bb", "aa", "aa"]


def test_of_equal_records_each_new_one_follows_that_in_its_place() -> None:
    a, b, c = ({"paper_id": f"title:00000000000000{end}"} for end in ("aa", "bb", "cc"))
    signed = NAMELESS | {"authors": ["Emmy Noether"]}
    before = origins(
        origin(4, **signed, **c), origin(12, **NAMELESS, **a), origin(3, **NAMELESS, **b)
    )
    refetched = [record(n, **NAMELESS) for n in (5, 13)] + [record(6, **signed)]
    file = "papers_page:0123456789ab"
    found = map_successors(
        before, records(*(one | {"record_id": f"{file}:{one['line']}"} for one in refetched))
    )
    assert dict(
        zip(ids(found), [paper_id[-2:] for paper_id in found["paper_id"]], strict=True)
    ) == {
        "5": "bb",
        "6": "cc",
        "13": "aa",
    }


def test_inputs_without_a_record_make_no_release() -> None:
    with pytest.raises(NoRecords, match="none of the inputs holds a record"):
        require_any(0)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"source_id": "a", "title": "Old title"}, {"source_id": "a", "title": "New title"}),
        (NAMELESS | {"authors": []}, NAMELESS | {"authors": ["Ada Lovelace"]}),
        (NAMELESS, NAMELESS | {"doi": "10.1000/x"}),
    ],
)
def test_a_newer_copy_of_a_record_keeps_the_id_of_its_paper(
    before: dict[str, object], now: dict[str, object]
) -> None:
    released = origins(origin(1, paper_id="title:0123456789abcdef", **before))
    found = map_successors(released, records(record(7, **now)))
    assert found.rows() == [(record(7)["record_id"], "title:0123456789abcdef")]


def test_other_records_inherit_no_id() -> None:
    released = origins(origin(1, source_id="a"), origin(2, source_id=None, title="One title"))
    others = records(
        record(7, source_id="b"), record(8, source_id=None, title="Another title"), record(1)
    )
    assert map_successors(released, others).is_empty()


def test_signatures_that_cannot_be_stored_do_not_stop_a_run(
    tmp_path: Path,
) -> None:
    (tmp_path / "release.signatures").write_text("a file where the folder should be")
    found = match_parts([records(record(1))], tmp_path)
    assert found.clusters.height == 1
    (notice,) = take_notices()
    assert notice.effect == "not kept, the next run makes it again"


def test_signatures_are_beside_the_release_and_no_part_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    signatures = match_cache.cache_folder(folder)
    match_parts([records(record(1))], tmp_path, cache=signatures)
    written_release(folder)
    written_release(folder, papers=4)
    assert match_cache.read_state(match_cache.open_match_cache(signatures)) is not None
    assert not match_cache.cache_folder(folder).is_relative_to(folder)
    assert not [path for path in folder.rglob("*") if path.suffix == ".arrow"]
    assert release.is_intact(folder)


def judged_run(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> Path:
    """Deduplicate the page that ships, with judgements of its own; give the folder."""
    path = folder / "judgements.csv"
    path.write_text("\n".join([",".join(judgements.COLUMNS), *lines]) + "\n", encoding="utf-8")
    monkeypatch.setattr("flows.deduplicate.task.JUDGEMENTS", path)
    raw = recognise_files([PROJECT / "data" / "raw" / "papers_page"]).raw
    parsed = [parse.fn(one, folder) for one in raw]
    return deduplicate.fn(parsed, folder / "none", folder / "merged")


def test_a_run_leaves_out_what_was_asked_and_reports_removals_of_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = "papers_page:6d79c31d15bf:11"
    (tmp_path / "merged" / SPILL_FOLDER).mkdir(parents=True)
    (tmp_path / "merged" / SPILL_FOLDER / "left-by-a-killed-run").touch()
    removing(tmp_path, monkeypatch, record_id, "arxiv:2312.00752")
    merged = judged_run(tmp_path, monkeypatch)
    left = tables.load(Rejection, merged / "rejections.parquet")
    assert left.select("record_id", "reason").rows() == [(record_id, "on-request")]
    assert record_id not in tables.load(Origin, merged / "origins.parquet")["record_id"].to_list()
    reports = tables.load(MatchReport, merged / "match_reports.parquet")
    assert reports.select("kind", "record_id").rows() == [("unknown-removal", "arxiv:2312.00752")]
    assert not (merged / SPILL_FOLDER).exists()


def test_a_run_of_which_nothing_may_be_kept_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [f"papers_page:6d79c31d15bf:{line}" for line in range(1, 1_000)]
    removing(tmp_path, monkeypatch, *every)
    with pytest.raises(NoRecords, match=r"may be kept.*data/curation/removals.csv"):
        judged_run(tmp_path, monkeypatch)


def removing(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    path = folder / "removals.csv"
    lines = ["identifier,day,reason", *(f"{name},2026-03-01,asked" for name in names)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr("flows.deduplicate.removals.REMOVALS", path)


def test_a_run_follows_judgements_and_reports_those_on_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = "papers_page:6d79c31d15bf:11", "papers_page:6d79c31d15bf:15"
    same = f"{one},{other},same,one text,me,2026-03-01"
    nobody = f"{one},arxiv:2312.00752,different,one text,me,2026-03-01"
    merged = judged_run(tmp_path, monkeypatch, same, nobody)
    origins = tables.load(Origin, merged / "origins.parquet")
    told = origins.filter(pl.col("rule") == "judgement").select("record_id", "matched_record_id")
    assert told.rows() == [(other, one)]
    assert origins["paper_id"].n_unique() == origins.height - 1
    reports = tables.load(MatchReport, merged / "match_reports.parquet")
    assert reports["kind"].to_list() == ["unknown-judgement"]


def test_a_run_stops_at_a_judgement_that_cannot_be_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="line 2 names nothing where a record_id"):
        judged_run(tmp_path, monkeypatch, ",arxiv:2312.00752,same,why,me,2026-03-01")
