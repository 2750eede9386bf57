"""Ids are settled among all papers; what was settled goes back into files beside them."""

from datetime import date
from pathlib import Path

import polars as pl

from flows import external_sort
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.match.steps import map_on_threads
from flows.deduplicate.merge.inherit_ids import PreviousIds, write_previous_ids
from flows.deduplicate.merge.last_merge import LastMerge
from flows.deduplicate.merge.members import place_records_in_clusters, write_members
from flows.deduplicate.merge.merge_clusters import merge_member_files
from flows.deduplicate.merge.settle_ids import (
    Released,
    Settlement,
    keep_first_seen,
    place_clusters,
    settle_ids,
)
from schemas.alias import Alias
from schemas.paper import Paper
from tests.builders import frame
from tests.builders import paper as paper_row
from tests.matched_records import in_parts
from tests.merged_papers import DAILY, NOTHING, TODAY, released, same
from tests.records import OTHER_ABSTRACT, record, records

NO_ALIASES = Alias.empty()
LATER = date(2026, 11, 23)
OTHER = record(3, title="Quiver tilting", abstract=OTHER_ABSTRACT, authors=["Z. Qu"])


def settle(folder: Path, previous: PreviousIds, *parts: list[dict[str, object]]) -> Settlement:
    frames = [records(*rows) for rows in parts]
    indexed = in_parts(frames, folder / "records")
    clustered = place_records_in_clusters(indexed, match_records(pl.concat(frames)))
    members = write_members(clustered, LastMerge(), folder / "m")
    merged = merge_member_files(members.files, folder / "room", map_on_threads)
    ids = Released(write_previous_ids(previous, folder / "previous"), TODAY)
    return settle_ids(merged, members, ids, folder / "room")


def read_settled(settlement: Settlement) -> pl.DataFrame:
    files = settlement.papers
    return pl.concat(
        external_sort.read_part(file.merged.heads)
        .select("cluster", "first_record_id")
        .hstack(external_sort.read_part(file.settled))
        for file in files
    )


def test_settled_ids_are_row_by_row_beside_heads_and_members(tmp_path: Path) -> None:
    settlement = settle(tmp_path, NOTHING, [OTHER, same(2, DAILY)], [same(1)])
    papers = read_settled(settlement).select("first_record_id", "paper_id", "arxiv_id")
    title_id = next(name for name in settlement.paper_ids if name.startswith("title:"))
    assert sorted(papers.rows()) == [
        (same(1)["record_id"], "arxiv:2312.00752", "2312.00752"),
        (OTHER["record_id"], title_id, None),
    ]
    assert settlement.paper_ids.to_list() == ["arxiv:2312.00752", title_id]
    (owned,) = settlement.records
    owners = external_sort.read_part(owned.owners)
    assert owners["paper_id"].to_list() == [title_id, "arxiv:2312.00752", "arxiv:2312.00752"]
    # No run before this one wrote them.
    assert owners["last_row"].to_list() == [-1, -1, -1]


def test_a_released_paper_keeps_its_id_and_the_day_on_which_it_was_first_seen(
    tmp_path: Path,
) -> None:
    before = released(NOTHING, same(1), OTHER)
    earlier = before.papers.with_columns(first_seen=pl.date(2020, 1, 1))
    old = PreviousIds(earlier, before.origins, before.aliases)
    # One paper is as it was; the other has gained an identifier, by which nobody knew it.
    grown = OTHER | {"doi": "10.1000/x"}
    papers = read_settled(settle(tmp_path, old, [same(1)], [grown])).sort("paper_id")
    assert papers["paper_id"].to_list() == before.papers["paper_id"].to_list()
    assert papers["doi"].to_list() == [None, "10.1000/x"]
    assert papers["first_seen"].to_list() == [date(2020, 1, 1)] * 2


def test_an_id_that_is_lost_is_an_alias_of_the_newest_day(tmp_path: Path) -> None:
    ids = {"doi": "10.1000/a", "openreview_id": "AbCdEfGhIj"}
    left, both = record(1, doi=ids["doi"]), record(9, DAILY, **ids)
    right = OTHER | {"openreview_id": ids["openreview_id"], "authors": left["authors"]}
    settlement = settle(tmp_path, released(NOTHING, left, right), [left, right, both])
    assert settlement.paper_ids.to_list() == ["doi:10.1000/a"]
    assert settlement.aliases.rows() == [("openreview:AbCdEfGhIj", "doi:10.1000/a", TODAY)]


def test_clusters_are_found_by_their_number() -> None:
    assert place_clusters(pl.Series([4, 0], dtype=pl.UInt32), 5)[[0, 4]].tolist() == [1, 0]


def test_paper_was_first_seen_when_its_replaced_record_was() -> None:
    now = frame(Paper, [paper_row(1, first_seen=LATER), paper_row(2)])
    before = frame(Paper, [paper_row(1, first_seen=date(2026, 3, 12))])
    days = keep_first_seen(now, before, NO_ALIASES)["first_seen"].to_list()
    assert days == [date(2026, 3, 12), LATER]


def test_paper_was_first_seen_when_a_paper_that_became_part_of_it_was() -> None:
    now = frame(Paper, [paper_row(1, first_seen=LATER)])
    before = frame(Paper, [paper_row(7, first_seen=date(2026, 3, 12))])
    ids = before["paper_id"][0], now["paper_id"][0]
    aliases = pl.DataFrame([(*ids, LATER)], schema=Alias.dtypes(), orient="row")
    assert keep_first_seen(now, before, aliases)["first_seen"].to_list() == [date(2026, 3, 12)]
