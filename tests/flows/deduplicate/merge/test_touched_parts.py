"""Parts of the last run are touched where a change may concern what they hold."""

from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from flows.deduplicate.merge import merge_incrementally
from flows.deduplicate.merge.last_merge import HEADS, INDEX, LastParts
from flows.deduplicate.merge.touched_parts import (
    cut_beside,
    find_parts_of_claims,
    find_parts_of_ids,
    find_parts_of_records,
)
from flows.external_sort import write_part
from flows.parts import cut_at_ids


def parts(folder: Path, *frames: pl.DataFrame) -> LastParts:
    """Keep frames beside parts of one paper each."""
    beside = [write_part(frame, folder / f"{number}.arrow") for number, frame in enumerate(frames)]
    return LastParts([frame[:, -1][0] for frame in frames], beside, beside)


def head(last_id: str, **values: str) -> pl.DataFrame:
    row = dict.fromkeys(HEADS.names()) | {"last_id": last_id} | values
    return pl.DataFrame([row], schema=HEADS)


def test_a_part_with_a_record_is_found_by_what_the_record_says(tmp_path: Path) -> None:
    rows = [
        pl.DataFrame([("a", number, number)], schema=INDEX, orient="row") for number in (7, 8, 9)
    ]
    origins = parts(tmp_path, *rows)
    sought = [np.array(of, np.uint64) for of in ([9, 5, 7], [9, 5, 7])]
    assert find_parts_of_records(origins, sought) == {0, 2}
    assert find_parts_of_records(origins, [of[:0] for of in sought]) == set()


def test_an_id_touches_the_part_that_it_is_or_would_be_in() -> None:
    papers = LastParts(["b", "d", "f"])
    ids = pl.Series(["a", "e", "f"])
    assert find_parts_of_ids(papers, ids[:1]) == {0}
    assert find_parts_of_ids(papers, ids[1:]) == {1, 2}
    assert find_parts_of_ids(LastParts(), ids) == set()


def test_a_claim_touches_who_has_the_id_who_claimed_it_and_who_bears_it(tmp_path: Path) -> None:
    claimed = [head("arxiv:1", doi="10.1/a"), head("title:2", paper_id="arxiv:3"), head("arxiv:4")]
    papers = parts(tmp_path, *claimed)
    for claim, expected in (("10.1/a", {0}), ("arxiv:3", {1}), ("arxiv:4", {2}), ("x", set())):
        assert find_parts_of_claims(papers, pl.Series([claim])) == expected
    assert find_parts_of_claims(papers, pl.Series([], dtype=pl.String)) == set()


IDS = [f"arxiv:{number:03}" for number in range(200)]


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LastParts:
    """Parts of some ten papers each."""
    monkeypatch.setattr(merge_incrementally, "cut_at_ids", partial(cut_at_ids, rows=10))
    cut = cut_at_ids(pl.Series(IDS), 10)
    frames = [pl.concat([head(paper_id) for paper_id in IDS[start:end]]) for start, end in cut]
    made = parts(tmp_path, *frames)
    return LastParts([IDS[start] for start, _ in cut], made.files, made.beside)


@pytest.mark.parametrize("change", ["none", "gone", "new", "whole"])
@pytest.mark.parametrize("touched", [{0}, {3}, {4, 5, 9}, {1, 2}])
def test_some_parts_are_cut_as_all_papers_are(
    whole: LastParts, touched: set[int], change: str
) -> None:
    """Whatever is new or gone in them: where that moves a border, the parts beside it are named."""
    last = [pl.read_ipc(file)["last_id"].to_list() for file in whole.beside]
    now = {number: set(last[number]) for number in touched}
    for number, ids in now.items():
        if change == "new":
            ids |= {f"{paper_id}b" for paper_id in last[number]}
        elif change == "gone":
            ids -= {last[number][0]}
        elif change == "whole":
            ids.clear()
    own = pl.Series("paper_id", sorted(set().union(*now.values())), dtype=pl.String)
    others = [number for number in range(len(last)) if number not in touched]
    ranges, moved = cut_beside(whole, others, own)
    every = sorted([*own, *(paper_id for number in others for paper_id in last[number])])
    expected = [every[start:end] for start, end in cut_at_ids(pl.Series(every), 10)]
    assert moved == {number for number in others if last[number] not in expected}
    if not moved:
        kept = [last[number] for number in others]
        assert [own[start:end].to_list() for start, end in ranges] == [
            part for part in expected if part not in kept
        ]
