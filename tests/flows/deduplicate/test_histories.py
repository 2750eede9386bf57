"""Whatever runs came before, a run leaves the same bytes as one that begins from nothing."""

from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import external_sort, tables
from flows.deduplicate.merge import merge_incrementally, paper_parts, settle_ids
from flows.deduplicate.merge.last_merge import LastMerge, WrittenPart
from flows.deduplicate.task import MERGED, deduplicate
from flows.parts import cut_at_ids, seal_step
from flows.raw.parsed import Parsed
from schemas.record import Record
from tests.merged_release import release_merged
from tests.records import ABSTRACT, OTHER_ABSTRACT, TITLE, record, records

Row = dict[str, object]

NONE = Path("no/release/before")

TITLES = ["Tilting modules", "Sums of squares", "Knots and links", "On graphs", TITLE, TITLE]


def listed(number: int, **values: object) -> Row:
    title, abstract = TITLES[number % 6], (ABSTRACT, OTHER_ABSTRACT, None)[number % 3]
    ids = {"arxiv_id": f"2312.{number:05}", "source_id": f"2312.{number:05}"} if number % 4 else {}
    return record(number, title=f"{title} {number // 2}", abstract=abstract, **ids) | values


FIRST = [listed(number) for number in range(1, 13)]
NEWS = [listed(number, file="news.json") for number in range(13, 16)]
REVISED = [FIRST[0] | {"title": "A new title"}, *FIRST[2:]]
AGAIN = [row | {"record_id": f"arxiv:fedcba987654:{100 - int(str(row['line']))}"} for row in FIRST]
OTHERS = [
    # Joins a cluster; is a newer copy of a record; claims what a paper of another part bears.
    listed(6, record_id="daily_papers:aaaaaaaaaaaa:1", source="daily_papers", source_id=None),
    listed(5, record_id="arxiv:aaaaaaaaaaaa:2", abstract=None),
    listed(40, record_id="arxiv:aaaaaaaaaaaa:3", acl_id="2020.acl-long.7"),
]
BEARER = FIRST[8] | {"acl_id": "2020.acl-long.7"}
FIRST[8] = BEARER
HISTORY = [[FIRST], [FIRST, NEWS], [FIRST, NEWS, OTHERS], [REVISED, NEWS], [AGAIN, NEWS]]
"""The files of five runs: news come, then others that have to do with what was there, a record
changes and one goes, all are listed again."""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_incrementally, "cut_at_ids", partial(cut_at_ids, rows=3))
    monkeypatch.setattr(paper_parts, "PIECE_ROWS", 2)
    monkeypatch.setattr(external_sort, "JOINED_ROWS", 4)
    monkeypatch.setattr(external_sort, "ROWS", 2)
    monkeypatch.setattr(settle_ids, "KNOWN_ROWS", 3)


def run(
    files: list[list[Row]], folder: Path, signatures: Path | None, previous: Path = NONE
) -> dict[str, bytes]:
    """Deduplicate files of records; give all that the step leaves."""
    parsed = []
    for number, rows in enumerate(files):
        part = folder / f"parsed-{number}" / "records-00000.parquet"
        frame = records(*rows).with_columns(snapshot=pl.date(2026, 3, number + 1))
        tables.save(Record, frame.select(Record.dtypes().names()), part)
        seal_step(part.parent)
        parsed.append(Parsed(part.parent, "arxiv", frame.height, 0))
    merged = deduplicate.fn(parsed, previous, folder / "merged", signatures=signatures)
    found = {path.relative_to(merged).as_posix(): path for path in merged.rglob("*.parquet")}
    return {name: path.read_bytes() for name, path in found.items() if path.is_file()}


def test_a_history_of_runs_leaves_what_each_run_alone_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures, previous = tmp_path / "release.signatures", NONE
    taken_over: list[int] = []
    shares = []
    take_over = merge_incrementally.take_over_parts

    def watched(last: LastMerge, *args: Any) -> list[WrittenPart]:
        taken_over.append(len(last.papers.files))
        return take_over(last, *args)

    monkeypatch.setattr(merge_incrementally, "take_over_parts", watched)
    for number, files in enumerate(HISTORY):
        after = run(files, tmp_path / "after", signatures, previous)
        shares.append(taken_over[-1])
        assert len([name for name in after if name.startswith("papers")]) > 2
        assert after == run(files, tmp_path / f"alone-{number}", None, previous)
        previous = release_merged(tmp_path / "after" / "merged", tmp_path / f"release-{number}")
    # Where records are added to those of the run before, parts are taken over of both tables.
    assert shares == [0, 3, 3, 0, 0]


def test_small_and_large_parts_leave_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables_of = {}
    for name, rows in (("small", 3), ("large", 100)):
        monkeypatch.setattr(merge_incrementally, "cut_at_ids", partial(cut_at_ids, rows=rows))
        monkeypatch.setattr(external_sort, "JOINED_ROWS", 2 * rows)
        folder = tmp_path / name
        run([NEWS, AGAIN, FIRST], folder, None)
        merged = folder / "merged"
        tables_of[name] = [
            pl.read_parquet(sorted((merged / f"{table}.parquet").glob("*.parquet"))).rows()
            for table in ("papers", "origins")
        ]
    assert tables_of["small"] == tables_of["large"]
    papers, origins = tables_of["small"]
    assert len(papers) < len(origins)


def test_only_what_is_new_is_made_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signatures = tmp_path / "release.signatures"
    run(HISTORY[0], tmp_path / "run", signatures)
    read: list[str] = []
    make_readable = paper_parts.make_papers_readable

    def watched(papers: pl.DataFrame, readers: paper_parts.PaperReaders) -> pl.DataFrame:
        read.extend(papers["title_as_written"])
        return make_readable(papers, readers)

    monkeypatch.setattr(paper_parts, "make_papers_readable", watched)
    first = tmp_path / "run" / "merged" / "papers.parquet" / "00000.parquet"
    before = first.stat().st_ino
    run(HISTORY[1], tmp_path / "run", signatures)
    assert sorted(read) == sorted(str(row["title"]) for row in NEWS)
    assert (
        tmp_path / "run" / "merged" / "papers.parquet" / "00000.parquet"
    ).stat().st_ino == before
    run(HISTORY[4], tmp_path / "run", signatures)
    assert len(read) == len(NEWS)


@pytest.mark.parametrize("damage", ["flipped", "missing"])
def test_a_damaged_cache_costs_time_only(tmp_path: Path, damage: str) -> None:
    signatures = tmp_path / "release.signatures"
    run(HISTORY[0], tmp_path / "run", signatures)
    file = min((signatures / MERGED).glob("papers-*"))
    content = bytearray(file.read_bytes())
    file.unlink()
    if damage != "missing":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    after = run(HISTORY[1], tmp_path / "run", signatures)
    assert after == run(HISTORY[1], tmp_path / "alone", None)
