"""What changed between two releases, paper by paper and table by table."""

import json
from datetime import date
from functools import partial

import polars as pl
import pytest

from flows import release, tables
from flows.release.id_ranges import cut_ranges
from schemas.alias import Alias
from schemas.change import Change
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.rejection import Rejection
from tests.builders import (
    alias,
    change,
    frame,
    origin,
    paper,
    rejection,
    release_tables,
)


def test_changes_tell_added_updated_merged_and_removed() -> None:
    before = release_tables(5)
    now = release_tables(6)
    now["papers"] = frame(
        Paper,
        [
            paper(1),
            paper(2, title="Another title", authors=[]),
            paper(3, last_seen=date(2026, 12, 1)),
            paper(6),
        ],
    )
    now["aliases"] = frame(Alias, [alias(1, alias_id=paper(4)["paper_id"])])
    found = release.list_changes(before, now)
    assert found.to_dicts() == [
        change(2, change="updated", columns=["title", "authors"]),
        change(4, change="merged", into=paper(1)["paper_id"]),
        change(5, change="removed", reason="its record is now part of " + paper(5)["paper_id"]),
        change(6),
    ]
    tables.check(Change, found)


def test_a_paper_that_was_split_from_others_names_them() -> None:
    before, now = release_tables(3), release_tables(4)
    moved = [origin(1), origin(2), origin(3, paper_id=paper(4)["paper_id"])]
    now["origins"] = frame(Origin, moved)
    now["papers"] = frame(Paper, [paper(n) for n in (1, 2, 3, 4)])
    (found,) = release.list_changes(before, now).to_dicts()
    assert found == change(4, reason="split from " + paper(3)["paper_id"])


def test_a_removed_paper_says_what_became_of_its_records() -> None:
    now = release_tables(1)
    now["rejections"] = frame(
        Rejection, [rejection(1, record_id=origin(2)["record_id"], reason="not-a-paper")]
    )
    reasons = dict(release.list_changes(release_tables(3), now)["paper_id", "reason"].iter_rows())
    assert reasons == {
        paper(2)["paper_id"]: "its record was refused: not-a-paper",
        paper(3)["paper_id"]: "no input holds it any more",
    }


def test_the_first_release_adds_every_paper() -> None:
    found = release.list_changes({}, release_tables(2))
    assert found["change"].to_list() == ["added", "added"]


def test_equal_releases_have_no_changes_and_an_empty_diff() -> None:
    assert release.list_changes(release_tables(3), release_tables(3)).is_empty()
    assert release.compare_releases(release_tables(3), release_tables(3)).is_empty


def test_a_diff_counts_rows_per_table_and_columns_per_paper() -> None:
    now = release_tables(4)
    now["papers"] = frame(Paper, [paper(1, upvotes=99), *(paper(n) for n in (2, 3, 4))])
    found = release.compare_releases(release_tables(3), now)
    assert vars(found.tables["papers"]) == {
        "before": 3,
        "now": 4,
        "added": 1,
        "removed": 0,
        "changed": 1,
    }
    assert found.columns == {"upvotes": 1}
    assert json.loads(json.dumps(found.as_json()))["tables"]["links"]["added"] == 1


def test_releases_compared_range_by_range_differ_as_they_do_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, now = release_tables(9), release_tables(11)
    now["papers"] = now["papers"].filter(pl.col("paper_id") != paper(4)["paper_id"])
    now["links"] = now["links"][3:]
    whole = release.compare_releases(before, now)
    monkeypatch.setattr("flows.release.compare.cut_ranges", partial(cut_ranges, rows=2))
    found = release.compare_releases(before, now)
    assert found.as_json() == whole.as_json()
    assert [found.tables["papers"].added, found.tables["links"].removed] == [2, 3]
