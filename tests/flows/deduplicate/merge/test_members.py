"""Members are the records of a run with their clusters, which are numbers."""

from pathlib import Path

import polars as pl
import pytest

from flows import external_sort
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.merge.last_merge import LastMerge, LastParts
from flows.deduplicate.merge.members import (
    Members,
    place_records_in_clusters,
    write_members,
)
from flows.deduplicate.merge.merge_clusters import MEMBERS
from tests.matched_records import in_parts
from tests.merged_papers import DAILY, same
from tests.records import OTHER_ABSTRACT, record, records

OTHER = record(3, title="Quiver tilting", abstract=OTHER_ABSTRACT, authors=["Z. Qu"])
ROWS = [OTHER, same(2, DAILY), same(1)]
NOTHING = LastMerge()


def members_of(folder: Path, *parts: list[dict[str, object]], last: LastMerge = NOTHING) -> Members:
    frames = [records(*rows) for rows in parts]
    matching = match_records(pl.concat(frames))
    clustered = place_records_in_clusters(in_parts(frames, folder / "records"), matching)
    return write_members(clustered, last, folder / "members")


def read_members(members: Members) -> pl.DataFrame:
    return pl.concat(external_sort.read_part(file.members) for file in members.files)


def test_a_cluster_is_the_place_of_its_first_record_among_all(tmp_path: Path) -> None:
    rows = read_members(members_of(tmp_path, ROWS[:1], ROWS[1:]))
    # Sorted: arxiv:...:1, arxiv:...:3, daily_papers:...:2.
    assert rows.select("record_id", "part", "cluster", "is_alone").rows() == [
        (OTHER["record_id"], 0, 1, True),
        (ROWS[1]["record_id"], 1, 0, False),
        (ROWS[2]["record_id"], 1, 0, False),
    ]


def test_a_record_has_the_evidence_that_brought_it_into_its_cluster(tmp_path: Path) -> None:
    rows = read_members(members_of(tmp_path, ROWS))
    assert rows.select("rule", "score", "matched_record_id").rows() == [
        ("single", 1.0, None),
        ("identifier", 1.0, ROWS[2]["record_id"]),
        ("single", 1.0, None),
    ]


def test_small_parts_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "JOINED_ROWS", 2)
    files = members_of(tmp_path, *([row] for row in ROWS)).files
    assert [(file.number, file.first, len(file.records), file.fresh) for file in files] == [
        (0, 0, 2, 2),
        (1, 2, 1, 1),
    ]


def test_a_cluster_of_the_same_records_was_made_by_the_last_run(tmp_path: Path) -> None:
    before = read_members(members_of(tmp_path / "before", ROWS))
    heads = before.unique("cluster", maintain_order=True).sort("cluster").select(MEMBERS)
    beside = external_sort.write_part(heads, tmp_path / "heads.arrow")
    last = LastMerge(papers=LastParts(["a"], [beside], [beside]))
    # The first one's records are in other parts and in another order; the other has one more.
    more = record(4, title="Quiver tilting", abstract=OTHER_ABSTRACT, authors=["Z. Qu"])
    now = members_of(tmp_path / "now", [same(1)], [more, same(2, DAILY), OTHER], last=last)
    assert now.known.rows() == [(0, 0)]
    known = read_members(now).filter("is_known")["record_id"].to_list()
    assert known == [ROWS[2]["record_id"], ROWS[1]["record_id"]]
    assert now.files[0].fresh == 2


def test_records_that_were_not_matched_are_refused(tmp_path: Path) -> None:
    matching = match_records(records(same(1)))
    parts = in_parts([records(*ROWS)], tmp_path / "records")
    with pytest.raises(ValueError, match="3 records are merged and 1 matched"):
        place_records_in_clusters(parts, matching)
